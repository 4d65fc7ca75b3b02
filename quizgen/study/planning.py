"""Which units to work on: towards the day of an exam, or against one's own mistakes.

An exam is planned backwards: of the days that are left, the last ones are for what is weak, those before for meeting
every unit once; minutes are those of the families. Only the aim is kept: a plan follows from it and the cards.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil

import msgspec

from quizgen.errors import InputError
from quizgen.study import schedule, statistics
from quizgen.study.curriculum import Curriculum, Unit
from quizgen.study.schedule import Card
from quizgen.study.session import TRIES, Question, Session
from quizgen.study.statistics import Trouble
from quizgen.study.store import Answer
from quizgen.values import Struct

KEPT = "plan"
"""The note under which a store keeps what a learner prepares for."""

MINUTES = 45
"""A day, where the learner names no other number."""

LEAST, MOST = 5, 600
"""Minutes a day that can be planned with."""

FARTHEST = timedelta(days=2 * 365)
"""How far away an exam may be."""

READY = 0.8
"""The chance of still knowing a unit on the day of the exam from which on it counts as ready."""

REPEATING = 3
"""One day in so many, the last ones, is kept free of new units."""

HALF_LIFE = timedelta(days=14)
"""After this time a mistake weighs half."""


class Aim(Struct, frozen=True):
    """What a learner prepares for, as it is kept: the day, minutes each day, areas (none stands for all)."""

    day: date
    minutes: int
    areas: tuple[str, ...] = ()


def kept(session: Session) -> Aim | None:
    """What the learner prepares for; None if nothing is planned. Areas that are gone are left out."""
    note = session.store.note(session.learner, KEPT)
    try:
        aim = msgspec.json.decode(note or "", type=Aim)
    except msgspec.MsgspecError:
        return None
    there = tuple(area for area in aim.areas if area in session.curriculum.order)
    return msgspec.structs.replace(aim, areas=there)


def keep(session: Session, aim: Aim, now: datetime) -> None:
    """Keeps what the learner prepares for, over what was there.

    Raises InputError for a day that is over or too far away and for too few or too many minutes, UnknownName for an
    area that does not exist.
    """
    session.curriculum.units(aim.areas)
    if not now.date() <= aim.day <= now.date() + FARTHEST:
        raise InputError(f"expected a day from today up to {now.date() + FARTHEST}, got {aim.day}", "--exam")
    if not LEAST <= aim.minutes <= MOST:
        raise InputError(f"expected {LEAST} to {MOST} minutes a day, got {aim.minutes}", "--minutes")
    session.store.keep_note(session.learner, KEPT, msgspec.json.encode(aim).decode())


def drop(session: Session) -> None:
    """Gives the plan up; what was learnt stays."""
    session.store.keep_note(session.learner, KEPT, None)


@dataclass(frozen=True)
class Goal:
    """An exam: its day, the minutes that there are each day, and the units that it may ask about."""

    day: date
    minutes: int
    units: tuple[Unit, ...]


def goal(curriculum: Curriculum, aim: Aim) -> Goal:
    """The units that belong to an aim."""
    return Goal(aim.day, aim.minutes, curriculum.units(aim.areas))


@dataclass(frozen=True)
class Plan:
    """What there is to do until an exam.

    ``today`` is for the minutes that are left of today: what is due, what is new, then the weakest again. ``needed``
    are the minutes for meeting each unit once and each that is not ready once more, ``available`` those until the exam;
    ``once`` are the minutes for each unit that has not been met, ``spent`` those of today that are over.
    """

    days: int
    ready: int
    today: tuple[Unit, ...]
    unmet: tuple[Unit, ...]
    weak: tuple[Unit, ...]
    once: int
    needed: int
    available: int
    spent: int
    total: int

    @property
    def short(self) -> int:
        """Minutes that are missing; 0 if the time suffices."""
        return max(0, self.needed - self.available)

    @property
    def suffices_for_once(self) -> bool:
        """Whether every unit can at least be met before the exam."""
        return self.once <= self.available

    @property
    def today_minutes(self) -> int:
        """How long today's list takes."""
        return _minutes(self.today)

    @property
    def enough(self) -> int:
        """Minutes a day with which the time would suffice."""
        return ceil((self.needed + self.spent) / max(1, self.days))

    @property
    def enough_for_once(self) -> int:
        """Minutes a day with which every unit could at least be met."""
        return ceil((self.once + self.spent) / max(1, self.days))

    def first(self) -> Unit | None:
        """What comes next; None if everything for today is done."""
        return next(iter(self.today), None)


