"""Near misses of numbers: what one slip makes of a right value."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from math import isqrt
from typing import NamedTuple

LN2 = Fraction("0.693147180559945309417232121458176568075500134360")
LN10 = Fraction("2.302585092994045684017991454684364207601101488629")
_PRECISION = 10**40
_WIDEST = 4096
"""Longest numerator or denominator, in binary digits, of a value whose square and root are worth a look."""


class Slip(NamedTuple):
    """A wrong value with its code; an error of the right value becomes ``slope`` times as large in it."""

    code: str
    value: Fraction
    slope: Fraction


def slips(value: Fraction, digits: int | None = None, behind: str = "") -> Iterator[Slip]:
    """The wrong values that one slip makes of ``value``, the likeliest first; some may equal it: minus 0, 1 squared.

    ``digits`` decimals were asked for; ``behind`` is the unit or sign that was typed behind the number.
    """
    yield Slip("sign-flipped", -value, Fraction(1))
    if abs(value) <= 1 and not behind:
        yield _scaled("percent-for-fraction", value, Fraction(100))
    if 1 < abs(value) <= 100 or behind == "%":
        yield _scaled("fraction-for-percent", value, Fraction(1, 100))
    yield _scaled("factor-two", value, Fraction(2))
    yield _scaled("factor-two", value, Fraction(1, 2))
    if value.denominator == 1:
        yield from (Slip("off-by-one", value + step, Fraction(1)) for step in (1, -1))
    if value:
        yield Slip("reciprocal", 1 / value, 1 / value**2 if _is_short(value) else Fraction(1))
    for exponent in (1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6):
        yield _scaled("power-of-ten", value, Fraction(10) ** exponent)
    if digits:
        unit = Fraction(1, 10**digits)
        yield from (Slip("floor-or-ceil", value + step, Fraction(0)) for step in (unit, -unit))
    if _is_short(value):
        yield Slip("square", value * value, 2 * abs(value))
        if value > 0:
            root = square_root(value)
            yield Slip("root", root, 1 / (2 * root))
    for base in (LN2, LN10):
        yield _scaled("log-base", value, base)
        yield _scaled("log-base", value, 1 / base)


def _scaled(code: str, value: Fraction, factor: Fraction) -> Slip:
    return Slip(code, value * factor, factor)


def _is_short(value: Fraction) -> bool:
    return max(value.numerator.bit_length(), value.denominator.bit_length()) <= _WIDEST


def square_root(value: Fraction) -> Fraction:
    """The root of a positive number: exact where it is rational, else to at least 40 significant digits."""
    numerator, denominator = isqrt(value.numerator), isqrt(value.denominator)
    if numerator**2 == value.numerator and denominator**2 == value.denominator:
        return Fraction(numerator, denominator)
    scale = _PRECISION * max(1, value.denominator)
    return Fraction(isqrt(value.numerator * scale**2 // value.denominator) + 1, scale)


def is_rounded(typed: Decimal, value: Fraction) -> bool:
    """Whether ``typed`` is ``value`` rounded or cut off to the digits of ``typed``, but neither 0 nor ``value``."""
    number = Fraction(typed)
    if not number or number == value or (number < 0) != (value < 0):
        return False
    missing = abs(value) - abs(number)
    return any(-unit / 2 <= missing < unit for unit in _last_places(typed))


def _last_places(typed: Decimal) -> Iterator[Fraction]:
    """The places at which the digits of ``typed`` may end: the last one, or before the zeros of a whole number."""
    _, digits, exponent = typed.as_tuple()
    assert isinstance(exponent, int)  # no numeral is infinite
    figures = len("".join(map(str, digits)).rstrip("0"))
    if exponent <= 0 or figures >= 2:  # one figure with zeros is a guess
        yield Fraction(10) ** exponent
    if exponent >= 0 and 2 <= figures < len(digits):
        yield Fraction(10) ** (exponent + len(digits) - figures)
