"""When a unit comes back: FSRS, with the time as an argument and nothing left to chance.

Source: Ye et al. 2022, "A stochastic shortest path algorithm for optimizing spaced repetition scheduling", and its
successor FSRS-6 (package ``fsrs``). The rating follows from correctness and hints, from speed only on request.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import Literal, TypeAlias

import fsrs

Rating: TypeAlias = Literal["again", "hard", "good", "easy"]
RATINGS: tuple[Rating, ...] = ("again", "hard", "good", "easy")


@dataclass(frozen=True)
class Card:
    """What is known of a learner's memory of a unit; times are in UTC, to the second.

    ``stability`` is the time in days in which recall falls to 90 %, ``difficulty`` goes from 1 to 10; both are None
    before the first review. ``state`` and ``step`` are those of FSRS, ``met`` is the time of the first review.
    """

    due: datetime
    state: int = 1
    step: int | None = 0
    stability: float | None = None
    difficulty: float | None = None
    last: datetime | None = None
    reviews: int = 0
    met: datetime | None = None


SOON = timedelta(minutes=10)
"""When a unit comes back that was not known."""

LEARNT = 2
"""The state of a card whose last review did not fail."""


@cache
def _scheduler() -> fsrs.Scheduler:
    """What is not known comes back soon, what is known after days."""
    return fsrs.Scheduler(learning_steps=(SOON,), relearning_steps=(SOON,), enable_fuzzing=False)


def review(card: Card, rating: Rating, now: datetime) -> Card:
    """The card after a review. A clock that was set back counts as no time at all."""
    now = whole(now)
    if card.last is not None and card.last > now:
        card = replace(card, last=now)
    learnt, _ = _scheduler().review_card(_theirs(card), fsrs.Rating[rating.capitalize()], review_datetime=now)
    return Card(
        due=whole(learnt.due),
        state=int(learnt.state),
        step=learnt.step,
        stability=learnt.stability,
        difficulty=learnt.difficulty,
        last=now,
        reviews=card.reviews + 1,
        met=min(card.met or now, now),
    )


def is_due(card: Card, now: datetime) -> bool:
    """Whether a unit is to be reviewed; what was reviewed in the future was so by a clock that has been set right."""
    return card.due <= now or (card.last is not None and card.last > now + timedelta(days=1))


def retention(card: Card, now: datetime) -> float:
    """The chance that the unit is still known: 0 before the first review."""
    if card.last is None:
        return 0.0
    return _scheduler().get_card_retrievability(_theirs(card), current_datetime=max(whole(now), card.last))


def rate(credit: Fraction, hints: int, slow: bool = False) -> Rating:
    """The rating of an answer: full credit is good, with a hint, too slow or a part of the credit hard, else failed.

    Only a learner who wants time to count is ever ``slow``.
    """
    if credit == 1:
        return "hard" if hints or slow else "good"
    return "hard" if credit >= Fraction(3, 4) and not hints else "again"


def whole(time: datetime) -> datetime:
    """A time in UTC without fractions of a second. Raises ValueError for one without a zone."""
    if time.tzinfo is None:
        raise ValueError(f"expected a time with its zone, got {time}")
    return time.astimezone(UTC).replace(microsecond=0)


def _theirs(card: Card) -> fsrs.Card:
    return fsrs.Card(
        card_id=0,
        state=fsrs.State(card.state),
        step=card.step,
        stability=card.stability,
        difficulty=card.difficulty,
        due=card.due,
        last_review=card.last,
    )
