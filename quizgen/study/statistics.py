"""How a learner is doing, as values: retention by area and family, mistakes and their trend, what is coming, streaks.

Whoever shows this draws the plots; here are the numbers, and no blame for a day without practice.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from quizgen.errors import QuizgenError
from quizgen.study import schedule
from quizgen.study.curriculum import Curriculum, area_of
from quizgen.study.schedule import Card
from quizgen.study.session import Session
from quizgen.study.store import Answer

RECENT = timedelta(days=14)
"""A mistake's trend compares so long a time with as long a time before."""

AHEAD = 30
"""Days for which the reviews are foretold."""


@dataclass(frozen=True)
class Retention:
    """An area or a family: units met of those there are, the mean chance to know them now, and answers given.

    ``credit`` is the mean share of the points of all answers; None before the first.
    """

    name: str
    met: int
    units: int
    retention: float
    answers: int
    credit: Fraction | None


@dataclass(frozen=True)
class Trouble:
    """A mistake: how often it was made in all, in the last 14 days, and in the 14 days before.

    ``place`` is its family, or its unit where a mistake's name means something in that unit only; ``latest`` is the
    last answer with it.
    """

    place: str
    mistake: str
    count: int
    lately: int
    before: int
    latest: Answer

    @property
    def last(self) -> datetime:
        """When it was made last."""
        return self.latest.at

    @property
    def trend(self) -> int:
        """Below 0 if it is made less often than before."""
        return self.lately - self.before


@dataclass(frozen=True)
class Streak:
    """Days of practice in a row up to today (or yesterday: today is not over), the longest such, and all of them."""

    current: int
    longest: int
    days: int


@dataclass(frozen=True)
class Statistics:
    """Everything that is known of a learner at one time.

    ``forecast`` has the number of units that come back on each of the next days, today with what is overdue;
    ``practised`` the number of answers on each day with some.
    """

    areas: tuple[Retention, ...]
    families: tuple[Retention, ...]
    troubles: tuple[Trouble, ...]
    forecast: tuple[tuple[date, int], ...]
    practised: tuple[tuple[date, int], ...]
    streak: Streak


def of(session: Session, now: datetime) -> Statistics:
    """The statistics of a learner; days are those of the zone of ``now``. Families that are gone keep their names."""
    cards = session.store.cards(session.learner)
    answers = [answer for _, answer in session.store.answers(session.learner)]
    practised = Counter(_day(answer.at, now) for answer in answers)
    return Statistics(
        areas=_retentions(session, cards, answers, now, area_of),
        families=_retentions(session, cards, answers, now, family_of),
        troubles=_troubles(session, answers, now),
        forecast=_forecast(cards.values(), now),
        practised=tuple(sorted(practised.items())),
        streak=streak(practised, now.date()),
    )


def family_of(unit: str) -> str:
    """The family of a unit, by its id."""
    return unit.partition(":")[0]


def _retentions(
    session: Session, cards: Mapping[str, Card], answers: Sequence[Answer], now: datetime, name: Callable[[str], str]
) -> tuple[Retention, ...]:
    """Every area, or family, in the order of the curriculum, then what is gone."""
    units = dict.fromkeys([*(unit.id for unit in session.curriculum.units()), *cards])
    groups: dict[str, list[str]] = defaultdict(list)
    for unit in units:
        groups[name(unit)].append(unit)
    credits: dict[str, list[Fraction]] = defaultdict(list)
    for answer in answers:
        credits[name(answer.unit)].append(answer.credit)
    return tuple(_retention(group, members, cards, credits[group], now) for group, members in groups.items())


def _retention(
    name: str, units: Sequence[str], cards: Mapping[str, Card], credits: Sequence[Fraction], now: datetime
) -> Retention:
    met = [cards[unit] for unit in units if unit in cards]
    return Retention(
        name=name,
        met=len(met),
        units=len(units),
        retention=sum(schedule.retention(card, now) for card in met) / len(met) if met else 0.0,
        answers=len(credits),
        credit=sum(credits, Fraction(0)) / len(credits) if credits else None,
    )


def _troubles(session: Session, answers: Iterable[Answer], now: datetime) -> tuple[Trouble, ...]:
    """All mistakes, those made most often lately first."""
    made: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for answer in answers:
        for mistake in set(answer.mistakes.values()):
            made[place_of(session.curriculum, answer, mistake), mistake].append(answer)
    troubles = [trouble(place, mistake, slips, now) for (place, mistake), slips in made.items()]
    return tuple(sorted(troubles, key=lambda found: (-found.lately, -found.count, found.place, found.mistake)))


def trouble(place: str, mistake: str, slips: Sequence[Answer], now: datetime) -> Trouble:
    """A mistake, from the answers with it."""
    lately = sum(slip.at > now - RECENT for slip in slips)
    before = sum(now - 2 * RECENT < slip.at <= now - RECENT for slip in slips)
    return Trouble(place, mistake, len(slips), lately, before, max(slips, key=lambda slip: slip.at))


def place_of(curriculum: Curriculum, answer: Answer, mistake: str) -> str:
    """Where a mistake's name means the same: its family; its unit for one of those that are told apart by data."""
    try:
        return answer.family if mistake in curriculum.bank.family(answer.family).misconceptions else answer.unit
    except QuizgenError:  # it is not there any more
        return answer.family


def _forecast(cards: Iterable[Card], now: datetime) -> tuple[tuple[date, int], ...]:
    today = now.date()
    due = Counter(today if schedule.is_due(card, now) else _day(card.due, now) for card in cards)
    return tuple((day, due[day]) for day in (today + timedelta(days=number) for number in range(AHEAD)))


def streak(practised: Iterable[date], today: date) -> Streak:
    """The days in a row among days of practice; days to come, as after a clock was set back, count for none."""
    days = sorted({day for day in practised if day <= today})
    run = longest = 0
    for number, day in enumerate(days):
        run = run + 1 if number and day - days[number - 1] == timedelta(days=1) else 1
        longest = max(longest, run)
    is_going = bool(days) and today - days[-1] <= timedelta(days=1)
    return Streak(current=run if is_going else 0, longest=longest, days=len(days))


def _day(time: datetime, now: datetime) -> date:
    return time.astimezone(now.tzinfo).date()
