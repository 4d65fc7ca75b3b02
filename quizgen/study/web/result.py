"""An exam that was handed in: points, verdicts, solutions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from starlette.responses import Response

from quizgen.errors import QuizgenError
from quizgen.markup import Document
from quizgen.study import mock
from quizgen.study.mock import Marked, Result
from quizgen.study.schedule import Card
from quizgen.study.session import Outcome
from quizgen.study.web import dates, paper, sitting, views
from quizgen.study.web.views import PartView
from quizgen.study.web.visit import Handler, Visit
from quizgen.values import Part


@dataclass(frozen=True)
class MarkedPart:
    """A part after the exam: what the learner answered stands beside the verdict."""

    view: PartView
    raw: str


@dataclass(frozen=True)
class MarkedItem:
    """An item after the exam. ``kind`` is right, partial, wrong or ungraded."""

    label: str
    stem: Document | None
    prompt: Document
    parts: tuple[MarkedPart, ...]
    steps: Document | None
    right: Document | None
    kind: str
    points: str
    total: str


def result(visit: Visit) -> Response:
    """An exam that was handed in: points, verdicts, solutions."""
    number = paper.number(visit.request.path_params["number"])
    found = sitting.begun(visit)
    if found is not None and found.sitting.number == number:
        return sitting.over(visit) or visit.to("/exam/sitting/1")
    if all(one.number != number for one in mock.past(visit.session)):
        return visit.message(404, "exam_gone")
    try:
        handed = mock.result(visit.session, number)
    except QuizgenError:
        return visit.message(404, "exam_changed")
    sat = handed.mock.sitting
    ended = sat.ended or handed.mock.ends
    return visit.page(
        "exam_result",
        exam=paper.own(handed.mock.title, visit.locale),
        day=dates.long(ended.astimezone(visit.moment.tzinfo).date(), visit.locale),
        took=ceil((ended - sat.begun).total_seconds() / 60),
        allowed=handed.mock.minutes,
        is_over=ended >= handed.mock.ends,
        points=paper.written(handed.points),
        total=paper.written(handed.total),
        percent=round(100 * handed.points / handed.total) if handed.total else None,
        unmarked=paper.written(sum((one.place.task.total for one in handed.marked if one.points is None), Fraction(0))),
        items=[_marked(visit, handed, one) for one in handed.marked],
    )


def _marked(visit: Visit, found: Result, marked: Marked) -> MarkedItem:
    """One item with its verdicts and its solution."""
    place, item = marked.place, marked.place.task.item
    words = paper.words_of(visit, item)
    card = Card(due=visit.moment)
    outcome = Outcome(0, marked.grades, marked.points or Fraction(0), "good", card)
    read = {name: text for name, text in marked.typed.items() if not _is_unread(marked, name)}
    sheet = replace(paper.sheet_of(place), typed=read, grades=marked.grades, outcome=outcome, is_solved=True)
    labels = [step.label for step in paper.steps_of(found.mock) if step.place is place]
    parts = [
        _marked_part(visit, marked, part, replace(view, label=label if len(labels) > 1 else ""))
        for part, view, label in zip(item.parts, views.parts_of(sheet, words, visit.locale, True), labels, strict=True)
    ]
    total = place.task.total
    kind = "ungraded" if marked.points is None else "wrong" if not marked.points else "partial"
    return MarkedItem(
        label=labels[0] if len(labels) == 1 else f"{labels[0]}–{labels[-1]}",
        stem=paper.stem(found.mock, place, visit.locale) if place.stem else None,
        prompt=words.prompt(),
        parts=tuple(parts),
        steps=words.steps(),
        right=words.right() if marked.points == total else None,
        kind="right" if marked.points == total else kind,
        points="" if marked.points is None else paper.written(marked.points),
        total=paper.written(total),
    )


def _marked_part(visit: Visit, marked: Marked, part: Part, view: PartView) -> MarkedPart:
    typed = marked.typed.get(part.name, "")
    if typed and _is_unread(marked, part.name):
        verdict = views.judged(marked.grades[part.name].verdict, typed, visit.locale)
        return MarkedPart(replace(view, verdict=verdict), typed)
    return MarkedPart(view, typed)


def _is_unread(marked: Marked, name: str) -> bool:
    """Whether a part cannot be read: it earns nothing, and has no value to show."""
    return marked.grades[name].verdict.verdict == "invalid"


PAGES: Mapping[str, Handler] = {"/exam/result/{number}": result}
FORMS: Mapping[str, Handler] = {}
