"""What a question's page shows of a sheet: plain values for its template, and nothing that must not be known yet."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from string import ascii_lowercase
from typing import Any

from quizgen import answers, verdicts
from quizgen.answers.matching import Matching
from quizgen.answers.written import Written
from quizgen.markup import Document
from quizgen.prose import Words
from quizgen.renderers import text
from quizgen.study import inputs
from quizgen.study.hints import hints
from quizgen.study.inputs import Grid, Input, Order
from quizgen.study.schedule import Card
from quizgen.study.sheet import Sheet
from quizgen.study.web import keycaps, pages
from quizgen.study.web.desk import Page
from quizgen.study.web.keycaps import Keys
from quizgen.values import Grade, Part, say
from quizgen.values import Verdict as Judgement

_NUMBER = re.compile(r"\D{1,6}(\d)\D{0,6}")


@dataclass(frozen=True)
class Verdict:
    """What is said about an answer; ``given`` is what was chosen, ordered or matched."""

    kind: str
    headline: str
    parsed: str = ""
    given: Document | None = None
    said: str = ""
    feedback: Document | None = None
    marked: str = ""


@dataclass(frozen=True)
class FieldView:
    """What a part is answered with: its ``shape``, the things it is about under their marks, and what was entered.

    ``digits`` are the keys that choose the things: their own numbers, if they have such. A formula has ``keys``, and
    ``tex`` is what stands in it as LaTeX.
    """

    shape: str
    input: Input
    entered: tuple[str, ...]
    things: tuple[tuple[str, Document], ...] = ()
    lefts: tuple[tuple[str, Document], ...] = ()
    digits: tuple[str, ...] = ()
    bad: int | None = None
    keys: Keys = keycaps.NONE
    tex: str = ""


@dataclass(frozen=True)
class PartView:
    """One part: its question, and its verdict when it has been answered.

    Of work there is what was ``written``, and the ``rubric``: points, and what they are given for.
    """

    name: str
    label: str
    ask: Document | None
    verdict: Verdict | None = None
    key: Document | None = None
    steps: Document | None = None
    rubric: tuple[tuple[str, str], ...] = ()
    written: str = ""


def is_written(sheet: Sheet) -> bool:
    """Whether there is written work in a question: the learner compares it with the solution, and rates it."""
    return any(isinstance(part.key, Written) for part in sheet.question.item.parts)


def number_of(sheet: Sheet, part: Part) -> str:
    """Which of a question's parts this is: a form says so, as the name of a part may tell something."""
    return str(sheet.question.item.parts.index(part) + 1)


def shown(page: Page, words: Words, locale: str) -> dict[str, Any]:
    """What the template ``question`` prints."""
    sheet, part = page.sheet, page.sheet.part
    found = hints(words, part) if part else ()
    is_open = sheet.is_solved or sheet.is_right
    complaint = sheet.complaint
    return {
        "item": words.item,
        "prompt": words.prompt(),
        "parts": list(parts_of(sheet, words, locale, is_open)),
        "current": part.name if part else "",
        "current_number": number_of(sheet, part) if part else "",
        "field": field_of(page, part, words) if part else None,
        "complaint": judged(complaint.verdict, complaint.line, locale) if complaint else None,
        "hints": found[: sheet.shown],
        "more_hints": max(0, len(found) - sheet.shown),
        "retry": sheet.question.retry,
        "outcome": sheet.outcome,
        "right": words.right() if sheet.is_right else None,
        "steps": words.steps() if is_open and sheet.outcome else None,
        "is_open": is_open,
        "is_written": is_written(sheet),
        "gave_up": sheet.outcome is not None and not sheet.typed,
        "objected": page.objected,
        "onward": page.onward,
        "back_in": _span(sheet.outcome.card, pages.Say(locale)) if sheet.outcome else "",
    }


def parts_of(sheet: Sheet, words: Words, locale: str, is_open: bool) -> Iterator[PartView]:
    """The parts of a question as far as they are answered; with their solutions if these may be seen."""
    parts = sheet.question.item.parts
    for letter, part in zip(ascii_lowercase, parts, strict=False):
        grade = (sheet.outcome.grades if sheet.outcome else sheet.grades).get(part.name)
        typed = sheet.typed.get(part.name)
        is_work, is_shown = isinstance(part.key, Written), is_open and sheet.outcome is not None
        yield PartView(
            name=part.name,
            label=letter if len(parts) > 1 else "",
            ask=words.ask(part),
            verdict=_graded(sheet, grade, typed, part, words, locale) if grade and typed is not None else None,
            key=words.value(part, part.key.right) if is_shown and not is_work else None,
            steps=words.steps(part) if is_shown else None,
            rubric=tuple(_rubric(part, locale)) if is_shown else (),
            written=typed if is_work and typed else "",
        )


def _rubric(part: Part, locale: str) -> Iterator[tuple[str, str]]:
    """What written work gets points for, in the language of the page, else in the author's."""
    for criterion in part.key.rubric if isinstance(part.key, Written) else ():
        known = locale if locale in criterion.text or "" in criterion.text else next(iter(criterion.text))
        yield str(criterion.points), say(criterion.text, known)


def _graded(sheet: Sheet, grade: Grade, typed: str, part: Part, words: Words, locale: str) -> Verdict:
    feedback = words.feedback(part, grade.misconception) if grade.misconception else None
    if isinstance(inputs.of(part, sheet.asked(part)), inputs.Field | Grid):
        return judged(grade.verdict, typed, locale, feedback)
    given = None if isinstance(part.key, Written) else words.value(part, answers.read(part.key, typed).value)
    return replace(judged(grade.verdict, typed, locale, feedback, parsed=False), given=given)


