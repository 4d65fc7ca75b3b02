"""Exam mode: the questions of a blueprint against a clock, with the verdicts at the end.

Items are drawn from the practice half, so that a mock exam gives nothing of the real one away. Where it stands is kept
after every answer, as the blueprint, the number that it was drawn with and what has been typed: that is all it takes to
go on after a window was closed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

import msgspec

from quizgen import blueprint, exam, grading, space
from quizgen.errors import InputError
from quizgen.study import schedule
from quizgen.study.session import Session
from quizgen.study.store import Answer
from quizgen.values import AUTHORED, Grade, Item, Response, Struct, Task, Texts, plain

KEPT = "mock"
"""The name under which the store keeps where an exam stands."""


class Sitting(Struct, frozen=True):
    """Where an exam stands: ``typed`` are the answers so far, by slot and part; ``ended`` when it was handed in."""

    source: bytes
    name: str
    number: int
    begun: datetime
    typed: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    ended: datetime | None = None


@dataclass(frozen=True)
class Place:
    """One question of the exam; ``stem`` stands before the first of several that share it."""

    slot: str
    task: Task
    stem: Texts | None = None


@dataclass(frozen=True)
class Mock:
    """An exam that is being sat."""

    title: Texts
    minutes: int
    places: tuple[Place, ...]
    sitting: Sitting

    @property
    def ends(self) -> datetime:
        """When the time is over."""
        return self.sitting.begun + timedelta(minutes=self.minutes)

    def left(self, now: datetime) -> timedelta:
        """The time that is left."""
        return max(timedelta(0), self.ends - now)

    def place(self, slot: str) -> Place:
        """The question of a slot. Raises InputError if there is none."""
        for place in self.places:
            if place.slot == slot:
                return place
        raise InputError(f"there is no question {slot!r}", self.sitting.name)


@dataclass(frozen=True)
class Marked:
    """A question after the exam: the grade of every part, and its points; None for what a person must mark."""

    place: Place
    typed: Mapping[str, str]
    grades: Mapping[str, Grade]
    points: Fraction | None


@dataclass(frozen=True)
class Result:
    """An exam with its verdicts; ``total`` are the points of what could be marked."""

    marked: tuple[Marked, ...]
    points: Fraction
    total: Fraction


def begin(session: Session, source: bytes, name: str, now: datetime) -> Mock:
    """A new exam of a blueprint called ``name``; one that was not finished is given up. Raises InputError."""
    number = int(session.store.note(session.learner, f"{KEPT} count") or 0) + 1
    mock = _drawn(session, Sitting(source=source, name=name, number=number, begun=schedule.whole(now)))
    session.store.keep_note(session.learner, f"{KEPT} count", str(number))
    _keep(session, mock.sitting)
    return mock


def current(session: Session) -> Mock | None:
    """The exam that has begun and is not finished; None if there is none."""
    kept = session.store.note(session.learner, KEPT)
    return _drawn(session, msgspec.json.decode(kept, type=Sitting)) if kept else None


def answer(session: Session, mock: Mock, slot: str, typed: Mapping[str, str], now: datetime) -> Mock:
    """Keeps what was typed to a question, over what was there. Raises InputError when the time is over."""
    if now >= mock.ends or mock.sitting.ended is not None:
        raise InputError("the time is over", mock.sitting.name)
    mock.place(slot)
    sitting = msgspec.structs.replace(mock.sitting, typed={**mock.sitting.typed, slot: dict(typed)})
    _keep(session, sitting)
    return Mock(mock.title, mock.minutes, mock.places, sitting)


def finish(session: Session, mock: Mock, now: datetime) -> Result:
    """The verdicts. Every answer is kept and moves the card of its unit, as one in practice does.

    Whoever is interrupted here calls it again: the answers keep the time at which the exam was first handed in.
    """
    at = mock.sitting.ended or schedule.whole(min(now, mock.ends))
    _keep(session, msgspec.structs.replace(mock.sitting, ended=at))
    marked = tuple(_marked(session, place, mock.sitting.typed.get(place.slot, {})) for place in mock.places)
    session.store.add(session.learner, [_answer(session, entry, at) for entry in marked if entry.points is not None])
    session.store.keep_note(session.learner, KEPT, None)
    could = [entry for entry in marked if entry.points is not None]
    return Result(
        marked=marked,
        points=sum((entry.points or Fraction(0) for entry in could), Fraction(0)),
        total=sum((entry.place.task.total for entry in could), Fraction(0)),
    )


def _keep(session: Session, sitting: Sitting) -> None:
    session.store.keep_note(session.learner, KEPT, msgspec.json.encode(sitting).decode())


def _drawn(session: Session, sitting: Sitting) -> Mock:
    """The exam of a sitting: the same questions whenever it is asked for."""
    source = blueprint.parse(sitting.source, sitting.name)
    seed = f"{session.name} {KEPT} {sitting.number}"
    order = exam.Order(seed, ("mock",), laws=False)
    places = []
    for section in exam.plan(source, sitting.name, session.curriculum.bank, seed):
        for question in section.questions:
            tasks = [exam.task(slot, _item(session, slot, seed), order, "mock") for slot in question.slots]
            for slot, task in zip(question.slots, tasks, strict=True):
                places.append(Place(slot.id, task, question.stem if slot is question.slots[0] else None))
    minutes = source.online.minutes or sum(place.task.item.minutes for place in places)
    return Mock(blueprint.texts(source.title) or {}, max(1, minutes), tuple(places), sitting)


def _item(session: Session, slot: exam.Slot, seed: str) -> Item:
    if slot.own is not None:
        return slot.own
    assert slot.spec.family is not None
    family = session.curriculum.bank.family(slot.spec.family)
    where = space.narrowing(family.params, slot.spec.where, slot.place)
    return family.draw(seed, slot.id, where=where, pool="practice", options=slot.options)


def _marked(session: Session, place: Place, typed: Mapping[str, str]) -> Marked:
    """The grades and points of a question; points are given part by part."""
    item = place.task.item
    family = None if item.family == AUTHORED else session.curriculum.bank.family(item.family)
    grades = grading.grade(item, Response(item=item.id, answers=dict(typed)), family)
    if any(grade.verdict.verdict == "ungraded" for grade in grades.values()):
        return Marked(place, typed, grades, None)
    worth = zip(item.parts, place.task.points, strict=True)
    points = sum((grades[part.name].verdict.credit * points for part, points in worth), Fraction(0))
    return Marked(place, typed, grades, points)


def _answer(session: Session, marked: Marked, at: datetime) -> Answer:
    item = marked.place.task.item
    unit = None if item.family == AUTHORED else session.curriculum.unit_of(item.family, item.parameters)
    credit = (marked.points or Fraction(0)) / marked.place.task.total
    return Answer(
        unit=unit.id if unit else f"{item.family}/{marked.place.slot}",
        family=item.family,
        item=item.id,
        parameters=plain(item.parameters),
        answers=dict(marked.typed),
        verdicts={name: grade.verdict.verdict for name, grade in marked.grades.items()},
        mistakes={name: grade.misconception for name, grade in marked.grades.items() if grade.misconception},
        credit=credit,
        rating=schedule.rate(credit, 0),
        at=at,
        counts=unit is not None,
    )
