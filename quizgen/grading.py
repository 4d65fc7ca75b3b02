"""Answers of a student to an item, judged part by part, each wrong one with the mistake that explains it."""

from fractions import Fraction

from quizgen import answers
from quizgen.errors import InputError, UnknownName
from quizgen.values import Grade, Item, Key, Part, Reading, Response, Value

MISFORMED = frozenset({"number-of-digits", "not-in-lowest-terms"})
"""Notes of right values that are not in the form asked for."""


def grade(item: Item, response: Response) -> dict[str, Grade]:
    """Part name to grade. A part without an answer is "invalid", not "wrong".

    Raises InputError if the response belongs to another item, UnknownName if it answers a part that does not exist.
    """
    if response.item not in (item.id, item.code):
        raise InputError(f"expected a response to {item.code}, got one to {response.item}", item.family)
    parts = {part.name: part for part in item.parts}
    for name in response.answers:
        if name not in parts:
            raise UnknownName.among("part", name, parts, item.family)
    return {name: grade_part(part, response.answers.get(name, "")) for name, part in parts.items()}


def grade_part(part: Part, text: str) -> Grade:
    """The grade of what was typed as the answer to one part."""
    reading, verdict = answers.judge(part.key, text)
    if reading is None:
        return Grade(verdict=verdict, feedback="right" if verdict.verdict == "right" else None)
    mistake = explain(part, reading)
    if mistake is None:
        verdict = answers.explained(part.key, reading, verdict)
    return Grade(verdict=verdict, misconception=mistake, feedback=mistake)


def explain(part: Part, reading: Reading) -> str | None:
    """The mistake that gives this answer: the value itself, else the first within the tolerance of the key."""
    exact = (mistake.name for mistake in part.mistakes if same(mistake.value, reading.value))
    near = (mistake.name for mistake in part.mistakes if _is_near(part.key, mistake.value, reading))
    return next(exact, None) or next(near, None)


def same(a: Value, b: Value) -> bool:
    """Whether two exact values are equal, whatever their types (1/2 and 0.5 are), entry by entry."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


def _is_near(key: Key, wrong: Value, reading: Reading) -> bool:
    """Whether an answer would be right, be it in the form asked for or not, if ``wrong`` were."""
    verdict = key.with_right(wrong).judge(reading)
    return verdict.verdict == "right" or not MISFORMED.isdisjoint(verdict.notes)


def credit(item: Item, grades: dict[str, Grade]) -> Fraction:
    """The share of the item's points that the grades earn, parts weighted."""
    total = sum(part.weight for part in item.parts)
    return sum((grades[part.name].verdict.credit * part.weight for part in item.parts), Fraction(0)) / total
