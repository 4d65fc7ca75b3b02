"""Rational values of formulas in exact arithmetic of bounded size, for what needs no more than fractions."""

from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from operator import add, mul

from quizgen.expr.tree import Node, Num, Power, Product, Quotient, Sum

BITS = 16384
"""The longest numerator or denominator of a value, in binary digits."""


def rational(tree: Node) -> Fraction | None:
    """The value of a formula of numerals, ``+ - * /`` and whole powers; None for any other, and for one too long.

    Raises ZeroDivisionError.
    """
    match tree:
        case Num(value):
            return _bounded(Fraction(value))
        case Sum(terms):
            return _joined(add, terms)
        case Product(factors):
            return _joined(mul, factors)
        case Quotient(above, below):
            numerator, denominator = rational(above), rational(below)
            return None if numerator is None or denominator is None else _bounded(numerator / denominator)
        case Power(base, exponent):
            return _power(rational(base), rational(exponent))
    return None


def _joined(operation: Callable[[Fraction, Fraction], Fraction], trees: tuple[Node, ...]) -> Fraction | None:
    def join(left: Fraction | None, right: Fraction | None) -> Fraction | None:
        return None if left is None or right is None else _bounded(operation(left, right))

    return reduce(join, map(rational, trees))


def _power(base: Fraction | None, exponent: Fraction | None) -> Fraction | None:
    """A whole power; None for 0^0, whose value is a convention."""
    if base is None or exponent is None or exponent.denominator != 1 or (base == 0 == exponent):
        return None
    if abs(exponent.numerator) * (_length(base) if abs(base) != 1 else 0) > BITS:
        return None
    return base ** (exponent.numerator if abs(base) != 1 else exponent.numerator % 2)


def _bounded(value: Fraction) -> Fraction | None:
    return value if _length(value) <= BITS else None


def _length(value: Fraction) -> int:
    """The longer of numerator and denominator, in binary digits."""
    return max(value.numerator.bit_length(), value.denominator.bit_length())
