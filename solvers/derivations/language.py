"""What the lines of derivations are written with: densities, expectations, divergences, derivatives.

``p(x, given=z)`` is p(x | z) for ``p = density("p")``; ``E(q(z, given=x), f)`` averages over z.
``density("f_l'")`` is the derivative of a function f_l in its first argument, entry by entry; l may be an index.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from quizgen.expr import (
    Apply,
    Call,
    Name,
    Node,
    Num,
    Power,
    Product,
    Quotient,
    Series,
    Sum,
    children,
    ln,
    num,
    replaced,
)

__all__ = [
    "KL",
    "Call",
    "D",
    "E",
    "H",
    "Name",
    "Node",
    "Num",
    "Power",
    "Product",
    "Quotient",
    "Series",
    "Sum",
    "add",
    "children",
    "density",
    "derivative",
    "dot",
    "equal",
    "exp",
    "grad",
    "integral",
    "jacobian",
    "ln",
    "mul",
    "names",
    "norm2",
    "normal",
    "num",
    "over",
    "replaced",
    "series",
    "sqrt",
    "swapped",
    "var",
]  # fmt: skip

Arguments: TypeAlias = Node | Sequence[Node]


def names(text: str) -> tuple[Name, ...]:
    """Variables, separated by blanks."""
    return tuple(map(Name, text.split()))


def density(name: str) -> Callable[..., Apply]:
    """A distribution, or a function: ``p(x, z)``, ``p(x, given=z)``, ``p(x, given=(y, z))``."""

    def of(*arguments: Node, given: Arguments = ()) -> Apply:
        conditions = tuple(given) if isinstance(given, Sequence) else (given,)
        commas = "," * (len(arguments) - 1)
        bar = "|" + "," * (len(conditions) - 1) if conditions else ""
        return Apply(name, (*arguments, *conditions), commas + bar)

    return of


def E(measure: Node, body: Node) -> Call:
    """The expectation of ``body``."""
    return Call("expectation", (measure, body))


def var(measure: Node, body: Node) -> Call:
    """The variance of ``body``."""
    return Call("variance", (measure, body))


def KL(p: Node, q: Node) -> Call:
    """The Kullback-Leibler divergence, in nats."""
    return Call("kl", (p, q))


def H(p: Node, q: Node | None = None) -> Call:
    """The entropy of a distribution, or the cross-entropy of two, in nats."""
    return Call("entropy", (p,)) if q is None else Call("crossentropy", (p, q))


def grad(variable: Node, body: Node) -> Call:
    """The gradient in one variable or a vector."""
    return Call("gradient", (variable, body))


def D(variable: Node, body: Node) -> Call:
    """The partial derivative."""
    return Call("partial", (variable, body))


def derivative(variable: Node, body: Node) -> Call:
    """The derivative of a function of one variable."""
    return Call("derivative", (variable, body))


def jacobian(variable: Node, body: Node) -> Call:
    """The derivative of a number or a vector by a number or a vector: a row for each entry of ``body``."""
    return Call("jacobian", (variable, body))


def integral(variable: Node, body: Node) -> Call:
    """The integral over all values."""
    return Call("integral", (variable, body))


def over(variable: Node, body: Node) -> Call:
    """The sum over all values of a variable with finitely many."""
    return Call("total", (variable, body))


def series(index: str, low: Node | int, high: Node | int, body: Node, operator: str = "sum") -> Series:
    """A sum or product over an index."""
    return Series(operator, index, _tree(low), _tree(high), body)  # type: ignore[arg-type]  # one of two words


def normal(x: Node, mean: Node | int, variance: Node | int) -> Call:
    """The Gaussian density N(x; mean, variance)."""
    return Call("normal", (x, _tree(mean), _tree(variance)))


def equal(left: Node, right: Node) -> Call:
    """The equation ``left = right``."""
    return Call("isequal", (left, right))


def exp(tree: Node) -> Call:
    """The exponential function."""
    return Call("exp", (tree,))


def sqrt(tree: Node) -> Call:
    """The square root."""
    return Call("sqrt", (tree,))


def dot(left: Node, right: Node) -> Call:
    """The inner product."""
    return Call("dot", (left, right))


def norm2(tree: Node) -> Power:
    """The squared Euclidean norm."""
    return Power(Call("norm", (tree,)), Num("2"))


def add(*terms: Node) -> Sum:
    """A sum of at least two terms."""
    return Sum(terms)


def mul(*factors: Node) -> Product:
    """A product."""
    return Product(factors)


def _tree(value: Node | int) -> Node:
    return num(value) if isinstance(value, int) else value


def swapped(tree: Node, old: Node, new: Node) -> Node:
    """``tree`` with ``new`` in place of every ``old``."""
    if tree == old:
        return new
    inner = tuple(swapped(child, old, new) for child in children(tree))
    return replaced(tree, inner) if inner else tree
