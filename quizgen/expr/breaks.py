"""Where formulas break, and points there: on the breaks, beside them, and past several of them at once.

A floor breaks where its argument is an integer, and a relu where its argument is 0. One variable at a time is put
there: by exact rationals where the argument is a quotient of linear functions of it, else by bisection. Points that
are drawn at random miss a multiple of 512, or the corner where two variables are large; these do not.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import combinations, islice, pairwise, permutations, product, zip_longest
from math import gcd, lcm
from typing import NamedTuple

from flint import arb, fmpq

from quizgen.expr.balls import Matrix, Program, Scope, Undefined, precision, program
from quizgen.expr.domains import read_domain
from quizgen.expr.points import Draw, Point, Slot, Variables, allowed, far, points
from quizgen.expr.tree import Call, Name, Node, Num, Power, Product, Quotient, Series, Sum, children, negative, replaced

MOST = 60
"""The most points at breaks for one comparison."""
_BREAKS = 24
_SIDES = 8
_LINES = 16
_BETWEEN = 12
_RANGE = 80
_EVALUATIONS = 2000
_WORK = 2000
_CLOSE = fmpq(1, 1 << 40)
_NARROW = fmpq(1, 1 << 24)
_EXTREME = 5
_SMALL = 20


class Break(NamedTuple):
    """A formula, and what happens to another one where it is 0; with ``steps``, where it is an integer."""

    argument: Node
    steps: bool = False


def breaks(tree: Node) -> tuple[Break, ...]:
    """The breaks of a formula, each of them once; those in a series where its index has its first and last value."""
    return tuple(islice(dict.fromkeys(_breaks(tree, 2)), _BREAKS))


def _breaks(tree: Node, depth: int) -> Iterator[Break]:
    if isinstance(tree, Series):
        yield from _breaks(tree.low, depth)
        yield from _breaks(tree.high, depth)
        for bound in (tree.low, tree.high) if depth else ():
            if _size(bound) <= _SMALL:
                yield from _breaks(_substituted(tree.body, tree.index, bound), depth - 1)
        return
    yield from _own(tree)
    for child in children(tree):
        yield from _breaks(child, depth)


def _own(tree: Node) -> Iterator[Break]:
    """The breaks of the outermost operation alone."""
    match tree:
        case Call("abs" | "sign" | "relu" | "norm1", (argument,)):
            yield Break(argument)
        case Call("factorial" | "gamma", (argument,)) if not isinstance(argument, Name | Num):  # no value beyond it
            yield Break(argument)
        case Call("floor" | "ceil", (argument,)):
            yield Break(argument, steps=True)
        case Call("round", (argument,)):
            yield Break(Sum((argument, Num("1/2"))), steps=True)
        case Call("mod", (value, modulus)):
            yield Break(Quotient(value, modulus), steps=True)
        case Call("max" | "min" | "less" | "atmost" | "equal", arguments):
            for left, right in combinations(arguments[:_EXTREME], 2):
                yield Break(_difference(left, right))
        case Call("binomial", (above, below)):  # 0 on the other sides
            yield Break(below)
            yield Break(_difference(above, below))
        case Call("sqrt" | "root", arguments):
            yield from map(Break, _sums(arguments[-1]))
        case Power(base, exponent) if not isinstance(exponent, Num):
            yield from map(Break, _sums(base))
            if base == Num("0"):  # 0^0 is 1
                yield Break(exponent)


def _difference(left: Node, right: Node) -> Node:
    return Sum((left, negative(right)))


def _sums(tree: Node) -> Iterator[Node]:
    """The sums under powers and products: the root of the square of one is an absolute value."""
    match tree:
        case Sum():
            yield tree
        case Power(base, _):
            yield from _sums(base)
        case Product(factors):
            for factor in factors:
                yield from _sums(factor)


def _size(tree: Node) -> int:
    return 1 + sum(map(_size, children(tree)))


def _substituted(tree: Node, name: str, value: Node) -> Node:
    """``tree`` with ``value`` for ``name``, save where an inner series has an index of that name."""
    if tree == Name(name):
        return value
    inner = [_substituted(child, name, value) for child in children(tree)]
    if isinstance(tree, Series) and tree.index == name:
        inner[-1] = tree.body
    return replaced(tree, tuple(inner))


def _kept(tree: Node, inside: bool = False) -> Iterator[str]:
    """The names that tell how many terms a series has, which variable of an indexed one is meant, or a factorial."""
    match tree:
        case Name(name, indices):
            if inside:
                yield name
            for index in indices:
                yield from _kept(index, True)
        case Call("factorial" | "gamma", (argument,)):
            yield from _kept(argument, True)
        case Series(_, _, low, high, body):
            yield from _kept(low, True)
            yield from _kept(high, True)
            yield from _kept(body, inside)
        case _:
            for child in children(tree):
                yield from _kept(child, inside)


def kept(trees: Iterable[Node]) -> frozenset[str]:
    """The variables that cannot be large: those in bounds, indices and factorials."""
    return frozenset(name for tree in trees for name in _kept(tree))


def names(tree: Node) -> Iterator[Name]:
    """The variables of a formula, with their indices."""
    if isinstance(tree, Name):
        yield tree
    for child in children(tree):
        yield from names(child)


class Probes:
    """Points at breaks, ``MOST`` at most, each made when it is first asked for.

    Some are of large scale, some past all breaks at once, some on breaks between integers, the others on lines through
    these. ``fresh`` are the breaks that only one of two formulas has, or all that both have; at the others, ``shared``,
    there is less to find. The variables in ``fixed`` are not made large.
    """

    def __init__(
        self,
        fresh: tuple[Break, ...],
        shared: tuple[Break, ...],
        variables: Variables,
        seed: bytes,
        fixed: frozenset[str],
    ) -> None:
        self._made: list[Point] = []
        self._rest = islice(_probes(_Probing(fresh, shared, variables), variables, seed, fixed), MOST)

    def __iter__(self) -> Iterator[Point]:
        for place in range(MOST):
            if place == len(self._made):
                point = next(self._rest, None)
                if point is None:
                    return
                self._made.append(point)
            yield self._made[place]


probes = lru_cache(64)(Probes)


def _probes(probing: "_Probing", variables: Variables, seed: bytes, fixed: frozenset[str]) -> Iterator[Point]:
    usual = points(variables, seed)
    large = far(variables, seed, usual[0], fixed)
    yield from large
    past = list(_past_all(probing, usual[0], seed))
    yield from past
    draw = Draw(seed, "whole")
    yield from islice(_in_turns([probing.between(mark, usual[0], draw) for mark in probing.fresh]), _BETWEEN)
    bases = (usual[0], *past[:3], *large[:3], usual[2], *past[3:])
    yield from _in_turns(list(islice((line for base in bases for line in probing.lines(base)), _LINES)))


def _in_turns(lines: list[Iterator[Point]]) -> Iterator[Point]:
    """The first point of every line, then the second ones ..."""
    for turn in zip_longest(*lines):
        yield from (point for point in turn if point is not None)


def _past_all(probing: "_Probing", base: Point, seed: bytes) -> Iterator[Point]:
    """``base`` on all breaks, past all of them, before all of them, and past some."""
    count = len(probing.fresh)
    sides = [(0,) * count, (1,) * count, (-1,) * count]
    draw = Draw(seed, "sides")
    for turn in range(1, _SIDES - 2):
        sides.append(tuple((1, -1)[turn >> place & 1 if count < 3 else draw.below(2)] for place in range(count)))
    for wanted in dict.fromkeys(sides):
        yield probing.placed(base, wanted)


class _Mark:
    """A break, compiled, with the variables on which it depends."""

    def __init__(self, found: Break) -> None:
        self.run = program(found.argument)
        self.steps = found.steps
        self.names = [(name, list(map(program, name.indices))) for name in dict.fromkeys(names(found.argument))]


class _Probing:
    """Searches for breaks, with a bounded number of evaluations in all."""

    def __init__(self, fresh: tuple[Break, ...], shared: tuple[Break, ...], variables: Variables) -> None:
        self.fresh = list(map(_Mark, fresh))
        self._shared = list(map(_Mark, shared))
        self.domains = {name: read_domain(text) for name, text in variables}
        self.left = _EVALUATIONS

    def value(self, run: Program, point: Point) -> fmpq | None:
        """A formula (its first entry) at a point, exactly or to 60 bits; None if it has no value."""
        self.left -= 1
        if self.left < 0:
            return None
        try:
            with precision(64):
                value = run(Scope(point, work=_WORK))
        except Undefined:
            return None
        if isinstance(value, Matrix):
            value = value.entries[0]
        if isinstance(value, arb):
            mantissa, exponent = value.mid().man_exp()
            return fmpq(mantissa) * fmpq(2) ** int(exponent) if abs(exponent) < 256 else None
        return value if isinstance(value, fmpq) else None

    def slots(self, mark: _Mark, point: Point) -> list[Slot]:
        """The numbers of a point on which a break depends; of vectors and matrices, the first entry."""
        found = [self._slot(name.name, indices, point) for name, indices in mark.names]
        return [slot for slot in dict.fromkeys(found) if slot is not None]

    def _slot(self, name: str, indices: list[Program], point: Point) -> Slot | None:
        domain = self.domains.get(name)
        if domain is None or (domain.indexed and domain.shape is not None):
            return None
        if not domain.indexed:
            return Slot(name, None if domain.shape in (None, (1, 1)) else (0, 0))
        places = [self.value(index, point) for index in indices]
        whole = tuple(int(place.numerator) for place in places if place is not None and place.denominator == 1)
        return Slot(name, whole) if len(whole) == len(places) else None

    def kind(self, slot: Slot) -> str:
        """The domain of a single number."""
        return self.domains[slot.name].kind

    def lines(self, base: Point) -> Iterator[Iterator[Point]]:
        """For every number of a point on which a fresh break depends, the points with it at all of its breaks."""
        depending: dict[Slot, list[_Mark]] = {}
        for mark in self.fresh:
            for slot in self.slots(mark, base):
                depending.setdefault(slot, []).append(mark)
        for mark in self._shared:
            for slot in self.slots(mark, base):
                if slot in depending:
                    depending[slot].append(mark)
        for slot, marks in depending.items():
            yield self._line(base, slot, marks)

    def _line(self, base: Point, slot: Slot, marks: list[_Mark]) -> Iterator[Point]:
        each = [_Line(self, mark, base, slot).positions() for mark in marks]
        positions = [place for turn in zip_longest(*each) for place in turn if place is not None]
        for number in stops(positions, self.kind(slot)):
            yield base.moved(slot, number)

    def between(self, mark: _Mark, base: Point, draw: Draw) -> Iterator[Point]:
        """Points exactly on a break that is linear in two integer variables, some of those that are not large."""
        whole = [slot for slot in self.slots(mark, base) if "integer" in self.kind(slot)]
        pairs = islice(permutations(whole, 2), 2)
        yield from _in_turns([self._between(mark, base, one, other, draw) for one, other in pairs])

    def _between(self, mark: _Mark, base: Point, one: Slot, other: Slot, draw: Draw) -> Iterator[Point]:
        pairs = sorted(self._whole_pairs(mark, base, one, other), key=lambda pair: abs_(pair[1]))
        for turn in range(min(len(pairs), _BETWEEN)):  # the smallest ones, and some
            first, second = pairs.pop(draw.below(len(pairs)) if turn % 2 else 0)
            yield base.moved(one, first).moved(other, second)

    def _whole_pairs(self, mark: _Mark, base: Point, one: Slot, other: Slot) -> list[tuple[fmpq, fmpq]]:
        """Values of two integer variables that put the others' break on a target; none if it is not linear in them."""
        line = _Line(self, mark, base, one)
        start, second = base.number(one), base.number(other)
        if start is None or second is None:
            return []
        values = [
            self.value(mark.run, base.moved(one, start + step).moved(other, second + rise))
            for step, rise in ((0, 0), (1, 0), (0, 1), (3, 5))
        ]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return []
        here, slope, rise = known[0], known[1] - known[0], known[2] - known[0]
        if slope == 0 or known[3] != here + 3 * slope + 5 * rise:
            return []
        found = []
        for target in line.targets(here)[:2]:
            for step in range(-_RANGE, _RANGE + 1):
                number = start + (target - here - rise * step) / slope
                if allowed(self.kind(one), number) and allowed(self.kind(other), second + step):
                    found.append((number, second + step))
        return found

    def placed(self, point: Point, sides: tuple[int, ...]) -> Point:
        """``point`` with one number after the other moved so that each break has its side, as far as that goes.

        Every break takes a number that the ones before it left alone, if there is one. Steps are put on an integer.
        """
        for _ in range(2):
            taken: set[Slot] = set()
            for mark, side in zip(self.fresh, sides, strict=True):
                value = self.value(mark.run, point)
                slots = sorted(self.slots(mark, point), key=lambda slot: slot in taken)
                if value is None or _has(mark, value, side):
                    taken.update(slots[:1])
                    continue
                for slot in slots:
                    moved = self._moved(mark, point, slot, side)
                    if moved is not None:
                        point = moved
                        taken.add(slot)
                        break
        return point

    def _moved(self, mark: _Mark, point: Point, slot: Slot, side: int) -> Point | None:
        """``point`` with a number in ``slot`` that gives a break its side."""
        for number in stops(list(_Line(self, mark, point, slot).positions()), self.kind(slot)):
            moved = point.moved(slot, number)
            value = self.value(mark.run, moved)
            if value is not None and _has(mark, value, side):
                return moved
        return None


