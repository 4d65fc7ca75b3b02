"""Arithmetic of single real numbers: exact rationals as long as that is possible, and balls (intervals) beyond.

Every result is rigorous: a ball holds the true value. What has no value says why by the exception that it raises.
The precision of balls is flint's ``ctx.prec``; whoever evaluates sets it.
"""

from collections.abc import Callable
from typing import TypeAlias

from flint import arb, ctx, fmpq, fmpz

Scalar: TypeAlias = fmpq | arb

SCALAR = (fmpq, arb)
BITS = 2048
"""Rationals with a numerator or denominator of more bits go on as balls; of fewer, where balls are imprecise."""
MAGNITUDE = 1 << 20
"""Numbers from 2 to the power of this on are out of range."""
_FACTORIAL = 500
_GAMMA = 50_000
_ERF = 800
_ROOT = 64

_LONGEST = arb(2) ** BITS

ZERO, HALF, ONE, TWO = fmpq(0), fmpq(1, 2), fmpq(1), fmpq(2)


class Undefined(ArithmeticError):
    """A formula has no value here."""


class Pole(Undefined):
    """It divides by zero, or takes the logarithm of zero."""


class Outside(Undefined):
    """It leaves the real numbers: the root or the logarithm of a negative number."""


class Mismatch(Undefined):
    """Vectors and matrices do not fit together."""


class Limit(Undefined):
    """Its value is out of range, too much work, or open to more than one convention."""


class Unclear(Undefined):
    """It cannot be told at this precision."""


def longest() -> int:
    """Bits up to which a rational is kept: those that are longer take more time than balls."""
    return min(BITS, 8 * ctx.prec)


def tidy(value: Scalar) -> Scalar:
    """``value``, as a ball if it is too long for an exact one. Raises Unclear for a ball without bounds."""
    if isinstance(value, fmpq):
        return arb(value) if value.height_bits() > longest() else value
    if not value.is_finite():
        raise Unclear
    return value


def is_zero(value: Scalar) -> bool:
    """Whether it is exactly 0. (``fmpq.is_zero`` of flint 0.9 says False of 0.)"""
    return not value if isinstance(value, fmpq) else value.is_zero()


def absolute(value: Scalar) -> Scalar:
    """``|value|``."""
    return abs(value) if isinstance(value, arb) else value if value >= 0 else -value


def integer(value: Scalar) -> int | None:
    """The integer that ``value`` exactly is, if it is one."""
    if isinstance(value, fmpq):
        return int(value.numerator) if value.denominator == 1 else None
    if value.is_exact() and value.is_integer() and abs(value) < MAGNITUDE:
        return int(value.unique_fmpz())  # type: ignore[arg-type]  # it is one
    return None


def sign_of(value: Scalar) -> int:
    """-1, 0 or 1. Raises Unclear."""
    if value > 0:
        return 1
    if value < 0:
        return -1
    if is_zero(value):
        return 0
    raise Unclear


def bounded(value: Scalar, limit: int) -> arb:
    """``value`` as a ball. Raises Limit if it is ``limit`` or more, whatever its sign."""
    ball = arb(value)
    if abs(ball) < limit:
        return ball
    raise Limit if abs(ball) >= limit else Unclear


def quotient(above: Scalar, below: Scalar) -> Scalar:
    """``above / below``."""
    if is_zero(below):
        raise Pole
    return tidy(above / below)


def exp(value: Scalar) -> Scalar:
    """e to the power of ``value``."""
    return ONE if is_zero(value) else bounded(value, MAGNITUDE).exp()


def ln(value: Scalar) -> Scalar:
    """The natural logarithm."""
    sign = sign_of(value)
    if sign == 0:
        raise Pole
    if sign < 0:
        raise Outside
    return ZERO if value == 1 else arb(value).log()


def log(base: Scalar, value: Scalar) -> Scalar:
    """The logarithm to any base, exact where it is an integer."""
    result = quotient(ln(value), ln(base))
    if isinstance(result, arb) and isinstance(value, fmpq) and isinstance(base, fmpq):
        exponent = result.unique_fmpz()
        if exponent is not None and abs(exponent) * base.height_bits() <= longest() and base ** int(exponent) == value:
            return fmpq(exponent)
    return result


def sqrt(value: Scalar) -> Scalar:
    """The square root."""
    return root(TWO, value)


def _exact_root(degree: int, value: fmpq) -> fmpq | None:
    """The rational root of a number that is not negative, if it has one."""
    parts = []
    for part in (value.numerator, value.denominator):
        base = part.root(degree)
        if base**degree != part:
            return None
        parts.append(base)
    return fmpq(*parts)


