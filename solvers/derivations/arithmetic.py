"""Arithmetic of what an expression may stand for while it is evaluated: numbers, functions of symbols, derivatives.

A number is an exact rational, a ball (an interval of 50 digits that holds the true value), or a complex ball inside a
quadrature. :class:`waves.Wave` is a function of the symbols that are integrated over; :class:`Dual` carries the
derivative along (forward mode), and nests. Tables of such entries are vectors and matrices.
"""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import NamedTuple, TypeAlias

from flint import acb, arb, fmpq

from solvers.derivations import waves
from solvers.derivations.waves import ONE, SCALAR, Open, Scalar, Wave

ZERO = fmpq(0)


class Undefined(ArithmeticError):
    """An expression has no value on this model."""


class Divergent(Undefined):
    """An integral that does not converge, or not within the patience of the quadrature."""


class Dual(NamedTuple):
    """A value with its derivative; ``level`` tells which of several nested derivatives."""

    value: "Number"
    slope: "Number"
    level: int


Number: TypeAlias = Scalar | Wave | Dual


def parts(value: Number, level: int) -> tuple[Number, Number]:
    """A value and its derivative of one level."""
    return (value.value, value.slope) if isinstance(value, Dual) and value.level == level else (value, ZERO)


def add(left: Number, right: Number) -> Number:
    """The sum."""
    if level := _level(left, right):
        (a, da), (b, db) = parts(left, level), parts(right, level)
        return Dual(add(a, b), add(da, db), level)
    return waves.add(left, right)  # type: ignore[arg-type]  # no Dual


def negate(value: Number) -> Number:
    """``-value``."""
    return multiply(fmpq(-1), value)


def subtract(left: Number, right: Number) -> Number:
    """The difference."""
    return add(left, negate(right))


def multiply(left: Number, right: Number) -> Number:
    """The product."""
    if level := _level(left, right):
        (a, da), (b, db) = parts(left, level), parts(right, level)
        return Dual(multiply(a, b), add(multiply(da, b), multiply(a, db)), level)
    if is_zero(left) or is_zero(right):
        return ZERO
    return waves.multiply(left, right)  # type: ignore[arg-type]  # no Dual


def divide(left: Number, right: Number) -> Number:
    """The quotient."""
    return multiply(left, reciprocal(right))


def reciprocal(value: Number) -> Number:
    """1 / ``value``."""
    if isinstance(value, Dual):
        inner = reciprocal(value.value)
        return Dual(inner, negate(multiply(value.slope, multiply(inner, inner))), value.level)
    if isinstance(value, Wave):
        return waves.reciprocal(value)
    if is_zero(value):
        raise Undefined("division by zero")
    return ONE / value


def power(base: Number, exponent: Number) -> Number:
    """``base`` to the power of ``exponent``; 0^0 is 1."""
    if isinstance(exponent, fmpq) and exponent.denominator == 1:
        return _repeated(base, int(exponent.numerator))
    if exponent == fmpq(1, 2):
        return sqrt(base)
    return exp(multiply(exponent, ln(base)))


def _repeated(base: Number, times: int) -> Number:
    if times < 0:
        return reciprocal(_repeated(base, -times))
    result: Number = ONE
    for _ in range(times):
        result = multiply(result, base)
    return result


def exp(value: Number) -> Number:
    """e to the power of ``value``."""
    if isinstance(value, Dual):
        inner = exp(value.value)
        return Dual(inner, multiply(inner, value.slope), value.level)
    return waves.exp(value)


def ln(value: Number) -> Number:
    """The natural logarithm."""
    if isinstance(value, Dual):
        return Dual(ln(value.value), divide(value.slope, value.value), value.level)
    if isinstance(value, Wave):
        return waves.ln(value)
    if isinstance(value, acb):
        return value.log(analytic=True)
    if value == 1:
        return ZERO
    ball = arb(value)
    if not ball > 0:
        raise Undefined("the logarithm of a number that is not positive")
    return ball.log()


def sqrt(value: Number) -> Number:
    """The square root, exact for a square of a rational."""
    if isinstance(value, Dual):
        inner = sqrt(value.value)
        return Dual(inner, divide(value.slope, multiply(fmpq(2), inner)), value.level)
    if isinstance(value, fmpq):
        root = value.sqrt() if _is_square(value) else None
        if root is not None:
            return root
        if value < 0:
            raise Undefined("the square root of a negative number")
        return arb(value).sqrt()
    if isinstance(value, acb):
        return value.sqrt(analytic=True)
    if isinstance(value, arb):
        return value.sqrt()
    raise Open


def _is_square(value: fmpq) -> bool:
    from math import isqrt

    if value < 0:
        return False
    above, below = int(value.numerator), int(value.denominator)
    return isqrt(above) ** 2 == above and isqrt(below) ** 2 == below


def tanh(value: Number) -> Number:
    """The hyperbolic tangent."""
    return _smooth(value, lambda x: x.tanh(), lambda y: subtract(ONE, multiply(y, y)))


def sigmoid(value: Number) -> Number:
    """1 / (1 + exp(-value))."""
    return reciprocal(add(ONE, exp(negate(value))))


def sin(value: Number) -> Number:
    """The sine."""
    if isinstance(value, Dual):
        return Dual(sin(value.value), multiply(cos(value.value), value.slope), value.level)
    return _ball(value).sin()


