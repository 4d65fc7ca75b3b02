r"""Packages of notes for Anki: a question on the front; the answer, the worked solution and known slips on the back.

The database is written through genanki, note by note, and packed here, so that the same notes are the same bytes.
Anki finds a note again by its ``guid``, so that what is imported twice is there once. A note that is there is written
over by one of a later time, or, if whoever imports says "always", of another time: notes that differ have different
times, which are no dates, and SOURCE_DATE_EPOCH sets later ones. Formulas are ``\( \)``, which Anki's MathJax sets;
figures are media with bare names.
"""

import json
import os
import re
import sqlite3
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from hashlib import sha256
from html import escape
from itertools import count
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING, Any, ClassVar

from quizgen import markup
from quizgen.answers.formula import Formula as FormulaKey
from quizgen.errors import InputError
from quizgen.exporters._answers import answer, decimal
from quizgen.exporters._archive import CHUNK, archive
from quizgen.exporters._online import Cells, Choose, Essay, Field, Formula, Match, Numeric, Order, Question, Said, Short
from quizgen.exporters._platform import Entry, Platform
from quizgen.exporters._words import Drawings, Tongue, delimited, divided
from quizgen.markup import Code, Inline, Text
from quizgen.renderers.html import Hypertext

if TYPE_CHECKING:
    from genanki import Model  # type: ignore[import-untyped]  # has no types

MODEL = 1_747_203_911
"""The note type, the same for ever: Anki would make another one of another number."""
TIME = 1_735_689_600
"""When notes were written, if nothing else is said: no clock is read, as the same notes are to be the same bytes."""
SPAN = 1 << 24
"""Seconds after TIME among which what a note says picks its own."""
EPOCH = "SOURCE_DATE_EPOCH"
"""The variable that says another time (reproducible-builds.org): seconds since 1970."""
FIELDS = ("Name", "Question", "Answer", "Solution")
FRONT = "{{Question}}"
BACK = '{{FrontSide}}\n<hr id="answer">\n{{Answer}}\n{{#Solution}}<hr>{{Solution}}{{/Solution}}'
STYLE = """\
.card { font-family: sans-serif; font-size: 18px; text-align: left; max-width: 45em; margin: 1em auto; }
.code { color: #767676; font-size: small; }
h4 { margin-bottom: 0; }
table { border-collapse: collapse; }
th, td { border: 1px solid #999; padding: 0.2em 0.5em; }
img { max-width: 100%; background: white; }
"""


class Anki(Platform):
    """Anki's ``.apkg``."""

    suffix = ".apkg"
    tells_key: ClassVar[bool] = True
    carries: ClassVar[frozenset[str]] = frozenset(
        {"choose", "multiple", "numeric", "cells", "short", "match", "order", "formula", "essay", "parts"}
    )

    def write(self, question: Question) -> Entry:
        files: dict[str, bytes] = {}
        page = Page(self, question, Tongue(_Hypertext(delimited, Drawings(files, lambda name: name).html), once))
        note = {
            "guid": "\n".join((question.id, question.code, *self.locales)),
            "fields": [escape(question.name, quote=False), page.front(), page.back(), page.solution()],
            "tags": [re.sub(r"\s+", "_", tag) for tag in question.tags],
            "deck": f"{_step(self.settings.category or self.settings.title)}::{_step(question.slot.title)}",
        }
        return Entry(
            slot=question.slot.number, id=question.id, code=question.code, text=b"", files=files, more=note
        )  # fmt: skip

    def assemble(self, entries: Iterator[Entry]) -> Iterator[bytes]:
        with tempfile.TemporaryDirectory() as folder:
            yield from archive(_members(entries, Path(folder) / "collection.anki2"))

    @cached_property
    def words(self) -> dict[str, dict[str, Any]]:
        """This format's own words, in each locale."""
        files = {locale: self.layouts / f"{locale}.toml" for locale in self.locales}
        return {locale: tomllib.loads(file.read_text(encoding="utf-8")) for locale, file in files.items()}


def _step(name: str) -> str:
    """One name of a path of decks."""
    return " ".join(name.replace("::", ": ").split()) or "quizgen"


# The database.


