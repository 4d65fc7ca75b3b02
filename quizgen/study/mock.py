"""Exam mode: the questions of a blueprint against a clock, with the verdicts at the end.

Items are drawn from the practice half, so that a mock exam gives nothing of the real one away. Where it stands is kept
after every answer, as the blueprint, the number that it was drawn with and what has been entered: that is all it takes
to go on after a window was closed. Exams that were handed in are kept in the same way, and can be looked at again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import msgspec

from quizgen import blueprint, exam, grading, space
from quizgen.bank import Bank
from quizgen.blueprint import Blueprint, QuestionSpec
from quizgen.errors import InputError, QuizgenError
from quizgen.study import schedule
from quizgen.study.curriculum import Curriculum
from quizgen.study.session import Session
from quizgen.study.store import Answer
from quizgen.values import AUTHORED, Grade, Item, Response, Struct, Task, Texts, plain

KEPT = "mock"
"""The name under which the store keeps where an exam stands."""

PAST = "mock past"
"""Where it keeps those that were handed in: the last ``PASTS``."""
PASTS = 10

FOLDER = "exams"
"""Where a bank has its blueprints."""


class TimeOver(InputError):
    """Something was answered after the time was over, or after the exam was handed in."""


class Sitting(Struct, frozen=True):
    """Where an exam stands: ``typed`` are the answers so far, by slot and part; ``ended`` when it was handed in.

    ``items`` are the ids of its items, in order. ``entered`` is what stands in the fields, where there are several to
    an answer; ``points`` of ``total`` were earned.
    """

    source: bytes
    name: str
    number: int
    begun: datetime
    items: tuple[str, ...] = ()
    typed: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    entered: dict[str, dict[str, tuple[str, ...]]] = msgspec.field(default_factory=dict)
    ended: datetime | None = None
    points: str = ""
    total: str = ""


@dataclass(frozen=True)
class Place:
    """One item of the exam: of which question, and under which title, if that begins with it.

    ``stem`` stands before the first of several that share it.
    """

    slot: str
    task: Task
    stem: Texts | None = None
    question: int = 1
    title: Texts | None = None


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

    mock: Mock
    marked: tuple[Marked, ...]
    points: Fraction
    total: Fraction


@dataclass(frozen=True)
class About:
    """What can be known of an exam before it is drawn; ``minutes`` may change a little with the questions."""

    name: str
    source: bytes
    title: Texts
    instructions: Texts
    minutes: int
    questions: int


# Which exams there are.


def offered(curriculum: Curriculum) -> tuple[About, ...]:
    """The exams that come with the banks; those that cannot be used are left out."""
    files = [file for folder in curriculum.bank.folders for file in sorted((folder / FOLDER).glob("*.toml"))]
    found = []
    for file in files:
        try:
            found.append(about(curriculum, blueprint.load(file), file.name))
        except QuizgenError:
            continue
    return tuple(found)


def read(curriculum: Curriculum, file: Path) -> About:
    """The exam in a file of the learner's own. Raises InputError."""
    return about(curriculum, blueprint.load(file), file.name)


@lru_cache(maxsize=64)
def about(curriculum: Curriculum, source: bytes, name: str) -> About:
    """What a blueprint says of its exam. Raises InputError."""
    parsed = blueprint.parse(source, name)
    planned = exam.plan(_bare(parsed), name, curriculum.bank, KEPT)
    slots = [slot for section in planned for slot in section.slots()]
    return About(
        name=name,
        source=source,
        title=blueprint.texts(parsed.title) or {},
        instructions=blueprint.texts(parsed.instructions) or {},
        minutes=parsed.online.minutes or sum(_minutes(slot, curriculum.bank) for slot in slots),
        questions=sum(len(section.questions) for section in planned),
    )


def _bare(source: Blueprint) -> Blueprint:
    """A blueprint without its derivations, whose lines take long to prove and are only seen at the end."""

    def bare(question: QuestionSpec) -> QuestionSpec:
        parts = tuple(msgspec.structs.replace(part, derivations=()) for part in question.part)
        return msgspec.structs.replace(question, derivations=(), part=parts)

    sections = [
        msgspec.structs.replace(section, question=tuple(map(bare, section.question))) for section in source.section
    ]
    return msgspec.structs.replace(source, section=tuple(sections))


