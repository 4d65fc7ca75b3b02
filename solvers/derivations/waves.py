"""Sums of polynomials times exponentials of polynomials: the functions that Gaussian derivations are made of.

A Gaussian density is such a function of its variable and of its mean; so are products, derivatives and integrals of
them, and all of these are computed exactly as long as the numbers are rational. What leaves the class, such as the
logarithm of a mixture, raises :class:`Open`; the variable must then be a number, and the integral a quadrature.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import isqrt
from typing import NamedTuple, TypeAlias

from flint import acb, arb, fmpq

Scalar: TypeAlias = fmpq | arb | acb
Monomial: TypeAlias = tuple[tuple[str, int], ...]
"""Symbols with their powers, sorted: x^2 y is (("x", 2), ("y", 1))."""
Polynomial: TypeAlias = Mapping[Monomial, Scalar]

SCALAR = (fmpq, arb, acb)
ONE = fmpq(1)
CONSTANT: Monomial = ()


class Open(ArithmeticError):
    """The result is no sum of polynomials times exponentials: its symbols must become numbers first."""


class Term(NamedTuple):
    """sqrt(``radicand`` pi^``pi``) * ``factor`` * exp(``exponent``)."""

    radicand: fmpq
    pi: int
    factor: Polynomial
    exponent: Polynomial


class Wave(NamedTuple):
    """A sum of terms, no two of which could be written as one."""

    terms: tuple[Term, ...]


def symbol(name: str) -> Wave:
    """The function that is its own variable."""
    return Wave((Term(ONE, 0, {((name, 1),): ONE}, {}),))


def constant(value: Scalar) -> Wave:
    """A function that depends on nothing."""
    return Wave((Term(ONE, 0, {CONSTANT: value}, {}),) if _counts(value) else ())


def lifted(value: "Wave | Scalar") -> Wave:
    """``value`` as a function."""
    return value if isinstance(value, Wave) else constant(value)


def normal(x: "Wave | Scalar", mean: "Wave | Scalar", variance: Scalar) -> "Wave | Scalar":
    """The Gaussian density N(x; mean, variance). Raises Open if the distance from the mean is no polynomial."""
    if not isinstance(variance, fmpq):
        width = (2 * arb.pi() * variance) ** arb("-0.5")
        return multiply(width, exp(multiply(square(add(x, multiply(fmpq(-1), mean))), -1 / (2 * variance))))
    exponent = polynomial(multiply(square(add(x, multiply(fmpq(-1), mean))), -1 / (2 * variance)))
    return settled(Wave((_normalised(Term(1 / (2 * variance), -1, {CONSTANT: ONE}, exponent)),)))


def square(value: "Wave | Scalar") -> "Wave | Scalar":
    """``value`` times itself."""
    return multiply(value, value)


def add(left: "Wave | Scalar", right: "Wave | Scalar") -> "Wave | Scalar":
    """The sum."""
    if not isinstance(left, Wave) and not isinstance(right, Wave):
        return left + right
    return settled(_collected((*lifted(left).terms, *lifted(right).terms)))


def multiply(left: "Wave | Scalar", right: "Wave | Scalar") -> "Wave | Scalar":
    """The product."""
    if not isinstance(left, Wave) and not isinstance(right, Wave):
        return left * right
    return settled(_collected(_times(a, b) for a in lifted(left).terms for b in lifted(right).terms))


def reciprocal(value: Wave) -> "Wave | Scalar":
    """1 / ``value``, for a single exponential. Raises Open for any other."""
    term = _single(value)
    factor = {CONSTANT: 1 / term.factor[CONSTANT]}
    return settled(Wave((_normalised(Term(1 / term.radicand, -term.pi, factor, _scaled(term.exponent, fmpq(-1)))),)))


def ln(value: Wave) -> "Wave | Scalar":
    """The natural logarithm of a single exponential. Raises Open for any other."""
    term = _single(value)
    size = root(term) * term.factor[CONSTANT]
    head = size.log() if isinstance(size, arb | acb) else arb(size).log() if size != 1 else fmpq(0)
    return settled(Wave((Term(ONE, 0, _sum(term.exponent, {CONSTANT: head}), {}),)))


def exp(value: "Wave | Scalar") -> "Wave | Scalar":
    """e to the power of a polynomial. Raises Open for any other."""
    if not isinstance(value, Wave):
        return _exp(value)
    return settled(Wave((Term(ONE, 0, {CONSTANT: ONE}, polynomial(value)),)))


def _exp(value: Scalar) -> Scalar:
    return ONE if _is_zero(value) else (value if isinstance(value, acb) else arb(value)).exp()


def derivative(value: Wave, name: str) -> "Wave | Scalar":
    """The derivative by one symbol."""
    return settled(_collected(_derivative(term, name) for term in value.terms))


def _derivative(term: Term, name: str) -> Term:
    inner = _product(term.factor, _slope(term.exponent, name))
    return term._replace(factor=_sum(_slope(term.factor, name), inner))


def _slope(values: Polynomial, name: str) -> Polynomial:
    """The derivative of a polynomial."""
    result: Polynomial = {}
    for power, rest in _by_power(values, name).items():
        if power:
            result = _sum(
                result, _product(_scaled(rest, fmpq(power)), {((name, power - 1),) if power > 1 else (): ONE})
            )
    return result


def integral(value: "Wave | Scalar", name: str) -> "Wave | Scalar":
    """``value`` integrated over one symbol, from minus to plus infinity. Raises Open where it does not decay."""
    return settled(_collected(_integral(term, name) for term in lifted(value).terms))


def _integral(term: Term, name: str) -> Term:
    """Completes the square: exp(-a x^2 + b x + c) gives sqrt(pi / a) exp(c + b^2 / 4a) and moments about b / 2a."""
    powers = _by_power(term.exponent, name)
    if max(powers, default=0) > 2 or set(powers.get(2, {})) != {CONSTANT}:
        raise Open
    a = -powers[2][CONSTANT]
    if not (a.real if isinstance(a, acb) else a) > 0:
        raise Open
    b = powers.get(1, {})
    mean, variance = _scaled(b, 1 / (2 * a)), 1 / (2 * a)
    exponent = _sum(powers.get(0, {}), _scaled(_product(b, b), 1 / (4 * a)))
    factor: Polynomial = {}
    by_power = _by_power(term.factor, name)
    for power, moment in enumerate(_moments(mean, variance, max(by_power, default=0))):
        if power in by_power:
            factor = _sum(factor, _product(by_power[power], moment))
    if isinstance(a, fmpq):
        return _normalised(Term(term.radicand / a, term.pi + 1, factor, exponent))
    return Term(term.radicand, term.pi + 1, _scaled(factor, a ** arb("-0.5")), exponent)


def _moments(mean: Polynomial, variance: Scalar, highest: int) -> list[Polynomial]:
    """E x^n for n = 0 … ``highest``: m_n = mean m_{n-1} + (n-1) variance m_{n-2}."""
    found: list[Polynomial] = [{CONSTANT: ONE}]
    for n in range(1, highest + 1):
        following = _product(mean, found[-1])
        found.append(_sum(following, _scaled(found[-2], (n - 1) * variance)) if n > 1 else following)
    return found


def polynomial(value: "Wave | Scalar") -> Polynomial:
    """``value`` as a polynomial. Raises Open if it is none."""
    terms = lifted(value).terms
    if any(term.exponent for term in terms):
        raise Open
    result: Polynomial = {}
    for term in terms:
        result = _sum(result, _scaled(term.factor, root(term)))
    return result


def settled(value: Wave) -> "Wave | Scalar":
    """A function that depends on nothing, as a number."""
    if any(monomial for term in value.terms for part in (term.factor, term.exponent) for monomial in part):
        return value
    total: Scalar = fmpq(0)
    for term in value.terms:
        size = root(term) * term.factor.get(CONSTANT, fmpq(0))
        total = total + (size * _exp(term.exponent[CONSTANT]) if term.exponent else size)
    return total


def _single(value: Wave) -> Term:
    """The one exponential that ``value`` is a multiple of."""
    if len(value.terms) != 1 or set(value.terms[0].factor) != {CONSTANT}:
        raise Open
    return value.terms[0]


def root(term: Term) -> Scalar:
    """sqrt(radicand pi^pi) of a term."""
    if term.pi == 0 and term.radicand == 1:
        return ONE
    whole = arb(term.radicand) * arb.pi() ** term.pi
    return whole.sqrt()


def _normalised(term: Term) -> Term:
    """The term with what is a square taken out of its root."""
    above, below = int(term.radicand.numerator), int(term.radicand.denominator)
    outer, inner = isqrt(above), isqrt(below)
    if outer * outer == above and inner * inner == below:
        return Term(ONE, term.pi, _scaled(term.factor, fmpq(outer, inner)), term.exponent)
    return term


def _times(left: Term, right: Term) -> Term:
    return _normalised(
        Term(
            left.radicand * right.radicand,
            left.pi + right.pi,
            _product(left.factor, right.factor),
            _sum(left.exponent, right.exponent),
        )
    )


def _collected(terms: Iterable[Term]) -> Wave:
    """A sum, in which terms that differ only in their factors are one."""
    kept: list[Term] = []
    for term in terms:
        if not term.factor:
            continue
        for place, other in enumerate(kept):
            if (other.radicand, other.pi) == (term.radicand, term.pi) and other.exponent == term.exponent:
                kept[place] = other._replace(factor=_sum(other.factor, term.factor))
                break
        else:
            kept.append(term)
    return Wave(tuple(term for term in kept if term.factor))


def _is_zero(value: Scalar) -> bool:
    """Whether a number is exactly 0. (``fmpq.is_zero`` of flint 0.9 says False of 0.)"""
    return not value if isinstance(value, fmpq) else value.is_zero()


def _counts(value: Scalar) -> bool:
    return not _is_zero(value)


def _sum(left: Polynomial, right: Polynomial) -> Polynomial:
    total = dict(left)
    for monomial, factor in right.items():
        total[monomial] = total[monomial] + factor if monomial in total else factor
    return {monomial: factor for monomial, factor in total.items() if _counts(factor)}


def _scaled(values: Polynomial, factor: Scalar) -> Polynomial:
    return {monomial: value * factor for monomial, value in values.items()} if _counts(factor) else {}


def _product(left: Polynomial, right: Polynomial) -> Polynomial:
    total: dict[Monomial, Scalar] = {}
    for a, x in left.items():
        for b, y in right.items():
            monomial = _joined(a, b)
            total[monomial] = total[monomial] + x * y if monomial in total else x * y
    return {monomial: factor for monomial, factor in total.items() if _counts(factor)}


def _joined(left: Monomial, right: Monomial) -> Monomial:
    if not left or not right:
        return left or right
    powers = dict(left)
    for name, power in right:
        powers[name] = powers.get(name, 0) + power
    return tuple(sorted(powers.items()))


def _by_power(values: Polynomial, name: str) -> dict[int, Polynomial]:
    """A polynomial as one in ``name`` alone: its power to what stands before it."""
    found: dict[int, dict[Monomial, Scalar]] = {}
    for monomial, factor in values.items():
        power = next((power for symbol, power in monomial if symbol == name), 0)
        rest = tuple(entry for entry in monomial if entry[0] != name)
        found.setdefault(power, {})[rest] = factor
    return dict(found)


def rational(value: Fraction | int) -> fmpq:
    """A number of Python as one of flint."""
    return fmpq(value.numerator, value.denominator)
