"""The value of a formula of rational numbers and variables, by walking its tree."""

from collections.abc import Mapping
from fractions import Fraction
from math import prod

from quizgen.expr import Name, Node, Num, Power, Product, Quotient, Sum


def value(tree: Node, at: Mapping[str, int]) -> Fraction:
    """The value where the variables have the numbers ``at``. TypeError for any function."""
    match tree:
        case Num(text):
            return Fraction(text)
        case Name(name, ()):
            return Fraction(at[name])
        case Sum(terms):
            return sum((value(term, at) for term in terms), Fraction(0))
        case Product(factors):
            return prod((value(factor, at) for factor in factors), start=Fraction(1))
        case Quotient(above, below):
            return value(above, at) / value(below, at)
        case Power(base, Num(exponent)):
            return value(base, at) ** int(exponent)
    raise TypeError(f"{tree!r} is no rational formula")
