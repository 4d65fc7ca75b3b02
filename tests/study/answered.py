"""Answers of learners who are made up."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from quizgen.study.schedule import Rating
from quizgen.study.store import Answer

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def answer(number: int = 0, unit: str = "a/b", rating: Rating = "good", **more: object) -> Answer:
    """One answer, the ``number``-th minute from now."""
    fields = {
        "unit": unit,
        "family": unit.partition(":")[0],
        "item": f"{number:064x}",
        "parameters": {"k": number},
        "answers": {"answer": str(number)},
        "verdicts": {"answer": "right"},
        "credit": Fraction(3, 4),
        "rating": rating,
        "at": NOW + timedelta(minutes=number),
    }
    return Answer(**fields | more)  # type: ignore[arg-type]
