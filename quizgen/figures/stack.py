"""A stack of one-dimensional convolutions (or poolings): rows of cells, and the cone that one output unit sees."""

from quizgen.figures import Figure
from quizgen.figures._scene import BLACK, LIGHT, MID, WHITE, Label, Line, Scene, Shape, rectangle

WIDEST = 340.0
"""Points that the rows may take."""

EVEN = 8
"""The bottom row has a multiple of this many cells, so that counting it does not give the receptive field away."""


class Stack(Figure, frozen=True, tag="stack"):
    """Layers from the input (bottom) to the output (top): layer l reads ``kernels[l]`` cells, ``dilations[l]`` apart
    (default 1), and its units lie ``strides[l]`` cells of the layer below apart.

    The unit in the middle of the top row is shaded, and so is what it sees in the uppermost ``cone`` layers (default:
    down to the input, where the shaded cells are the receptive field; ``cone=1`` only explains how one unit reads).
    """

    kernels: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...] = ()
    cone: int | None = None

    def scene(self) -> Scene:
        layers = list(zip(self.kernels, self.strides, self.dilations or (1,) * len(self.kernels), strict=True))
        seen = _seen(layers)
        side = max(seen[0]) + 1
        cells = -(-(side + 4) // EVEN) * EVEN
        margin = (cells - side) // 2
        cell = min(15.0, WIDEST / cells)
        rise = max(30.0, min(44.0, 2.6 * cell))
        top = 4.0
        rows = [
            (start, jump, top + (len(layers) - level) * rise) for level, (start, jump) in enumerate(_places(layers))
        ]
        foot = 0 if self.cone is None else max(0, len(layers) - self.cone)
        lit = [set(row) if level >= foot else set() for level, row in enumerate(seen)]
        shapes: list[Shape] = []
        for level in range(foot + 1, len(rows)):
            shapes += _threads(layers[level - 1], rows[level - 1], rows[level], lit[level], cell, margin)
        for level, (start, jump, y) in enumerate(rows):
            for unit in _units(start, jump, cells, margin):
                grey = WHITE if unit not in lit[level] else MID if level in (0, len(layers)) else LIGHT
                shapes.append(rectangle(_left(start + unit * jump, cell, margin), y, cell, cell, grey))
        left = cells * cell + 12
        for level, (kernel, stride, dilation) in enumerate(layers, 1):
            text = f"k = {kernel}, s = {stride}" + (f", d = {dilation}" if dilation > 1 else "")
            shapes.append(Label((left, rows[level][2] + cell / 2 + rise / 2), text, "left", 9))
        labels = 110 if max(dilation for _, _, dilation in layers) > 1 else 70
        return Scene(left + labels, top + len(layers) * rise + cell + 4, tuple(shapes))


def _seen(layers: list[tuple[int, int, int]]) -> list[list[int]]:
    """For every level, input first: the units that the top unit 0 depends on."""
    rows = [[0]]
    for kernel, stride, dilation in reversed(layers):
        rows.append(sorted({unit * stride + tap * dilation for unit in rows[-1] for tap in range(kernel)}))
    return rows[::-1]


def _places(layers: list[tuple[int, int, int]]) -> list[tuple[float, int]]:
    """For every level: where its unit 0 is centred, and how far apart its units are, in input cells."""
    start, jump = 0.0, 1
    places = [(start, jump)]
    for kernel, stride, dilation in layers:
        start += (kernel - 1) * dilation * jump / 2
        jump *= stride
        places.append((start, jump))
    return places


def _units(start: float, jump: int, cells: int, margin: int) -> list[int]:
    return [unit for unit in range(-cells, cells) if -margin <= start + unit * jump <= cells - margin - 1]


def _left(place: float, cell: float, margin: int) -> float:
    return 2 + (place + margin) * cell


def _threads(
    layer: tuple[int, int, int],
    below: tuple[float, int, float],
    above: tuple[float, int, float],
    lit: set[int],
    cell: float,
    margin: int,
) -> list[Shape]:
    """Lines from every lit unit down to the cells that it reads."""
    kernel, stride, dilation = layer
    lines: list[Shape] = []
    for unit in sorted(lit):
        x = _left(above[0] + unit * above[1], cell, margin) + cell / 2
        for tap in range(kernel):
            foot = _left(below[0] + (unit * stride + tap * dilation) * below[1], cell, margin) + cell / 2
            lines.append(Line(((x, above[2] + cell), (foot, below[2])), 0.45, grey=BLACK))
    return lines
