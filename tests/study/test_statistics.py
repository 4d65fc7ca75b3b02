"""The numbers of a learner."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen.bank import Bank
from quizgen.study import curriculum, statistics
from quizgen.study.curriculum import Curriculum
from quizgen.study.session import Session
from quizgen.study.statistics import Streak
from quizgen.study.store import Store
from tests.study.answered import NOW, answer

DAY = 24 * 60


@pytest.fixture(scope="module")
def units() -> Curriculum:
    return curriculum.read(Bank())


@pytest.fixture
def session(units: Curriculum) -> Iterator[Session]:
    with Store("sqlite://") as kept:
        yield Session(kept, "Ann", units)


def test_of_a_learner_who_has_not_begun(session: Session, units: Curriculum) -> None:
    found = statistics.of(session, NOW)
    assert [area.name for area in found.areas] == list(units.order)
    assert sum(area.units for area in found.areas) == len(units.units()) == sum(f.units for f in found.families)
    assert {(area.met, area.answers, area.credit, area.retention) for area in found.areas} == {(0, 0, None, 0.0)}
    assert (found.troubles, found.practised, found.streak) == ((), (), Streak(0, 0, 0))
    assert sum(count for _, count in found.forecast) == 0


def test_retention_by_area_and_family(session: Session) -> None:
    for number, (unit, credit) in enumerate(
        [("convolution/grouped", 1), ("convolution/dilated", 0), ("derivations/reasons:elbo", 1), ("gone/gone", 1)]
    ):
        rating = "good" if credit else "again"
        session.store.record(session.learner, answer(number, unit, rating, credit=Fraction(credit)))  # type: ignore[arg-type]
    found = statistics.of(session, NOW + timedelta(days=2))
    areas = {area.name: area for area in found.areas}
    assert (areas["convolution"].met, areas["convolution"].credit) == (2, Fraction(1, 2))
    assert (areas["gone"].met, areas["gone"].units) == (1, 1)
    families = {family.name: family for family in found.families}
    assert families["convolution/dilated"].retention < families["convolution/grouped"].retention < 1
    both = (families["convolution/dilated"].retention + families["convolution/grouped"].retention) / 2
    assert areas["convolution"].retention == pytest.approx(both)
    assert families["derivations/reasons"].met == 1
    assert families["derivations/reasons"].units > 30


def test_a_mistake_has_a_trend(session: Session) -> None:
    for day, mistake in [(0, "old"), (20, "fading"), (21, "fading"), (40, "fading"), (41, "new"), (41, "new")]:
        made = answer(day * DAY, "convolution/grouped", mistakes={"answer": mistake}, answers={"answer": str(day)})
        session.store.record(session.learner, made)
    found = statistics.of(session, NOW + timedelta(days=42))
    assert [(t.mistake, t.count, t.lately, t.before, t.trend) for t in found.troubles] == [
        ("new", 2, 2, 0, 2),
        ("fading", 3, 1, 2, -1),
        ("old", 1, 0, 0, 0),
    ]
    assert found.troubles[0].last == NOW + timedelta(days=41)


def test_a_mistake_told_apart_by_data_belongs_to_its_unit(session: Session) -> None:
    for number, (unit, mistake) in enumerate(
        [("derivations/flawed_line:elbo", "option_line2"), ("derivations/flawed_line:adam_bias", "option_line2"),
         ("recurrent/lstm_step", "tanh_left_out"), ("gone/gone", "any")]
    ):  # fmt: skip
        session.store.record(session.learner, answer(number, unit, "again", mistakes={"answer": mistake}))
    places = {trouble.place: trouble.count for trouble in statistics.of(session, NOW + timedelta(days=1)).troubles}
    assert places == {
        "derivations/flawed_line:elbo": 1, "derivations/flawed_line:adam_bias": 1, "recurrent/lstm_step": 1,
        "gone/gone": 1,
    }  # fmt: skip


def test_what_is_overdue_comes_today(session: Session) -> None:
    _, card = session.store.record(session.learner, answer(0, "convolution/grouped"))
    session.store.record(session.learner, answer(0, "convolution/dilated", "again"))
    ahead = dict(statistics.of(session, NOW + timedelta(minutes=20)).forecast)
    assert ahead[NOW.date()] == 1
    assert ahead[card.due.date()] == 1
    assert len(ahead) == statistics.AHEAD
    late = dict(statistics.of(session, card.due + timedelta(days=9)).forecast)
    assert late[card.due.date() + timedelta(days=9)] == 2


def test_days_are_those_of_the_learner(session: Session) -> None:
    session.store.record(session.learner, answer(0, at=datetime(2026, 11, 21, 20, tzinfo=NOW.tzinfo)))
    morning = datetime(2026, 11, 22, 5, tzinfo=timezone(timedelta(hours=8)))
    assert statistics.of(session, morning).practised == ((date(2026, 11, 22), 1),)


TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        ([], Streak(0, 0, 0)),
        ([0], Streak(1, 1, 1)),
        ([1], Streak(1, 1, 1)),  # today is not over
        ([2], Streak(0, 1, 1)),
        ([0, 1, 2, 5, 6, 7, 8], Streak(3, 4, 7)),
        ([0, 0, 1], Streak(2, 2, 2)),
        ([-400, 0], Streak(1, 1, 1)),  # a clock was wrong
    ],
)
def test_a_streak(ago: list[int], expected: Streak) -> None:
    assert statistics.streak([TODAY - timedelta(days=number) for number in ago], TODAY) == expected


@given(st.lists(st.integers(0, 40)))
def test_a_streak_is_never_longer_than_the_longest(ago: list[int]) -> None:
    found = statistics.streak([TODAY - timedelta(days=number) for number in ago], TODAY)
    assert 0 <= found.current <= found.longest <= found.days == len(set(ago))
