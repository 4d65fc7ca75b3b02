"""The nodes of a formula, all frozen data: they can be stored in an item, printed and evaluated.

The order of factors is kept, as matrices do not commute. ``-x`` is ``Product((Num("-1"), x))``.
"""

from fractions import Fraction
from typing import Literal, TypeAlias

import msgspec

Exact: TypeAlias = int | Fraction


class Expr(msgspec.Struct, frozen=True, tag_field="op"):
    """A node of a formula. ``+ - * / **`` make larger ones, and take numbers as well."""

    def __add__(self, other: "Expr | Exact") -> "Sum":
        return Sum((*_terms(self), *_terms(_node(other))))

    def __radd__(self, other: Exact) -> "Sum":
        return _node(other) + self

    def __sub__(self, other: "Expr | Exact") -> "Sum":
        return self + negative(_node(other))

    def __rsub__(self, other: Exact) -> "Sum":
        return _node(other) - self

    def __mul__(self, other: "Expr | Exact") -> "Product":
        return Product((*_factors(self), *_factors(_node(other))))

    def __rmul__(self, other: Exact) -> "Product":
        return _node(other) * self

    def __truediv__(self, other: "Expr | Exact") -> "Quotient":
        return Quotient(_node(self), _node(other))

    def __rtruediv__(self, other: Exact) -> "Quotient":
        return _node(other) / self

    def __pow__(self, other: "Expr | Exact") -> "Power":
        return Power(_node(self), _node(other))

    def __neg__(self) -> "Product":
        return negative(_node(self))


class Num(Expr, frozen=True, tag="num"):
    """A rational number as it is written: ``3``, ``-3/7``, ``0.125``, ``2.5e-4``."""

    value: str


class Constant(Expr, frozen=True, tag="constant"):
    """A number with a name of its own."""

    name: Literal["pi", "e", "infinity"]


class Name(Expr, frozen=True, tag="name"):
    """A variable, with its indices if it is an indexed one."""

    name: str
    indices: tuple["Node", ...] = ()


class Sum(Expr, frozen=True, tag="sum"):
    """Terms added."""

    terms: tuple["Node", ...]


class Product(Expr, frozen=True, tag="product"):
    """Factors multiplied, matrices too."""

    factors: tuple["Node", ...]


class Quotient(Expr, frozen=True, tag="quotient"):
    """One formula divided by another."""

    above: "Node"
    below: "Node"


class Power(Expr, frozen=True, tag="power"):
    """A base with an exponent."""

    base: "Node"
    exponent: "Node"


class Call(Expr, frozen=True, tag="call"):
    """A known function (``functions.FUNCTIONS``) of one formula or several; logarithms are natural."""

    function: str
    arguments: tuple["Node", ...]


class Apply(Expr, frozen=True, tag="apply"):
    """A function of which nothing is known but its name: ``p(x|z)`` is ``Apply("p", (x, z), "|")``."""

    name: str
    arguments: tuple["Node", ...]
    separators: str = ""


class Series(Expr, frozen=True, tag="series"):
    """``body`` added up or multiplied for every ``index`` from ``low`` to ``high``."""

    operator: Literal["sum", "product"]
    index: str
    low: "Node"
    high: "Node"
    body: "Node"


class Grid(Expr, frozen=True, tag="grid"):
    """A matrix row by row; a vector has rows of one entry."""

    rows: tuple[tuple["Node", ...], ...]


Node: TypeAlias = Num | Constant | Name | Sum | Product | Quotient | Power | Call | Apply | Series | Grid

MINUS_ONE = Num("-1")


def num(value: Exact) -> Num:
    """A number as a tree."""
    return Num(str(Fraction(value)))


def ln(value: Exact | Node) -> Call:
    """The natural logarithm of a number or a formula, as a tree."""
    return Call("ln", (value if isinstance(value, Expr) else num(value),))


def negative(tree: Node) -> Product:
    """``-tree``."""
    return Product((MINUS_ONE, tree))


def _node(value: Expr | Exact) -> Node:
    """A tree, or a number as one."""
    return value if isinstance(value, Expr) else num(value)  # type: ignore[return-value]  # every Expr is a Node


def _terms(tree: Expr) -> tuple[Node, ...]:
    return tree.terms if isinstance(tree, Sum) else (_node(tree),)


def _factors(tree: Expr) -> tuple[Node, ...]:
    return tree.factors if isinstance(tree, Product) else (_node(tree),)


def children(tree: Node) -> tuple[Node, ...]:
    """The formulas that ``tree`` is made of, in the order printed."""
    match tree:
        case Name(_, inner) | Sum(inner) | Product(inner) | Call(_, inner) | Apply(_, inner):
            return inner
        case Quotient(a, b) | Power(a, b):
            return (a, b)
        case Series(_, _, low, high, body):
            return (low, high, body)
        case Grid(rows):
            return tuple(entry for row in rows for entry in row)
    return ()


def replaced(tree: Node, inner: tuple[Node, ...]) -> Node:
    """``tree`` with other ``children``, as many as it has."""
    match tree:
        case Name():
            return Name(tree.name, inner)
        case Sum():
            return Sum(inner)
        case Product():
            return Product(inner)
        case Call():
            return Call(tree.function, inner)
        case Apply():
            return Apply(tree.name, inner, tree.separators)
        case Quotient():
            return Quotient(*inner)
        case Power():
            return Power(*inner)
        case Series():
            return Series(tree.operator, tree.index, *inner)
        case Grid(rows):
            width = len(rows[0])
            return Grid(tuple(inner[start : start + width] for start in range(0, len(inner), width)))
    return tree
