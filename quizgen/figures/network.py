"""A graph of nodes and arrows on a grid: a computation graph, a residual block, an encoder and a decoder."""

from quizgen.errors import UnknownName
from quizgen.figures import Figure
from quizgen.figures._scene import DASHED, LIGHT, SOLID, WHITE, Circle, Label, Line, Point, Scene, Shape, rectangle
from quizgen.values import Struct

STEP = (62.0, 40.0)
"""Distance of neighbouring columns and rows."""

BEND = 0.8 * STEP[1]
"""Distance by which an arrow leaves the straight line for each unit of its bend."""


class Node(Struct, frozen=True):
    """A node at ``column`` (from the left) and ``row`` (from the top): a circle, or a box where ``box`` is true."""

    id: str
    label: str
    column: int
    row: int = 0
    box: bool = False
    shaded: bool = False


class Arrow(Struct, frozen=True):
    """An arrow between two nodes; ``bend`` leads it that many rows above (negative: below) the straight line."""

    tail: str
    head: str
    label: str = ""
    bend: int = 0
    dashed: bool = False


class Network(Figure, frozen=True, tag="network"):
    """Nodes and the arrows between them."""

    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...] = ()

    def scene(self) -> Scene:
        places = {node.id: node for node in self.nodes}
        above = max([0, *(arrow.bend for arrow in self.arrows)])
        below = max([0, *(-arrow.bend for arrow in self.arrows)])
        origin = (34.0, 20.0 + above * BEND)
        shapes: list[Shape] = []
        for arrow in self.arrows:
            for end in (arrow.tail, arrow.head):
                if end not in places:
                    raise UnknownName.among("node", end, places, "arrow")
            shapes += _arrow(arrow, places[arrow.tail], places[arrow.head], origin)
        for node in self.nodes:
            shapes += _node(node, origin)
        width = origin[0] * 2 + STEP[0] * max(node.column for node in self.nodes)
        height = origin[1] + 20 + STEP[1] * max(node.row for node in self.nodes) + below * BEND
        return Scene(width, height, tuple(shapes))


def _centre(node: Node, origin: Point) -> Point:
    return origin[0] + node.column * STEP[0], origin[1] + node.row * STEP[1]


def _half(node: Node) -> Point:
    """Half the width and height of a node."""
    return (max(13.0, 2.9 * len(node.label) + 6), 11.0) if node.box else (11.0, 11.0)


def _node(node: Node, origin: Point) -> list[Shape]:
    (x, y), (w, h) = _centre(node, origin), _half(node)
    fill = LIGHT if node.shaded else WHITE
    outline: Shape = rectangle(x - w, y - h, 2 * w, 2 * h, fill, 0.7) if node.box else Circle((x, y), w, fill, 0.7)
    return [outline, Label((x, y), node.label, size=10)]


def _edge(node: Node, centre: Point, towards: Point) -> Point:
    """Where the line from a node's centre towards a point leaves the node."""
    dx, dy = towards[0] - centre[0], towards[1] - centre[1]
    w, h = _half(node)
    if node.box:
        scale = min(w / abs(dx) if dx else 1e9, h / abs(dy) if dy else 1e9)
    else:
        scale = w / ((dx * dx + dy * dy) ** 0.5 or 1.0)
    return centre[0] + dx * scale, centre[1] + dy * scale


def _arrow(arrow: Arrow, tail: Node, head: Node, origin: Point) -> list[Shape]:
    start, end = _centre(tail, origin), _centre(head, origin)
    corners: tuple[Point, ...] = ()
    if arrow.bend:
        side = min(start[1], end[1]) if arrow.bend > 0 else max(start[1], end[1])
        y = side - arrow.bend * BEND
        corners = ((start[0], y), (end[0], y))
    towards_end = corners[0] if corners else end
    towards_start = corners[-1] if corners else start
    points = (_edge(tail, start, towards_end), *corners, _edge(head, end, towards_start))
    shapes: list[Shape] = [Line(points, 0.7, DASHED if arrow.dashed else SOLID, arrow=True)]
    if arrow.label:
        middle = corners or (points[0], points[-1])
        x, y = (middle[0][0] + middle[-1][0]) / 2, (middle[0][1] + middle[-1][1]) / 2
        steep = not corners and abs(end[1] - start[1]) > abs(end[0] - start[0])
        shapes.append(Label((x + 5, y), arrow.label, "left") if steep else Label((x, y - 7), arrow.label))
    return shapes
