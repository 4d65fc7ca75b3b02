"""When a unit comes back."""

from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen.study import schedule
from quizgen.study.schedule import RATINGS, SOON, Card, Rating
from tests.study.answered import NOW

FRESH = Card(due=NOW)
steps = st.lists(st.tuples(st.sampled_from(RATINGS), st.integers(0, 10**7)), max_size=12)


def after(*ratings: Rating, apart: timedelta = timedelta(days=5)) -> Card:
    """The card after some reviews."""
    card = FRESH
    for number, rating in enumerate(ratings):
        card = schedule.review(card, rating, NOW + number * apart)
    return card


def test_what_is_not_known_comes_back_soon_and_what_is_known_after_days() -> None:
    assert after("again").due == NOW + SOON
    assert after("good").due > NOW + timedelta(days=1)
    assert after("again").state != schedule.LEARNT == after("good").state
    assert after("good", "good", "again").due == NOW + timedelta(days=10) + SOON


def test_a_better_rating_comes_back_later() -> None:
    dues = [after("good", rating).due for rating in RATINGS]
    assert all(earlier < later for earlier, later in pairwise(dues))


@given(steps)
def test_the_same_reviews_lead_to_the_same_card(reviews: list[tuple[Rating, int]]) -> None:
    cards = []
    for _ in range(2):
        card, now = FRESH, NOW
        for rating, seconds in reviews:
            now += timedelta(seconds=seconds)
            card = schedule.review(card, rating, now)
            assert card.due > now
        cards.append(card)
    assert cards[0] == cards[1]
    assert cards[0].reviews == len(reviews)


@given(steps, st.integers(0, 10**8))
def test_retention_is_a_chance_that_falls(reviews: list[tuple[Rating, int]], later: int) -> None:
    card, now = FRESH, NOW
    for rating, seconds in reviews:
        now += timedelta(seconds=seconds)
        card = schedule.review(card, rating, now)
    chances = [schedule.retention(card, now + timedelta(seconds=time)) for time in (0, later)]
    assert 0 <= chances[1] <= chances[0] <= 1
    assert (chances[0] == 0) == (not reviews)


def test_a_unit_was_met_when_it_was_first_reviewed() -> None:
    assert after("good", "again", "good").met == NOW
    assert FRESH.met is None


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=3000)])
def test_a_clock_that_was_set_back_counts_as_no_time(back: timedelta) -> None:
    card = after("good")
    again = schedule.review(card, "good", NOW - back)
    assert again.last == again.met == NOW - back
    assert NOW - back < again.due < NOW - back + timedelta(days=10)
    assert again.stability == schedule.review(card, "good", NOW).stability


@given(steps, st.integers(1, 10**8), st.sampled_from(["good", "easy"]))
def test_a_card_gets_no_worse_by_a_clock_that_was_set_back(
    reviews: list[tuple[Rating, int]], back: int, rating: Rating
) -> None:
    card, now = FRESH, NOW
    for before, seconds in reviews:
        now += timedelta(seconds=seconds)
        card = schedule.review(card, before, now)
    earlier = now - timedelta(seconds=back)
    again = schedule.review(card, rating, earlier)
    assert again.due > earlier
    assert again.stability is not None
    assert again.stability >= (card.stability or 0)
    assert again.reviews == card.reviews + 1


def test_fsrs_never_sees_time_run_backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it makes of that is nowhere promised."""
    scheduler = schedule._scheduler()
    asked: list[timedelta] = []

    class Recorder:
        def review_card(self, card: Any, rating: Any, review_datetime: datetime) -> Any:
            asked.append(review_datetime - (card.last_review or review_datetime))
            return scheduler.review_card(card, rating, review_datetime=review_datetime)

    monkeypatch.setattr(schedule, "_scheduler", Recorder)
    card = FRESH
    for hours in (0, 5, -100, 3, -1):
        card = schedule.review(card, "good", NOW + timedelta(hours=hours))
    assert asked == [timedelta(hours=hours) for hours in (0, 5, 0, 103, 0)]


def test_what_was_reviewed_in_the_future_is_due() -> None:
    card = after("good")
    assert not schedule.is_due(card, NOW)
    assert schedule.is_due(card, card.due)
    assert not schedule.is_due(card, NOW - timedelta(hours=2))  # a clock that is a little wrong
    assert schedule.is_due(card, NOW - timedelta(days=2))


@pytest.mark.parametrize(
    ("credit", "hints", "slow", "rating"),
    [
        (Fraction(1), 0, False, "good"),
        (Fraction(1), 2, False, "hard"),
        (Fraction(1), 0, True, "hard"),
        (Fraction(3, 4), 0, False, "hard"),
        (Fraction(3, 4), 1, False, "again"),
        (Fraction(74, 100), 0, False, "again"),
        (Fraction(0), 0, False, "again"),
    ],
)
def test_the_rating_follows_from_credit_and_hints(credit: Fraction, hints: int, slow: bool, rating: Rating) -> None:
    assert schedule.rate(credit, hints, slow) == rating


def test_times_are_in_utc_to_the_second() -> None:
    local = datetime(2026, 11, 21, 20, 0, 0, 999, timezone(timedelta(hours=8)))
    assert schedule.whole(local) == datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert schedule.review(FRESH, "good", local) == after("good")
    with pytest.raises(ValueError, match="zone"):
        schedule.whole(datetime(2026, 11, 21))