def _has(mark: _Mark, value: fmpq, side: int) -> bool:
    """Whether a break with this value of its argument has a side."""
    if mark.steps:
        return bool(value != 0) and value.denominator == 1
    return bool(value > 0) if side > 0 else bool(value < 0) if side < 0 else bool(value == 0)


def stops(positions: list[fmpq], kind: str) -> Iterator[fmpq]:
    """The numbers of a kind on every position, below it and above it, closer than any other position is."""
    if "integer" in kind:
        near_by: Iterator[fmpq] = (number for place in positions for number in _integers(place))
    else:
        near_by = _beside(positions)
    seen: set[fmpq] = set()
    for number in near_by:
        if number not in seen and allowed(kind, number):
            seen.add(number)
            yield number


def _integers(place: fmpq) -> tuple[fmpq, ...]:
    """An integer and its neighbours, or the two integers around a number."""
    below = fmpq(place.floor())
    return (below, below - 1, below + 1) if below == place else (below, below + 1)


def _beside(positions: list[fmpq]) -> Iterator[fmpq]:
    ordered = sorted({*positions, fmpq(0), fmpq(1)})  # the ends of domains
    gaps = {left: right - left for left, right in pairwise(ordered)}
    before = {right: right - left for left, right in pairwise(ordered)}
    for place in positions:
        step = (1 + abs_(place)) / 37
        yield place
        yield place - min(step, before.get(place, step) / 2)
        yield place + min(step, gaps.get(place, step) / 2)


