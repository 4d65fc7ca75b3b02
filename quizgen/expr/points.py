"""Points at which two formulas are compared, drawn from the domains of their variables by a keyed hash.

The same seed gives the same points on every machine. All values are rational; scales and signs are mixed; no two
variables of one point share a value.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import product
from typing import NamedTuple, TypeAlias

from flint import fmpq

from quizgen.expr.balls import Limit, Matrix, Value
from quizgen.expr.domains import Domain, read_domain

Variables: TypeAlias = tuple[tuple[str, str], ...]
"""Names with their domains, sorted."""

MOST = 36
"""The most points that are drawn around constants."""


FAR = 10
"""How many points of large scale there are."""


class Regime(NamedTuple):
    """How large the numbers of one point are, what signs real ones have, and how large integers are."""

    scale: fmpq
    signs: str
    integers: int


REGIMES = (
    Regime(fmpq(1), "+", 7),
    Regime(fmpq(1, 2), "mixed", 7),
    Regime(fmpq(3), "mixed", 7),
    Regime(fmpq(1, 2), "+", 7),
    Regime(fmpq(1), "mixed", 7),
    Regime(fmpq(4), "+", 9),
    Regime(fmpq(1, 8), "mixed", 7),
    Regime(fmpq(1), "-", 7),
    Regime(fmpq(12), "mixed", 12),
    Regime(fmpq(3, 4), "mixed", 7),
    Regime(fmpq(1, 30), "+", 7),
    Regime(fmpq(40), "+", 40),
    Regime(fmpq(2), "mixed", 25),
    Regime(fmpq(25), "-", 300),
)
"""One point each. Some are all positive and some below 1, as logarithms, roots and inverse sines need."""

OFFSETS = (fmpq(1, 31), fmpq(-1, 37), fmpq(7, 5), fmpq(-9, 7))
"""Steps from a constant to the points around it; integers take 1, -1, 2, -2."""


class Draw:
    """Numbers from a hash of a seed and a label."""

    def __init__(self, seed: bytes, label: str) -> None:
        self._key = blake2b(seed, digest_size=32).digest()
        self._label = label
        self._count = 0

    def below(self, limit: int) -> int:
        """An integer from 0 to ``limit - 1``; the last of 2^64 hardly matter."""
        self._count += 1
        digest = blake2b(f"{self._label} {self._count}".encode(), key=self._key, digest_size=8).digest()
        return int.from_bytes(digest, "big") % limit


class Slot(NamedTuple):
    """A single number of a point: a variable; an entry by its row and column; an indexed variable by its indices."""

    name: str
    place: tuple[int, ...] | None = None


class Point:
    """A value for every variable; those of indexed ones are drawn when they are asked for."""

    def __init__(self, values: Mapping[str, Value], indexed: Mapping[str, Callable[[str], Value]], turn: int) -> None:
        self.turn = turn
        self.values: Mapping[str, Value] = dict(values)
        self._indexed = indexed
        self._drawn: dict[tuple[str, tuple[int, ...]], Value] = {}

    def indexed(self, name: str, indices: tuple[int, ...]) -> Value:
        """The value of ``x_1``, ``a_{2, 3}`` ... Raises Limit for a name that is not indexed."""
        if name not in self._indexed:
            raise Limit
        if (name, indices) not in self._drawn:
            self._drawn[name, indices] = self._indexed[name](f"{name} {indices}")
        return self._drawn[name, indices]

    def number(self, slot: Slot) -> fmpq | None:
        """The number in ``slot``; None if there is no exact one."""
        value = self.values.get(slot.name)
        if slot.place is not None:
            if slot.name in self._indexed:
                value = self.indexed(slot.name, slot.place)
            elif isinstance(value, Matrix):
                value = value.rows[slot.place[0]][slot.place[1]]
        return value if isinstance(value, fmpq) else None

    def moved(self, slot: Slot, number: fmpq) -> "Point":
        """The same point with another number in ``slot``."""
        point = Point(self.values, self._indexed, self.turn)
        point._drawn = dict(self._drawn)
        if slot.name in self._indexed:
            point._drawn[slot.name, slot.place or ()] = number
        else:
            point.values = {**self.values, slot.name: _put(self.values.get(slot.name), slot.place, number)}
        return point


def _put(value: Value | None, place: tuple[int, ...] | None, number: fmpq) -> Value:
    """``number``, alone or in its place in a matrix."""
    if place is None or not isinstance(value, Matrix):
        return number
    rows = [list(row) for row in value.rows]
    rows[place[0]][place[1]] = number
    return Matrix(tuple(map(tuple, rows)))


Number: TypeAlias = Callable[[Draw], fmpq]


def _magnitude(draw: Draw, scale: fmpq) -> fmpq:
    """A positive number between about a third of ``scale`` and 4/3 of it."""
    return scale * fmpq(draw.below(20_011) + 6607, 20_011)


def _drawn(kind: str, regime: Regime, draw: Draw) -> fmpq:
    """A number of one kind."""
    if kind == "unit":  # anywhere, close to 0, close to 1
        share = fmpq(draw.below(10_007) + 1, 10_009)
        if regime.scale > 10:
            share = share / (16 if regime.scale < 20 else 4096)
        return 1 - share if regime.signs == "-" or regime.scale == 12 else share
    if "integer" in kind:
        first = 1 if kind == "positive integer" else 0
        value = fmpq(first + draw.below(regime.integers))
        return -value if kind == "integer" and _negative(regime, draw) else value
    value = _magnitude(draw, regime.scale)
    return -value if kind == "real" and _negative(regime, draw) else value


def _negative(regime: Regime, draw: Draw) -> bool:
    return regime.signs == "-" or (regime.signs == "mixed" and draw.below(2) == 1)


def allowed(kind: str, value: fmpq) -> bool:
    """Whether a domain holds a number."""
    if "integer" in kind and value.denominator != 1:
        return False
    if kind == "unit":
        return bool(0 < value < 1)
    if kind.startswith("positive"):
        return bool(value > 0)
    return bool(value >= 0) if kind.startswith("nonnegative") else True


def _around(kind: str, constant: fmpq, turn: int, draw: Draw) -> fmpq | None:
    """A number of a kind next to ``constant``, on the side and at the distance that ``turn`` names; None if none is."""
    if "integer" in kind:
        value = fmpq((constant + fmpq(1, 2)).floor()) + (1, -1, 2, -2)[turn % 4]
    else:
        room = min(constant, 1 - constant) if kind == "unit" else 1
        value = constant + OFFSETS[turn % 4] * room * fmpq(draw.below(1009) + 504, 1009)
    return value if allowed(kind, value) else None


def _filled(domain: Domain, number: Number, draw: Draw) -> Value:
    """A number, vector or matrix of numbers."""
    if domain.shape is None or domain.shape == (1, 1):
        return number(draw)
    height, width = domain.shape
    return Matrix(tuple(tuple(number(draw) for _ in range(width)) for _ in range(height)))


def _distinct(domain: Domain, number: Number, draw: Draw, taken: set[Value]) -> Value:
    """A value that no other variable has, unless the domain has too few."""
    value = _filled(domain, number, draw)
    for _ in range(20):
        if value not in taken:
            break
        value = _filled(domain, number, draw)
    taken.add(value)
    return value


def _number(kind: str, regime: Regime, spread: int) -> Number:
    """How the numbers of one kind are drawn; integers from a range that is wide enough for ``spread`` variables."""
    wide = regime._replace(integers=max(regime.integers, spread + 2))
    return lambda draw: _drawn(kind, wide, draw)


def _near(domain: Domain, constant: fmpq, turn: int, usual: Number) -> Number:
    """How numbers around a constant are drawn: on the side of ``turn``, or on both sides if there are several."""
    several = domain.indexed or domain.shape is not None

    def number(draw: Draw) -> fmpq:
        value = _around(domain.kind, constant, draw.below(4) if several else turn, draw)
        return usual(draw) if value is None else value

    return number


def _point(
    variables: Variables, seed: bytes, label: str, regime: Regime, near: tuple[str, fmpq, int] | None, turn: int
) -> Point:
    """One point; ``near`` sets one variable next to a constant."""
    values: dict[str, Value] = {}
    indexed: dict[str, Callable[[str], Value]] = {}
    taken: set[Value] = set()
    for name, text in sorted(variables, key=lambda variable: near is None or variable[0] != near[0]):
        domain = read_domain(text)
        number = _number(domain.kind, regime, len(variables))
        if near is not None and near[0] == name:
            number = _near(domain, near[1], near[2], number)
        if domain.indexed:
            indexed[name] = _indexed(domain, number, seed, label)
        else:
            values[name] = _distinct(domain, number, Draw(seed, f"{label} {name}"), taken)
    return Point(values, indexed, turn)


def _indexed(domain: Domain, number: Number, seed: bytes, label: str) -> Callable[[str], Value]:
    return lambda element: _filled(domain, number, Draw(seed, f"{label} {element}"))


@lru_cache(512)
def points(variables: Variables, seed: bytes) -> tuple[Point, ...]:
    """One point for each regime; a single one if there are no variables."""
    regimes = REGIMES if variables else REGIMES[:5]
    return tuple(_point(variables, seed, str(place), regime, None, place) for place, regime in enumerate(regimes))


def far(variables: Variables, seed: bytes, base: Point, kept: frozenset[str]) -> tuple[Point, ...]:
    """Points of large scale: all numbers large, then each of a size of its own; those in ``kept`` as in ``base``."""
    found: list[Point] = []
    for turn in range(FAR):
        point = base
        for name, text in variables:
            domain = read_domain(text)
            if name not in kept and domain.shape is None and not domain.indexed:
                draw = Draw(seed, f"far {turn} {name}")
                size = 10 ** ((5, 3)[turn] if turn < 2 else draw.below(7))
                regime = Regime(fmpq(size), "+" if turn == 0 else "mixed", size + len(variables))
                point = point.moved(Slot(name), _drawn(domain.kind, regime, draw))
        found.append(point)
    return tuple(found)


def around(variables: Variables, seed: bytes, constants: Sequence[fmpq]) -> tuple[Point, ...]:
    """Points around constants, one variable at a time, on both sides, near and less near; at most ``MOST``."""
    found: list[Point] = []
    for turns in ((0, 1), (2, 3)):
        for constant, (name, text), turn in product(constants, variables, turns):
            if len(found) == MOST:
                return tuple(found)
            if _around(read_domain(text).kind, constant, turn, Draw(seed, "allowed")) is not None:
                label = f"{constant} {turn} {name}"
                regime = REGIMES[(turn + len(found)) % 5]
                found.append(_point(variables, seed, label, regime, (name, constant, turn), len(found)))
    return tuple(found)
