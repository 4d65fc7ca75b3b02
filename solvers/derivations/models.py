"""Small models on which the lines of a derivation are evaluated: numbers, spaces, distributions, functions.

A model states each distribution once, as a joint one; every marginal and conditional follows by sums and integrals.
Numbers are rational. ``prior_0`` is the value of the tree ``Name("prior", (0,))``; a name without index that has
indexed values is the vector, or the matrix, of all of them (``x_1``, ``x_2`` …; ``W_1,1`` …).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import TypeAlias, TypeVar

from quizgen.expr import Call, Name, Node, num

Pick: TypeAlias = Callable[[int, int], int]
"""One of the integers from ``low`` to ``high``: what models are drawn with."""
Space: TypeAlias = tuple[int, ...] | None
"""The values of a variable; None for all real numbers."""

REALS: Space = None
Index = TypeVar("Index", bound=tuple[int, ...])


@dataclass(frozen=True)
class Density:
    """A distribution of ``variables``, given the values of others: ``tree`` is its density in all of them."""

    variables: tuple[str, ...]
    tree: Node
    given: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Model:
    """Everything that the names of a derivation stand for.

    ``densities`` may hold several under one name: the first that has all the variables is meant. ``functions`` are
    parameters and a tree. ``second`` are other values of some names, by which it is told whether two lines differ by
    a constant only. ``given`` is what a reader must know, as equations. A value may be a tree, such as ln 3.
    """

    values: Mapping[str, Fraction | int | Node] = field(default_factory=dict)
    spaces: Mapping[str, Space] = field(default_factory=dict)
    densities: Mapping[str, tuple[Density, ...]] = field(default_factory=dict)
    functions: Mapping[str, tuple[tuple[str, ...], Node]] = field(default_factory=dict)
    second: Mapping[str, Fraction | int] = field(default_factory=dict)
    given: tuple[Node, ...] = ()
    averages: dict[object, object] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Values that were found already; see ``evaluation``."""

    def space(self, key: str) -> Space:
        """The values of a variable: its own, or those of all variables of its name."""
        return self.spaces[key] if key in self.spaces else self.spaces[key.partition("_")[0]]


def indexed(name: str, values: Mapping[int, Fraction | int] | Sequence[Fraction | int]) -> dict[str, Fraction | int]:
    """Values with one index; a sequence counts from 1."""
    entries = values.items() if isinstance(values, Mapping) else enumerate(values, 1)
    return {f"{name}_{index}": value for index, value in entries}


def grid(name: str, rows: Sequence[Sequence[Fraction | int]]) -> dict[str, Fraction | int]:
    """Values with two indices, both from 1: the rows of a matrix."""
    return {f"{name}_{i},{j}": value for i, row in enumerate(rows, 1) for j, value in enumerate(row, 1)}


def states(name: str, rows: Mapping[Index, Fraction | int]) -> dict[str, Fraction | int]:
    """Values with any indices, such as a table p(x|z) by x and z."""
    return {f"{name}_{','.join(map(str, index))}": value for index, value in rows.items()}


def equation(left: Node, right: Node | Fraction | int) -> Node:
    """``left = right``."""
    return Call("isequal", (left, right if not isinstance(right, Fraction | int) else num(right)))


def shares(pick: Pick, states: int, largest: int = 5) -> tuple[Fraction, ...]:
    """A distribution over some states: positive, with small numbers."""
    weights = [pick(1, largest) for _ in range(states)]
    return tuple(Fraction(weight, sum(weights)) for weight in weights)


def fraction(pick: Pick, low: int, high: int, denominator: int) -> Fraction:
    """A rational number from low / denominator to high / denominator."""
    return Fraction(pick(low, high), denominator)


def picking(*key: object) -> Pick:
    """Integers that belong to a key: the same on every machine."""
    following = Random("|".join(map(str, key))).random
    return lambda low, high: low + int(following() * (high - low + 1))


def name(text: str) -> Name:
    """A variable."""
    return Name(text)
