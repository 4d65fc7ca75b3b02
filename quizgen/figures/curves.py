"""A line chart: curves over a common axis, told apart by dashes and markers."""

from decimal import Decimal
from fractions import Fraction

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


class Curve(Struct, frozen=True):
    """Points (x, y) of exact numbers, joined in order; ``label`` stands at the last, ``marked`` shows them all."""

    points: tuple[tuple[Value, Value], ...]
    label: str = ""
    marked: bool = False


class Curves(Figure, frozen=True, tag="curves"):
    """Curves with their axes, named ``x`` and ``y``. Ticks are multiples of 1, 2 or 5 times a power of 10."""

    curves: tuple[Curve, ...]
    x: str = "x"
    y: str = "y"

    def scene(self) -> Scene:
        points = [(_rational(x), _rational(y)) for curve in self.curves for x, y in curve.points]
        if not points:
            raise InputError("a chart needs at least one point")
        across, up = ticks(*_range([x for x, _ in points])), ticks(*_range([y for _, y in points]))
        texts = [_decimal(value) for value in up]
        left = 14 + 5.0 * max(map(len, texts))
        frame = (left, 14.0, WIDTH, HEIGHT)
        shapes = _axes(across, up, frame)
        for number, curve in enumerate(self.curves):
            path = tuple(_place(_rational(x), _rational(y), across, up, frame) for x, y in curve.points)
            shapes += _curve(curve, path, number)
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


def _axes(across: list[Fraction], up: list[Fraction], frame: tuple[float, float, float, float]) -> list[Shape]:
    left, top, width, height = frame
    shapes: list[Shape] = []
    for value in up:
        y = _place(across[0], value, across, up, frame)[1]
        shapes += [
            Line(((left, y), (left + width, y)), 0.4, grey=LIGHT),
            Label((left - 4, y), _decimal(value), "right", 8.5),
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
    if curve.label:
        shapes.append(Label((path[-1][0] + 6, path[-1][1]), curve.label, "left", 9.5))
    return shapes


def _marker(at: Point, number: int) -> Shape:
    x, y = at
    if number % 4 == 0:
        return Circle(at, 2.0, BLACK, 0.6)
    if number % 4 == 1:
        return rectangle(x - 2, y - 2, 4, 4, WHITE)
    if number % 4 == 2:
        return Polygon(((x, y - 2.6), (x + 2.4, y + 1.8), (x - 2.4, y + 1.8)), BLACK, 0.6)
    return Circle(at, 2.0, WHITE, 0.6)
