"""Values of formulas as rigorous enclosures: exact rationals where possible, balls of a chosen precision elsewhere.

A tree is compiled once into nested functions, which are run at many points. Conventions, where there are several:
real numbers only; 0^0 is 1; functions of numbers, and a number added, go entry by entry through a vector, and vectors
are divided so; the softmax of a matrix goes by rows; ``|x|`` of a vector is its norm. Where nothing is agreed on, as
for a matrix plus a number or the square of a vector, there is no value rather than a guess.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol, TypeAlias

from flint import arb, ctx, fmpq

from quizgen.expr import matrices
from quizgen.expr.matrices import Matrix, Plus, Unsized, Value, elementwise
from quizgen.expr.scalars import (
    FUNCTIONS,
    ONE,
    SCALAR,
    ZERO,
    Limit,
    Mismatch,
    Outside,
    Pole,
    Scalar,
    Unclear,
    Undefined,
    absolute,
    integer,
    largest,
    power,
    quotient,
    smallest,
    tidy,
)
from quizgen.expr.tree import (
    Apply,
    Call,
    Constant,
    Grid,
    Name,
    Node,
    Num,
    Power,
    Product,
    Quotient,
    Series,
    Sum,
    children,
)

__all__ = [
    "NEGATIVE", "TURNS", "Limit", "Matrix", "Mismatch", "Outside", "Pole", "Program", "Real", "Scope", "Unclear",
    "Undefined", "Unsized", "Value", "exact", "near", "number", "precision", "program",
]  # fmt: skip

PRECISIONS = (256, 1024, 4096)
"""Bits of the balls that a number is computed with, one after the other, until it is clear."""
TERMS = 200
"""The most terms of a series that are written out."""
WORK = 25_000
"""How much may be computed for one value, in numbers added at low precision (about 0.2 µs each)."""
_EXPONENT = 5000
_MODERATE = 10**12
_SURE = 1500
"""Bits to which a number must agree with another one for the two to count as equal."""


TURNS = 5
"""Points after which functions of which nothing is known are drawn in the same way again."""
NEGATIVE = (2, 4)
"""Those of the turns at which they may be negative."""


class Point(Protocol):
    """Where a formula is evaluated."""

    values: Mapping[str, Value]
    turn: int
    """Its number, by which functions of which nothing is known differ from point to point."""

    def indexed(self, name: str, indices: tuple[int, ...]) -> Value:
        """The value of ``x_1``, ``a_{2, 3}`` ... Raises Limit for a name without value."""
        ...


class Nowhere:
    """The point at which formulas without variables are evaluated."""

    values: Mapping[str, Value] = {}
    turn = 0

    def indexed(self, name: str, indices: tuple[int, ...]) -> Value:
        """No variable has a value."""
        raise Limit


class Scope:
    """What one evaluation knows: the point, the numbers that indices stand for, and the work left.

    A ``careful`` one notes in ``absorbed`` whether something so small was added to something so large, or a function
    taken so close to a limit of its, that the difference between two formulas could be lost at this precision.
    """

    __slots__ = ("absorbed", "bound", "careful", "point", "work")

    def __init__(self, point: Point, careful: bool = False, work: int = WORK) -> None:
        self.point = point
        self.bound: dict[str, Scalar] = {}
        self.careful = careful
        self.absorbed = False
        self.work = work

    def spend(self, cost: int) -> None:
        """Takes ``cost`` from the work left. Raises Limit when there is none."""
        self.work -= cost * _PRICES[ctx.prec]
        if self.work < 0:
            raise Limit

    def kept(self, value: Scalar) -> Scalar:
        """``value`` as :func:`scalars.tidy` leaves it, long ones counted as work."""
        if isinstance(value, fmpq) and value.height_bits() > _LONG:
            self.spend(value.height_bits() // 32)
        return tidy(value)

    def plus(self, left: Scalar, right: Scalar) -> Scalar:
        """The sum of two numbers."""
        if self.careful:
            small = arb(2) ** (-ctx.prec // 2)
            a, b = abs(arb(left)), abs(arb(right))
            if (a > 0 and a < b * small) or (b > 0 and b < a * small):
                self.absorbed = True
        return left + right

    def watch_all(self, value: Value, function: str = "") -> None:
        """Notes an argument with an entry so small or large that a function hardly depends on it."""
        if not self.careful or isinstance(value, Unsized):
            return
        for entry in value.entries if isinstance(value, Matrix) else (value,):
            self._watch(entry, function)

    def _watch(self, value: Scalar, function: str) -> None:
        size = abs(arb(value))
        far = arb(2) ** (ctx.prec // 4)
        order = _SATURATING.get(function)
        if size > far or 0 < size * far < 1 or (order is not None and size**order > ctx.prec // 4):
            self.absorbed = True


_SATURATING = {
    "tanh": 1,
    "sigmoid": 1,
    "softplus": 1,
    "silu": 1,
    "erf": 2,
    "Phi": 2,
    "gelu": 2,
}
"""Functions that near a limit like exp(-|x|), or like exp(-x²)."""

_PRICES = {64: 1, 128: 1, 256: 2, 512: 3, 1024: 6, 4096: 48}
"""How many times as long everything takes at a precision."""

_LONG = 256
"""Bits from which on the length of rationals matters to the time."""

_COSTS = {"gamma": 60, "factorial": 20, "erf": 30, "Phi": 30, "gelu": 30, "binomial": 300}

Run: TypeAlias = Callable[[Scope], Value]


class Program(NamedTuple):
    """A compiled formula, and how much work one evaluation is."""

    run: Run
    cost: int

    def __call__(self, scope: Scope) -> Value:
        """The value at the point of ``scope``. Raises Undefined."""
        scope.spend(self.cost)
        return self.run(scope)


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Sets the precision of balls for a while."""
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


