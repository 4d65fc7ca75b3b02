"""Figures: values that survive JSON, and drawings that stay inside their frame."""

from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from xml.etree import ElementTree

import msgspec
import pytest
from PIL import Image

from quizgen import figures
from quizgen.errors import InputError, TypesettingError, UnknownName
from quizgen.figures._scene import Circle, Label, Line, Scene
from quizgen.figures.curves import Curve, Curves, ticks
from quizgen.figures.grid import Grid
from quizgen.figures.network import Arrow, Network, Node
from quizgen.figures.stack import Stack
from quizgen.values import to_json

SAMPLES: dict[str, figures.Figure] = {
    "stack": Stack(kernels=(3, 5, 2), strides=(2, 1, 3), dilations=(1, 2, 1)),
    "grid": Grid(
        cells=((1, Fraction(-1, 2)), ("x_1", Decimal("0.25"))),
        shades=((0, 1), (2, 0)),
        rows=("a", "b"),
        columns=("0", "1"),
    ),
    "network": Network(
        nodes=(Node(id="x", label="x", column=0), Node(id="f", label="F(x)", column=1, box=True, shaded=True)),
        arrows=(Arrow(tail="x", head="f"), Arrow(tail="x", head="f", label="x", bend=1, dashed=True)),
    ),
    "curves": Curves(
        curves=(
            Curve(points=((0, Decimal("2.5")), (30, 1)), label="A", marked=True),
            Curve(points=((0, Fraction(5, 2)), (30, Fraction(9, 4)))),
        ),
        x="epoch",
        y="L",
    ),
    "curves in decades": Curves(
        curves=(
            Curve(
                points=((0, Decimal("2.5")), (30, Decimal("0.004"))),
                label="A",
                band=((0, 2, 3), (30, Decimal("0.003"), Decimal("0.006"))),
            ),
            Curve(points=((0, Fraction(5, 2)), (30, Decimal("0.005"))), label="B"),
        ),
        decades=True,
    ),
}


def test_every_kind_has_a_sample() -> None:
    assert sorted({figures.store(figure)["kind"] for figure in SAMPLES.values()}) == figures.kinds()


@pytest.mark.parametrize("kind", SAMPLES)
def test_json_and_back(kind: str) -> None:
    figure = SAMPLES[kind]
    assert figures.load(figures.store(figure)) == figure
    assert figures.load(msgspec.json.decode(to_json(figure))) == figure


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_picture_shows_what_the_drawing_shows(kind: str) -> None:
    scene = SAMPLES[kind].scene()
    data, width, height = figures.png(scene)
    assert figures.png(scene)[0] == data
    with Image.open(BytesIO(data)) as picture:
        assert picture.size == (width, height) == (round(scene.width * 3), round(scene.height * 3))
        for shape in scene.shapes:
            if isinstance(shape, Label):
                x, y = (round(3 * place) for place in shape.at)
                dark, _ = picture.crop((x - 30, y - 20, x + 30, y + 20)).convert("L").getextrema()
                assert isinstance(dark, int)
                assert dark < 60, shape


def test_lines_with_gaps_have_them() -> None:
    scene = Scene(100, 10, (Line(((0, 5), (50, 5), (100, 5)), width=1, dash=(10.0, 5.0)),))
    with Image.open(BytesIO(figures.png(scene)[0])) as picture:
        row = [picture.getpixel((3 * x + 1, 15)) for x in range(100)]
    assert [shade == 0 for shade in row] == [x % 15 < 10 for x in range(100)]


def test_a_label_without_a_font_is_not_drawn_as_boxes() -> None:
    with pytest.raises(TypesettingError, match="label 'θ': no font for 'θ'"):
        figures.png(Scene(9, 9, (Label((1, 1), "θ"),)))


def places(scene: Scene) -> list[tuple[float, float]]:
    found = []
    for shape in scene.shapes:
        match shape:
            case Label(at):
                found.append(at)
            case Circle((x, y), radius):
                found += [(x - radius, y - radius), (x + radius, y + radius)]
            case _:
                found += shape.points
    return found


@pytest.mark.parametrize("kind", SAMPLES)
def test_nothing_lies_outside_the_frame(kind: str) -> None:
    scene = SAMPLES[kind].scene()
    assert scene.width < 470  # points: the width of a page's text is 471
    for x, y in places(scene):
        assert 0 <= x <= scene.width
        assert 0 <= y <= scene.height


@pytest.mark.parametrize("kind", SAMPLES)
def test_svg_is_xml_with_its_alternative(kind: str) -> None:
    root = ElementTree.fromstring(figures.svg(SAMPLES[kind].scene(), 'a "b" <c>'))
    assert root.get("aria-label") == 'a "b" <c>'
    assert "script" not in {element.tag.rpartition("}")[2] for element in root.iter()}


def shaded_input_cells(stack: Stack) -> int:
    scene = stack.scene()
    bottom = max(y for _, y in places(scene))
    fills = [shape for shape in scene.shapes if getattr(shape, "fill", None) == 0.72]
    return sum(max(y for _, y in shape.points) == bottom for shape in fills if not isinstance(shape, Label | Circle))


def test_the_cone_of_a_stack_is_its_receptive_field() -> None:
    assert shaded_input_cells(Stack(kernels=(3, 5), strides=(2, 1))) == 3 + (5 - 1) * 2
    assert shaded_input_cells(Stack(kernels=(3, 5, 2), strides=(2, 3, 1))) == 3 + 4 * 2 + 1 * 6
    assert shaded_input_cells(Stack(kernels=(3, 5), strides=(2, 1), cone=1)) == 0


def test_ticks_are_round_and_cover_the_range() -> None:
    assert ticks(Fraction(11, 20), Fraction(23, 10)) == [Fraction(n, 2) for n in range(1, 6)]
    assert ticks(Fraction(0), Fraction(30)) == [Fraction(5 * n) for n in range(7)]
    assert ticks(Fraction(-7), Fraction(1200)) == [Fraction(200 * n) for n in range(-1, 7)]


def test_unknown_kinds_fields_and_nodes_are_named() -> None:
    with pytest.raises(UnknownName, match="unknown figure 'pie'"):
        figures.load({"kind": "pie"})
    with pytest.raises(InputError, match=r"figure grid: .*cells"):
        figures.load({"kind": "grid"})
    with pytest.raises(UnknownName, match="unknown node 'y'"):
        Network(nodes=(Node(id="x", label="x", column=0),), arrows=(Arrow(tail="x", head="y"),)).scene()
    with pytest.raises(InputError, match="exact numbers"):
        Curves(curves=(Curve(points=(("a", 1), ("b", 2))),)).scene()


def test_a_logarithmic_axis_has_powers_of_ten_and_takes_positive_numbers_only() -> None:
    labels = [shape.text for shape in SAMPLES["curves in decades"].scene().shapes if isinstance(shape, Label)]
    assert {"0.001", "0.01", "0.1", "1", "10"} <= set(labels)
    with pytest.raises(InputError, match="positive"):
        Curves(curves=(Curve(points=((0, 1), (1, 0))),), decades=True).scene()


def test_labels_of_curves_that_end_together_do_not_touch() -> None:
    shapes = SAMPLES["curves in decades"].scene().shapes
    a, b = (shape for shape in shapes if isinstance(shape, Label) and shape.text in ("A", "B"))
    assert abs(a.at[1] - b.at[1]) >= 9.5
