"""Exam papers, the key, and solutions as plain views; :mod:`.paper_tex` and :mod:`.paper_html` print them.

A view holds everything a template prints, already in words: one :class:`Document` per locale of the paper, in the order
of ``Exam.locales`` (a bilingual paper has two). Templates (``templates/exam``) place what the view holds; strings are
escaped on their way into a template, so no text of a user is ever obeyed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

from quizgen.markup import Block, Document, Figure

Words: TypeAlias = tuple[Document, ...]
"""The same text in every locale of the paper."""

Titles: TypeAlias = tuple[str, ...]
"""The same plain string in every locale of the paper."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value to be written down. ``label`` and ``unit`` are LaTeX mathematics and plain text (``i_t``, ``px``).

    ``shape`` is () for one number, (n,) for a vector, (rows, columns) for a matrix; formulas and words are ``wide``.
    """

    label: str = ""
    unit: str = ""
    shape: tuple[int, ...] = ()
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One of the things to choose, order or match, with its letter; ``why`` tells why it is wrong."""

    letter: str
    words: Words
    right: bool = False
    why: Words = ()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of a marking scheme."""

    points: str
    words: Words


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong answer that is expected, as it is displayed, and what a student who gives it has done."""

    value: Document
    words: Words


@dataclass(frozen=True, slots=True)
class Part:
    """One thing asked. ``label`` is ``a``, ``b`` … or empty for a question of one part.

    ``kind``: "open" (``fields`` to fill in, after ``work`` cm of room), "choice" and "choices" (mark one, or all that
    are right), "order" and "match" (``options`` are the lettered entries, ``boxes`` the places to put them in order,
    ``lefts`` what they are matched with).
    ``answer``, ``steps``, ``scheme`` and ``mistakes`` are printed in solutions only.
    """

    points: str
    label: str = ""
    words: Words = ()
    kind: Literal["open", "choice", "choices", "order", "match"] = "open"
    options: tuple[Option, ...] = ()
    lefts: tuple[Words, ...] = ()
    fields: tuple[Field, ...] = ()
    boxes: int = 0
    work: float = 0.0
    answer: Words = ()
    steps: Words = ()
    scheme: tuple[Criterion, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A numbered question. ``where`` names it in messages of TeX; ``code`` is the public code of its item."""

    number: int
    points: str
    where: str
    words: Words
    parts: tuple[Part, ...]
    code: str = ""
    steps: Words = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Questions under one title."""

    titles: Titles
    points: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Exam:
    """What all papers of an exam share."""

    locales: tuple[str, ...]
    titles: Titles
    points: str
    course: str = ""
    date: str = ""
    instructions: Words = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper, cut out as ``name``: a form (``form`` is its letter) or a student's own (``id`` and ``student``).

    ``where`` names it in messages of TeX: "form A", "students.csv, row 3".
    """

    name: str
    where: str
    sections: tuple[Section, ...]
    form: str = ""
    id: str = ""
    student: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in the key: its short form, and the wrong answers that are expected."""

    value: Document
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing asked in every paper: ``label`` is ``3`` or ``3 a``; ``answers`` has an answer per paper."""

    label: str
    points: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class KeyView:
    """The key of all papers. ``papers`` are form letters, or student ids with ``students`` their names."""

    papers: tuple[str, ...]
    slots: tuple[Slot, ...]
    students: tuple[str, ...] = ()

    @property
    def expects_mistakes(self) -> bool:
        """Whether there are wrong answers to list."""
        return any(answer.mistakes for slot in self.slots for answer in slot.answers)


SLOTS = 6
"""Columns of answers in one table of the key."""


def merged(words: Words) -> list[tuple[int | None, Block]]:
    """Blocks of all locales in one row, each with the number of its locale, or None if it belongs to all.

    Where the locales have the same kinds of blocks, what is alike in all of them (a table of numbers, a displayed
    formula, a figure) comes once, after the words of every locale that lead to it.
    """
    documents = [document.blocks for document in words]
    if len({tuple(map(type, blocks)) for blocks in documents}) != 1:
        return [(number, block) for number, blocks in enumerate(documents) for block in blocks]
    out: list[tuple[int | None, Block]] = []
    run: list[tuple[Block, ...]] = []
    for row in zip(*documents, strict=True):
        if all(_alike(row[0], block) for block in row[1:]):
            out += [*_by_locale(run), (None, row[0])]
            run = []
        else:
            run.append(row)
    return out + _by_locale(run)


def _by_locale(run: list[tuple[Block, ...]]) -> list[tuple[int | None, Block]]:
    return [(number, block) for number, blocks in enumerate(zip(*run, strict=True)) for block in blocks]


def _alike(one: Block, other: Block) -> bool:
    if isinstance(one, Figure) and isinstance(other, Figure):
        return one.figure == other.figure  # the alternative is in words
    return one == other


def distinct(words: Words) -> list[Document]:
    """What differs between the locales: a formula that is an option comes once."""
    return [document for number, document in enumerate(words) if document not in words[:number]]


T = TypeVar("T")


def chunks(values: Sequence[T], size: int) -> list[Sequence[T]]:
    """``values`` in runs of at most ``size``, as even as they can be."""
    count = -(-len(values) // size)
    return [values[len(values) * i // count : len(values) * (i + 1) // count] for i in range(count)]
