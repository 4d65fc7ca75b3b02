"""A matrix of cells: an image, a kernel, a mask, a confusion matrix."""

from quizgen.expr import latex_number
from quizgen.figures import Figure
from quizgen.figures._scene import LIGHT, MID, WHITE, Label, Scene, Shape, rectangle
from quizgen.values import Value

_GREYS = (WHITE, LIGHT, MID)


class Grid(Figure, frozen=True, tag="grid"):
    """Rows of equal length, top row first; a cell is an exact number, a symbol such as ``x_1`` or an empty string.

    ``shades`` has a number per cell: 0 white, 1 light, 2 darker. ``rows`` and ``columns`` label the edges.
    """

    cells: tuple[tuple[Value, ...], ...]
    shades: tuple[tuple[int, ...], ...] = ()
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    def scene(self) -> Scene:
        texts = [[_text(cell) for cell in row] for row in self.cells]
        widest = max((len(text) for row in texts for text in row), default=1)
        high, wide = 19.0, max(22.0, 5.2 * widest + 9)
        left = 5.4 * max((len(label) for label in self.rows), default=0) + (8 if self.rows else 1)
        top = 15.0 if self.columns else 1.0
        shapes: list[Shape] = []
        for i, row in enumerate(texts):
            for j, text in enumerate(row):
                shade = _GREYS[self.shades[i][j]] if self.shades else WHITE
                x, y = left + j * wide, top + i * high
                shapes.append(rectangle(x, y, wide, high, shade, 0.5))
                if text:
                    shapes.append(Label((x + wide / 2, y + high / 2), text, size=10))
        shapes += [Label((left - 6, top + (i + 0.5) * high), name, "right") for i, name in enumerate(self.rows)]
        shapes += [Label((left + (j + 0.5) * wide, top - 8), name) for j, name in enumerate(self.columns)]
        columns = max(map(len, texts), default=0)
        return Scene(left + columns * wide + 1, top + len(texts) * high + 1, tuple(shapes))


def _text(cell: Value) -> str:
    if isinstance(cell, str):
        return cell
    text = str(cell) if "/" in str(cell) else latex_number(cell)
    return text.replace("-", "\N{MINUS SIGN}")