def _members(entries: Iterable[Entry], path: Path) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
    """The files of a package: media by number, as they come, then the collection and the names of the media."""
    from genanki import Deck, Note, Package
    from genanki.util import guid_for  # type: ignore[import-untyped]  # has no types

    names: list[str] = []
    known: set[str] = set()
    decks: dict[str, int] = {}
    model, numbers, time = _model(), count(TIME * 1000), _said_time()
    with closing(sqlite3.connect(path)) as base:
        cursor = base.cursor()
        Package([]).write_to_db(cursor, TIME, numbers)
        for place, entry in enumerate(entries, 1):
            more = entry.more
            if more["deck"] not in decks:
                decks[more["deck"]] = _number(more["deck"])
                deck = Deck(decks[more["deck"]], more["deck"])
                deck.add_model(model)
                deck.write_to_db(cursor, TIME, numbers)
            note = Note(model, more["fields"], tags=more["tags"], guid=guid_for(more["guid"]), due=place)
            note.write_to_db(cursor, time or _own_time(more["fields"][1:]), decks[more["deck"]], numbers)
            for name, content in entry.files.items():
                if name not in known:
                    known.add(name)
                    names.append(name)
                    yield str(len(names) - 1), content
        base.commit()
    yield "collection.anki2", _pieces(path)
    yield "media", json.dumps(dict(enumerate(names))).encode()


def _said_time() -> int | None:
    """When all notes were written, if that is said. Raises InputError for a variable that is no time."""
    said = os.environ.get(EPOCH)
    if not said:
        return None
    if not (said.isascii() and said.isdecimal() and 0 < int(said) < 1 << 32):
        raise InputError(f"expected seconds since 1970, got {said!r}", EPOCH)
    return int(said)


def _own_time(shown: Sequence[str]) -> int:
    """A time that another card, or the same one in other words, does not have."""
    return TIME + int(sha256("\x1f".join(shown).encode()).hexdigest(), 16) % SPAN


def _number(name: str) -> int:
    """The number of a deck: that of its name."""
    return (1 << 30) + int(sha256(name.encode()).hexdigest()[:7], 16)


def _model() -> "Model":
    from genanki import Model

    fields = [{"name": name} for name in FIELDS]
    return Model(MODEL, "quizgen", fields, [{"name": "Card 1", "qfmt": FRONT, "afmt": BACK}], css=STYLE)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece


# The note.