def abs_(value: fmpq) -> fmpq:
    """The absolute value."""
    return value if value >= 0 else -value


class _Line:
    """The argument of a break as a function of one number of a point."""

    def __init__(self, probing: _Probing, mark: _Mark, base: Point, slot: Slot) -> None:
        self._probing = probing
        self._mark = mark
        self._base = base
        self._slot = slot
        self._kind = probing.kind(slot)
        self._whole = "integer" in self._kind

    def at(self, number: fmpq) -> fmpq | None:
        """The argument with ``number`` in the slot; None outside of the domain, too."""
        if not allowed(self._kind, number):
            return None
        return self._probing.value(self._mark.run, self._base.moved(self._slot, number))

    def positions(self) -> Iterator[fmpq]:
        """Numbers with which the argument meets a break, a few of them, the likeliest first."""
        start = self._base.number(self._slot)
        here = self.at(start) if start is not None else None
        if start is None or here is None:
            return
        sample = self._sample(start, here)
        if sample is None:
            yield from self._searched(start, here)
            return
        if self._mark.steps and self._whole:
            yield from _multiples(sample)
        for target in self.targets(here):
            place = _solved(sample, target)
            if place is not None:
                yield place

    def targets(self, here: fmpq) -> list[fmpq]:
        """Values of the argument at which there is a break, a few of them."""
        if not self._mark.steps:
            return [fmpq(0)]
        below = fmpq(here.floor())
        return list(dict.fromkeys((below + 1, below, fmpq(1), fmpq(2))))

    def _sample(self, start: fmpq, here: fmpq) -> "_Sample | None":
        """Three numbers with their values if the argument is a quotient of linear functions, as far as can be seen."""
        if self._whole:
            numbers = [start + 1, start + 2, start + 500]
        elif self._kind == "unit":
            numbers = [start / 2, start / 3, 1 - (1 - start) / 50]
        else:
            numbers = [start + fmpq(1, 7), start + fmpq(2, 7), start + 500]
        if self._kind in ("real", "integer"):
            numbers.append(start - 500)
        values = [self.at(number) for number in numbers]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return None
        sample = _Sample((start, *numbers[:2]), (here, *known[:2]))
        places = [_solved(sample, value) for value in known[2:]]
        fits = all(
            place is not None and abs_(place - number) < _CLOSE * (1 + abs_(number))
            for place, number in zip(places, numbers[2:], strict=True)
        )
        return sample if fits else None

    def _searched(self, start: fmpq, here: fmpq) -> Iterator[fmpq]:
        """Numbers between two on different sides of a target, by bisection: for each target, the first on each way."""
        ways = [[(start, here), *self._outwards(start, way)] for way in (1, -1)]
        for target, way in product(self.targets(here), ways):
            for (left, before), (right, after) in pairwise(way):
                if _side(before, target) != _side(after, target):
                    yield self._bisected(left, right, _side(before, target), target)
                    break

    def _outwards(self, start: fmpq, way: int) -> Iterator[tuple[fmpq, fmpq]]:
        """Numbers farther and farther from ``start``, up to 10^6, or closer to the end of the domain, with values."""
        for turn in range(11):
            step = fmpq(4**turn)
            if self._whole or self._kind == "real":
                number = start + way * step
                if self._kind != "real" and not allowed(self._kind, number):
                    number = fmpq(1 if self._kind == "positive integer" else 0)
            elif way > 0:
                number = 1 - (1 - start) / (4 * step) if self._kind == "unit" else (start + 1) * 4 * step
            else:
                number = start / (4 * step)
            value = self.at(number)
            if value is None:
                return
            yield number, value

    def _bisected(self, left: fmpq, right: fmpq, side: int, target: fmpq) -> fmpq:
        """Where the side changes between two numbers: exactly if the place is a simple fraction."""
        width = fmpq(1) if self._whole else _NARROW * (1 + abs_(left))
        while abs_(right - left) > width:
            middle = (left + right) / 2
            if self._whole:
                middle = fmpq(middle.floor())
            value = self.at(middle)
            if value is None:
                break
            left, right = (middle, right) if _side(value, target) == side else (left, middle)
        return right if self._whole else simplest(min(left, right), max(left, right))