def _minutes(slot: exam.Slot, bank: Bank) -> int:
    return slot.own.minutes if slot.own is not None else bank.family(slot.spec.family or "").minutes


# Sitting one.


def begin(session: Session, source: bytes, name: str, now: datetime) -> Mock:
    """A new exam of a blueprint called ``name``; one that was not finished is given up. Raises InputError."""
    count = session.store.note(session.learner, f"{KEPT} count") or ""
    number = int(count if count.isdecimal() else len(past(session))) + 1  # a count may be damaged
    mock = _drawn(session, Sitting(source=source, name=name, number=number, begun=schedule.whole(now)))
    sitting = msgspec.structs.replace(mock.sitting, items=tuple(place.task.item.id for place in mock.places))
    session.store.keep_note(session.learner, f"{KEPT} count", str(number))
    session.store.keep_note(session.learner, KEPT, _written(sitting))
    return replace(mock, sitting=sitting)


def current(session: Session) -> Mock | None:
    """The exam that has begun and is not finished; None if there is none.

    Raises QuizgenError if its questions are not there, or not what they were: it can only be given up.
    """
    kept = session.store.note(session.learner, KEPT)
    return _drawn(session, _read(kept)) if kept else None


def give_up(session: Session) -> None:
    """The exam that has begun is not finished, and nothing of it counts."""
    session.store.keep_note(session.learner, KEPT, None)


def answer(
    session: Session,
    mock: Mock,
    slot: str,
    typed: Mapping[str, str],
    now: datetime,
    entered: Mapping[str, tuple[str, ...]] | None = None,
) -> Mock:
    """Keeps what was typed to some parts of a question, over what was there; nothing typed takes an answer back.

    Other windows may answer other parts at the same time. Raises TimeOver, InputError if there is no such question.
    """
    mock.place(slot)

    def kept(sitting: Sitting) -> Sitting:
        if sitting.number != mock.sitting.number or sitting.ended is not None or now >= mock.ends:
            raise TimeOver("the time is over", mock.sitting.name)
        before = sitting.typed.get(slot, {})
        same = {name for name, text in typed.items() if before.get(name) == text}
        fields = {name: row for name, row in sitting.entered.get(slot, {}).items() if name in same or name not in typed}
        fields |= entered or {}
        return msgspec.structs.replace(
            sitting,
            typed={**sitting.typed, slot: _filled({**before, **typed})},
            entered={**sitting.entered, slot: {name: row for name, row in fields.items() if any(row)}},
        )

    sitting = _amended(session, kept)
    if sitting is None:
        raise TimeOver("this exam has been handed in", mock.sitting.name)
    return replace(mock, sitting=sitting)


def finish(session: Session, mock: Mock, now: datetime) -> Result:
    """The verdicts. Every answer is kept and moves the card of its unit, as one in practice does.

    Whoever is interrupted here calls it again: the answers keep the time at which the exam was first handed in.
    """

    def ended(sitting: Sitting) -> Sitting:
        at = sitting.ended or schedule.whole(min(now, mock.ends))
        return msgspec.structs.replace(sitting, ended=at) if sitting.number == mock.sitting.number else sitting

    sitting = _amended(session, ended)
    if sitting is None or sitting.number != mock.sitting.number:  # another window was faster
        return result(session, mock.sitting.number)
    found = _result(session, replace(mock, sitting=sitting))
    at = sitting.ended or mock.ends
    session.store.add(session.learner, [_answer(session, one, at) for one in found.marked if one.points is not None])
    sitting = msgspec.structs.replace(sitting, points=str(found.points), total=str(found.total))
    _archive(session, sitting)
    return replace(found, mock=replace(found.mock, sitting=sitting))


def past(session: Session) -> tuple[Sitting, ...]:
    """The exams that were handed in, the last one first."""
    return tuple(reversed(_past(session.store.note(session.learner, PAST))))


def result(session: Session, number: int) -> Result:
    """An exam that was handed in, once more. Raises InputError if it is not kept, or cannot be shown any more."""
    for sitting in past(session):
        if sitting.number == number:
            return _result(session, _drawn(session, sitting))
    raise InputError(f"no exam {number} is kept")


