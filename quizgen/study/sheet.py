"""A question at work: part after part, each judged at once; with the last one the answer is kept.

A sheet is frozen: every step of the learner's gives a new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

import msgspec

from quizgen import answers
from quizgen.errors import QuizgenError
from quizgen.study import inputs
from quizgen.study.session import Outcome, Question, Session
from quizgen.values import Asked, Grade, Part, Struct, Verdict

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
    ``hints`` are all steps that were shown, ``shown`` those of the part in hand.
    """

    question: Question
    typed: Mapping[str, str] = field(default_factory=dict)
    grades: Mapping[str, Grade] = field(default_factory=dict)
    complaint: Complaint | None = None
    hints: int = 0
    shown: int = 0
    outcome: Outcome | None = None
    is_solved: bool = False

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
    outcome = session.answer(sheet.question, sheet.typed, now, hints=sheet.hints)
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
    """What is needed to go on with a question; ``unknown`` are the parts that the learner does not know."""

    unit: str
    item: str
    passed: tuple[str, ...]
    typed: dict[str, str]
    unknown: tuple[str, ...]
    hints: int
    shown: int


def leave(session: Session, sheet: Sheet) -> None:
    """Keeps how far a question is answered, until all of it is."""
    question = sheet.question
    left = Left(
        unit=question.unit.id,
        item=question.item.id,
        passed=tuple(sorted(question.passed)),
        typed=dict(sheet.typed),
        unknown=tuple(name for name in sheet.grades if name not in sheet.typed),
        hints=sheet.hints,
        shown=sheet.shown,
    )
    session.store.keep_note(session.learner, KEY, msgspec.json.encode(left).decode() if sheet.part else None)


def taken_up(session: Session) -> Sheet | None:
    """The question that was left, as far as it is answered; None if there is none, or not any more."""
    note = session.store.note(session.learner, KEY)
    try:
        left = msgspec.json.decode(note or "", type=Left)
        unit = session.curriculum.unit(left.unit)
        question = None if unit is None else session.ask(unit, frozenset(left.passed))
        if question is None or question.item.id != left.item:  # answered elsewhere, or the family has changed
            return None
        grades = session.judge(question, left.typed)
    except (msgspec.MsgspecError, QuizgenError):
        return None
    done = {name: UNKNOWN if name in left.unknown else grades[name] for name in (*left.typed, *left.unknown)}
    return Sheet(question, typed=left.typed, grades=done, hints=left.hints, shown=left.shown)