@dataclass(frozen=True)
class Day:
    """One day of a plan: units that are met on it, and units that come again."""

    day: date
    new: tuple[Unit, ...]
    again: tuple[Unit, ...]

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return _minutes(self.new) + _minutes(self.again)


@dataclass(frozen=True)
class Calendar:
    """What comes on which day, as far as it can be told: if everything is known when it is asked.

    ``missed`` are the units for which there is no time before the exam.
    """

    days: tuple[Day, ...]
    missed: tuple[Unit, ...]


def towards(session: Session, goal: Goal, now: datetime) -> Plan:
    """What to do now, with the day of an exam in view; days are those of the zone of ``now``."""
    return _plan(goal, session.store.cards(session.learner), _spent(session, goal, now), now)


def calendar(session: Session, goal: Goal, now: datetime, most: int = FARTHEST.days) -> Calendar:
    """What comes on each day from today to the eve of the exam; on the first ``most`` days, if there are more."""
    cards, spent = session.store.cards(session.learner), _spent(session, goal, now)
    days = []
    for number in range((goal.day - now.date()).days):
        if number >= most and all(unit.id in cards for unit in goal.units):
            break
        moment = now + timedelta(days=number)
        today = _plan(goal, cards, spent, moment).today
        new = tuple(unit for unit in today if unit.id not in cards)
        again = tuple(unit for unit in today if unit.id in cards)
        days.append(Day(moment.date(), new, again))
        for unit in today:
            cards[unit.id] = schedule.review(cards.get(unit.id, Card(due=moment)), "good", moment)
        spent = 0
    return Calendar(tuple(days[:most]), tuple(unit for unit in goal.units if unit.id not in cards))


def _plan(goal: Goal, cards: Mapping[str, Card], spent: int, now: datetime) -> Plan:
    exam = datetime.combine(goal.day, time(), now.tzinfo)
    days = max(0, (goal.day - now.date()).days)
    left = max(0, goal.minutes - spent) if days else 0
    unmet = tuple(unit for unit in goal.units if unit.id not in cards)
    weak = _weak(goal, cards, max(exam, now))
    available = left + goal.minutes * max(0, days - 1)
    return Plan(
        days=days,
        ready=len(goal.units) - len(unmet) - len(weak),
        today=tuple(_today(goal, cards, unmet, weak, days, left, now)),
        unmet=unmet,
        weak=weak,
        once=_minutes(unmet),
        needed=2 * _minutes(unmet) + _minutes(weak),
        available=available,
        spent=spent,
        total=len(goal.units),
    )


def _weak(goal: Goal, cards: Mapping[str, Card], exam: datetime) -> tuple[Unit, ...]:
    """The units that were met and are not ready, those least known on the day of the exam first."""
    chances = {unit.id: _chance(cards[unit.id], exam) for unit in goal.units if unit.id in cards}
    weak = [unit for unit in goal.units if unit.id in chances and chances[unit.id] < READY]
    return tuple(sorted(weak, key=lambda unit: chances[unit.id]))


def _chance(card: Card, exam: datetime) -> float:
    """The chance that a unit is known at the exam; what was not known last must be answered again first."""
    return schedule.retention(card, exam) if card.state == schedule.LEARNT else 0.0