def root(degree: Scalar, value: Scalar) -> Scalar:
    """The real root; that of a negative number only if the degree is odd."""
    whole = integer(degree)
    if whole is None or not 1 <= whole <= _ROOT:
        return power(value, quotient(ONE, degree))
    sign = sign_of(value)
    if sign == 0:
        return ZERO
    if sign < 0:
        if whole % 2 == 0:
            raise Outside
        return -root(degree, -value)
    if isinstance(value, fmpq):
        exact = _exact_root(whole, value)
        if exact is not None:
            return exact
    return arb(value).root(whole)


def power(base: Scalar, exponent: Scalar) -> Scalar:
    """``base`` to the power of ``exponent``; 0 to the power of 0 is 1.

    A negative base needs an integer exponent. With an odd denominator, some say that there is a real value: Limit.
    """
    whole = integer(exponent)
    if whole is not None:
        return _integer_power(base, whole)
    sign = sign_of(base)
    if sign == 0:
        if sign_of(exponent) < 0:
            raise Pole
        return ZERO
    if sign < 0:
        if isinstance(exponent, fmpq):
            raise Limit if exponent.denominator % 2 else Outside
        raise Unclear if exponent.contains_integer() else Outside
    if base == 1:
        return ONE
    if isinstance(exponent, fmpq) and isinstance(base, fmpq) and exponent.denominator <= _ROOT:
        exact = _exact_root(int(exponent.denominator), base)
        if exact is not None:
            return _integer_power(exact, int(exponent.numerator))
    return exp(exponent * arb(base).log())


def _integer_power(base: Scalar, exponent: int) -> Scalar:
    if exponent == 0:
        return ONE
    if exponent < 0 and is_zero(base):
        raise Pole
    if isinstance(base, fmpq):
        if base.numerator in (0, 1, -1) and base.denominator == 1:
            return base if exponent % 2 or base >= 0 else -base
        if abs(exponent) * base.height_bits() <= longest():
            return base**exponent
    if abs(exponent) <= 64:
        return tidy(arb(base) ** exponent)
    size = exp(exponent * ln(absolute(base)))
    return -size if exponent % 2 and sign_of(base) < 0 else size


def _transcendental(
    function: Callable[[arb], arb], at_zero: fmpq | None = None, limit: int | None = None
) -> Callable[[Scalar], Scalar]:
    """A function of one number with its exact value at 0 and the size of argument up to which it is computed."""

    def run(value: Scalar) -> Scalar:
        if at_zero is not None and is_zero(value):
            return at_zero
        result = function(arb(value) if limit is None else bounded(value, limit))
        if not result.is_finite():
            raise Unclear
        return result

    return run


def _within_one(function: Callable[[arb], arb], at_zero: fmpq | None, pole: bool) -> Callable[[Scalar], Scalar]:
    """A function of numbers between -1 and 1."""
    inner = _transcendental(function, at_zero)

    def run(value: Scalar) -> Scalar:
        if pole and (value == 1 or value == -1):
            raise Pole
        if value > 1 or value < -1:
            raise Outside
        return inner(value)

    return run


def _acosh(value: Scalar) -> Scalar:
    if value < 1:
        raise Outside
    return ZERO if value == 1 else tidy(arb(value).acosh())


def _cot(value: Scalar) -> Scalar:
    if is_zero(value):
        raise Pole
    return tidy(arb(value).cot())


def sigmoid(value: Scalar) -> Scalar:
    """1 / (1 + exp(-value))."""
    return quotient(ONE, ONE + exp(-value))


def _softplus(value: Scalar) -> Scalar:
    return arb(exp(value)).log1p()


def _erf(value: Scalar) -> Scalar:
    return ZERO if is_zero(value) else bounded(value, _ERF).erf()


def normal(value: Scalar) -> Scalar:
    """The standard normal distribution function."""
    return HALF if is_zero(value) else (-bounded(value, _ERF) / arb(2).sqrt()).erfc() / 2


def _gelu(value: Scalar) -> Scalar:
    return value * normal(value)


def _silu(value: Scalar) -> Scalar:
    return value * sigmoid(value)


def relu(value: Scalar) -> Scalar:
    """max(0, value)."""
    return largest(ZERO, value)


def largest(left: Scalar, right: Scalar) -> Scalar:
    """The larger of two."""
    if left >= right:
        return left
    return right if left < right else arb(left).max(arb(right))


def smallest(left: Scalar, right: Scalar) -> Scalar:
    """The smaller of two."""
    if left <= right:
        return left
    return right if left > right else arb(left).min(arb(right))