# What is kept.

_PASTS = msgspec.json.Decoder(tuple[Sitting, ...])


def _amended(session: Session, change: Callable[[Sitting], Sitting]) -> Sitting | None:
    """The exam that has begun, changed; None if there is none."""
    found: list[Sitting] = []

    def amend(kept: str | None) -> str | None:
        if kept is None:
            return None
        found.append(change(_read(kept)))
        return _written(found[0])

    session.store.amend_note(session.learner, KEPT, amend)
    return found[0] if found else None


def _archive(session: Session, sitting: Sitting) -> None:
    """Puts an exam to those that were handed in."""

    def add(kept: str | None) -> str:
        others = [other for other in _past(kept) if other.number != sitting.number]
        return msgspec.json.encode([*others, sitting][-PASTS:]).decode()

    def end(kept: str | None) -> str | None:
        return None if kept is None or _read(kept).number == sitting.number else kept

    session.store.amend_note(session.learner, PAST, add)
    session.store.amend_note(session.learner, KEPT, end)


def _read(kept: str) -> Sitting:
    """Raises InputError for a note that is damaged."""
    try:
        return msgspec.json.decode(kept, type=Sitting)
    except msgspec.MsgspecError as error:
        raise InputError(f"what is kept of it is damaged: {error}", KEPT) from error


def _past(kept: str | None) -> tuple[Sitting, ...]:
    """None where that is damaged: it is only a look back."""
    try:
        return _PASTS.decode(kept or "[]")
    except msgspec.MsgspecError:
        return ()


def _written(sitting: Sitting) -> str:
    return msgspec.json.encode(sitting).decode()


def _filled(typed: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in typed.items() if text.strip()}


# Drawing and marking.


def _drawn(session: Session, sitting: Sitting) -> Mock:
    """The exam of a sitting: the same questions whenever it is asked for. Raises InputError if they have changed."""
    seed = f"{session.name} {KEPT} {sitting.number}"
    title, minutes, places = _exam(session.curriculum, sitting.source, sitting.name, seed)
    if sitting.items and sitting.items != tuple(place.task.item.id for place in places):
        raise InputError("its questions have changed since it was begun", sitting.name)
    return Mock(title, minutes, places, sitting)


@lru_cache(maxsize=256)
def _exam(curriculum: Curriculum, source: bytes, name: str, seed: str) -> tuple[Texts, int, tuple[Place, ...]]:
    """Title, minutes and questions. Drawing takes up to seconds, where derivations are asked: it is done once."""
    parsed = blueprint.parse(source, name)
    places = tuple(_places(curriculum.bank, parsed, name, seed))
    minutes = parsed.online.minutes or sum(place.task.item.minutes for place in places)
    return blueprint.texts(parsed.title) or {}, max(1, minutes), places


def _places(bank: Bank, source: Blueprint, name: str, seed: str) -> list[Place]:
    order = exam.Order(seed, ("mock",), laws=False)
    places: list[Place] = []
    question = 0
    for section in exam.plan(source, name, bank, seed):
        title = section.title
        for planned in section.questions:
            question += 1
            for slot in planned.slots:
                task = exam.task(slot, _item(bank, slot, seed), order, "mock")
                is_first = slot is planned.slots[0]
                places.append(Place(slot.id, task, planned.stem if is_first else None, question, title))
                title = None
    return places


def _item(bank: Bank, slot: exam.Slot, seed: str) -> Item:
    if slot.own is not None:
        return slot.own
    assert slot.spec.family is not None
    family = bank.family(slot.spec.family)
    where = space.narrowing(family.params, slot.spec.where, slot.place)
    return family.draw(seed, slot.id, where=where, pool="practice", options=slot.options)


def _result(session: Session, mock: Mock) -> Result:
    typed = mock.sitting.typed
    marked = tuple(_marked(session, place, typed.get(place.slot, {})) for place in mock.places)
    could = [entry for entry in marked if entry.points is not None]
    return Result(
        mock=mock,
        marked=marked,
        points=sum((entry.points or Fraction(0) for entry in could), Fraction(0)),
        total=sum((entry.place.task.total for entry in could), Fraction(0)),
    )


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
