"""Days are those of the place where the learner is, in summer and in winter."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quizgen.bank import Bank
from quizgen.study import curriculum, planning, statistics
from quizgen.study.planning import Goal
from quizgen.study.session import Session
from quizgen.study.store import Store
from quizgen.study.zones import LOCAL
from tests.study.answered import answer

COURSE = curriculum.read(Bank())
BERLIN = ZoneInfo("Europe/Berlin")
UNIT = "convolution/output_side"


@pytest.fixture
def session() -> Iterator[Session]:
    with Store("sqlite://") as store:
        yield Session(store, "Ann", COURSE)


@pytest.fixture(params=["Europe/Berlin", "America/St_Johns", "Asia/Shanghai", "Australia/Lord_Howe", "UTC"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneInfo]:
    """The system is set to a zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield ZoneInfo(request.param)
    monkeypatch.undo()
    time.tzset()


moments = st.datetimes(datetime(2001, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moment=moments)
def test_local_times_are_those_of_the_zone(zone: ZoneInfo, moment: datetime) -> None:
    here, there = moment.astimezone(LOCAL), moment.astimezone(zone)
    assert here.replace(tzinfo=None) == there.replace(tzinfo=None)
    assert here.utcoffset() == there.utcoffset()
    assert here.astimezone(UTC) == moment


@pytest.mark.parametrize("change", [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)])
def test_nothing_is_off_around_a_change(zone: ZoneInfo, change: datetime) -> None:
    for minutes in range(-180, 181, 10):
        moment = change + timedelta(minutes=minutes)
        assert moment.astimezone(LOCAL).utcoffset() == moment.astimezone(zone).utcoffset(), moment
        assert moment.astimezone(LOCAL).astimezone(UTC) == moment


def test_there_is_a_midnight_on_every_day(zone: ZoneInfo) -> None:
    for number in range(366):
        day = datetime(2026, 1, 1) + timedelta(days=number)
        assert day.replace(tzinfo=LOCAL).astimezone(UTC) == day.replace(tzinfo=zone).astimezone(UTC), day


def test_a_time_of_long_ago_or_far_away_does_no_harm() -> None:
    for moment in (datetime(1900, 1, 1, tzinfo=UTC), datetime(2500, 1, 1, tzinfo=UTC)):
        assert moment.astimezone(LOCAL).astimezone(UTC) == moment


# Days.


def put(session: Session, *times: datetime) -> None:
    """Answers at these times, each of a unit of its own."""
    units = [unit.id for unit in COURSE.units()]
    session.store.add(session.learner, [answer(0, unit, at=at) for unit, at in zip(units, times, strict=False)])


@pytest.mark.parametrize("zone_", [BERLIN, ZoneInfo("Asia/Shanghai"), ZoneInfo("America/Los_Angeles")])
def test_a_day_begins_at_midnight_of_the_place(session: Session, zone_: tzinfo) -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=zone_)
    evening, morning = noon.replace(hour=23, minute=59), noon.replace(hour=0, minute=1)
    put(session, morning, evening, morning - timedelta(minutes=2))
    assert len(session.agenda(evening).new) == 8
    found = statistics.of(session, evening)
    assert found.practised == ((date(2026, 11, 20), 1), (date(2026, 11, 21), 2))
    assert found.streak.current == 2


def test_the_day_of_a_change_is_one_day(session: Session) -> None:
    """25 hours long in autumn, 23 in spring."""
    for day in (date(2026, 10, 25), date(2026, 3, 29)):
        first = datetime(day.year, day.month, day.day, 0, 10, tzinfo=BERLIN)
        last = datetime(day.year, day.month, day.day, 23, 50, tzinfo=BERLIN)
        put(session, first, last)
        assert dict(statistics.of(session, last).practised)[day] == 2
        goal = Goal(day + timedelta(days=7), 45, COURSE.units())
        assert planning.towards(session, goal, last).days == 7
        assert planning.towards(session, goal, last).spent == sum(unit.minutes for unit in COURSE.units()[:2])
        days = [found.day for found in planning.calendar(session, goal, last).days]
        assert days == [day + timedelta(days=number) for number in range(7)]


def test_a_late_evening_of_winter_is_no_next_day_in_summer(session: Session, zone: ZoneInfo) -> None:
    for month in (1, 7):
        put(session, datetime(2026, month, 10, 23, 30, tzinfo=zone))
    seen = [day for day, _ in statistics.of(session, datetime(2026, 8, 1, tzinfo=UTC).astimezone(LOCAL)).practised]
    assert seen == [date(2026, 1, 10), date(2026, 7, 10)]
