"""What a person answers a part with: a field, a grid, things to choose, to order or to match; and the way back.

``of`` says what to show, ``joined`` makes one line of what was entered into several fields, and ``text`` makes of a
line what grading reads. Things are named by *marks*, 1, 2, 3 or a, b, c in the order shown: their ids may tell what is
right, so no face shows them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import TypeAlias

from quizgen import answers, asking
from quizgen.answers._ids import Reader
from quizgen.answers.choice import Choice
from quizgen.answers.matching import Matching
from quizgen.answers.matrix import Matrix
from quizgen.answers.multiple import Multiple
from quizgen.answers.ordering import Ordering
from quizgen.answers.vector import Vector
from quizgen.answers.written import Written
from quizgen.errors import UnknownName
from quizgen.values import Asked, Key, Part, Value

Marks: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """One field to type into.

    ``kind`` is that of the answer (``integer``, ``formula`` …), ``unit`` stands behind the field and ``label`` before
    it. ``decimals`` or ``figures`` are how many are asked for; ``names`` and ``functions`` are what a formula is made
    of. At most ``longest`` characters are read.
    """

    kind: str
    longest: int
    label: str = ""
    unit: str = ""
    decimals: int | None = None
    figures: int | None = None
    names: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grid:
    """Fields in rows and columns: a matrix, or a vector, which is one row."""

    kind: str
    rows: int
    columns: int
    decimals: int | None = None


@dataclass(frozen=True)
class One:
    """Things of which one is chosen."""

    marks: Marks


@dataclass(frozen=True)
class Several:
    """Things of which any number is chosen."""

    marks: Marks


@dataclass(frozen=True)
class Order:
    """Things of which ``places`` are put in order; the others are left out."""

    marks: Marks
    places: int


@dataclass(frozen=True)
class Match:
    """Things on the left, each of which gets one of those with the ``marks``: ``b a c``, or ``1b 2a 3c``."""

    lefts: Marks
    marks: Marks


@dataclass(frozen=True)
class Work:
    """Work that is written in sentences, and marked by a person."""

    longest: int


Input: TypeAlias = Field | Grid | One | Several | Order | Match | Work


def of(part: Part, asked: Asked) -> Input:
    """What is shown for one part, as it is asked."""
    key = part.key
    if asked.mode == "choice":
        return (Several if isinstance(key, Multiple) else One)(_digits(len(asked.order)))
    match key:
        case Ordering():
            return Order(_digits(len(asked.order)), len(key.value))
        case Matching():
            return Match(_digits(len(key.value)), tuple(ascii_lowercase[: len(asked.order)]))
        case Vector():
            return Grid(_kind(key), 1, len(key.value), key.digits)
        case Matrix():
            return Grid(_kind(key), len(key.value), len(key.value[0]), key.digits)
        case Written():
            return Work(key.limit)
    return Field(
        kind=_kind(key),
        longest=key.limit,
        label=getattr(key, "label", ""),
        unit=getattr(key, "unit", ""),
        decimals=getattr(key, "digits", None),
        figures=getattr(key, "significant", None),
        names=tuple(getattr(key, "variables", ())),
        functions=tuple(getattr(key, "functions", ())),
    )


def joined(shown: Input, entered: Sequence[str]) -> str:
    """One line of what was entered: the cells of a grid row by row, the marks that were chosen, one for every left."""
    match shown:
        case Grid(columns=columns) if any(cell.strip() for cell in entered):
            rows = [entered[start : start + columns] for start in range(0, len(entered), columns)]
            return r" \\ ".join(" & ".join(row) for row in rows)
        case One() | Several() | Order():
            return ", ".join(filter(None, entered))
        case Match(lefts=lefts):
            return ", ".join(f"{left}={mark}" for left, mark in zip(lefts, entered, strict=False) if mark)
    return entered[0] if entered and not isinstance(shown, Grid) else ""


def text(part: Part, asked: Asked, line: str) -> str:
    """What grading reads for a line in which things stand under their marks. Raises Unreadable at a place of it."""
    marked = _marked(part.key, of(part, asked))
    if marked is None:
        return line
    try:
        value: Value = _paired(marked, line) or answers.read(marked, line).value
    except answers.Unreadable:
        if isinstance(part.key, Choice) and part.key.truth and _is_readable(part.key, line):  # true, yes, 对
            return line
        raise
    match marked:
        case Choice():
            return _chosen(part, asked.order[int(value) - 1])
        case Matching():
            lefts = part.key.lefts() if isinstance(part.key, Matching) else ()
            pairs = [(lefts[int(left) - 1], asked.order[ascii_lowercase.index(mark)]) for left, mark in value]
            return ", ".join(f"{left}={right}" for left, right in pairs)
    return ", ".join(asked.order[int(mark) - 1] for mark in value) or "∅"


def right(part: Part, asked: Asked) -> str:
    """The marks of the right answer, as they would be typed; none where nothing has a mark."""
    mark = dict(zip(asked.order, getattr(of(part, asked), "marks", ()), strict=False))
    match part.key:
        case Ordering():
            return " ".join(mark[name] for name in part.key.value)
        case Matching():
            return " ".join(mark[name] for _, name in part.key.value)
    return " ".join(sorted(mark[name] for name in asking.right_options(part))) if mark else ""


def _chosen(part: Part, option: str) -> str:
    """What is typed for an option of a choice."""
    if part.key.lists_options:
        return option
    return part.key.notations(asking.option_value(part, option))[0]


def _marked(key: Key, shown: Input) -> Key | None:
    """A key that reads marks as ``key`` reads ids; None where nothing has a mark. What is right in it means nothing."""
    match shown:
        case One(marks):
            return Choice(value=marks[0], options=marks)
        case Several(marks):
            return Multiple(value=marks[:1], options=marks)
        case Order(marks, places):
            return Ordering(value=marks[:places], spare=marks[places:])
        case Match(lefts, marks):
            return Matching(value=tuple((left, marks[0]) for left in lefts), spare=marks[1:])
    return None


def _paired(marked: Key, line: str) -> tuple[tuple[str, str], ...]:
    """The pairs that letters alone stand for, one for each thing on the left; none if the line is anything else."""
    if not isinstance(marked, Matching):
        return ()
    try:
        marks = [mark for mark, _ in Reader(line).ids(marked.rights())]
    except answers.Unreadable:
        return ()
    if len(marks) != len(marked.lefts()):
        raise answers.Unreadable("not-as-many", (0, len(line)))
    return tuple(zip(marked.lefts(), marks, strict=True))


def _is_readable(key: Key, line: str) -> bool:
    try:
        answers.read(key, line)
    except answers.Unreadable:
        return False
    return True


def _kind(key: Key) -> str:
    """The name of the kind of a key, as its JSON has it."""
    tag = type(key).__struct_config__.tag
    if not isinstance(tag, str):
        raise UnknownName.among("kind of answer", type(key).__name__, answers.kinds())
    return tag


def _digits(count: int) -> Marks:
    return tuple(str(number) for number in range(1, count + 1))
