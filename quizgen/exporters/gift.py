"""GIFT, Moodle's plain text: one question a paragraph, with the answers between braces.

What its importer (``qformat_gift``) makes of each sign was read in its source. It keeps neither points nor rubrics, has
one answer in a question and no files, so that figures stand within the text.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cached_property
from html import escape
from typing import ClassVar

from quizgen.exporters._lowering import Change, Refused
from quizgen.exporters._online import Choose, Essay, Field, Match, Numeric, Question, Short, Slot
from quizgen.exporters._platform import Entry
from quizgen.exporters._words import Tongue, delimited, plain
from quizgen.exporters.moodle import Moodle, _Hypertext, margin, multilang, number, shares, truth
from quizgen.markup import Figure
from quizgen.renderers import html
from quizgen.values import Task

FORMATS = re.compile(r"\[(moodle|html|plain|markdown)]")
"""How a text begins that names its own format; the importer takes the name away."""
HOLDER = re.compile(r"&&0\d\d;")
"""What the importer puts for an escaped sign while it reads."""


class Gift(Moodle):
    """GIFT, for Moodle and what else reads it."""

    suffix = ".txt"
    tells_key: ClassVar[bool] = True
    carries: ClassVar[frozenset[str]] = frozenset({"choose", "multiple", "numeric", "short", "match", "essay"})

    def made(self, task: Task, slot: Slot, number: int = 1) -> tuple[Question, tuple[Change, ...]]:
        asked, changes = self.lowered(task, slot, number)
        kinds = (type(part.key).__name__.lower() for part in task.item.parts)
        lost = (
            Change(field.name, kind, kind, what)
            for field, kind in zip(asked.fields, kinds, strict=True)
            for what in _lost(field, kind, self.settings.practice)
        )
        return asked, (*changes, *lost)

    def write(self, question: Question) -> Entry:
        return Entry(
            slot=question.slot.number,
            id=question.id,
            code=question.code,
            text=self.element(question).encode(),
            more={"category": self.category(question.slot)},
        )

    def assemble(self, entries: Iterator[Entry]) -> Iterator[bytes]:
        slot = None
        for entry in entries:
            if entry.slot != slot:
                slot = entry.slot
                yield f"$CATEGORY: {_path(entry.more['category'])}\n\n".encode()
            yield entry.text

    @cached_property
    def tongue(self) -> Tongue:
        """How Moodle says things, with figures in the text."""
        return Tongue(_Hypertext(delimited, _drawing), multilang)

    def element(self, question: Question) -> str:
        """One question: what it is known by, its name, its text and its answers, each line by line."""
        (field,) = question.fields
        tags = " ".join(f"[tag:{_label(tag)}]" for tag in question.tags)
        lines = [line for line in (*self.known(question, field), self.solution(question, field)) if line]
        mark = "#" if isinstance(field.interaction, Numeric) else ""
        inner = "\n".join([f"{{{mark}", *lines, "}"]) if lines else "{}"
        known_by = f"// [id:{_label(question.id)}] {tags}"
        return f"{known_by}\n::{escaped(question.name)}::{self.asked(question, field)}{inner}\n\n"

    def asked(self, question: Question, field: Field) -> str:
        """The text of a question, with the item's code at its end."""
        code = f'<p><small style="color: #888">[{question.code}]</small></p>' if self.settings.codes else ""
        notes = self.notes(field.interaction) if isinstance(field.interaction, Numeric) else ()
        parts = (self.tongue.html(question.prompt), self.tongue.html(field.ask), *notes, code)
        return f"[html]{escaped(''.join(filter(None, parts)))}"

    def solution(self, question: Question, field: Field) -> str:
        """What is shown to all who have answered."""
        if not self.settings.practice:
            return ""
        rubric = self.rubric(field.interaction) if isinstance(field.interaction, Essay) else ""
        said = "".join((self.tongue.html(question.steps), self.tongue.html(field.steps), rubric))
        return f"####{_formatted(said)}" if said else ""

    def rubric(self, asked: Essay) -> str:
        """How written work is marked."""
        lines = (f"<li>{number(line.points)}: {self.tongue.line(line.words)}</li>" for line in asked.rubric)
        return f"{self.phrase('rubric')}<ul>{''.join(lines)}</ul>" if asked.rubric else ""

    def known(self, question: Question, field: Field) -> Iterable[str]:
        """The answers that are known, one a line."""
        match field.interaction:
            case Choose() as asked if (right := truth(asked)) is not None:
                return [self.judged(question, asked, right)]
            case Choose() as asked:
                return self.options(question, asked)
            case Numeric() as asked:
                return self.numbers(question, asked)
            case Short() as asked:
                return self.spelled(question, asked)
            case Match() as asked:
                return self.pairs(question, asked)
        return ()

    def answer_line(self, sign: str, words: str, said: str = "") -> str:
        """One answer, and what is said to it."""
        return f"{sign}{_formatted(words)}" + (f"#{_formatted(said)}" if said else "")

    def judged(self, question: Question, asked: Choose, right: bool) -> str:
        """True or false: first what is said to the wrong answer, then to the right one."""
        wrong = "".join(self.reply(option.feedback) for option in asked.options if not option.right)
        praise = self.reply(question.right)
        said = [wrong, praise] if praise else [wrong] if wrong else []
        return str(right).upper() + "".join(f"#{_formatted(words)}" for words in said)

    def options(self, question: Question, asked: Choose) -> Iterator[str]:
        """One right answer, or shares for all of them. Shares are always written: a text may look like one."""
        gain, loss = shares(asked, question)
        for option in asked.options:
            sign = "=" if asked.single and option.right else f"~%{gain if option.right else loss}%"
            said = question.right if option.right and asked.single else option.feedback
            yield self.answer_line(sign, self.blank(self.tongue.line(option.words), question), self.reply(said))

    def numbers(self, question: Question, asked: Numeric) -> Iterator[str]:
        """A number, and the wrong ones that are known."""
        tolerance = margin(asked, question)
        known = [(asked.value, "100", self.reply(question.right)), *((v, "0", said) for v, said in self.near(asked))]
        for value, share, said in known:
            yield f"=%{share}%{number(value)}:{tolerance}" + (f"#{_formatted(said)}" if said else "")

    def spelled(self, question: Question, asked: Short) -> Iterator[str]:
        """Texts; one with an arrow would make pairs of all. Raises Refused if the right one has."""
        if not _is_sayable(asked.accepted[0]):
            raise Refused("an answer with an arrow, which makes pairs in GIFT", f"{question.family} {question.code}")
        for text, share, said in self.texts(question, asked):
            if _is_sayable(text):
                yield self.answer_line(f"=%{share}%", " ".join(text.replace("*", r"\*").split("\n")), said)

    def pairs(self, question: Question, asked: Match) -> Iterator[str]:
        """Pairs; what goes with nothing has nothing on its left."""
        rights = [self.blank(plain(words), question) for words in asked.rights]
        if any(map(HOLDER.search, rights)):
            raise Refused("a text on the right that GIFT keeps for itself", f"{question.family} {question.code}")
        if len(set(rights)) < 2:
            raise Refused("pairs that cannot be got wrong", f"{question.family} {question.code}")
        for left, at in zip(asked.lefts, asked.pairs, strict=True):
            yield f"={_formatted(self.blank(self.tongue.line(left), question))} -> {escaped(rights[at])}"
        used = {rights[at] for at in asked.pairs}
        yield from (f"= -> {escaped(right)}" for right in dict.fromkeys(rights) if right not in used)


