"""Formula trees: one tree, many readings (LaTeX, exact value, rounded value).

A tree is data: it can be stored in an item, printed and evaluated, and what is printed is what was evaluated.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Literal

import msgspec

Exact = int | Fraction

_PRECISE = Context(prec=50, rounding=ROUND_HALF_UP)


class Expr(msgspec.Struct, frozen=True, tag_field="op"):
    """A node of a formula."""


class Num(Expr, frozen=True, tag="num"):
    """A rational number, as text such as ``3`` or ``-3/7``."""

    value: str


class Sum(Expr, frozen=True, tag="sum"):
    """Terms added."""

    terms: tuple["Node", ...]


class Product(Expr, frozen=True, tag="product"):
    """Factors multiplied."""

    factors: tuple["Node", ...]


class Call(Expr, frozen=True, tag="call"):
    """exp, ln or sqrt of a formula; logarithms are natural."""

    function: Literal["exp", "ln", "sqrt"]
    argument: "Node"


Node = Num | Sum | Product | Call


def num(value: Exact) -> Num:
    """A number as a tree."""
    return Num(str(Fraction(value)))


def ln(value: Exact | Node) -> Call:
    """The natural logarithm of a number or a formula, as a tree."""
    return Call("ln", value if isinstance(value, Expr) else num(value))


def evaluate(tree: Node) -> Decimal:
    """The value of ``tree`` to nearly 50 significant digits."""
    match tree:
        case Num(value):
            number = Fraction(value)
            return _PRECISE.divide(Decimal(number.numerator), Decimal(number.denominator))
        case Sum(terms):
            total = Decimal(0)
            for term in terms:
                total = _PRECISE.add(total, evaluate(term))
            return total
        case Product(factors):
            product = Decimal(1)
            for factor in factors:
                product = _PRECISE.multiply(product, evaluate(factor))
            return product
        case Call(function, argument):
            operation = {"exp": _PRECISE.exp, "ln": _PRECISE.ln, "sqrt": _PRECISE.sqrt}[function]
            return operation(evaluate(argument))


def latex(tree: Node) -> str:
    """``tree`` as LaTeX mathematics."""
    match tree:
        case Num(value):
            return latex_number(Fraction(value))
        case Sum(terms):
            head, *rest = (latex(term) for term in terms)
            return head + "".join(f" - {term[1:]}" if term.startswith("-") else f" + {term}" for term in rest)
        case Product(factors):
            return _latex_product(factors)
        case Call("sqrt", argument):
            return rf"\sqrt{{{latex(argument)}}}"
        case Call(function, argument):
            inner = latex(argument)
            return rf"\{function} {inner}" if inner.isdigit() else rf"\{function}\left({inner}\right)"


def _latex_product(factors: tuple[Node, ...]) -> str:
    """Factors side by side; a leading 1 vanishes, a leading -1 becomes a sign."""
    sign = ""
    if len(factors) > 1 and factors[0] in (Num("1"), Num("-1")):
        sign = factors[0].value.removesuffix("1") if isinstance(factors[0], Num) else ""
        factors = factors[1:]
    parts = [rf"\left({latex(factor)}\right)" if isinstance(factor, Sum) else latex(factor) for factor in factors]
    return sign + r" \cdot ".join(parts)


def latex_number(value: Exact | Decimal) -> str:
    """A number as LaTeX: ``3``, ``-\\frac{3}{7}``, ``0.125``."""
    if isinstance(value, Fraction) and value.denominator != 1:
        sign = "-" if value < 0 else ""
        return rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def latex_vector(entries: Sequence[Exact | Decimal | Node]) -> str:
    """Numbers in round brackets: ``(1, 2, 3)``."""
    inner = ", ".join(latex_value(entry) for entry in entries)
    return rf"\left({inner}\right)" if r"\frac" in inner else f"({inner})"


def latex_matrix(rows: Sequence[Sequence[Exact | Decimal | Node]]) -> str:
    """Rows of numbers as a matrix in round brackets."""
    inner = r" \\ ".join(" & ".join(latex_value(entry) for entry in row) for row in rows)
    return rf"\begin{{pmatrix}} {inner} \end{{pmatrix}}"


def latex_value(value: object) -> str:
    """Any exact value as LaTeX: a number, a formula, a vector or a matrix. TypeError for anything else."""
    match value:
        case bool():
            raise TypeError(f"{value!r} has no LaTeX")
        case int() | Fraction() | Decimal():
            return latex_number(value)
        case Num() | Sum() | Product() | Call():
            return latex(value)
        case tuple() if value and all(isinstance(row, tuple) for row in value):
            return latex_matrix(value)
        case tuple():
            return latex_vector(value)
    raise TypeError(f"{value!r} has no LaTeX")