@lru_cache(64)
def program(tree: Node) -> Program:
    """``tree``, compiled."""
    return Program(_compiled(tree, frozenset()), _cost(tree))


def _cost(tree: Node) -> int:
    """The work of one evaluation, save that of the terms of series and the entries of matrices."""
    if isinstance(tree, Series):
        return 1 + _cost(tree.low) + _cost(tree.high)
    own = _COSTS.get(tree.function, 4) if isinstance(tree, Call) else 4 if isinstance(tree, Power | Apply) else 1
    return own + sum(map(_cost, children(tree)))


def _compiled(tree: Node, bound: frozenset[str]) -> Run:
    match tree:
        case Num(value):
            return _constant(_numeral(value))
        case Constant(name):
            return _CONSTANTS[name]
        case Name(name, indices):
            return _name(name, [_compiled(index, bound) for index in indices], name in bound and not indices)
        case Sum(terms):
            return _sum([_compiled(term, bound) for term in terms])
        case Product(factors):
            return _product([_compiled(factor, bound) for factor in factors])
        case Quotient(above, below):
            return _quotient(_compiled(above, bound), _compiled(below, bound))
        case Power(Constant("e"), exponent):
            return _call("exp", [_compiled(exponent, bound)])
        case Power(base, exponent):
            return _power(_compiled(base, bound), _compiled(exponent, bound))
        case Call(function, arguments):
            return _call(function, [_compiled(argument, bound) for argument in arguments])
        case Apply(name, arguments, separators):
            return _apply(f"{name}({separators}", [_compiled(argument, bound) for argument in arguments])
        case Series():
            return _series(tree, bound)
        case Grid(rows):
            return _grid([[_compiled(entry, bound) for entry in row] for row in rows])


def _raising(error: type[Undefined]) -> Run:
    def run(scope: Scope) -> Value:
        raise error

    return run


_CONSTANTS: dict[str, Run] = {
    "pi": lambda scope: arb.pi(),
    "e": lambda scope: arb.const_e(),
    "infinity": _raising(Limit),
}


@lru_cache(1024)
def _numeral(text: str) -> fmpq | None:
    """The number that is written; None if it is far too long."""
    _, _, exponent = text.lower().partition("e")
    if len(text) > _EXPONENT or (exponent and abs(int(exponent)) > _EXPONENT):
        return None
    value = Fraction(text)
    return fmpq(value.numerator, value.denominator)


def _constant(value: fmpq | None) -> Run:
    if value is None:
        return _raising(Limit)
    number: fmpq = value
    if isinstance(tidy(number), arb):
        return lambda scope: arb(number)
    return lambda scope: number


def _name(name: str, indices: list[Run], bound: bool) -> Run:
    if bound:
        return lambda scope: scope.bound[name]
    if not indices:
        return lambda scope: _variable(scope.point, name)

    def run(scope: Scope) -> Value:
        return scope.point.indexed(name, tuple(_index(index(scope)) for index in indices))

    return run


def _variable(point: Point, name: str) -> Value:
    value = point.values.get(name)
    return point.indexed(name, ()) if value is None else value


