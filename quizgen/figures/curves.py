"""A line chart: curves over a common axis, told apart by dashes and markers."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, log10

from quizgen.errors import InputError
from quizgen.figures import Figure
from quizgen.figures._scene import (
    BLACK,
    DASHDOT,
    DASHED,
    DOTTED,
    LIGHT,
    SOLID,
    WHITE,
    Circle,
    Label,
    Line,
    Point,
    Polygon,
    Scene,
    Shape,
    rectangle,
)
from quizgen.values import Struct, Value

_DASHES = (SOLID, DASHED, DOTTED, DASHDOT)
WIDTH, HEIGHT = 250.0, 150.0


APART = 10.0
"""Points between the labels of two curves that end near each other."""


class Curve(Struct, frozen=True):
    """Points (x, y) of exact numbers, joined in order; ``label`` stands at the last, ``marked`` shows them all.

    ``band`` is what lies around it, shaded: (x, low, high), such as the spread over repeated runs.
    """

    points: tuple[tuple[Value, Value], ...]
    label: str = ""
    marked: bool = False
    band: tuple[tuple[Value, Value, Value], ...] = ()


class Curves(Figure, frozen=True, tag="curves"):
    """Curves with their axes, named ``x`` and ``y``. Ticks are multiples of 1, 2 or 5 times a power of 10.

    With ``decades`` the upward axis is logarithmic, its ticks are powers of 10, and all its values are positive.
    """

    curves: tuple[Curve, ...]
    x: str = "x"
    y: str = "y"
    decades: bool = False

    def scene(self) -> Scene:
        rise = _decade if self.decades else _rational
        paths = [[(_rational(x), rise(y)) for x, y in curve.points] for curve in self.curves]
        bands = [[(_rational(x), rise(low), rise(high)) for x, low, high in curve.band] for curve in self.curves]
        if not any(paths):
            raise InputError("a chart needs at least one point")
        heights = [y for path in paths for _, y in path] + [y for band in bands for _, *ends in band for y in ends]
        across = ticks(*_range([x for path in paths for x, _ in path]))
        up = _powers(*_range(heights)) if self.decades else ticks(*_range(heights))
        texts = [_decimal(Fraction(10) ** int(power)) if self.decades else _decimal(power) for power in up]
        frame = Frame(14 + 5.0 * max(map(len, texts)), 14.0, across, up)
        shapes: list[Shape] = [_band(band, frame) for band in bands if band]
        shapes += _axes(texts, frame)
        ends = []
        for number, (curve, path) in enumerate(zip(self.curves, paths, strict=True)):
            placed = tuple(frame.place(x, y) for x, y in path)
            shapes += _curve(curve, placed, number)
            ends += [(placed[-1], curve.label)] if placed else []
        shapes += _labels(ends)
        shapes += [
            Label((frame.left + WIDTH, frame.top + HEIGHT + 24), self.x, "right", 9.5),
            Label((frame.left - 4, 5), self.y, "left", 9.5),
        ]
        labels = max((len(curve.label) for curve in self.curves), default=0)
        return Scene(frame.left + WIDTH + 10 + 5.2 * labels, frame.top + HEIGHT + 32, tuple(shapes))


@dataclass(frozen=True)
class Frame:
    """The area within the axes: its top left corner, and the ticks from end to end."""

    left: float
    top: float
    across: list[Fraction]
    up: list[Fraction]

    def place(self, x: Fraction, y: Fraction) -> Point:
        """Where a point of the chart stands in the drawing."""
        return self.left + WIDTH * _share(x, self.across), self.top + HEIGHT * (1 - _share(y, self.up))


def _share(value: Fraction, steps: list[Fraction]) -> float:
    """How far along an axis a value stands: ``(value - first) / (last - first)``, rounded once.

    A fraction would be brought to its lowest terms at each step, for every point of every curve.
    """
    first, last = steps[0], steps[-1]
    beyond = value.numerator * first.denominator - first.numerator * value.denominator
    length = last.numerator * first.denominator - first.numerator * last.denominator
    return beyond * last.denominator / (length * value.denominator)


def _rational(value: Value) -> Fraction:
    if isinstance(value, (int, Fraction, Decimal)):
        return Fraction(value)
    raise InputError(f"a point of a chart needs exact numbers, got {value!r}")


def _decade(value: Value) -> Fraction:
    """The logarithm of a positive number to base 10, to six decimals."""
    exact = _rational(value)
    if exact <= 0:
        raise InputError(f"a logarithmic axis needs positive numbers, got {value!r}")
    return Fraction(round(round(log10(exact), 6) * 10**6), 10**6)


def _powers(low: Fraction, high: Fraction) -> list[Fraction]:
    """Powers of 10, evenly spaced, from at or below ``low`` to at or above ``high``."""
    step = -(-(ceil(high) - floor(low)) // 7) or 1
    return [Fraction(power) for power in range(floor(low), ceil(high) + step, step)]


def _range(values: list[Fraction]) -> tuple[Fraction, Fraction]:
    low, high = min(values), max(values)
    return (low, high) if low < high else (low - 1, high + 1)


def ticks(low: Fraction, high: Fraction) -> list[Fraction]:
    """A few round numbers, evenly spaced, from at or below ``low`` to at or above ``high``."""
    step = Fraction(1)
    while (high - low) / step > 7:
        step *= 10
    while (high - low) / step <= Fraction(7, 10):
        step /= 10
    step = next(s for s in (step / 10, step / 5, step / 2, step) if (high - low) / s <= 7)
    first = low // step
    last = -(-high // step)
    return [step * number for number in range(first, last + 1)]


def _decimal(value: Fraction) -> str:
    digits = 0
    while (value * 10**digits).denominator != 1:
        digits += 1
    return f"{Decimal(value.numerator) / Decimal(value.denominator):.{digits}f}".replace("-", "\N{MINUS SIGN}")


def _axes(texts: list[str], frame: Frame) -> list[Shape]:
    left, top, across, up = frame.left, frame.top, frame.across, frame.up
    shapes: list[Shape] = []
    for value, text in zip(up, texts, strict=True):
        _, y = frame.place(across[0], value)
        shapes += [
            Line(((left, y), (left + WIDTH, y)), 0.4, grey=LIGHT),
            Label((left - 4, y), text, "right", 8.5),
        ]
    for value in across:
        x, _ = frame.place(value, up[0])
        shapes += [Line(((x, top + HEIGHT), (x, top + HEIGHT + 3)), 0.5)]
        shapes += [Label((x, top + HEIGHT + 10), _decimal(value), size=8.5)]
    return [*shapes, Line(((left, top), (left, top + HEIGHT), (left + WIDTH, top + HEIGHT)), 0.6)]


def _curve(curve: Curve, path: tuple[Point, ...], number: int) -> list[Shape]:
    shapes: list[Shape] = [Line(path, 1.0, _DASHES[number % len(_DASHES)])]
    if curve.marked:
        shapes += [_marker(point, number) for point in path]
    return shapes


def _band(band: list[tuple[Fraction, Fraction, Fraction]], frame: Frame) -> Polygon:
    """What lies around a curve, as one area."""
    below = [frame.place(x, low) for x, low, _ in band]
    above = [frame.place(x, high) for x, _, high in band]
    return Polygon((*below, *reversed(above)), LIGHT, 0)


def _labels(ends: list[tuple[Point, str]]) -> list[Shape]:
    """Labels beside the ends of their curves, moved down where they would touch the one above."""
    found: list[Shape] = []
    lowest = float("-inf")
    for (x, y), text in sorted((end for end in ends if end[1]), key=lambda end: end[0][1]):
        lowest = max(y, lowest + APART)
        found.append(Label((x + 6, lowest), text, "left", 9.5))
    return found


def _marker(at: Point, number: int) -> Shape:
    x, y = at
    if number % 4 == 0:
        return Circle(at, 2.0, BLACK, 0.6)
    if number % 4 == 1:
        return rectangle(x - 2, y - 2, 4, 4, WHITE)
    if number % 4 == 2:
        return Polygon(((x, y - 2.6), (x + 2.4, y + 1.8), (x - 2.4, y + 1.8)), BLACK, 0.6)
    return Circle(at, 2.0, WHITE, 0.6)