@dataclass(frozen=True)
class Page:
    """The sides of one note as HTML."""

    platform: Anki
    question: Question
    tongue: Tongue

    def phrase(self, name: str) -> str:
        """Some of this format's own words."""
        return self.tongue.join({locale: escape(words[name]) for locale, words in self.platform.words.items()})

    def front(self) -> str:
        """The question, with the item's code at its end."""
        parts = [self.tongue.html(self.question.prompt)]
        for label, field in self._lettered():
            parts += [label, self.tongue.html(field.ask), self._shown(field)]
        code = f'<p class="code">[{self.question.code}]</p>' if self.platform.settings.codes else ""
        return "\n".join(filter(None, (*parts, code)))

    def back(self) -> str:
        """The answers."""
        parts = [f"<h4>{self.phrase('key')}</h4>"]
        for label, field in self._lettered():
            parts += [label, self._key(field)]
        return "\n".join(filter(None, parts))

    def solution(self) -> str:
        """The worked solution, and what is said to wrong answers; nothing in an exam."""
        if not self.platform.settings.practice:
            return ""
        steps, slips = [self.tongue.html(self.question.steps)], []
        for label, field in self._lettered():
            said = self.tongue.html(field.steps)
            steps += [label, said] if said else []
            wrong = [f"<li>{words}: {self.tongue.line(told)}</li>" for words, told in self._slips(field)]
            slips += [label, f"<ul>{''.join(wrong)}</ul>"] if wrong else []
        return "\n".join((*self._section("solution", steps), *self._section("mistakes", slips)))

    def _section(self, name: str, parts: Iterable[str]) -> Iterator[str]:
        found = list(filter(None, parts))
        if found:
            yield f"<h4>{self.phrase(name)}</h4>"
            yield from found

    def _lettered(self) -> Iterator[tuple[str, Field]]:
        """The fields, each with its letter if there are several."""
        fields = self.question.fields
        for place, field in enumerate(fields):
            letter = ascii_lowercase[place] if place < 26 else str(place + 1)
            yield f"<p><b>({letter})</b></p>" if len(fields) > 1 else "", field

    def _list(self, things: Iterable[Said], kind: str) -> str:
        return f'<ol type="{kind}">{"".join(f"<li>{self.tongue.line(thing)}</li>" for thing in things)}</ol>'

    def _shown(self, field: Field) -> str:
        """What there is to choose, to pair or to order."""
        match field.interaction:
            case Choose(options):
                return self._list((option.words for option in options), "A")
            case Match(lefts, rights):
                return f"{self._list(lefts, '1')}\n<p>{self.phrase('match')}</p>\n{self._list(rights, 'a')}"
            case Order(things):
                return f"<p>{self.phrase('order')}</p>\n{self._list(things, 'a')}"
        return ""

    def _key(self, field: Field) -> str:
        """The right answer as HTML."""
        match field.interaction:
            case Choose(options):
                right = (
                    f"<div>{ascii_uppercase[place]}. {self.tongue.line(option.words)}</div>"
                    for place, option in enumerate(options)
                    if option.right
                )
                return "\n".join(right)
            case Match(lefts, rights, pairs):
                told = (
                    f"<li>{self.tongue.line(left)} → {self.tongue.line(rights[at])}</li>"
                    for left, at in zip(lefts, pairs, strict=True)
                )
                return f"<ol>{''.join(told)}</ol>"
            case Order(things, right):
                return self._list((things[place] for place in right), "1")
            case Essay(rubric):
                lines = (f"<li>{decimal(line.points)}: {self.tongue.line(line.words)}</li>" for line in rubric)
                return f"<ul>{''.join(lines)}</ul>"
            case Cells(rows):
                tolerance = f" ± {decimal(rows[0][0].tolerance)}" if rows[0][0].tolerance else ""
                return f"<p>{_grid([[cell.value for cell in row] for row in rows])}{tolerance}</p>"
            case Formula(key):
                return f"<p>{self._formula(key, key.right)}</p>"
        return f"<p>{_guarded(escape(answer(field), quote=False))}</p>"

    def _slips(self, field: Field) -> Iterator[tuple[str, Said]]:
        """Wrong answers that are understood, and what is said to them."""
        match field.interaction:
            case Choose(options):
                for place, option in enumerate(options):
                    if option.feedback:
                        yield ascii_uppercase[place], option.feedback
            case Numeric(wrong=wrong):
                yield from ((decimal(near.value), near.feedback) for near in wrong)
            case Cells(wrong=values):
                yield from ((_grid(_rows(value)), said) for value, said in values)
            case Short(wrong=heard):
                yield from (
                    (_guarded(escape(each.texts[0], quote=False)), each.feedback) for each in heard if each.texts
                )
            case Formula(key, formulas):
                yield from ((self._formula(key, text), said) for text, said in formulas)

    def _formula(self, key: FormulaKey, value: str) -> str:
        shown = markup.parse(key.show(value, str))
        return self.tongue.line({self.platform.locales[0]: shown})


def _rows(value: Any) -> Sequence[Sequence[Any]]:
    """A vector as a column, or a matrix."""
    return [entry if isinstance(entry, tuple) else (entry,) for entry in value]


def _grid(rows: Sequence[Sequence[Any]]) -> str:
    """A vector or a matrix as a formula."""
    inner = r" \\ ".join(" & ".join(_tex(Fraction(entry)) for entry in row) for row in rows)
    return delimited(rf"\begin{{pmatrix}} {inner} \end{{pmatrix}}", False)


def _tex(number: Fraction) -> str:
    """A number in decimals if they have an end."""
    text = decimal(number)
    return text if Fraction(text) == number else rf"\frac{{{number.numerator}}}{{{number.denominator}}}"


def once(parts: dict[str, str]) -> str:
    """What is said in several languages, once if it is the same in all of them, as formulas are."""
    same = set(parts.values())
    return same.pop() if len(same) == 1 else divided(parts)


_SIGNS = re.compile(r"(\\)(?=[(\[])|(\[)(?=sound:|anki:|latex|\$)|(\{)(?=\{)", re.IGNORECASE)


def _guarded(shown: str) -> str:
    """HTML of plain words, none of which Anki takes for a formula, a sound or a field."""
    return _SIGNS.sub(lambda match: f"{match[0]}<i></i>", shown)


@dataclass(frozen=True)
class _Hypertext(Hypertext):
    """HTML in which only formulas stand between signs that Anki takes for those of formulas."""

    def _inline(self, child: Inline) -> str:
        shown = super()._inline(child)
        return _guarded(shown) if isinstance(child, Text | Code) else shown
