"""Primitives of a drawing, and their two readings: SVG, and PDF operators with labels set by TeX.

Lengths are points (1/72 inch); x runs right, y runs down from the top left corner.
"""

import re
from dataclasses import dataclass
from html import escape
from typing import Literal, TypeAlias

Point: TypeAlias = tuple[float, float]

BLACK, DARK, MID, LIGHT, WHITE = 0.0, 0.45, 0.72, 0.9, 1.0
"""Greys that stay apart on any printer."""

SOLID, DASHED, DOTTED, DASHDOT = (), (4.0, 2.5), (0.8, 2.0), (6.0, 2.0, 1.0, 2.0)
Dash: TypeAlias = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A polyline; ``arrow`` puts a head on its last point."""

    points: tuple[Point, ...]
    width: float = 0.6
    dash: Dash = SOLID
    arrow: bool = False
    grey: float = BLACK


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed area; ``fill`` is a grey or None, ``width`` 0 draws no outline."""

    points: tuple[Point, ...]
    fill: float | None = None
    width: float = 0.6
    dash: Dash = SOLID


@dataclass(frozen=True, slots=True)
class Circle:
    """A disc around ``centre``."""

    centre: Point
    radius: float
    fill: float | None = None
    width: float = 0.6


@dataclass(frozen=True, slots=True)
class Label:
    """Text at a point, vertically centred; ``x`` or ``x_1`` is set as a symbol, anything else as it is."""

    at: Point
    text: str
    anchor: Literal["left", "centre", "right"] = "centre"
    size: float = 9.0
    grey: float = BLACK


Shape: TypeAlias = Line | Polygon | Circle | Label


@dataclass(frozen=True, slots=True)
class Scene:
    """A drawing of the given size; later shapes cover earlier ones."""

    width: float
    height: float
    shapes: tuple[Shape, ...]


def rectangle(x: float, y: float, width: float, height: float, fill: float | None = None, line: float = 0.6) -> Polygon:
    """An upright rectangle with its top left corner at (x, y)."""
    return Polygon(((x, y), (x + width, y), (x + width, y + height), (x, y + height)), fill, line)


_SYMBOL = re.compile(r"([A-Za-zα-ωΑ-Ω])(?:_(\w+))?")


def symbol_of(text: str) -> tuple[str, str] | None:
    match = _SYMBOL.fullmatch(text)
    return (match[1], match[2] or "") if match else None


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def arrow_head(line: Line) -> Polygon:
    """The arrow head of a line: a slim triangle."""
    (x0, y0), (x1, y1) = line.points[-2:]
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5 or 1.0
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    size = 3.6 + 1.4 * line.width
    back = (x1 - size * ux, y1 - size * uy)
    half = size * 0.38
    return Polygon(
        ((x1, y1), (back[0] - half * uy, back[1] + half * ux), (back[0] + half * uy, back[1] - half * ux)), line.grey, 0
    )


def svg(scene: Scene, alt: str) -> str:
    """The scene as an inline SVG element with ``alt`` as its text alternative."""
    body = "".join(_svg_shape(shape) for shape in scene.shapes)
    width, height = _number(scene.width), _number(scene.height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(alt)}" width="{width}pt" '
        f'height="{height}pt" viewBox="0 0 {width} {height}" font-family="serif" fill="none" stroke="#000">{body}</svg>'
    )


def _hex(grey: float) -> str:
    level = round(grey * 255)
    return f"#{level:02x}{level:02x}{level:02x}"


def _svg_shape(shape: Shape) -> str:
    match shape:
        case Line(points, width, dash, arrow, grey):
            path = f'<polyline points="{_svg_points(points)}" stroke="{_hex(grey)}"{_svg_stroke(width, dash)}/>'
            return path + (_svg_shape(arrow_head(shape)) if arrow else "")
        case Polygon(points, fill, width, dash):
            return f'<polygon points="{_svg_points(points)}"{_svg_fill(fill)}{_svg_stroke(width, dash)}/>'
        case Circle((x, y), radius, fill, width):
            centre = f'cx="{_number(x)}" cy="{_number(y)}" r="{_number(radius)}"'
            return f"<circle {centre}{_svg_fill(fill)}{_svg_stroke(width, SOLID)}/>"
        case Label():
            return _svg_label(shape)