def _side(value: fmpq, target: fmpq) -> int:
    return (value > target) - (value < target)


class _Sample(NamedTuple):
    """Three numbers and the values there."""

    numbers: tuple[fmpq, ...]
    values: tuple[fmpq, ...]


def _solved(sample: _Sample, target: fmpq) -> fmpq | None:
    """Where a quotient of linear functions through a sample has a value: its cross-ratio is that of the number."""
    (a, b, c), (fa, fb, fc) = sample
    if len({fa, fb, fc}) < 3:
        return None
    if target == fc:
        return c
    ratio = (target - fa) * (fb - fc) * (b - a) / ((target - fc) * (fb - fa) * (b - c))
    return None if ratio == 1 else (a - ratio * c) / (1 - ratio)


def _multiples(sample: _Sample) -> Iterator[fmpq]:
    """The integers at which a linear function through a sample is an integer: the first ones from 1 on."""
    (a, b, c), (fa, fb, fc) = sample
    slope = (fb - fa) / (b - a)
    start = fa - slope * a
    if slope == 0 or (fc - fb) != slope * (c - b):
        return
    period = lcm(int(slope.denominator), int(start.denominator))
    factor, rest = int((slope * period).numerator), int((start * period).numerator)
    common = gcd(factor, period)
    if rest % common:
        return
    cycle = period // common
    first = -rest // common * pow(factor // common, -1, cycle) % cycle or cycle
    yield fmpq(first)
    yield fmpq(first + cycle)


def simplest(low: fmpq, high: fmpq) -> fmpq:
    """The fraction of the smallest denominator from ``low`` to ``high``."""
    whole = fmpq(-((-low).floor()))
    if whole <= high:
        return whole
    below = fmpq(low.floor())
    return below + 1 / simplest(1 / (high - below), 1 / (low - below))
