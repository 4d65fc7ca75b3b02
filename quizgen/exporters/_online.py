"""A question as learning platforms know questions: a prompt, and fields of a few types to be filled in.

Everything is here in words (document trees per locale), in the order in which it is shown, and without any name that
would tell the key. ``_lowering`` makes these out of tasks; each platform writes them in its own format.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from quizgen.answers.formula import Formula as FormulaKey
from quizgen.markup import Document
from quizgen.values import Value

Said: TypeAlias = dict[str, Document]
"""Words in each locale of an export."""


@dataclass(frozen=True)
class Option:
    """One of the answers to choose from, with what is said to who chooses it."""

    words: Said
    right: bool
    feedback: Said | None = None


@dataclass(frozen=True)
class Choose:
    """One right answer among some (``single``), or all right ones."""

    options: tuple[Option, ...]
    single: bool = True


@dataclass(frozen=True)
class Near:
    """A wrong number that is understood, and what is said to it."""

    value: Fraction
    feedback: Said


@dataclass(frozen=True)
class Numeric:
    """A number within ``tolerance`` (both ends included) of ``value``; ``digits`` decimals are asked for, if any.

    ``units`` are units that may be typed, with their factors into ``unit``, which stands beside the field.
    """

    value: Fraction
    tolerance: Fraction
    unit: str = ""
    units: tuple[tuple[str, Fraction], ...] = ()
    digits: int | None = None
    wrong: tuple[Near, ...] = ()


@dataclass(frozen=True)
class Cells:
    """A vector or matrix: a number for every entry, row by row."""

    rows: tuple[tuple[Numeric, ...], ...]
    wrong: tuple[tuple[Value, Said], ...] = ()


@dataclass(frozen=True)
class Heard:
    """Wrong texts that are understood as one mistake, and what is said to them."""

    texts: tuple[str, ...]
    feedback: Said


@dataclass(frozen=True)
class Short:
    """A text, one of ``accepted``; the first is shown."""

    accepted: tuple[str, ...]
    case: bool = False
    wrong: tuple[Heard, ...] = ()


@dataclass(frozen=True)
class Match:
    """Things on the left, each of which goes with the one of ``rights`` whose place ``pairs`` names."""

    lefts: tuple[Said, ...]
    rights: tuple[Said, ...]
    pairs: tuple[int, ...]


@dataclass(frozen=True)
class Order:
    """Things in the order shown; ``right`` are their places in the right order."""

    things: tuple[Said, ...]
    right: tuple[int, ...]


@dataclass(frozen=True)
class Formula:
    """A formula, compared by a computer algebra system; wrong ones that are understood, and what is said to them."""

    key: FormulaKey
    wrong: tuple[tuple[str, Said], ...] = ()


@dataclass(frozen=True)
class Criterion:
    """A line of a rubric."""

    points: Fraction
    words: Said


@dataclass(frozen=True)
class Essay:
    """Written work, and the rubric by which a person marks it."""

    rubric: tuple[Criterion, ...]


Interaction: TypeAlias = Choose | Numeric | Cells | Short | Match | Order | Formula | Essay


@dataclass(frozen=True)
class Field:
    """One thing asked: its question (if the prompt does not ask it), its points, and how it is answered."""

    name: str
    points: Fraction
    interaction: Interaction
    ask: Said | None = None
    steps: Said | None = None


@dataclass(frozen=True)
class Slot:
    """The place of a question in a quiz: students get ``pick`` of ``count`` questions of ``points`` points each."""

    number: int
    id: str
    points: Fraction
    count: int = 1
    pick: int = 1

    @property
    def title(self) -> str:
        """``01 conv-size``: names that sort as the quiz runs."""
        return f"{self.number:02} {self.id}"


@dataclass(frozen=True)
class Question:
    """A question with all that belongs to it. ``id`` is the item's; ``code`` stands in the stem and on paper."""

    id: str
    code: str
    family: str
    slot: Slot
    number: int
    level: int
    minutes: int
    calculator: bool
    prompt: Said
    fields: tuple[Field, ...]
    steps: Said | None = None
    right: Said | None = None

    @property
    def name(self) -> str:
        """``conv-size 017 k7f3xz``: readable, and different for every question."""
        return f"{self.slot.id} {self.number:03} {self.code}"

    @property
    def points(self) -> Fraction:
        """The points of all fields."""
        return sum((field.points for field in self.fields), Fraction(0))

    @property
    def tags(self) -> tuple[str, ...]:
        """Words to find the question by: its area, its family and its level. None of them tells a key."""
        area, _, name = self.family.partition("/")
        return tuple(filter(None, (area, name, f"level-{self.level}")))