def cos(value: Number) -> Number:
    """The cosine."""
    if isinstance(value, Dual):
        return Dual(cos(value.value), negate(multiply(sin(value.value), value.slope)), value.level)
    return _ball(value).cos()


def _smooth(value: Number, run: Callable[[arb | acb], arb | acb], slope: Callable[[Number], Number]) -> Number:
    """A function whose derivative is given by its own value."""
    if isinstance(value, Dual):
        inner = _smooth(value.value, run, slope)
        return Dual(inner, multiply(slope(inner), value.slope), value.level)
    return ZERO if is_zero(value) else run(_ball(value))


def _ball(value: Number) -> arb | acb:
    if isinstance(value, Wave):
        raise Open
    assert not isinstance(value, Dual)
    return arb(value) if isinstance(value, fmpq) else value


def absolute(value: Number) -> Number:
    """``|value|``; its derivative is the sign."""
    return negate(value) if sign(value) < 0 else value


def relu(value: Number) -> Number:
    """max(0, value); its derivative at 0 is 0."""
    return value if sign(value) > 0 else ZERO


def sign(value: Number) -> int:
    """-1, 0 or 1. Raises Open for what is no real number, Undefined where a ball cannot tell."""
    if isinstance(value, Dual):
        return sign(value.value)
    if isinstance(value, Wave | acb):
        raise Open
    if value > 0:
        return 1
    if value < 0:
        return -1
    if is_zero(value):
        return 0
    raise Undefined("a number too close to 0 to tell its sign")


def normal(x: Number, mean: Number, variance: Number) -> Number:
    """The density of a Gaussian at ``x``, given its mean and its variance."""
    if level := max(_level(x, mean), _level(x, variance)):
        inner = normal(parts(x, level)[0], parts(mean, level)[0], parts(variance, level)[0])
        distance = subtract(x, mean)
        quadratic = divide(multiply(distance, distance), multiply(fmpq(-2), variance))
        slope = parts(quadratic, level)[1]
        (v, dv) = parts(variance, level)
        slope = subtract(slope, divide(dv, multiply(fmpq(2), v)))
        return Dual(inner, multiply(inner, slope), level)
    if isinstance(variance, Wave):
        raise Open
    if not isinstance(variance, acb) and sign(variance) <= 0:
        raise Undefined("a variance that is not positive")
    return waves.normal(x, mean, variance)  # type: ignore[arg-type]  # no Dual


class Curve:
    """A function of symbols, ready to be evaluated at many points; derivatives of it are made when first needed."""

    def __init__(self, value: Wave | Scalar) -> None:
        self.wave = waves.lifted(value)
        self.terms = [
            ([(monomial, waves.root(term) * size) for monomial, size in term.factor.items()], [*term.exponent.items()])
            for term in self.wave.terms
        ]
        self.slopes: dict[str, Curve] = {}

    def at(self, values: Mapping[str, Number]) -> Number:
        """The value at a point, whose coordinates may have derivatives or be functions themselves."""
        level = max(value.level if isinstance(value, Dual) else 0 for value in values.values())
        if level:
            point = {name: parts(value, level)[0] for name, value in values.items()}
            return Dual(self.at(point), self._change(point, values, level), level)
        total: Number = ZERO
        for factor, exponent in self.terms:
            size = _polynomial(factor, values)
            total = add(total, multiply(size, exp(_polynomial(exponent, values))) if exponent else size)
        return total

    def _change(self, point: Mapping[str, Number], values: Mapping[str, Number], level: int) -> Number:
        """The chain rule."""
        total: Number = ZERO
        for name, value in values.items():
            slope = parts(value, level)[1]
            if not is_zero(slope):
                total = add(total, multiply(self._slope(name).at(point), slope))
        return total

    def _slope(self, name: str) -> "Curve":
        if name not in self.slopes:
            self.slopes[name] = Curve(waves.derivative(self.wave, name))
        return self.slopes[name]


def _polynomial(terms: Sequence[tuple[waves.Monomial, Scalar]], values: Mapping[str, Number]) -> Number:
    if not any(isinstance(value, Wave) for value in values.values()):
        products = (prod((values[name] ** times for name, times in m), start=size) for m, size in terms)  # type: ignore[operator]
        return sum(products, ZERO)
    result: Number = ZERO
    for monomial, size in terms:
        product: Number = size
        for name, times in monomial:
            product = multiply(product, _repeated(values[name], times))
        result = add(result, product)
    return result


def integral(value: Number, name: str) -> Number:
    """``value`` integrated over a symbol. Raises Open."""
    if isinstance(value, Dual):
        return Dual(integral(value.value, name), integral(value.slope, name), value.level)
    return waves.integral(value, name)


def is_zero(value: Number) -> bool:
    """Whether a number is exactly 0. (``fmpq.is_zero`` of flint 0.9 says False of 0.)"""
    if isinstance(value, Wave | Dual):
        return False
    return not value if isinstance(value, fmpq) else bool(value.is_zero())


def _level(left: Number, right: Number) -> int:
    """The innermost derivative that one of two values carries; 0 for none."""
    a = left.level if isinstance(left, Dual) else 0
    b = right.level if isinstance(right, Dual) else 0
    return max(a, b)


def is_scalar(value: object) -> bool:
    """Whether a value is a plain number."""
    return isinstance(value, SCALAR)
