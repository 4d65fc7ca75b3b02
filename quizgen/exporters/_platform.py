"""What the formats of learning platforms have in common: questions in, one file out, and a report of every change."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from quizgen import answers
from quizgen.exporters._base import Exporter
from quizgen.exporters._lowering import OPTIONS, Change, question, ways
from quizgen.exporters._online import Question, Slot
from quizgen.exporters._quiz import Quiz
from quizgen.values import Struct, Task


class Settings(Quiz, frozen=True):
    """What is decided once for a whole export.

    ``practice`` writes worked solutions, hints and feedback; an exam has none of them. ``codes`` puts the item's short
    code at the end of every stem. ``instructions``, and what a quiz has, are for platforms with quizzes.
    """

    title: str = "quizgen"
    practice: bool = True
    codes: bool = True
    category: str = ""
    instructions: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def tries(self) -> int:
        """Attempts: one at an exam, as many as wanted (0) in practice, if nothing is decided."""
        return int(not self.practice) if self.attempts is None else self.attempts

    @property
    def shuffles(self) -> bool:
        """Whether the platform may put options into another order: yes, if nothing is decided."""
        return self.shuffle is not False

    @property
    def reveals(self) -> bool:
        """Whether students see the right answers afterwards: in practice, if nothing is decided."""
        return self.practice if self.show_answers is None else self.show_answers


class Entry(Struct, frozen=True):
    """One question, written: its text in the file, and files that belong to it (name to content)."""

    slot: int
    id: str
    code: str
    text: bytes
    files: dict[str, bytes] = msgspec.field(default_factory=dict)
    more: dict[str, Any] = msgspec.field(default_factory=dict)


class Platform(Exporter):
    """A format of a learning platform. Subclasses name the types of field in ``carries``, and write questions.

    A question is written by :meth:`write` in whatever process draws it; :meth:`assemble` makes the file from the
    entries, in order, without ever holding them all.
    """

    is_drawn = False

    carries: ClassVar[frozenset[str]]
    """Types of field (the names in ``_lowering.MAKERS``), and ``parts`` for several fields in one question."""
    feedback: ClassVar[bool] = True
    """Whether it can say something about single wrong answers."""
    draws: ClassVar[bool] = True
    """Whether it shows figures; else their descriptions stand for them."""
    holds: frozenset[str] = frozenset()
    """What of a quiz (fields of Quiz) its files hold; the rest is set by hand on the platform."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not hasattr(cls, "carries"):
            return
        kinds = {name: ways(kind, cls.carries) for name, kind in answers.kinds().items()}
        native = {name for name, kind in answers.kinds().items() if kinds[name][:1] == [kind.online[0]]}
        cls.kinds = frozenset(native)
        drawn = {"figures"} if cls.draws else set()
        cls.features = frozenset({"options"} | drawn | ({"parts"} & cls.carries))
        cls.lowers = {name: WORDS[found[0]] for name, found in kinds.items() if found and name not in native}
        cls.lowers |= {} if cls.draws else {"figures": DESCRIBED}

    def __init__(
        self, locales: Sequence[str] = ("en",), templates: Sequence[Path] = (), layouts: Path = Path(),
        settings: Settings | None = None,
    ) -> None:  # fmt: skip
        super().__init__(locales, templates, layouts)
        self.settings = settings or Settings()

    def made(self, task: Task, slot: Slot, number: int = 1) -> tuple[Question, tuple[Change, ...]]:
        """A task as this platform's question, and what is put differently. Raises Refused."""
        asked, changes = question(task, slot, number, self.locales, self.templates, self.carries)
        return asked, (*changes, *self._silent(task))

    def _silent(self, task: Task) -> Iterator[Change]:
        """What the format as a whole cannot say of a task."""
        if not self.draws and task.item.figures:
            yield Change("figure", "figure", DESCRIBED, "the drawing")
        for part in task.item.parts if self.settings.practice and not self.feedback else ():
            if part.mistakes:
                kind = type(part.key).__name__.lower()
                yield Change(part.name, kind, kind, "feedback on single wrong answers")

    def entry(self, task: Task, slot: Slot | None = None, number: int = 1) -> bytes:
        asked, _ = self.made(task, slot or Slot(1, task.item.family, task.total), number)
        return self.encoded(asked)

    def encoded(self, question: Question) -> bytes:
        """One question, written, as bytes that :meth:`file` takes."""
        return _ENCODER.encode(self.draft(question))

    def file(self, entries: Iterable[bytes]) -> Iterator[bytes]:
        return self.assemble(map(_DECODER.decode, entries))

    def write(self, question: Question) -> Entry:
        """One question as it stands in the file."""
        raise NotImplementedError

    def draft(self, question: Question) -> Entry:
        """One question as :meth:`assemble` takes it, which may lack what is cheaper to do for many at once."""
        return self.write(question)

    def assemble(self, entries: Iterator[Entry]) -> Iterator[bytes]:
        """The file, piece by piece."""
        raise NotImplementedError

    def remark(self) -> str:
        """What else must be known of the file, once it is written; empty for nothing."""
        return ""


DESCRIBED = "a description in words"

WORDS = {
    "numeric": "a number",
    "cells": "a grid of numbers",
    "choose": f"a choice of {OPTIONS}",
    "multiple": "a choice of several",
    "short": "a text among listed spellings",
    "match": "pairs",
    "order": "an order",
    "formula": "a formula",
    "essay": "written work",
}
"""What a kind of answer becomes, by the type of field that asks it."""

_ENCODER = msgspec.msgpack.Encoder()
_DECODER: msgspec.msgpack.Decoder[Entry] = msgspec.msgpack.Decoder(Entry)