def floor(value: Scalar) -> Scalar:
    """The integer at or below ``value``."""
    if isinstance(value, fmpq):
        return fmpq(value.floor())
    if not abs(value) < _LONGEST:
        raise Limit
    below = value.floor().unique_fmpz()
    if below is None:
        raise Unclear
    return fmpq(below)


def ceil(value: Scalar) -> Scalar:
    """The integer at or above ``value``."""
    return -floor(-value)


def half_even(value: Scalar) -> Scalar:
    """The nearest integer; of two, the even one."""
    up = floor(value + HALF)
    return up - 1 if up - HALF == value and up.numerator % 2 else up  # type: ignore[union-attr]  # it is exact


def mod(value: Scalar, modulus: Scalar) -> Scalar:
    """``value`` less a multiple of ``modulus``, with the sign of the modulus."""
    return tidy(value - modulus * floor(quotient(value, modulus)))


def factorial(value: Scalar) -> Scalar:
    """``value!``, by the gamma function if it is no integer."""
    whole = integer(value)
    if whole is None:
        return gamma(value + 1)
    if whole < 0:
        raise Pole
    if whole <= _FACTORIAL:
        return fmpq(fmpz.fac_ui(fmpz(whole)))
    return bounded(value + 1, _GAMMA).gamma()


def gamma(value: Scalar) -> Scalar:
    """Euler's gamma function."""
    whole = integer(value)
    return tidy(bounded(value, _GAMMA).gamma()) if whole is None else factorial(fmpq(whole - 1))


def binomial(n: Scalar, k: Scalar) -> Scalar:
    """The binomial coefficient of integers; ``n`` may be any number if ``k`` is small. 0 for a negative ``k``."""
    below, above = integer(k), integer(n)
    if below is None:
        raise Outside if isinstance(k, fmpq) else Unclear
    if above is not None and above >= 0:
        below = min(below, above - below)
    if below < 0:
        return ZERO
    if below > _FACTORIAL:
        raise Limit
    result: Scalar = ONE
    for step in range(below):
        result = tidy(result * (n - step) / (step + 1))
    return result


def sign(value: Scalar) -> Scalar:
    """-1, 0 or 1."""
    return fmpq(sign_of(value))


def less(left: Scalar, right: Scalar) -> Scalar:
    """1 where ``left < right``, else 0."""
    return ONE if sign_of(left - right) < 0 else ZERO


def at_most(left: Scalar, right: Scalar) -> Scalar:
    """1 where ``left <= right``, else 0."""
    return ZERO if sign_of(left - right) > 0 else ONE


def equal(left: Scalar, right: Scalar) -> Scalar:
    """1 where the two are equal, else 0."""
    return ONE if sign_of(left - right) == 0 else ZERO


def indicator(value: Scalar) -> Scalar:
    """1 where a condition holds, else 0. Raises Mismatch for what is no condition."""
    if value == 0 or value == 1:
        return value
    raise Mismatch


FUNCTIONS: dict[str, Callable[..., Scalar]] = {
    "exp": exp,
    "ln": ln,
    "log": log,
    "log2": lambda value: log(TWO, value),
    "log10": lambda value: log(fmpq(10), value),
    "sqrt": sqrt,
    "root": root,
    "abs": absolute,
    "floor": floor,
    "ceil": ceil,
    "round": half_even,
    "sign": sign,
    "mod": mod,
    "factorial": factorial,
    "binomial": binomial,
    "gamma": gamma,
    "erf": _erf,
    "Phi": normal,
    "sigmoid": sigmoid,
    "relu": relu,
    "softplus": _softplus,
    "gelu": _gelu,
    "silu": _silu,
    "sin": _transcendental(arb.sin, ZERO),
    "cos": _transcendental(arb.cos, ONE),
    "tan": _transcendental(arb.tan, ZERO),
    "cot": _cot,
    "asin": _within_one(arb.asin, ZERO, pole=False),
    "acos": _within_one(arb.acos, None, pole=False),
    "atan": _transcendental(arb.atan, ZERO),
    "sinh": _transcendental(arb.sinh, ZERO, MAGNITUDE),
    "cosh": _transcendental(arb.cosh, ONE, MAGNITUDE),
    "tanh": _transcendental(arb.tanh, ZERO),
    "asinh": _transcendental(arb.asinh, ZERO),
    "acosh": _acosh,
    "atanh": _within_one(arb.atanh, ZERO, pole=True),
    "less": less,
    "atmost": at_most,
    "equal": equal,
    "indicator": indicator,
}
"""Functions of single numbers, by the names of ``functions.FUNCTIONS``."""
