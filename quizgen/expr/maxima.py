"""Formulas of numbers as Maxima expressions, as the question type STACK takes them."""

import re
from collections.abc import Callable
from fractions import Fraction

from quizgen.expr.tree import Call, Constant, Exact, Name, Node, Num, Power, Product, Quotient, Sum

RESERVED = frozenset(
    {"e", "i", "j", "pi", "inf", "minf", "infinity", "ind", "und", "true", "false", "nil", "and", "or", "not", "if",
     "then", "else", "elseif", "for", "do", "in", "from", "thru", "while", "unless", "step", "next", "lambda", "block",
     "at", "diff", "sum", "product", "limit", "return"}
)  # fmt: skip
"""Names that mean something to Maxima or to STACK."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*", re.ASCII)


class NoMaxima(Exception):
    """A formula that is not one of numbers, or that no computer algebra system compares."""


def maxima(tree: Node) -> str:
    """``tree`` in Maxima, every operand in brackets. Raises NoMaxima."""
    match tree:
        case Num(value):
            return maxima_number(Fraction(value))
        case Constant("pi" | "e" as name):
            return f"%{name}"
        case Name(name, ()):
            return maxima_name(name)
        case Sum(terms):
            return f"({' + '.join(map(maxima, terms))})"
        case Product(factors):
            return f"({' * '.join(map(maxima, factors))})"
        case Quotient(above, below):
            return f"({maxima(above)} / {maxima(below)})"
        case Power(base, exponent):
            return f"({maxima(base)} ^ {maxima(exponent)})"
        case Call(function, arguments):
            return _call(function, tuple(map(maxima, arguments)))
    raise NoMaxima(type(tree).__name__.lower())


def maxima_number(value: Exact) -> str:
    """An exact number: ``3``, ``(-3/7)``."""
    number = Fraction(value)
    return str(number) if number >= 0 and number.denominator == 1 else f"({number})"


def maxima_name(name: str) -> str:
    """The name of a variable. Raises NoMaxima for one that means something else there."""
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise NoMaxima(name)
    return name


def _call(function: str, arguments: tuple[str, ...]) -> str:
    if function in SAME:
        return f"{SAME[function]}({', '.join(arguments)})"
    if function in OWN:
        return OWN[function](*arguments)
    raise NoMaxima(function)


SAME = {
    name: name
    for name in (
        "exp", "sqrt", "abs", "floor", "max", "min", "mod", "binomial", "factorial", "gamma", "erf",
        "sin", "cos", "tan", "cot", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
    )
} | {"ln": "log", "ceil": "ceiling", "sign": "signum"}  # fmt: skip
"""Functions that Maxima has; ``log`` is the natural logarithm."""


def _phi(x: str) -> str:
    return f"((1 + erf({x} / sqrt(2))) / 2)"


OWN: dict[str, Callable[..., str]] = {
    "log2": lambda x: f"(log({x}) / log(2))",
    "log10": lambda x: f"(log({x}) / log(10))",
    "log": lambda base, x: f"(log({x}) / log({base}))",
    "root": lambda degree, x: f"({x} ^ (1 / {degree}))",
    "inverse": lambda x: f"(1 / {x})",
    "Phi": _phi,
    "sigmoid": lambda x: f"(1 / (1 + exp(-{x})))",
    "relu": lambda x: f"max(0, {x})",
    "softplus": lambda x: f"log(1 + exp({x}))",
    "gelu": lambda x: f"({x} * {_phi(x)})",
    "silu": lambda x: f"({x} / (1 + exp(-{x})))",
}
"""Functions that are put in terms of others."""