def _index(value: Value) -> int:
    """``value`` as an integer. Raises Limit."""
    whole = integer(value) if isinstance(value, SCALAR) else None
    if whole is None:
        raise Limit
    return whole


def _sum(terms: list[Run]) -> Run:
    first, *rest = terms

    def run(scope: Scope) -> Value:
        total = first(scope)
        for term in rest:
            value = term(scope)
            if isinstance(total, SCALAR) and isinstance(value, SCALAR):
                total = scope.plus(total, value) if scope.careful else total + value
            else:
                total = _added(total, value, scope)
        return scope.kept(total) if isinstance(total, SCALAR) else total

    return run


def _plus(scope: Scope) -> Plus:
    """Addition for many entries, each of which is counted."""

    def plus(left: Scalar, right: Scalar) -> Scalar:
        scope.spend(2)
        return scope.kept(scope.plus(left, right))

    return plus


def _product(factors: list[Run]) -> Run:
    first, *rest = factors

    def run(scope: Scope) -> Value:
        total = first(scope)
        for factor in rest:
            value = factor(scope)
            if isinstance(total, SCALAR) and isinstance(value, SCALAR):
                total = scope.kept(total * value)
            else:
                total = _multiplied(total, value, scope)
        return total

    return run


def _quotient(above: Run, below: Run) -> Run:
    def run(scope: Scope) -> Value:
        numerator, denominator = above(scope), below(scope)
        if not isinstance(denominator, SCALAR):
            return elementwise(quotient, [numerator, _vector(denominator)])
        if isinstance(numerator, SCALAR):
            return quotient(numerator, denominator)
        return matrices.scaled(numerator, quotient(ONE, denominator))

    return run


def _vector(value: Value) -> Matrix:
    """``value`` if it is a vector. Raises Mismatch."""
    if isinstance(value, Matrix) and 1 in value.shape:
        return value
    raise Mismatch


def _power(base: Run, exponent: Run) -> Run:
    def run(scope: Scope) -> Value:
        below, above = base(scope), exponent(scope)
        if isinstance(below, SCALAR) and isinstance(above, SCALAR):
            if scope.careful:
                scope.watch_all(above)
            return scope.kept(power(below, above))
        return matrices.matrix_power(below, above, _plus(scope))

    return run


def _call(function: str, arguments: list[Run]) -> Run:
    if function in ("ones", "identity"):
        return lambda scope: Unsized(function, ONE)
    if function in ("max", "min"):
        return _extreme(largest if function == "max" else smallest, arguments)
    if function in _MATRIX:
        return _matrix_call(_MATRIX[function], arguments)
    run = FUNCTIONS[function]
    if len(arguments) == 1:
        return _unary(function, run, arguments[0])

    def several(scope: Scope) -> Value:
        values = [argument(scope) for argument in arguments]
        if scope.careful:
            for value in values:
                scope.watch_all(value)
        return elementwise(run, values)

    return several


def _unary(function: str, number: Callable[[Scalar], Scalar], argument: Run) -> Run:
    cost = _COSTS.get(function, 4)

    def run(scope: Scope) -> Value:
        value = argument(scope)
        if scope.careful:
            scope.watch_all(value, function)
        if isinstance(value, SCALAR):
            return number(value)
        if not isinstance(value, Matrix):
            raise Mismatch
        if function == "abs":
            return _length(value, scope)
        scope.spend(cost * len(value.entries))
        return elementwise(number, [value])

    return run


def _length(value: Matrix, scope: Scope) -> Value:
    """``|x|`` of a vector; that of a matrix may be its determinant or anything."""
    return matrices.norm(_vector(value), _plus(scope))


def _hadamard(values: list[Value], plus: Plus) -> Value:
    return elementwise(_times, values)


def _times(*factors: Scalar) -> Scalar:
    total: Scalar = ONE
    for factor in factors:
        total = tidy(total * factor)
    return total


_MATRIX: dict[str, Callable[[list[Value], Plus], Value]] = {
    "transpose": lambda values, plus: matrices.transpose(values[0]),
    "inverse": lambda values, plus: matrices.inverse(values[0]),
    "det": lambda values, plus: matrices.determinant(values[0]),
    "diag": lambda values, plus: matrices.diagonal(values[0]),
    "trace": lambda values, plus: matrices.trace(values[0], plus),
    "norm": lambda values, plus: matrices.norm(values[0], plus),
    "norm1": lambda values, plus: matrices.norm1(values[0], plus),
    "softmax": lambda values, plus: matrices.softmax(values[0], plus),
    "dot": lambda values, plus: matrices.dot(values[0], values[1], plus),
    "hadamard": _hadamard,
    "entry": lambda values, plus: matrices.entry(values[0], tuple(map(_index, values[1:]))),
}


