"""Exact and correctly rounded numbers.

Solvers work on ``int`` and ``Fraction``. Where exp, ln or sqrt enter, the value is computed to 50 digits by the
``decimal`` module (which rounds correctly on every machine) and rounded once, half up, to the digits that are printed.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from math import isqrt

Rational = int | Fraction
Real = int | Fraction | Decimal

_PRECISE = Context(prec=50, rounding=ROUND_HALF_UP)
_UNITS = tuple(Decimal(1).scaleb(-digits) for digits in range(31))


def precise(x: Real) -> Decimal:
    """``x`` as a Decimal of 50 significant digits."""
    if isinstance(x, Fraction):
        return _PRECISE.divide(Decimal(x.numerator), Decimal(x.denominator))
    return Decimal(x)


def rounded(x: Real, digits: int) -> Decimal:
    """``x`` rounded half up to ``digits`` decimals, ties decided exactly for rationals."""
    if isinstance(x, Fraction):
        scale = 10**digits
        magnitude = (2 * abs(x.numerator) * scale + x.denominator) // (2 * x.denominator)
        return Decimal(magnitude if x >= 0 else -magnitude).scaleb(-digits, _PRECISE)
    value = Decimal(x).quantize(_UNITS[digits], ROUND_HALF_UP, _PRECISE)
    return value if value else abs(value)


def exp(x: Real, digits: int) -> Decimal:
    """e**x to ``digits`` decimals."""
    return rounded(_PRECISE.exp(precise(x)), digits)


def ln(x: Real, digits: int) -> Decimal:
    """Natural logarithm of ``x`` > 0 to ``digits`` decimals."""
    return rounded(_PRECISE.ln(precise(x)), digits)


def sqrt(x: Real, digits: int) -> Decimal:
    """Square root of ``x`` >= 0 to ``digits`` decimals."""
    return rounded(_PRECISE.sqrt(precise(x)), digits)


def exact_sqrt(x: Rational) -> Fraction:
    """The rational square root of a perfect square such as 9/16; ValueError for anything else."""
    x = Fraction(x)
    if x >= 0:
        root = Fraction(isqrt(x.numerator), isqrt(x.denominator))
        if root * root == x:
            return root
    raise ValueError(f"{x} is not the square of a rational number")


def precise_exp(x: Real) -> Decimal:
    """e**x to 50 significant digits, for use inside a longer calculation that is rounded once at its end."""
    return _PRECISE.exp(precise(x))


def precise_ln(x: Real) -> Decimal:
    """Natural logarithm of ``x`` > 0 to 50 significant digits."""
    return _PRECISE.ln(precise(x))


def precise_softmax(logits: Sequence[Real]) -> tuple[Decimal, ...]:
    """Softmax of ``logits`` to 50 significant digits."""
    top = max(precise(z) for z in logits)
    powers = [_PRECISE.exp(_PRECISE.subtract(precise(z), top)) for z in logits]
    total = Decimal(0)
    for power in powers:
        total = _PRECISE.add(total, power)
    return tuple(_PRECISE.divide(power, total) for power in powers)
