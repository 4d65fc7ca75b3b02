"""Brightspace (D2L): questions for the question library as CSV, each a group of rows that begin with its type.

There is no type for numbers: they are texts among listed spellings, which hold all numbers within the tolerance that
have as many decimals as are asked for. Texts are HTML with formulas as MathML, which is what Brightspace's own editor
writes. Figures stand in words, because a CSV file brings none along.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from html import escape

from quizgen.exporters import _apart, _losses
from quizgen.exporters._blanks import spellings
from quizgen.exporters._lowering import LOST, Change, Refused, question
from quizgen.exporters._online import Choose, Essay, Field, Match, Numeric, Order, Question, Said, Short, Slot
from quizgen.exporters._platform import Entry, Platform
from quizgen.exporters._qti12 import decimal, once
from quizgen.exporters._words import Tongue, plain
from quizgen.exporters.blackboard import flat, typable
from quizgen.markup import Figure
from quizgen.renderers.html import Hypertext, mathml
from quizgen.values import Part, Task

WAYS = (
    frozenset({"choose", "multiple", "numeric", "short", "match", "order", "essay", "parts"}),
    frozenset({"choose", "multiple", "match", "order", "essay", "parts"}),
)
"""Types of field; the second ones where a number has too many spellings."""
START = "\ufeff// Questions for the question library, in UTF-8\r\n"
"""The byte order mark that Brightspace asks for, and a remark, so that it precedes no question."""
Row = tuple[object, ...]


class D2l(Platform):
    """A file for *Question Library*, *Import*, *Upload a File*."""

    suffix = ".csv"
    carries = WAYS[0]
    draws = False

    def made(self, task: Task, slot: Slot, number: int = 1) -> tuple[Question, tuple[Change, ...]]:
        first: Refused | None = None
        for carries in WAYS:
            try:
                found, changes = question(task, slot, number, self.locales, self.templates, carries)
                _check(found)
            except Refused as error:
                first = first or error
                continue
            more = [*changes, *self._silent(task)]
            return found, tuple(_apart.told(task, found, more, self._lost))
        assert first is not None
        raise first

    def _lost(self, field: Field, part: Part) -> Iterator[str]:
        interaction, practice = field.interaction, self.settings.practice
        if isinstance(interaction, Numeric):
            yield LOST["short"]
        if isinstance(interaction, Numeric | Short) and practice and part.mistakes:
            yield "feedback on single wrong answers"
        elif practice:
            yield from _losses.silent(field, part)
        yield from _losses.read(field, part)
        match interaction:
            case Order(things) if len(things) > 2:
                yield "the credit is for places, not for pairs in order"
            case Short(accepted, case) if case and accepted[0].lower() != accepted[0].upper():
                yield "capitals do not count"
            case Match(lefts, rights) if len(rights) > len(lefts):
                yield "what is left over on the right"
            case Essay(rubric) if rubric and not practice:
                yield "the rubric"

    def write(self, question: Question) -> Entry:
        rows = (row for field in question.fields for row in self._rows(question, field))
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerows(rows)
        return Entry(slot=question.slot.number, id=question.id, code=question.code, text=out.getvalue().encode())

    def assemble(self, entries: Iterator[Entry]) -> Iterator[bytes]:
        yield START.encode()
        yield from (entry.text for entry in entries)

    def _rows(self, question: Question, field: Field) -> Iterator[Row]:
        stem = TONGUE.html(question.prompt) + TONGUE.html(field.ask)
        if isinstance(field.interaction, Numeric) and field.interaction.unit:
            stem += f"<p>({escape(field.interaction.unit)})</p>"
        if self.settings.codes:
            stem += f'<p><small style="color: #767676;">[{question.code}]</small></p>'
        kind, *more = self._typed(field)
        yield "NewQuestion", kind[0]
        yield "Title", _apart.name(question, field)
        yield "QuestionText", flat(stem), "HTML"
        yield "Points", decimal(_apart.points(question, field))
        yield "Difficulty", question.level
        yield from more
        steps = TONGUE.html(question.steps) + TONGUE.html(field.steps) if self.settings.practice else ""
        if steps:
            yield "Feedback", flat(steps), "HTML"
        yield ()

    def _typed(self, field: Field) -> Iterable[Row]:
        """The type of a question, and the rows of its answers."""
        match field.interaction:
            case Choose(options, single):
                right = 100 if single else 1
                rows = (("Option", right if option.right else 0, *_html(option.words), *self._said(option.feedback))
                        for option in options)  # fmt: skip
                return (("MC",), *rows) if single else (("MS",), ("Scoring", "RightMinusWrong"), *rows)
            case Numeric():
                return ("SA",), *(("Answer", 100, text) for text in spellings(field.interaction))
            case Short(accepted):
                return ("SA",), *(("Answer", 100, text) for text in _different(accepted))
            case Match(lefts, rights, pairs):
                places = {right: left for left, right in enumerate(pairs, 1)}
                choices = (("Choice", at, *_html(words)) for at, words in enumerate(lefts, 1))
                matches = (("Match", places[at], *_html(words)) for at, words in enumerate(rights) if at in places)
                return ("M",), ("Scoring", "EquallyWeighted"), *choices, *matches
            case Order(things, right_order):
                return ("O",), ("Scoring", "EquallyWeighted"), *(("Item", *_html(things[at])) for at in right_order)
            case Essay(rubric):
                lines = (f"{decimal(line.points)}: {plain(line.words)}" for line in rubric)
                return ("WR",), *([("AnswerKey", "; ".join(lines))] if self.settings.practice and rubric else [])
        raise Refused(f"the answer {field.name!r} has no type of question")

    def _said(self, feedback: Said | None) -> Row:
        return _html(feedback) if feedback and self.settings.practice else ()


def _html(said: Said) -> Row:
    """Words and the mark that they are HTML."""
    return flat(TONGUE.line(said)), "HTML"


def _check(question: Question) -> None:
    """Raises Refused for a question that has no type in Brightspace."""
    for field in question.fields:
        if any(_apart.blurred([flat(TONGUE.line(words)) for words in listed]) for listed in _listed(field)):
            raise Refused(f"{_apart.BLURRED} ({field.name})", question.name)
        match field.interaction:
            case Numeric() if not spellings(field.interaction):
                raise Refused(f"too many right numbers for a list ({field.name})", question.name)
            case Match() if not _apart.is_one_to_one(field.interaction):
                raise Refused(f"things on the right that go with several on the left ({field.name})", question.name)


def _listed(field: Field) -> Iterator[list[Said]]:
    """What stands in one list, to be told apart."""
    match field.interaction:
        case Choose(options):
            yield [option.words for option in options]
        case Match(lefts, rights):
            yield from (list(lefts), list(rights))
        case Order(things):
            yield list(things)


def _different(accepted: tuple[str, ...]) -> list[str]:
    """Accepted texts that differ without regard to capitals."""
    return list({text.lower(): text for text in reversed(typable(accepted))}.values())[::-1]


def _described(figure: Figure) -> str:
    return f"<p>[{escape(figure.alt)}]</p>"


TONGUE = Tongue(Hypertext(formula=mathml, drawing=_described), join=once)
"""Formulas as MathML, figures as their descriptions."""

NUMBERS = dict.fromkeys(("fraction", "integer", "number"), "a text among listed spellings")
D2l.kinds -= frozenset(NUMBERS)
D2l.lowers = dict(D2l.lowers) | NUMBERS
