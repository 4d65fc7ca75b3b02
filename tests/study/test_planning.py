"""Plans towards an exam, and against one's own mistakes."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizgen.bank import Bank
from quizgen.errors import QuizgenError
from quizgen.study import curriculum, planning
from quizgen.study.curriculum import Curriculum
from quizgen.study.planning import Aim, Goal
from quizgen.study.schedule import Rating
from quizgen.study.session import Session
from quizgen.study.store import Answer, Store
from tests.study.answered import NOW, answer


@pytest.fixture(scope="module")
def units() -> Curriculum:
    return curriculum.read(Bank())


@pytest.fixture
def session(units: Curriculum) -> Iterator[Session]:
    with Store("sqlite://") as kept:
        yield Session(kept, "Ann", units)


def goal(units: Curriculum, days: int = 10, minutes: int = 45, areas: tuple[str, ...] = ("convolution",)) -> Goal:
    return Goal(NOW.date() + timedelta(days=days), minutes, units.units(areas))


def test_before_anything_is_answered(session: Session, units: Curriculum) -> None:
    plan = planning.towards(session, goal(units), NOW)
    assert (plan.ready, plan.total, plan.days) == (0, 10, 10)
    assert plan.unmet == units.units(["convolution"])
    assert plan.once == sum(unit.minutes for unit in plan.unmet)
    assert plan.available == 450
    assert (plan.short, plan.suffices_for_once) == (0, True)
    assert plan.today == plan.unmet[: len(plan.today)]
    assert 0 < len(plan.today) < 10  # spread over the days, not all at once


def test_the_last_third_of_the_days_is_kept_free_of_new_units(session: Session, units: Curriculum) -> None:
    plan = planning.towards(session, goal(units, days=9, minutes=1000, areas=()), NOW)
    today = sum(unit.minutes for unit in plan.today)
    assert plan.once / 6 <= today < plan.once / 6 + 10


def test_what_was_not_known_is_due_before_what_is_new(session: Session, units: Curriculum) -> None:
    first, second, *_ = units.units(["convolution"])
    session.store.record(session.learner, answer(0, first.id, "again"))
    session.store.record(session.learner, answer(1, second.id, "good"))
    plan = planning.towards(session, goal(units, days=1), NOW + timedelta(minutes=20))
    assert plan.today[0] == first
    assert first in plan.weak
    assert second not in plan.weak
    assert second not in plan.today
    assert plan.ready == 1


def test_the_weakest_come_again_in_their_order(session: Session, units: Curriculum) -> None:
    goal_ = goal(units, days=30, minutes=20)
    for number, unit in enumerate(goal_.units):
        for review in range(number + 1):
            session.store.record(session.learner, answer(review * 1440 * 4, unit.id))
    later = NOW + timedelta(days=29)
    plan = planning.towards(session, goal_, later - timedelta(days=29 - 45))
    assert plan.days == 0
    plan = planning.towards(session, goal_, later)
    assert (plan.days, plan.unmet) == (1, ())
    assert plan.weak[0] == goal_.units[0]  # met once, 29 days ago
    assert plan.weak[0] in plan.today


def test_minutes_of_today_are_counted_by_what_was_answered(session: Session, units: Curriculum) -> None:
    goal_ = goal(units, days=1, minutes=10)
    before = planning.towards(session, goal_, NOW)
    for number, unit in enumerate(before.today):
        session.store.record(session.learner, answer(number, unit.id, at=NOW))
    after = planning.towards(session, goal_, NOW + timedelta(minutes=1))
    assert (after.today, after.first()) == ((), None)
    assert after.available == 0
    assert after.short > 0


def test_too_little_time_is_told(session: Session, units: Curriculum) -> None:
    plan = planning.towards(session, goal(units, days=3, minutes=10), NOW)
    assert 30 == plan.available < plan.once
    assert not plan.suffices_for_once
    assert plan.short == 2 * plan.once - 30


@pytest.mark.parametrize("days", [0, -3])
def test_after_the_exam_there_is_nothing_to_do(session: Session, units: Curriculum, days: int) -> None:
    plan = planning.towards(session, goal(units, days=days), NOW)
    assert (plan.days, plan.today, plan.available) == (0, (), 0)


def test_a_day_is_one_of_the_learners_zone(session: Session, units: Curriculum) -> None:
    evening = datetime(2026, 11, 21, 23, tzinfo=timezone(timedelta(hours=8)))
    assert planning.towards(session, Goal(date(2026, 11, 22), 45, units.units()), evening).days == 1


@settings(max_examples=15)
@given(days=st.integers(2, 20), minutes=st.integers(10, 90), failed=st.sets(st.integers(0, 9)))
def test_whoever_keeps_to_the_plan_meets_every_unit_if_the_time_suffices(
    units: Curriculum, days: int, minutes: int, failed: set[int]
) -> None:
    with Store("sqlite://") as kept:
        session, goal_ = Session(kept, "Ann", units), goal(units, days, minutes)
        wrong = {goal_.units[number].id for number in failed}
        suffices = planning.towards(session, goal_, NOW).short == 0
        for day in range(days):
            now = NOW + timedelta(days=day)
            plan = planning.towards(session, goal_, now)
            while (unit := plan.first()) is not None:
                assert len({each.id for each in plan.today}) == len(plan.today)
                rating: Rating = "again" if unit.id in wrong else "good"
                wrong.discard(unit.id)
                kept.record(session.learner, answer(0, unit.id, rating, at=now))
                now += timedelta(minutes=unit.minutes)
                plan = planning.towards(session, goal_, now)
            if day + 1 >= days - days // planning.REPEATING:  # the last days are for what is weak
                assert not suffices or not plan.unmet


# What is kept.


def test_an_aim_is_kept_and_dropped(session: Session) -> None:
    assert planning.kept(session) is None
    aim = Aim(NOW.date() + timedelta(days=27), 45, ("convolution", "attention"))
    planning.keep(session, aim, NOW)
    assert planning.kept(session) == aim
    assert {unit.area for unit in planning.goal(session.curriculum, aim).units} == set(aim.areas)
    planning.drop(session)
    assert planning.kept(session) is None


def test_areas_that_are_gone_are_left_out_of_an_aim(session: Session) -> None:
    note = '{"day": "2026-12-18", "minutes": 45, "areas": ["gone", "attention"]}'
    session.store.keep_note(session.learner, planning.KEPT, note)
    assert planning.kept(session) == Aim(date(2026, 12, 18), 45, ("attention",))
    session.store.keep_note(session.learner, planning.KEPT, "{")
    assert planning.kept(session) is None


@pytest.mark.parametrize(
    ("aim", "said"),
    [
        (Aim(NOW.date() - timedelta(days=1), 45), "expected a day from today"),
        (Aim(NOW.date() + timedelta(days=1000), 45), "expected a day from today"),
        (Aim(NOW.date(), 4), "expected 5 to 600 minutes"),
        (Aim(NOW.date(), 601), "expected 5 to 600 minutes"),
        (Aim(NOW.date(), 45, ("convolutoin",)), "convolution"),
    ],
)
def test_an_aim_that_cannot_be_planned_is_refused(session: Session, aim: Aim, said: str) -> None:
    with pytest.raises(QuizgenError, match=said):
        planning.keep(session, aim, NOW)
    assert planning.kept(session) is None


def test_the_calendar_has_every_unit_of_the_goal_once_as_new(session: Session, units: Curriculum) -> None:
    goal_ = goal(units, days=50, areas=())
    found = planning.calendar(session, goal_, NOW)
    assert [day.day for day in found.days] == [NOW.date() + timedelta(days=number) for number in range(50)]
    assert sorted(unit.id for day in found.days for unit in day.new) == sorted(unit.id for unit in goal_.units)
    assert found.missed == ()
    today = planning.towards(session, goal_, NOW).today
    assert (*found.days[0].again, *found.days[0].new) == today
    assert all(day.minutes < 45 + max(unit.minutes for unit in goal_.units) for day in found.days)
    assert list(session.store.answers(session.learner)) == []


def test_the_calendar_names_what_does_not_fit(session: Session, units: Curriculum) -> None:
    goal_ = goal(units, days=2, minutes=10)
    found = planning.calendar(session, goal_, NOW)
    met = [unit for day in found.days for unit in day.new]
    assert sorted(unit.id for unit in (*met, *found.missed)) == sorted(unit.id for unit in goal_.units)
    assert found.missed
    assert planning.calendar(session, goal(units, days=0), NOW).days == ()


def test_whoever_knows_everything_gets_what_the_calendar_said(session: Session, units: Curriculum) -> None:
    goal_ = goal(units, days=12, minutes=20)
    for day in planning.calendar(session, goal_, NOW).days:
        now = NOW + (day.day - NOW.date())
        today = planning.towards(session, goal_, now).today
        assert sorted(unit.id for unit in today) == sorted(unit.id for unit in (*day.new, *day.again))
        for number, unit in enumerate(today):
            session.store.record(session.learner, answer(number, unit.id, "good", at=now))


def test_a_long_calendar_is_cut_but_what_is_missed_is_known(session: Session, units: Curriculum) -> None:
    whole = planning.calendar(session, goal(units, days=100), NOW)
    cut = planning.calendar(session, goal(units, days=100), NOW, 9)
    assert cut.days == whole.days[:9]
    assert cut.missed == whole.missed == ()


@pytest.mark.parametrize("days", [1, 3, 27])
def test_enough_minutes_suffice(session: Session, units: Curriculum, days: int) -> None:
    session.store.record(session.learner, answer(0, "convolution/parameters", "good", at=NOW))
    plan = planning.towards(session, goal(units, days, 5, areas=()), NOW)
    assert plan.short > 0
    assert planning.towards(session, goal(units, days, plan.enough, areas=()), NOW).short == 0
    assert planning.towards(session, goal(units, days, plan.enough - 1, areas=()), NOW).short > 0
    assert planning.towards(session, goal(units, days, plan.enough_for_once, areas=()), NOW).suffices_for_once
    assert not planning.towards(session, goal(units, days, plan.enough_for_once - 1, areas=()), NOW).suffices_for_once


# Weak spots.


def slip(number: int, unit: str, mistake: str) -> Answer:
    return answer(number, unit, "again", mistakes={"answer": mistake}, credit=Fraction(0))


def test_weak_spots_are_mistakes_made_often_and_lately(session: Session) -> None:
    day = 1440
    made = [(0, "gone", "convolution/grouped"), (1, "gone", "convolution/grouped"),
            (58 * day, "often", "convolution/dilated"), (59 * day, "often", "convolution/dilated"),
            (59 * day, "once", "recurrent/parameters")]  # fmt: skip
    for number, mistake, unit in made:
        session.store.record(session.learner, slip(number, unit, mistake))
    spots = planning.weak_spots(session, NOW + timedelta(days=60))
    assert [(spot.trouble.mistake, spot.trouble.count) for spot in spots] == [("often", 2), ("once", 1), ("gone", 2)]
    assert [unit.id for unit in spots[0].units] == ["convolution/dilated"]
    assert [spot.trouble.mistake for spot in planning.weak_spots(session, NOW, ["recurrent"])] == ["once"]


def test_a_mistake_that_is_not_made_any_more_weighs_less(session: Session) -> None:
    session.store.record(session.learner, slip(0, "convolution/grouped", "old"))
    session.store.record(session.learner, slip(0, "convolution/dilated", "new"))
    before = {spot.trouble.mistake: spot.weighs for spot in planning.weak_spots(session, NOW)}
    session.store.record(session.learner, answer(1, "convolution/grouped", credit=Fraction(1)))
    after = {spot.trouble.mistake: spot.weighs for spot in planning.weak_spots(session, NOW)}
    assert before == {"old": 1, "new": 1}
    assert after == {"old": 0.5, "new": 1}


def test_mistakes_in_units_that_are_gone_are_no_weak_spots(session: Session) -> None:
    session.store.record(session.learner, slip(0, "convolution/was_there", "old"))
    assert planning.weak_spots(session, NOW) == ()


def test_a_weak_spot_is_practised_where_the_mistake_can_be_made(session: Session) -> None:
    """Without dilation nobody can ignore it, and many questions have none."""
    session.store.record(session.learner, slip(0, "convolution/output_side", "ignores_dilation"))
    (spot,) = planning.weak_spots(session, NOW)
    assert spot.trouble.place == "convolution/output_side"
    for number in range(1, 12):
        question = planning.against(session, spot)
        assert "ignores_dilation" in {made.name for made in question.item.parts[0].mistakes}
        session.store.record(session.learner, answer(number, "convolution/output_side", item=question.item.id))


def test_a_mistake_that_nothing_leads_to_any_more_is_practised_in_its_unit(session: Session) -> None:
    session.store.record(session.learner, slip(0, "convolution/grouped", "was_there"))
    (spot,) = planning.weak_spots(session, NOW)
    assert planning.against(session, spot).unit.id == "convolution/grouped"