def _svg_points(points: tuple[Point, ...]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _svg_fill(fill: float | None) -> str:
    return "" if fill is None else f' fill="{_hex(fill)}"'


def _svg_stroke(width: float, dash: Dash) -> str:
    if not width:
        return ' stroke="none"'
    dashes = f' stroke-dasharray="{" ".join(map(_number, dash))}"' if dash else ""
    return f' stroke-width="{_number(width)}"{dashes}'


def _svg_label(label: Label) -> str:
    content = escape(label.text)
    if symbol := symbol_of(label.text):
        content = f'<tspan font-style="italic">{escape(symbol[0])}</tspan>'
        if symbol[1]:
            content += f'<tspan dy="2.2" font-size="{_number(label.size * 0.72)}">{escape(symbol[1])}</tspan>'
    anchor = {"left": "start", "centre": "middle", "right": "end"}[label.anchor]
    x, y = label.at
    return (
        f'<text x="{_number(x)}" y="{_number(y + label.size * 0.34)}" font-size="{_number(label.size)}" '
        f'text-anchor="{anchor}" fill="{_hex(label.grey)}" stroke="none">{content}</text>'
    )


def pdf(scene: Scene) -> tuple[str, list[tuple[Label, str]]]:
    """The scene as PDF operators (origin at the bottom left), and its labels: each with its place and, for a symbol,
    its LaTeX, else an empty string: the caller knows how to escape text.
    """
    operators = ["1 j 1 J"]
    labels = []
    for shape in scene.shapes:
        if isinstance(shape, Label):
            x, y = shape.at
            symbol = symbol_of(shape.text)
            placed = Label((x, scene.height - y), shape.text, shape.anchor, shape.size, shape.grey)
            labels.append((placed, _latex_symbol(*symbol) if symbol else ""))
        else:
            operators.append(_pdf_shape(shape, scene.height))
    return " ".join(operators), labels


_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip


def _latex_symbol(letter: str, index: str) -> str:
    name = f"\\{_GREEK[letter]}" if letter in _GREEK else letter
    below = index if len(index) == 1 or index.isdigit() else rf"\mathrm{{{index}}}"
    return f"{name}_{{{below}}}" if index else name


def _pdf_shape(shape: Line | Polygon | Circle, height: float) -> str:
    match shape:
        case Line(points, width, dash, arrow, grey):
            stroke = f"{_number(grey)} G {_pdf_pen(width, dash)} {_pdf_path(points, height)} S"
            return stroke + (" " + _pdf_shape(arrow_head(shape), height) if arrow else "")
        case Polygon(points, fill, width, dash):
            return _pdf_area(f"{_pdf_path(points, height)} h", fill, width, dash)
        case Circle((x, y), radius, fill, width):
            return _pdf_area(f"{_pdf_circle(x, height - y, radius)} h", fill, width, SOLID)


def _pdf_path(points: tuple[Point, ...], height: float) -> str:
    steps = (f"{_number(x)} {_number(height - y)}" for x, y in points)
    return " ".join(f"{step} {'l' if count else 'm'}" for count, step in enumerate(steps))


def _pdf_pen(width: float, dash: Dash) -> str:
    return f"{_number(width)} w [{' '.join(map(_number, dash))}] 0 d"


def _pdf_area(path: str, fill: float | None, width: float, dash: Dash) -> str:
    paint = {(False, False): "n", (False, True): "S", (True, False): "f", (True, True): "B"}[
        fill is not None, width > 0
    ]
    return f"{'' if fill is None else _number(fill) + ' g '}0 G {_pdf_pen(width, dash)} {path} {paint}"


def _pdf_circle(x: float, y: float, r: float) -> str:
    """Four Bézier arcs; 0.5523 r is the usual distance of their control points."""
    c = 0.5523 * r
    arcs = [
        ((x + r, y + c), (x + c, y + r), (x, y + r)),
        ((x - c, y + r), (x - r, y + c), (x - r, y)),
        ((x - r, y - c), (x - c, y - r), (x, y - r)),
        ((x + c, y - r), (x + r, y - c), (x + r, y)),
    ]
    curves = (" ".join(f"{_number(a)} {_number(b)}" for a, b in arc) + " c" for arc in arcs)
    return f"{_number(x + r)} {_number(y)} m " + " ".join(curves)
