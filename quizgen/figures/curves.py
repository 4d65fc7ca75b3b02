"""A line chart: curves over a common axis, told apart by dashes and markers."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, log10
from typing import TypeAlias

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

Rise: TypeAlias = Callable[[Value], Fraction]
"""How high a value stands: as it is, or its logarithm."""


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
        points = [(_rational(x), rise(y)) for curve in self.curves for x, y in curve.points]
        if not points:
            raise InputError("a chart needs at least one point")
        heights = [y for _, y in points] + [rise(y) for curve in self.curves for _, *ends in curve.band for y in ends]
        across = ticks(*_range([x for x, _ in points]))
        up = _powers(*_range(heights)) if self.decades else ticks(*_range(heights))
        texts = [_decimal(Fraction(10) ** int(power)) if self.decades else _decimal(power) for power in up]
        left = 14 + 5.0 * max(map(len, texts))
        frame = (left, 14.0, WIDTH, HEIGHT)

        def place(x: Value, y: Value) -> Point:
            return _place(_rational(x), rise(y), across, up, frame)

        shapes: list[Shape] = [_band(curve, place) for curve in self.curves if curve.band]
        shapes += _axes(across, up, texts, frame)
        paths = [tuple(place(x, y) for x, y in curve.points) for curve in self.curves]
        for number, (curve, path) in enumerate(zip(self.curves, paths, strict=True)):
            shapes += _curve(curve, path, number)
        shapes += _labels([(path[-1], curve.label) for curve, path in zip(self.curves, paths, strict=True) if path])
        shapes += [
            Label((left + WIDTH, 14 + HEIGHT + 24), self.x, "right", 9.5),
            Label((left - 4, 5), self.y, "left", 9.5),
        ]
        labels = max((len(curve.label) for curve in self.curves), default=0)
        return Scene(left + WIDTH + 10 + 5.2 * labels, 14 + HEIGHT + 32, tuple(shapes))


def _rational(value: Value) -> Fraction:
    if isinstance(value, (int, Fraction, Decimal)):
        return Fraction(value)
    raise InputError(f"a point of a chart needs exact numbers, got {value!r}")


def _decade(value: Value) -> Fraction:
    """The logarithm of a positive number to base 10, to six decimals."""
    exact = _rational(value)
    if exact <= 0:
        raise InputError(f"a logarithmic axis needs positive numbers, got {value!r}")
    return Fraction(round(log10(exact), 6)).limit_denominator(10**6)


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


def _place(
    x: Fraction, y: Fraction, across: list[Fraction], up: list[Fraction], frame: tuple[float, float, float, float]
) -> Point:
    left, top, width, height = frame
    fraction_x = float((x - across[0]) / (across[-1] - across[0]))
    fraction_y = float((y - up[0]) / (up[-1] - up[0]))
    return left + width * fraction_x, top + height * (1 - fraction_y)


def _axes(
    across: list[Fraction], up: list[Fraction], texts: list[str], frame: tuple[float, float, float, float]
) -> list[Shape]:
    left, top, width, height = frame
    shapes: list[Shape] = []
    for value, text in zip(up, texts, strict=True):
        y = _place(across[0], value, across, up, frame)[1]
        shapes += [
            Line(((left, y), (left + width, y)), 0.4, grey=LIGHT),
            Label((left - 4, y), text, "right", 8.5),
        ]
    for value in across:
        x = _place(value, up[0], across, up, frame)[0]
        shapes += [Line(((x, top + height), (x, top + height + 3)), 0.5)]
        shapes += [Label((x, top + height + 10), _decimal(value), size=8.5)]
    return [*shapes, Line(((left, top), (left, top + height), (left + width, top + height)), 0.6)]


def _curve(curve: Curve, path: tuple[Point, ...], number: int) -> list[Shape]:
    shapes: list[Shape] = [Line(path, 1.0, _DASHES[number % len(_DASHES)])]
    if curve.marked:
        shapes += [_marker(point, number) for point in path]
    return shapes


def _band(curve: Curve, place: Callable[[Value, Value], Point]) -> Polygon:
    """What lies around a curve, as one area."""
    below = [place(x, low) for x, low, _ in curve.band]
    above = [place(x, high) for x, _, high in curve.band]
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