def judged(
    verdict: Judgement, typed: str, locale: str, feedback: Document | None = None, parsed: bool = True
) -> Verdict:
    """A verdict in words."""
    return Verdict(
        kind=verdict.verdict,
        headline=verdicts.headline(verdict, locale),
        parsed=verdict.parsed if parsed else "",
        said=verdicts.say(verdict, typed, locale),
        feedback=feedback,
        marked=pages.place(typed, verdict) if verdict.verdict == "invalid" and typed.strip() else "",
    )


def _span(card: Card, say: pages.Say) -> str:
    """How long it is until a unit comes back, from its last review on."""
    minutes = round((card.due - (card.last or card.due)).total_seconds() / 60)
    if minutes < 60:
        return say("minutes", n=minutes)
    return say("hours", n=round(minutes / 60)) if minutes < 24 * 60 else say("days", n=round(minutes / (24 * 60)))


# What is entered.


def field_of(page: Page, part: Part, words: Words) -> FieldView:
    """The fields of the part in hand, with what stands in them."""
    asked, complaint = page.sheet.asked(part), page.sheet.complaint
    shown = inputs.of(part, asked)
    marks = getattr(shown, "marks", ())
    lefts = part.key.lefts() if isinstance(part.key, Matching) else ()
    entered = _order(shown, page.entered) if isinstance(shown, Order) else page.entered
    bad = _cell(shown, entered, complaint.verdict.span) if complaint and isinstance(shown, Grid) else None
    things = tuple((mark, words.option(part, asked, name)) for mark, name in zip(marks, asked.order, strict=True))
    return FieldView(
        shape=type(shown).__name__.lower(),
        input=shown,
        entered=entered,
        things=things,
        lefts=tuple((mark, words.named(left)) for mark, left in zip(getattr(shown, "lefts", ()), lefts, strict=True)),
        digits=_own_numbers([text.render(document) for _, document in things]) or marks,
        bad=bad,
        keys=keycaps.keys(part.key) if isinstance(shown, inputs.Field) else keycaps.NONE,
        tex=_tex(part, entered[0]) if entered and isinstance(shown, inputs.Field) else "",
    )


def _tex(part: Part, entered: str) -> str:
    """What was entered as LaTeX; as it is where it cannot be read."""
    try:
        return answers.read(part.key, entered).parsed
    except answers.Unreadable:
        return entered


def _own_numbers(labels: Sequence[str]) -> tuple[str, ...]:
    """The numbers that labels such as "Line 2" have; none if some have none, or the same."""
    found = [_NUMBER.fullmatch(label) for label in labels]
    numbers = tuple(match[1] for match in found if match is not None)
    return numbers if len(set(numbers)) == len(labels) else ()


def line(sheet: Sheet, part: Part, entered: Sequence[str]) -> str:
    """What was entered, as one line. The first of the things to order have a place; a grid pasted whole is taken so."""
    shown = inputs.of(part, sheet.asked(part))
    if isinstance(shown, Order) and sorted(entered) == sorted(shown.marks):
        return inputs.joined(shown, entered[: shown.places])
    filled = [cell for cell in entered if cell.strip()]
    if isinstance(shown, Grid) and len(filled) == 1 and len(entered) > 1:
        return filled[0]
    return inputs.joined(shown, entered)


def _order(shown: Order, entered: Sequence[str]) -> tuple[str, ...]:
    """The things in the order entered; in the order shown if that names not each of them once."""
    return tuple(entered) if sorted(entered) == sorted(shown.marks) else shown.marks


def moved(sheet: Sheet, part: Part, entered: Sequence[str], move: str) -> tuple[str, ...]:
    """The order entered with one thing moved: ``3 up``, ``3 down``."""
    shown = inputs.of(part, sheet.asked(part))
    mark, _, way = move.partition(" ")
    if not isinstance(shown, Order) or mark not in shown.marks:
        return tuple(entered)
    order = list(_order(shown, entered))
    at = order.index(mark)
    order.insert(max(0, at - 1) if way == "up" else at + 1, order.pop(at))
    return tuple(order)


def _cell(shown: Grid, entered: Sequence[str], span: tuple[int, int] | None) -> int | None:
    """The cell of a grid in which a place of its line lies."""
    end = -1
    for number, cell in enumerate(entered):
        end += len(cell) + (len(r" \\ ") if number and not number % shown.columns else len(" & ") if number else 1)
        if span is not None and span[0] <= end:
            return number
    return None


def understood(sheet: Sheet, part: Part, entered: Sequence[str], locale: str) -> dict[str, Any]:
    """What the template ``echo`` prints: what is understood, or where it cannot be read; nothing for half a grid."""
    shown, typed = inputs.of(part, sheet.asked(part)), line(sheet, part, entered)
    is_half = isinstance(shown, Grid) and typed == inputs.joined(shown, entered) and not all(map(str.strip, entered))
    if is_half or not typed.strip() or not isinstance(shown, inputs.Field | Grid):
        return {"parsed": "", "said": "", "marked": ""}
    try:
        return {"parsed": answers.read(part.key, typed).parsed, "said": "", "marked": ""}
    except answers.Unreadable as error:
        verdict = Judgement(verdict="invalid", notes=(error.code,), span=error.span)
        return {"parsed": "", "said": verdicts.say(verdict, typed, locale), "marked": pages.place(typed, verdict)}
