"""Where formulas break, and points there: on the breaks, beside them, and past several of them at once.

A floor breaks where its argument is an integer, and a relu where its argument is 0. One variable at a time is put
there: by exact rationals where the argument is a quotient of linear functions of it, else by bisection. Points that
are drawn at random miss a multiple of 512, or the corner where two variables are large; these do not.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import combinations, islice, pairwise, zip_longest
from math import gcd, lcm
from typing import NamedTuple

from flint import arb, fmpq

from quizgen.expr.balls import Matrix, Scope, Undefined, precision, program
from quizgen.expr.domains import read_domain
from quizgen.expr.points import Draw, Point, Slot, Variables, allowed, far, points
from quizgen.expr.tree import Call, Name, Node, Num, Power, Product, Quotient, Series, Sum, children, negative, replaced

MOST = 60
"""The most points at breaks for one comparison."""
_BREAKS = 24
_SIDES = 8
_LINES = 24
_EVALUATIONS = 2000
_WORK = 2000
_CLOSE = fmpq(1, 1 << 40)
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
    """The names that tell how many terms a series has, or which variable of an indexed one is meant."""
    match tree:
        case Name(name, indices):
            if inside:
                yield name
            for index in indices:
                yield from _kept(index, True)
        case Series(_, _, low, high, body):
            yield from _kept(low, True)
            yield from _kept(high, True)
            yield from _kept(body, inside)
        case _:
            for child in children(tree):
                yield from _kept(child, inside)


def kept(trees: Iterable[Node]) -> frozenset[str]:
    """The variables that cannot be large: those in bounds and indices."""
    return frozenset(name for tree in trees for name in _kept(tree))


def names(tree: Node) -> Iterator[Name]:
    """The variables of a formula, with their indices."""
    if isinstance(tree, Name):
        yield tree
    for child in children(tree):
        yield from names(child)


@lru_cache(64)
def probes(found: tuple[Break, ...], variables: Variables, seed: bytes, fixed: frozenset[str]) -> tuple[Point, ...]:
    """Points at breaks, ``MOST`` at most: past all of them, of large scale, and along lines through some of these.

    The variables in ``fixed`` are not made large.
    """
    with precision(64):
        usual = points(variables, seed)
        probing = _Probing(found, variables)
        past = list(_past_all(probing, usual[0], seed))
        large = far(variables, seed, usual[0], fixed)
        bases = (usual[0], *past[:3], *large[:3], usual[2], *past[3:])
        lines = list(islice((line for base in bases for line in probing.lines(base)), _LINES))
        return tuple(islice((*past, *large, *_in_turns(lines)), MOST))


def _in_turns(lines: Iterable[Iterable[Point]]) -> Iterator[Point]:
    """The first point of every line, then the second ones ..."""
    for turn in zip_longest(*lines):
        yield from (point for point in turn if point is not None)


def _past_all(probing: "_Probing", base: Point, seed: bytes) -> Iterator[Point]:
    """``base`` on all breaks, past all of them, before all of them, and past some."""
    count = len(probing.breaks)
    sides = [(0,) * count, (1,) * count, (-1,) * count]
    draw = Draw(seed, "sides")
    for turn in range(1, _SIDES - 2):
        sides.append(tuple((1, -1)[turn >> place & 1 if count < 3 else draw.below(2)] for place in range(count)))
    for wanted in dict.fromkeys(sides):
        yield probing.placed(base, wanted)


class _Probing:
    """Searches for breaks, with a bounded number of evaluations in all."""

    def __init__(self, found: tuple[Break, ...], variables: Variables) -> None:
        self.breaks = found
        self.domains = {name: read_domain(text) for name, text in variables}
        self.left = _EVALUATIONS
        self._names = {item: tuple(dict.fromkeys(names(item.argument))) for item in found}

    def value(self, item: Break, point: Point) -> fmpq | None:
        """The argument of a break (its first entry) at a point, exactly or to 60 bits; None if it has no value."""
        self.left -= 1
        if self.left < 0:
            return None
        try:
            value = program(item.argument)(Scope(point, work=_WORK))
        except Undefined:
            return None
        if isinstance(value, Matrix):
            value = value.entries[0]
        if isinstance(value, arb):
            mantissa, exponent = value.mid().man_exp()
            return fmpq(mantissa) * fmpq(2) ** int(exponent) if abs(exponent) < 256 else None
        return value if isinstance(value, fmpq) else None

    def slots(self, item: Break, point: Point) -> Iterator[Slot]:
        """The numbers of a point on which a break depends; of matrices, the first entry."""
        for name in self._names[item]:
            domain = self.domains.get(name.name)
            if domain is None or (domain.indexed and domain.shape is not None):
                continue
            if domain.indexed:
                places = [self.value(Break(index), point) for index in name.indices]
                if all(place is not None and place.denominator == 1 for place in places):
                    yield Slot(name.name, tuple(int(place.numerator) for place in places if place is not None))
            elif domain.shape not in (None, (1, 1)):
                yield Slot(name.name, (0, 0))
            else:
                yield Slot(name.name)

    def kind(self, slot: Slot) -> str:
        """The domain of a single number."""
        return self.domains[slot.name].kind

    def lines(self, base: Point) -> Iterator[Iterator[Point]]:
        """For every number of a point, the points with it at all breaks that depend on it."""
        depending: dict[Slot, list[Break]] = {}
        for item in self.breaks:
            for slot in self.slots(item, base):
                depending.setdefault(slot, []).append(item)
        for slot, items in depending.items():
            yield self._line(base, slot, items)

    def _line(self, base: Point, slot: Slot, items: list[Break]) -> Iterator[Point]:
        each = [list(_Line(self, item, base, slot).positions()) for item in items]
        positions = [place for turn in zip_longest(*each) for place in turn if place is not None]
        for number in stops(positions, self.kind(slot)):
            yield base.moved(slot, number)

    def placed(self, point: Point, sides: tuple[int, ...]) -> Point:
        """``point`` with one number after the other moved so that each break has its side, as far as that goes.

        Every break takes a number that the ones before it left alone, if there is one. Steps are put on an integer.
        """
        for _ in range(2):
            taken: set[Slot] = set()
            for item, side in zip(self.breaks, sides, strict=True):
                value = self.value(item, point)
                slots = sorted(self.slots(item, point), key=lambda slot: slot in taken)
                if value is None or _has(item, value, side):
                    taken.update(slots[:1])
                    continue
                for slot in slots:
                    moved = self._moved(item, point, slot, side)
                    if moved is not None:
                        point = moved
                        taken.add(slot)
                        break
        return point

    def _moved(self, item: Break, point: Point, slot: Slot, side: int) -> Point | None:
        """``point`` with a number in ``slot`` that gives a break its side."""
        for number in stops(list(_Line(self, item, point, slot).positions()), self.kind(slot)):
            moved = point.moved(slot, number)
            value = self.value(item, moved)
            if value is not None and _has(item, value, side):
                return moved
        return None


def _has(item: Break, value: fmpq, side: int) -> bool:
    """Whether a break with this value of its argument has a side."""
    if item.steps:
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

    def __init__(self, probing: _Probing, item: Break, base: Point, slot: Slot) -> None:
        self._probing = probing
        self._item = item
        self._base = base
        self._slot = slot
        self._kind = probing.kind(slot)
        self._values: dict[fmpq, fmpq | None] = {}

    def at(self, number: fmpq) -> fmpq | None:
        """The argument with ``number`` in the slot; None outside of the domain, too."""
        if number not in self._values:
            point = self._base.moved(self._slot, number)
            self._values[number] = self._probing.value(self._item, point) if allowed(self._kind, number) else None
        return self._values[number]

    def positions(self) -> Iterator[fmpq]:
        """Numbers with which the argument meets a break, a few of them, the likeliest first."""
        start = self._base.number(self._slot)
        here = self.at(start) if start is not None else None
        if start is None or here is None:
            return
        sample = self._sample(start)
        if self._item.steps and sample is not None and "integer" in self._kind:
            yield from _whole(sample)
        for target in self._targets(here):
            place = None if sample is None else _solved(sample, target)
            if place is None or not self._meets(place, target):
                place = self._searched(start, target)
            if place is not None:
                yield place

    def _targets(self, here: fmpq) -> list[fmpq]:
        if not self._item.steps:
            return [fmpq(0)]
        below = fmpq(here.floor())
        return list(dict.fromkeys((below + 1, below, fmpq(1), fmpq(2))))

    def _meets(self, number: fmpq, target: fmpq) -> bool:
        """Whether the argument is ``target`` at ``number``, or passes it between the integers around it."""
        if "integer" in self._kind:
            sides = [self._side(place, target) for place in _integers(number)[:2]]
            return sides[0] == 0 or (sides[0] != sides[1] and None not in sides)
        value = self.at(number)
        return value is not None and bool(abs_(value - target) < _CLOSE)

    def _sample(self, start: fmpq) -> "_Sample | None":
        """Three numbers with their values if the argument is a quotient of linear functions through them."""
        whole = "integer" in self._kind
        steps = (1, 2, 5) if whole else (fmpq(1, 7), fmpq(2, 7), fmpq(3, 5))
        room = 1 - start if self._kind == "unit" else fmpq(1)
        numbers = [start, *(start + step * room for step in steps)]
        values = [self.at(number) for number in numbers]
        if any(value is None for value in values):
            return None
        sample = _Sample(tuple(numbers[:3]), tuple(value for value in values[:3] if value is not None))
        last = values[3]
        solved = None if last is None else _solved(sample, last)
        return sample if solved is not None and abs_(solved - numbers[3]) < _CLOSE else None

    def _searched(self, start: fmpq, target: fmpq) -> fmpq | None:
        """A number between two on different sides of the target, by bisection."""
        for way in (1, -1):
            last = start
            for number in self._outwards(start, way):
                side, before = self._side(number, target), self._side(last, target)
                if side is None or before is None:
                    break
                if side != before:
                    return self._bisected(last, number, target)
                last = number
        return None

    def _outwards(self, start: fmpq, way: int) -> Iterator[fmpq]:
        """Numbers farther and farther from ``start``, up to about 10^6, or closer to the end of the domain."""
        for turn in range(11):
            step = fmpq(4**turn)
            if self._kind in ("real", "integer"):
                yield start + way * step
            elif "integer" in self._kind:
                yield max(start + way * step, fmpq(1 if self._kind == "positive integer" else 0))
            elif way > 0:
                yield 1 - (1 - start) / (4 * step) if self._kind == "unit" else (start + 1) * 4 * step
            else:
                yield start / (4 * step)

    def _side(self, number: fmpq, target: fmpq) -> int | None:
        value = self.at(number)
        return None if value is None else (value > target) - (value < target)

    def _bisected(self, left: fmpq, right: fmpq, target: fmpq) -> fmpq | None:
        """Where the side changes between two numbers: exactly if the place is a simple fraction."""
        side = self._side(left, target)
        width = fmpq(1) if "integer" in self._kind else _CLOSE * (1 + abs_(left))
        while abs_(right - left) > width:
            middle = (left + right) / 2
            if "integer" in self._kind:
                middle = fmpq(middle.floor())
            found = self._side(middle, target)
            if found is None:
                return None
            left, right = (middle, right) if found == side else (left, middle)
        return right if "integer" in self._kind else simplest(min(left, right), max(left, right))


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


def _whole(sample: _Sample) -> Iterator[fmpq]:
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
