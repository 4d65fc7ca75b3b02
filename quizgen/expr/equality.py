"""Whether two formulas are equal wherever the domains of their variables let them.

In layers of rising cost, each of them bounded: the same tree; then values at sampled points, exact ones where all is
rational, and balls elsewhere. A difference whose ball excludes 0 proves that the formulas differ. They are the same
only if the difference contains 0 at every good point (one at which both values are known to 12 digits or more), and
once at 1024 bits or more with nothing lost. Nothing is rejected in double precision. Formulas that break, as floors and
kinks do, are compared at their breaks as well (``breaks``), once they have agreed elsewhere.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, islice
from typing import Literal, NamedTuple

from flint import arb, ctx, fmpq

from quizgen.expr import breaks, matrices
from quizgen.expr.balls import (
    NEGATIVE,
    TURNS,
    WORK,
    Matrix,
    Mismatch,
    Outside,
    Pole,
    Program,
    Scope,
    Unclear,
    Undefined,
    Unsized,
    Value,
    near,
    precision,
    program,
)
from quizgen.expr.points import Point, Variables, around, points
from quizgen.expr.scalars import SCALAR, Scalar
from quizgen.expr.tree import Apply, Call, Constant, Name, Node, Num, Power, Product, Series, Sum, children, replaced

PRECISIONS = (64, 128, 256, 512, 1024)
"""Bits at which a point is tried, one after the other, until both values are good."""
SURE = (1024, 4096)
"""Bits of the confirmation."""
GOOD = 41
"""Bits that a value must be known to, relative to its size."""
ENOUGH = 3
"""Good points that equality needs."""
PLENTY = 7
"""Points at which a key has a value; more are drawn for one that has fewer, such as ``n!/(n - k)!``."""
MORE = 6
"""How often they are drawn."""
_ALL_WORK = 4 * WORK
_CONSTANTS = 12
_CONFIRMATIONS = 4


class Outcome(NamedTuple):
    """``undecided`` is neither: too few points at which both formulas could be computed."""

    verdict: Literal["same", "different", "undecided"]
    notes: tuple[str, ...] = ()


class Found(NamedTuple):
    """A value, or why there is none, and whether something small may have been lost in it."""

    value: Value | None
    error: type[Undefined] | None = None
    absorbed: bool = False


_RATIONAL = {
    "abs", "floor", "ceil", "round", "sign", "max", "min", "mod", "relu", "less", "atmost", "equal",
    "factorial", "binomial", "transpose", "inverse", "trace", "det", "diag", "hadamard", "dot", "entry", "identity",
    "ones", "norm1",
}  # fmt: skip
"""Functions that have rational values of rational numbers."""


def _is_rational(tree: Node) -> bool:
    """Whether a formula has rational values at rational points, but for powers that are not whole."""
    if isinstance(tree, Constant) or (isinstance(tree, Call) and tree.function not in _RATIONAL):
        return False
    return all(map(_is_rational, children(tree)))


def _guesses(tree: Node) -> bool:
    """Whether a formula has functions of which nothing is known."""
    return isinstance(tree, Apply) or any(map(_guesses, children(tree)))


class Samples:
    """The values of one formula at points, each computed once at each precision.

    ``work`` is how much may be computed in all; without it, only the limit for each value holds.
    """

    def __init__(self, tree: Node, work: int | None = None) -> None:
        self.program: Program = program(tree)
        self.guesses = _guesses(tree)
        self.is_rational = _is_rational(tree)
        self.work = work
        self._found: dict[tuple[int, int], Found] = {}
        self._points: list[Point] = []

    def at(self, point: Point, bits: int) -> Found:
        """The value at ``point`` to ``bits``; from 1024 bits on, carefully."""
        place = (id(point), bits)
        found = self._found.get(place)
        if found is None:
            found = self._found[place] = self.compute(point, bits)
            self._points.append(point)  # so that no other takes its id
        return found

    def compute(self, point: Point, bits: int) -> Found:
        """The same, not remembered. ``ctx.prec`` must be ``bits``."""
        start = WORK if self.work is None else min(WORK, self.work)
        scope = Scope(point, careful=bits in SURE, work=start)
        try:
            value = self.program(scope)
        except Undefined as error:
            return Found(None, type(error))
        finally:
            if self.work is not None:
                self.work = max(self.work - start + scope.work, 0)
        return Found(value, None, scope.absorbed)


@lru_cache(256)
def _key(tree: Node, variables: Variables, seed: bytes) -> tuple[Samples, tuple[Point, ...], tuple[fmpq, ...]]:
    """The samples of a key, the points at which it is compared with every answer, and the constants around which."""
    constants, samples = _constants(tree), Samples(tree)
    places = points(variables, seed)
    if variables and (missing := PLENTY - sum(_has_value(samples, point) for point in places)) > 0:
        more = chain.from_iterable(points(variables, b"%d %b" % (turn, seed)) for turn in range(MORE))
        places += tuple(islice((point for point in more if _has_value(samples, point)), missing))
    return samples, (*places, *around(variables, seed, constants)), constants


def _has_value(samples: Samples, point: Point) -> bool:
    with precision(PRECISIONS[0]):
        return samples.at(point, PRECISIONS[0]).error in (None, Unclear)


_BREAKING = {
    "abs", "norm1", "floor", "ceil", "round", "sign", "max", "min", "mod", "relu", "binomial",
    "less", "atmost", "equal",
}  # fmt: skip
"""Functions that are put together of pieces."""


class Survey:
    """What formulas are made of: names, series, and functions that follow one law here and another one there."""

    def __init__(self, tree: Node) -> None:
        self.names: set[str] = set()
        self.series = self.breaks = False
        self._visit(tree)

    def _visit(self, tree: Node) -> None:
        match tree:
            case Num():
                return
            case Name(name, _):
                self.names.add(name)
            case Call(function, arguments):
                if (
                    function in _BREAKING
                    or (function in ("factorial", "gamma") and isinstance(arguments[0], Sum))
                    or (function in ("sqrt", "root") and _hides_sum(arguments[-1]))
                ):
                    self.breaks = True
            case Power(base, exponent):
                if not isinstance(exponent, Num) and (_hides_sum(base) or base == Num("0")):
                    self.breaks = True
            case Series():
                self.series = True
        for child in children(tree):
            self._visit(child)


def _hides_sum(tree: Node) -> bool:
    """Whether there is a sum under powers and products: the root of its square is an absolute value."""
    while isinstance(tree, Power):
        tree = tree.base
    return isinstance(tree, Sum) or (isinstance(tree, Product) and any(map(_hides_sum, tree.factors)))


def _constants(tree: Node) -> tuple[fmpq, ...]:
    """The numbers around which a formula may change its law, -1, 0 and 1 left out, as all points lie around them."""
    if not Survey(tree).breaks:
        return ()
    found: dict[fmpq, None] = {}
    for part in _fixed(tree):
        value = near(part)
        if value is not None and value not in (-1, 0, 1):
            found[value] = found[-value] = None  # ``x - 6`` is ``x + (-6)``
    return tuple(islice(found, _CONSTANTS))


def _fixed(tree: Node) -> Iterator[Node]:
    """The largest parts without variables."""
    if not Survey(tree).names:
        yield tree
    elif not isinstance(tree, Name):
        for child in children(tree):
            yield from _fixed(child)


def same(key: Node, answer: Node, variables: Mapping[str, str], seed: bytes) -> Outcome:
    """Compares an answer with a key. ``variables`` are names with their domains; ``seed`` keys the points."""
    asked, given = _survey(key), _survey(answer)
    if key == answer or ((asked.series or given.series) and canonical(key) == canonical(answer)):
        return Outcome("same")
    used = tuple(sorted((name, variables[name]) for name in asked.names | given.names if name in variables))
    left, right = _glance(key, used, seed), _glance(answer, used, seed)
    if left is not None and right is not None and left != right:
        return Outcome("different")
    samples, places, known = _key(key, used, seed)
    constants = [constant for constant in _constants(answer) if constant not in known] if given.breaks else []
    tally = _Tally()
    theirs = Samples(answer, _ALL_WORK)
    outcomes = chain(
        (tally.compare(samples.at, theirs, point) for point in places),
        (tally.compare(samples.compute, theirs, point) for point in around(used, seed, constants)),
    )
    settled = next((outcome for outcome in outcomes if outcome is not None), None)
    outcome = settled or tally.outcome(samples, theirs, enough=ENOUGH if used else 1)
    if outcome.verdict == "same" and used and (asked.breaks or given.breaks):
        return _at_breaks(key, answer, used, seed) or outcome
    return outcome


@lru_cache(512)
def _glance(tree: Node, variables: Variables, seed: bytes) -> Scalar | None:
    """The number at the first point, by which most formulas that differ are told apart; None if there is none."""
    point, bits = points(variables, seed)[0], PRECISIONS[0]
    with precision(bits):
        value = Samples(tree).compute(point, bits).value
    return value if isinstance(value, SCALAR) else None


def _at_breaks(key: Node, answer: Node, used: Variables, seed: bytes) -> Outcome | None:
    """Compares two formulas that agree elsewhere where one of them breaks; None if they agree there too."""
    own, theirs = _breaks(key), breaks.breaks(answer)
    fresh = tuple(item for item in (*theirs, *own) if (item in own) != (item in theirs))
    shared = tuple(item for item in own if item in theirs)
    samples, given, tally = _breaking(key), Samples(answer, _ALL_WORK), _Tally()
    compute = samples.compute if fresh else samples.at
    probes = breaks.probes(fresh or shared, shared if fresh else (), used, seed, breaks.kept((key, answer)))
    for point in probes:
        outcome = tally.compare(compute, given, point)
        if outcome is not None:
            return outcome
    return Outcome("undecided") if tally.lost > len(tally.good) else None


_breaks = lru_cache(256)(breaks.breaks)
_breaking = lru_cache(64)(Samples)


_survey = lru_cache(256)(Survey)


class _Tally:
    """What the points have shown so far."""

    def __init__(self) -> None:
        self.good: list[Point] = []
        self.inexact: list[Point] = []
        self.lost = 0  # the key has a value, and the answer none that can be computed
        self.poles = 0

    def compare(self, key: Callable[[Point, int], Found], answer: Samples, point: Point) -> Outcome | None:
        """Compares at one point; an outcome if that settles it."""
        left = right = Found(None, Unclear)
        for bits in PRECISIONS:
            with precision(bits):
                left = key(point, bits)
                if left.error is not None and left.error is not Unclear:
                    return None
                right = answer.compute(point, bits)
                if right.error is Mismatch and left.value is not None:
                    return Outcome("different", ("wrong-shape",))
                if right.error is not None and right.error is not Unclear:
                    break
                if left.value is None or right.value is None:
                    continue
                pairs = aligned(left.value, right.value)
                if pairs is None:
                    return Outcome("different", ("wrong-shape",))
                if any(a != b for a, b in pairs):
                    return Outcome("different")
                if all(map(_good, pairs)):
                    self.good.append(point)
                    if any(isinstance(value, arb) for pair in pairs for value in pair):
                        self.inexact.append(point)
                    return None
        if left.value is None:
            return None
        if right.error is Outside and answer.guesses and point.turn % TURNS in NEGATIVE:
            return None  # ln p(x) has no value here, but p may well be positive
        if right.error is Outside:
            return Outcome("different", ("undefined-somewhere",))
        if right.error is Pole:
            self.poles += 1
        else:
            self.lost += 1
        return None

    def outcome(self, key: Samples, answer: Samples, enough: int) -> Outcome:
        """What all points together say."""
        if self.poles >= enough and self.poles > len(self.good) and not self.lost:
            return Outcome("different", ("undefined-somewhere",))
        if len(self.good) < enough or self.lost > len(self.good):
            return Outcome("undecided")
        exact = len(self.good) - len(self.inexact)
        if not self.inexact or (key.is_rational and answer.is_rational and exact >= enough):
            return Outcome("same")  # where numbers only grew too long for exact ones, nothing small can hide
        for bits in SURE:
            for point in self.inexact[:_CONFIRMATIONS]:
                outcome = _confirmed(key, answer, point, bits)
                if outcome is not None:
                    return outcome
        return Outcome("undecided")


def _confirmed(key: Samples, answer: Samples, point: Point, bits: int) -> Outcome | None:
    """Same or different at high precision; None if something may have been lost."""
    with precision(bits):
        left, right = key.at(point, bits), answer.compute(point, bits)
        if left.value is None or right.value is None:
            return None
        pairs = aligned(left.value, right.value)
        if pairs is None or any(a != b for a, b in pairs):
            return Outcome("different")
        if left.absorbed or right.absorbed or not all(map(_good, pairs)):
            return None
        return Outcome("same")


def aligned(left: Value, right: Value) -> list[tuple[Scalar, Scalar]] | None:
    """The numbers that must agree; None for different shapes."""
    if isinstance(left, SCALAR) and isinstance(right, SCALAR):
        return [(left, right)]
    try:
        if isinstance(left, Unsized) and isinstance(right, Unsized):
            return [(left.factor, right.factor)] if left.kind == right.kind else None
        if isinstance(left, Unsized) and isinstance(right, Matrix):
            left = matrices.sized(left, right.shape)
        if isinstance(right, Unsized) and isinstance(left, Matrix):
            right = matrices.sized(right, left.shape)
    except Mismatch:
        return None
    if not isinstance(left, Matrix) or not isinstance(right, Matrix) or left.shape != right.shape:
        return None
    return list(zip(left.entries, right.entries, strict=True))


def _good(pair: tuple[Scalar, Scalar]) -> bool:
    """Whether two values are known well enough to be called equal."""
    return all(isinstance(value, fmpq) or _known(value) for value in pair)


def _known(value: arb) -> bool:
    """Whether a ball has enough digits, or is 0 as far as can be seen at a precision of some height."""
    if value.rel_accuracy_bits() >= GOOD:
        return True
    return ctx.prec >= 512 and bool(abs(value) < arb(2) ** (-ctx.prec // 2))


def canonical(tree: Node) -> Node:
    """``tree`` with its bound indices renamed by the depth of their series, so that ``i`` or ``j`` makes no matter."""
    return _renamed(tree, {}, 0)


def _renamed(tree: Node, names: Mapping[str, str], depth: int) -> Node:
    match tree:
        case Name(name, ()):
            return Name(names.get(name, name))
        case Series(operator, index, low, high, body):
            fresh = f"#{depth}"
            inner = _renamed(body, {**names, index: fresh}, depth + 1)
            return Series(operator, fresh, _renamed(low, names, depth), _renamed(high, names, depth), inner)
    return replaced(tree, tuple(_renamed(child, names, depth) for child in children(tree)))
