"""Blackboard: questions to upload, a row each, fields parted by tabs: the one route by which its numbers arrive.

The rows have no names, points or feedback; the item's code at the end of each question says which one it is. Texts are
HTML on one line, with formulas as characters.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from html import escape
from math import ceil

from quizgen.exporters import _apart, _losses
from quizgen.exporters._lowering import Change, Refused
from quizgen.exporters._online import (
    Choose,
    Essay,
    Field,
    Interaction,
    Match,
    Numeric,
    Order,
    Question,
    Said,
    Short,
    Slot,
)
from quizgen.exporters._platform import Entry, Platform
from quizgen.exporters._qti12 import decimal, once
from quizgen.exporters._words import Tongue, plain
from quizgen.markup import Figure
from quizgen.renderers._unicode import line
from quizgen.renderers.html import Hypertext
from quizgen.values import Part, Task

MOST = 100
"""The most answers of a question."""
DIGITS = 15
"""Digits of a tolerance that has no end as a decimal."""
ROWS = 250
"""About as many rows are read of one file."""
WAYS = frozenset({"choose", "multiple", "numeric", "short", "match", "order", "essay", "parts"})


class Blackboard(Platform):
    """A text file for *Upload Questions* into a pool."""

    suffix = ".txt"
    carries = WAYS
    draws = False
    feedback = False
    rows = 0

    def made(self, task: Task, slot: Slot, number: int = 1) -> tuple[Question, tuple[Change, ...]]:
        found, changes = super().made(task, slot, number)
        for field in found.fields:
            if why := _trouble(field.interaction):
                raise Refused(f"{why} ({field.name})", found.name)
        return found, tuple(_apart.told(task, found, changes, lambda field, part: self._lost(found, field, part)))

    def _lost(self, question: Question, field: Field, part: Part) -> Iterator[str]:
        interaction, practice = field.interaction, self.settings.practice
        if any(map(_apart.has_formula, _said(question, field))):
            yield "formulas are plain text"
        if practice and (question.steps or field.steps):
            yield "the worked solution"
        yield from _losses.read(field, part)
        match interaction:
            case Choose(options, single=False) if sum(option.right for option in options) > 1:
                yield _losses.PARTIAL
            case Order():
                yield _losses.PARTIAL
            case Short(accepted, case) if case and accepted[0].lower() != accepted[0].upper():
                yield "capitals do not count"
            case Match(lefts, rights) if len(rights) > len(lefts):
                yield "what is left over on the right"
            case Essay(rubric) if rubric and not practice:
                yield "the rubric"

    def write(self, question: Question) -> Entry:
        rows = (self._row(question, field) for field in question.fields)
        return Entry(
            slot=question.slot.number, id=question.id, code=question.code, text="".join(rows).encode(),
        )  # fmt: skip

    def assemble(self, entries: Iterator[Entry]) -> Iterator[bytes]:
        self.rows = 0
        for entry in entries:
            self.rows += entry.text.count(b"\r\n")
            yield entry.text

    def remark(self) -> str:
        if self.rows <= ROWS:
            return ""
        return f"{self.rows} rows, of which Blackboard may read {ROWS} at a time: cut the file, as its guide says"

    @property
    def cuts(self) -> list[tuple[int, int]]:
        """The first and the last row of each file into which this one is cut."""
        return [(first, min(first + ROWS - 1, self.rows)) for first in range(1, self.rows + 1, ROWS)]

    def _row(self, question: Question, field: Field) -> str:
        stem = TONGUE.html(question.prompt) + TONGUE.html(field.ask)
        if isinstance(field.interaction, Numeric) and field.interaction.unit:
            stem += f"<p>({escape(field.interaction.unit)})</p>"
        if self.settings.codes:
            stem += f'<p><small style="color: #767676;">[{question.code}]</small></p>'
        kind, *cells = self._cells(field.interaction)
        return "\t".join((kind, flat(stem), *cells)) + "\r\n"

    def _cells(self, interaction: Interaction) -> Iterable[str]:
        """The type of a question and what follows its text."""
        match interaction:
            case Choose(options, single):
                marks = ("correct" if option.right else "incorrect" for option in options)
                pairs = zip((flat(TONGUE.line(option.words)) for option in options), marks, strict=True)
                return ("MC" if single else "MA", *(cell for pair in pairs for cell in pair))
            case Numeric(value, tolerance):
                return ("NUM", decimal(value, 400), *([_margin(tolerance)] if tolerance else []))
            case Short(accepted):
                return ("FIB", *typable(accepted))
            case Match(lefts, rights, pairs):
                both = ((left, rights[at]) for left, at in zip(lefts, pairs, strict=True))
                return ("MAT", *(flat(TONGUE.line(words)) for pair in both for words in pair))
            case Order(things, right):
                return ("ORD", *(flat(TONGUE.line(things[place])) for place in right))
            case Essay(rubric):
                lines = (f"{decimal(line.points)}: {plain(line.words)}" for line in rubric)
                return ("ESS", escape("; ".join(lines), quote=False)) if self.settings.practice and rubric else ("ESS",)
        raise Refused("an answer without a type of question")


def _said(question: Question, field: Field) -> Iterator[Said | None]:
    """All words of a question."""
    yield from (question.prompt, field.ask)
    match field.interaction:
        case Choose(options):
            yield from (option.words for option in options)
        case Match(lefts, rights):
            yield from (*lefts, *rights)
        case Order(things):
            yield from things


def _trouble(interaction: Interaction) -> str:
    """Why Blackboard cannot ask this; empty if it can."""
    match interaction:
        case Choose(options):
            return _alike([option.words for option in options])
        case Match() if not _apart.is_one_to_one(interaction):
            return "things on the right that go with several on the left"
        case Match(lefts, rights):
            return _alike(list(lefts)) or _alike(list(rights))
        case Order(things):
            return _alike(list(things))
        case Short(accepted) if len(typable(accepted)) > MOST:
            return f"more than {MOST} accepted texts"
    return ""


def _alike(said: list[Said]) -> str:
    texts = [TONGUE.line(words) for words in said]
    if _apart.blurred(texts):
        return _apart.BLURRED
    return f"more than {MOST} options" if len(texts) > MOST else ""


def _margin(tolerance: Fraction) -> str:
    """A tolerance with some digits, never less than it is."""
    places = DIGITS + len(str(int(1 / tolerance)))
    return decimal(Fraction(ceil(tolerance * 10**places), 10**places), places)


def typable(accepted: tuple[str, ...]) -> tuple[str, ...]:
    """Texts that can be typed on one line, each once."""
    lines = [" ".join(text.split()) for text in accepted if "\n" not in text.strip()]
    return tuple(dict.fromkeys(lines)) or (" ".join(accepted[0].split()),)


def flat(html: str) -> str:
    """HTML on one line, without tabs."""
    return html.replace(">\n<", "><").replace("\n", "<br>").replace("\t", "    ").strip()


def _described(figure: Figure) -> str:
    return f"<p>[{escape(figure.alt)}]</p>"


TONGUE = Tongue(Hypertext(formula=lambda tex, display: escape(line(tex), quote=False), drawing=_described), join=once)
"""Formulas as characters, figures as their descriptions."""
