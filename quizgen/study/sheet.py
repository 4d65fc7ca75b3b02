"""A question at work: part after part, each judged at once; with the last one the answer is kept.

A sheet is frozen: every step of the learner's gives a new one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from quizgen import answers
from quizgen.errors import QuizgenError
from quizgen.study import inputs, schedule
from quizgen.study.curriculum import Unit
from quizgen.study.schedule import Card
from quizgen.study.session import Outcome, Question, Session
from quizgen.study.store import Answer
from quizgen.values import Asked, Grade, Part, Struct, Verdict, plain

KEY = "sheet"
"""The note under which a store keeps the question that was left."""

UNKNOWN = Grade(verdict=Verdict(verdict="invalid", notes=("empty",)))
"""The grade of a part that the learner does not know."""


class Complaint(NamedTuple):
    """What was entered and cannot be read, and why."""

    line: str
    verdict: Verdict


@dataclass(frozen=True)
class Sheet:
    """A question, and how far it is answered.

    ``typed`` and ``grades`` are those of the parts that are done, ``complaint`` why the last line could not be read.
    ``hints`` are all steps that were shown, ``shown`` those of the part in hand. ``begun`` is when it was first shown,
    where that is known.
    """

    question: Question
    typed: Mapping[str, str] = field(default_factory=dict)
    grades: Mapping[str, Grade] = field(default_factory=dict)
    complaint: Complaint | None = None
    hints: int = 0
    shown: int = 0
    outcome: Outcome | None = None
    is_solved: bool = False
    begun: datetime | None = None

    @property
    def part(self) -> Part | None:
        """The part in hand; None when all are done."""
        return next((part for part in self.question.item.parts if part.name not in self.grades), None)

    @property
    def is_right(self) -> bool:
        """Whether the question is answered with full credit."""
        return self.outcome is not None and self.outcome.credit == 1

    def asked(self, part: Part) -> Asked:
        """How a part is asked."""
        return self.question.asked[self.question.item.parts.index(part)]


def answered(session: Session, sheet: Sheet, line: str, now: datetime) -> Sheet:
    """The part in hand answered; what cannot be read is a complaint, and costs nothing."""
    part = sheet.part
    if part is None:
        return sheet
    try:
        text = inputs.text(part, sheet.asked(part), line)
    except answers.Unreadable as error:
        verdict = Verdict(verdict="invalid", notes=(error.code,), span=error.span)
        return replace(sheet, complaint=Complaint(line, verdict))
    typed = {**sheet.typed, part.name: text}
    grade = session.judge(sheet.question, typed)[part.name]
    if grade.verdict.verdict == "invalid":
        return replace(sheet, complaint=Complaint(line, grade.verdict))
    return _done(session, replace(sheet, typed=typed), part, grade, now)


def unknown(session: Session, sheet: Sheet, now: datetime) -> Sheet:
    """The learner does not know the part in hand."""
    return sheet if sheet.part is None else _done(session, sheet, sheet.part, UNKNOWN, now)


def _done(session: Session, sheet: Sheet, part: Part, grade: Grade, now: datetime) -> Sheet:
    """One part more is done; with the last one, the answer is kept."""
    sheet = replace(sheet, grades={**sheet.grades, part.name: grade}, complaint=None, shown=0)
    if sheet.part is not None:
        return sheet
    if not sheet.typed:
        return replace(sheet, outcome=session.give_up(sheet.question, now), is_solved=True)
    spent = None if sheet.begun is None else schedule.whole(now) - schedule.whole(sheet.begun)
    seconds = None if spent is None else max(0, round(spent.total_seconds()))
    outcome = session.answer(sheet.question, sheet.typed, now, hints=sheet.hints, seconds=seconds)
    return replace(sheet, outcome=outcome)


def hinted(sheet: Sheet) -> Sheet:
    """One more step of the part in hand has been shown."""
    return replace(sheet, hints=sheet.hints + 1, shown=sheet.shown + 1, complaint=None)


def again(session: Session, sheet: Sheet) -> Sheet:
    """The same question once more, before its solution is shown, from the first part on that was not right."""
    return replace(_reopened(sheet), question=session.same_again(sheet.question))


def undone(session: Session, sheet: Sheet) -> Sheet:
    """The last answer taken back, as a slip. It costs nothing, unless the solution was shown."""
    if sheet.outcome is not None:
        session.undo(sheet.outcome.number)
    return replace(_reopened(sheet), hints=sheet.hints + sheet.is_solved)


def _reopened(sheet: Sheet) -> Sheet:
    """As before the first part that was not right; before the last one if all were."""
    names = [part.name for part in sheet.question.item.parts if part.name in sheet.grades]
    wrong = (place for place, name in enumerate(names) if sheet.grades[name].verdict.verdict != "right")
    kept = names[: next(wrong, len(names) - 1)]
    return Sheet(
        question=sheet.question,
        typed={name: sheet.typed[name] for name in kept},
        grades={name: sheet.grades[name] for name in kept},
        hints=sheet.hints,
    )


# The question that was left.


class Left(Struct, frozen=True):
    """What is needed to go on with a question, on paper.

    ``unknown`` are the parts that the learner does not know, ``kept`` is how many earlier answers the store has.
    """

    unit: str
    item: str
    parameters: dict[str, Any]
    asked: tuple[Asked, ...]
    is_new: bool
    passed: tuple[str, ...]
    retry: bool
    typed: dict[str, str]
    unknown: tuple[str, ...]
    hints: int
    shown: int
    is_solved: bool
    kept: int


def put_down(session: Session, sheet: Sheet) -> Left:
    """A sheet as it can be kept."""
    question = sheet.question
    return Left(
        unit=question.unit.id,
        item=question.item.id,
        parameters=plain(question.item.parameters),
        asked=question.asked,
        is_new=question.is_new,
        passed=tuple(sorted(question.passed)),
        retry=question.retry,
        typed=dict(sheet.typed),
        unknown=tuple(name for name in sheet.grades if name not in sheet.typed),
        hints=sheet.hints,
        shown=sheet.shown,
        is_solved=sheet.is_solved,
        kept=len(_answers(session, question.unit, question.item.id)) - (sheet.outcome is not None),
    )


def taken_up(session: Session, left: Left) -> Sheet | None:
    """The sheet that was put down. With its verdict, if it was answered since; None if it is not there any more."""
    unit = session.curriculum.unit(left.unit)
    if unit is None:
        return None
    try:
        item = session.remade(unit, left.parameters)
        question = Question(unit, item, left.asked, left.is_new, frozenset(left.passed), left.retry)
        if item.id != left.item:  # the family has changed
            return None
        sheet = _graded(session, Sheet(question, hints=left.hints, shown=left.shown), left.typed, left.unknown)
        answers = _answers(session, unit, item.id)
        return sheet if len(answers) <= left.kept else _answered(session, sheet, *answers[-1], left.is_solved)
    except (QuizgenError, KeyError):
        return None


def _answers(session: Session, unit: Unit, item: str) -> list[tuple[int, Answer]]:
    """The answers to one question that are kept."""
    return [found for found in session.store.answers(session.learner, unit.id) if found[1].item == item]


def _graded(session: Session, sheet: Sheet, typed: Mapping[str, str], unknown: Iterable[str]) -> Sheet:
    grades = session.judge(sheet.question, typed)
    done = {name: grades[name] for name in typed} | dict.fromkeys(unknown, UNKNOWN)
    return replace(sheet, typed=typed, grades=done)


def _answered(session: Session, sheet: Sheet, number: int, answer: Answer, is_solved: bool) -> Sheet:
    """A sheet with the answer that is kept."""
    names = [part.name for part in sheet.question.item.parts]
    done = _graded(session, sheet, answer.answers, [name for name in names if name not in answer.answers])
    card = session.store.card(session.learner, answer.unit) or Card(due=answer.at)
    outcome = Outcome(number, {name: done.grades[name] for name in answer.answers}, answer.credit, answer.rating, card)
    return replace(done, outcome=outcome, hints=answer.hints, shown=0, is_solved=is_solved or not answer.answers)


def leave(session: Session, sheet: Sheet) -> None:
    """Keeps how far a question is answered, until all of it is."""
    text = msgspec.json.encode(put_down(session, sheet)).decode() if sheet.part else None
    session.store.keep_note(session.learner, KEY, text)


def last(session: Session) -> Sheet | None:
    """The question that was left, as far as it is answered; None if there is none that is still to be answered."""
    try:
        left = msgspec.json.decode(session.store.note(session.learner, KEY) or "", type=Left)
    except msgspec.MsgspecError:
        return None
    sheet = taken_up(session, left)
    return sheet if sheet is not None and sheet.outcome is None else None
