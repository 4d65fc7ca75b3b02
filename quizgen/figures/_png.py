"""Scenes as PNG, for platforms that take no SVG: drawn by Pillow, with the one font that it brings along."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import cycle, pairwise
from math import dist
from typing import TYPE_CHECKING

from quizgen.errors import TypesettingError
from quizgen.figures._scene import (
    BLACK,
    WHITE,
    Circle,
    Dash,
    Label,
    Line,
    Point,
    Polygon,
    Scene,
    Shape,
    arrow_head,
    symbol_of,
)

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

PIXELS = 3
"""Pixels of a point: sharp on any screen."""
FINE = 4
"""How many times finer the drawing is than the picture, so that its edges are smooth."""
UNIT = PIXELS * FINE
NOWHERE = "\ue000"
"""A character that no font has."""


def png(scene: Scene) -> tuple[bytes, int, int]:
    """The scene as a PNG, and its width and height in pixels.

    Raises TypesettingError for a label that the font has no characters for.
    """
    from PIL import Image, ImageDraw

    width, height = round(scene.width * PIXELS), round(scene.height * PIXELS)
    image = Image.new("L", (width * FINE, height * FINE), _grey(WHITE))
    pen = _Pen(ImageDraw.Draw(image))
    for shape in scene.shapes:
        pen.draw(shape)
    out = BytesIO()
    image.resize((width, height), Image.Resampling.BOX).save(out, "PNG", optimize=True)
    return out.getvalue(), width, height


@dataclass(frozen=True)
class _Pen:
    """Draws shapes, whose lengths are points, on a canvas of UNIT pixels to the point."""

    canvas: "ImageDraw"

    def draw(self, shape: Shape) -> None:
        match shape:
            case Line(points, width, dash, arrow, grey):
                self._stroke(points, width, dash, grey)
                if arrow:
                    self.draw(arrow_head(shape))
            case Polygon(points, fill, width, dash):
                if fill is not None:
                    self.canvas.polygon(_scaled(points), fill=_grey(fill))
                if width:
                    self._stroke((*points, points[0]), width, dash, BLACK)
            case Circle((x, y), radius, fill, width):
                self._disc((x, y), radius + width / 2, BLACK if width else fill)
                if width:
                    self._disc((x, y), radius - width / 2, WHITE if fill is None else fill)
            case Label():
                self._label(shape)

    def _stroke(self, points: Sequence[Point], width: float, dash: Dash, grey: float) -> None:
        for dashed in _dashes(points, dash) if dash else (points,):
            self.canvas.line(_scaled(dashed), fill=_grey(grey), width=round(width * UNIT), joint="curve")
            if not dash:
                for point in dashed:  # round ends and corners
                    self._disc(point, width / 2, grey)

    def _disc(self, centre: Point, radius: float, grey: float | None) -> None:
        if grey is not None:
            (x, y) = centre
            self.canvas.ellipse(_scaled([(x - radius, y - radius), (x + radius, y + radius)]), fill=_grey(grey))

    def _label(self, label: Label) -> None:
        """Text, or a letter with its index, on the base line that SVG has too."""
        letter, index = symbol_of(label.text) or (label.text.replace("−", "-"), "")  # the font has no minus sign
        pieces = ((letter, _font(label.size), 0.0), (index, _font(label.size * 0.72), 2.2))
        wide = sum(font.getlength(text) for text, font, _ in pieces) / UNIT
        x, y = label.at
        x -= {"left": 0.0, "centre": wide / 2, "right": wide}[label.anchor]
        for text, font, lower in pieces:
            _require(text, font)
            base = (x * UNIT, (y + label.size * 0.34 + lower) * UNIT)
            self.canvas.text(base, text, fill=_grey(label.grey), font=font, anchor="ls")
            x += font.getlength(text) / UNIT


def _grey(grey: float) -> int:
    return round(grey * 255)


def _scaled(points: Sequence[Point]) -> list[Point]:
    return [(x * UNIT, y * UNIT) for x, y in points]


def _dashes(points: Sequence[Point], dash: Dash) -> Iterator[tuple[Point, Point]]:
    """The straight pieces of a polyline that are drawn, where ``dash`` are lengths of pieces and of gaps in turn."""
    lengths, drawn = cycle(dash if len(dash) % 2 == 0 else (*dash, *dash)), True
    left = next(lengths)
    for start, end in pairwise(points):
        length, at = dist(start, end), 0.0
        while at < length:
            to = min(at + left, length)
            if drawn:
                yield _between(start, end, at / length), _between(start, end, to / length)
            left -= to - at
            at = to
            if left <= 0:
                left, drawn = next(lengths), not drawn


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


@lru_cache(maxsize=32)
def _font(size: float) -> "FreeTypeFont":
    from PIL import ImageFont

    font = ImageFont.load_default(size * UNIT)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


def _require(text: str, font: "FreeTypeFont") -> None:
    """Raises TypesettingError for characters that would be drawn as empty boxes."""
    missing = bytes(font.getmask(NOWHERE))
    if lost := [character for character in text if bytes(font.getmask(character)) == missing]:
        raise TypesettingError(f"no font for {''.join(lost)!r}", f"label {text!r}")