def _today(
    goal: Goal,
    cards: Mapping[str, Card],
    unmet: Sequence[Unit],
    weak: Sequence[Unit],
    days: int,
    left: int,
    now: datetime,
) -> Iterator[Unit]:
    """The units for the minutes that are ``left`` of today; the time for new ones is set apart first."""
    new = list(_fitting(unmet, min(left, ceil(_minutes(unmet) / _days_for_new(days)))))
    due = [unit for unit in goal.units if unit.id in cards and schedule.is_due(cards[unit.id], now)]
    due.sort(key=lambda unit: cards[unit.id].due)
    rest = left - _minutes(new)
    again = list(_fitting(due, rest))
    yield from again
    yield from new
    waiting = [unit for unit in weak if unit not in due and not _was_today(cards[unit.id], now)]
    yield from _fitting(waiting, rest - _minutes(again))


def _days_for_new(days: int) -> int:
    """Days on which new units are met."""
    return max(1, days - days // REPEATING)


def _fitting(units: Sequence[Unit], minutes: int) -> Iterator[Unit]:
    """Units one after the other until the minutes are over; the last may take longer."""
    for unit in units:
        if minutes <= 0:
            return
        minutes -= unit.minutes
        yield unit


def _was_today(card: Card, now: datetime) -> bool:
    return card.last is not None and card.last.astimezone(now.tzinfo).date() == now.date()


def _spent(session: Session, goal: Goal, now: datetime) -> int:
    """The minutes of the families that were answered today."""
    minutes = {unit.id: unit.minutes for unit in goal.units}
    midnight = datetime.combine(now.date(), time(), now.tzinfo)
    since = [answer for _, answer in session.store.answers(session.learner, since=midnight)]
    today = [answer for answer in since if answer.at.astimezone(now.tzinfo).date() == now.date()]  # clocks may be wrong
    return sum(minutes.get(answer.unit, 0) for answer in today)


def _minutes(units: Sequence[Unit]) -> int:
    return sum(unit.minutes for unit in units)


# Weak spots.


@dataclass(frozen=True)
class Spot:
    """A mistake that a learner makes, how much it ``weighs`` by now, and the units in which it was made."""

    trouble: Trouble
    weighs: float
    units: tuple[Unit, ...]


def weak_spots(session: Session, now: datetime, areas: Sequence[str] = ()) -> tuple[Spot, ...]:
    """The mistakes made most and lately, heaviest first, with the units in which they were made.

    A mistake weighs half after 14 days, and half after every full answer to its unit that came later.
    """
    there = {unit.id: unit for unit in session.curriculum.units(areas)}
    made: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    weights: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for _, answer in session.store.answers(session.learner):
        if answer.unit not in there:
            continue
        mine = weights[answer.unit]
        if answer.credit == 1:
            mine.update({mistake: weight / 2 for mistake, weight in mine.items()})
        for mistake in set(answer.mistakes.values()):
            made[statistics.place_of(session.curriculum, answer, mistake), mistake].append(answer)
            mine[mistake] += 0.5 ** (max(now - answer.at, timedelta()) / HALF_LIFE)
    spots = [_spot(statistics.trouble(*of, slips, now), slips, weights, there) for of, slips in made.items()]
    return tuple(sorted(spots, key=lambda spot: (-spot.weighs, spot.trouble.place, spot.trouble.mistake)))


def _spot(
    trouble: Trouble,
    slips: Sequence[Answer],
    weights: Mapping[str, Mapping[str, float]],
    there: Mapping[str, Unit],
) -> Spot:
    mine = {unit: weights[unit][trouble.mistake] for unit in {slip.unit for slip in slips}}
    heaviest = sorted(mine, key=lambda unit: (-mine[unit], unit))
    return Spot(trouble, sum(mine.values()), tuple(there[unit] for unit in heaviest))


def against(session: Session, spot: Spot) -> Question:
    """A question in which the mistake can be made again: of the unit where it weighs most, if one turns up."""
    for unit in spot.units:
        question = session.ask(unit)
        for _ in range(TRIES):
            if any(spot.trouble.mistake in (slip.name for slip in part.mistakes) for part in question.item.parts):
                return question
            question = session.another(question)
    return session.ask(spot.units[0])