def _matrix_call(function: Callable[[list[Value], Plus], Value], arguments: list[Run]) -> Run:
    def run(scope: Scope) -> Value:
        values = [argument(scope) for argument in arguments]
        for value in values:
            if isinstance(value, Matrix):
                scope.spend(4 * len(value.entries))
                scope.watch_all(value)
        return function(values, _plus(scope))

    return run


def _extreme(choose: Callable[[Scalar, Scalar], Scalar], arguments: list[Run]) -> Run:
    """The largest or smallest of several, entry by entry; of a single vector, of its entries."""

    def of_all(*values: Scalar) -> Scalar:
        best = values[0]
        for value in values[1:]:
            best = choose(best, value)
        return best

    def run(scope: Scope) -> Value:
        values = [argument(scope) for argument in arguments]
        if len(values) == 1 and isinstance(values[0], Matrix):
            return of_all(*values[0].entries)
        return elementwise(of_all, values)

    return run


def _grid(rows: list[list[Run]]) -> Run:
    def run(scope: Scope) -> Value:
        return matrices.matrix(tuple(tuple(matrices.scalar(entry(scope)) for entry in row) for row in rows))

    return run


def _series(tree: Series, bound: frozenset[str]) -> Run:
    low, high = _compiled(tree.low, bound), _compiled(tree.high, bound)
    inner = bound | {tree.index}
    body, cost, index = _compiled(tree.body, inner), _cost(tree.body) + 3, tree.index
    times = tree.operator == "product"

    def run(scope: Scope) -> Value:
        start, stop = _index(low(scope)), _index(high(scope))
        if stop - start >= TERMS:
            raise Limit
        scope.spend(8)
        total: Value | None = None
        before = scope.bound.get(index)
        try:
            for step in range(start, stop + 1):
                scope.spend(cost)
                scope.bound[index] = fmpq(step)
                value = body(scope)
                if total is None:
                    total = value
                else:
                    total = _multiplied(total, value, scope) if times else _added(total, value, scope)
        finally:
            if before is not None:
                scope.bound[index] = before
        if total is None:
            return ONE if times else ZERO
        return total

    return run


def _added(left: Value, right: Value, scope: Scope) -> Value:
    if isinstance(left, SCALAR) and isinstance(right, SCALAR):
        return scope.kept(scope.plus(left, right))
    if isinstance(left, SCALAR) or isinstance(right, SCALAR):
        _vector(right if isinstance(left, SCALAR) else left)
        return elementwise(_plus(scope), [left, right])
    return matrices.add(left, right, _plus(scope))


def _multiplied(left: Value, right: Value, scope: Scope) -> Value:
    if isinstance(left, SCALAR) and isinstance(right, SCALAR):
        return scope.kept(left * right)
    for value in (left, right):
        if isinstance(value, Matrix):
            scope.spend(4 * len(value.entries))
    return matrices.multiply(left, right, _plus(scope))


def _apply(key: str, arguments: list[Run]) -> Run:
    """A function of which nothing is known: a number, or for a matrix a matrix of its shape."""

    def run(scope: Scope) -> Value:
        values = [argument(scope) for argument in arguments]
        if any(isinstance(value, Unsized) for value in values):
            raise Mismatch
        shapes = [value.shape if isinstance(value, Matrix) else (1, 1) for value in values]
        entries = [entry for value in values for entry in (value.entries if isinstance(value, Matrix) else (value,))]
        height, width = next((shape for shape in shapes if 1 not in shape), (1, 1))
        return matrices.matrix(
            tuple(
                tuple(_generic(scope, f"{key}{shapes}{row},{column}", entries) for column in range(width))
                for row in range(height)
            )
        )

    return run


def _generic(scope: Scope, key: str, entries: list[Any]) -> Scalar:
    """A rational function of some numbers, with coefficients from a hash of its name.

    c + (a linear form)² + d / (1 + (another linear form)²): no identity holds for it but those that hold for all. As a
    probability, a density or any number may be meant, it lies between 0 and 1 at some points, is positive at others,
    and has any sign at the rest.
    """
    coefficients = _coefficients(key, 2 * len(entries) + 4)
    first: Scalar = coefficients[0]
    second: Scalar = coefficients[1]
    for place, entry in enumerate(entries):
        first = scope.plus(first, coefficients[2 * place + 4] * entry)
        second = scope.plus(second, coefficients[2 * place + 5] * entry)
    bump = quotient(absolute(coefficients[2]), scope.plus(ONE, second * second))
    positive = scope.plus(scope.plus(absolute(coefficients[3]), first * first), bump)
    match scope.point.turn % TURNS:
        case 1 | 3:
            return quotient(positive, scope.plus(ONE, positive))
        case 2:
            return tidy(scope.plus(first, bump))
        case 4:
            return tidy(-positive)
    return tidy(positive)