def _is_sayable(text: str) -> bool:
    return "->" not in text and not HOLDER.search(text)


_ESCAPED = str.maketrans({sign: f"\\{sign}" for sign in "\\~=#{}:"} | {"\n": "\\n", "\r": ""})
_UNPRINTABLE = re.compile("[\ufffe\uffff]")


def escaped(text: str) -> str:
    """``text`` as GIFT reads it back, on one line."""
    return _UNPRINTABLE.sub("", text).translate(_ESCAPED)


def _formatted(text: str) -> str:
    """Escaped text, whose beginning is not taken for the name of a format."""
    return f"[html]{escaped(text)}" if FORMATS.match(text) else escaped(text)


def _label(text: str) -> str:
    """What stands in a comment between brackets."""
    return re.sub(r"[\x00-\x1f\x7f]", " ", text).replace("]", r"\]")


def _path(category: str) -> str:
    """A category on one line; the importer takes escapes out of it, and puts nothing back for most of them."""
    return " ".join(category.split()).replace("\\", "\N{SET MINUS}")


def _drawing(figure: Figure) -> str:
    image = b64encode(html.image(figure).encode()).decode()
    return f'<p><img src="data:image/svg+xml;base64,{image}" alt="{escape(figure.alt)}"></p>'


def _lost(field: Field, kind: str, practice: bool) -> Iterator[str]:
    """What GIFT cannot say of a field."""
    if field.points != Fraction(1):
        yield "the points, which are set in the quiz"
    match field.interaction:
        case Numeric(unit=unit) if unit:
            yield "units are not typed"
        case Short(case=True) if kind == "text":
            yield "capitals do not count"
        case Essay(rubric) if rubric and not practice:
            yield "the rubric"