@lru_cache(1024)
def _coefficients(key: str, count: int) -> tuple[fmpq, ...]:
    """Rationals between -2 and 2, none of them 0."""
    drawn = []
    for place in range(count):
        bits = int.from_bytes(blake2b(f"{place} {key}".encode(), digest_size=4).digest(), "big")
        drawn.append(fmpq((bits % 509 + 1) * (1 if bits >> 31 else -1), 257))
    return tuple(drawn)


class Real:
    """A real number that is computed as precisely as each question needs."""

    def __init__(self, tree: Node) -> None:
        self._program = program(tree)
        self._known: dict[int, tuple[Scalar, bool]] = {}
        self._first = next((bits for bits in PRECISIONS if self._clear(bits)), None)
        if self._first is None:
            raise Unclear
        value = self._at(self._first)
        self.exact: Fraction | None = _fraction(value) if isinstance(value, fmpq) else None

    def _clear(self, bits: int) -> bool:
        try:
            self._at(bits)
        except Unclear:
            return False
        return True

    def _at(self, bits: int) -> Scalar:
        """The value to ``bits``. Raises Undefined."""
        if bits not in self._known:
            scope = Scope(Nowhere(), careful=bits == PRECISIONS[-1])
            with precision(bits):
                value = self._program(scope)
            if not isinstance(value, SCALAR):
                raise Mismatch
            self._known[bits] = value, scope.absorbed
        return self._known[bits][0]

    def compare(self, other: Fraction) -> int | None:
        """-1, 0 or 1 for less than, equal to or more than ``other``; None if that could not be told."""
        if self.exact is not None:
            return (self.exact > other) - (self.exact < other)
        target = fmpq(other.numerator, other.denominator)
        for bits in PRECISIONS:
            if not self._clear(bits):
                continue
            with precision(bits):
                difference = self._at(bits) - target
                if difference > 0:
                    return 1
                if difference < 0:
                    return -1
        return self._as_good_as(target)

    def _as_good_as(self, target: fmpq) -> int | None:
        """0 if the best ball around ``target`` is so small that the two are equal."""
        bits = PRECISIONS[-1]
        if not self._clear(bits) or self._known[bits][1]:
            return None
        with precision(bits):
            reach = abs(arb(self._at(bits) - target))
            return 0 if reach < largest(abs(target), ONE) * arb(2) ** -_SURE else None

    def within(self, key: Fraction, tolerance: Fraction, relative: Fraction = Fraction(0)) -> bool | None:
        """Whether it is at most ``tolerance``, or ``relative`` times ``key``, away from ``key``; None if unclear."""
        reach = max(tolerance, relative * abs(key))
        low, high = self.compare(key - reach), self.compare(key + reach)
        if low == -1 or high == 1:
            return False
        return True if low is not None and high is not None else None


def _fraction(value: fmpq) -> Fraction:
    return Fraction(int(value.numerator), int(value.denominator))


def number(tree: Node) -> Real:
    """The number that a formula without variables is. Raises Undefined if it is none."""
    return Real(tree)


def near(tree: Node) -> fmpq | None:
    """A rational within 1e-15 or so of the value of a formula without variables, if it is of moderate size."""
    try:
        with precision(64):
            value = program(tree)(Scope(Nowhere()))
    except Undefined:
        return None
    if isinstance(value, fmpq):
        return value if abs(value) < _MODERATE else None
    if not isinstance(value, arb) or not abs(value) < _MODERATE:
        return None
    mantissa, exponent = value.mid().man_exp()
    return fmpq(mantissa) * fmpq(2) ** int(exponent) if abs(exponent) < _LONG else None


def exact(tree: Node) -> Fraction | None:
    """The value of a formula without variables if it is rational, of bounded size, and found to be."""
    try:
        with precision(PRECISIONS[0]):
            value = program(tree)(Scope(Nowhere()))
    except Undefined:
        return None
    return _fraction(value) if isinstance(value, fmpq) else None
