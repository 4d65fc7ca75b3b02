"""The log-likelihood of a normalizing flow of L bijections: a base density and a sum of log-determinants.

Source: Rezende & Mohamed 2015, arXiv:1505.05770, section 3, equations 5 to 7 and 10 to 12; Papamakarios et al. 2021,
arXiv:1912.02762, section 2.1. z_l = f_l(z_{l-1}), g_l is the inverse of f_l, p_l the density of z_l, p_0 a standard
normal one in d dimensions, x = z_L; a Jacobian has a row for each output; natural logarithm.
"""

from collections.abc import Sequence
from fractions import Fraction

from quizgen.expr import Constant
from solvers.derivations.language import (
    Call,
    Name,
    Node,
    add,
    density,
    dot,
    equal,
    jacobian,
    ln,
    names,
    norm2,
    normal,
    num,
    series,
)
from solvers.derivations.lines import Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, equation, fraction, indexed

Function = tuple[tuple[str, ...], Node]

L, d, l_, u, x = names("L d l u x")
f, g = density("f_l"), density("g_l")


def z(index: Node | int) -> Name:
    """What the flow has made of the base variable after some layers."""
    return Name("z", (num(index) if isinstance(index, int) else index,))


def affine_and_cube(pick: Pick) -> Model:
    """On the real line: a decreasing affine map, the negative cube and another affine map."""
    slope, start = pick(2, 3), fraction(pick, -3, 3, 2)
    middle = (Fraction(1, 2), Fraction(1), Fraction(2))[pick(0, 2)]
    shift, stretch, move = middle + slope * start, pick(2, 4), pick(1, 3)
    root: Node = (-u) ** num(Fraction(1, 3))
    maps: list[Node] = [-(slope * u) + shift if shift else -(slope * u), -(u**3), stretch * u + move]
    inverses: list[Node] = [(shift - u) / num(slope), root, (u - move) / num(stretch)]
    densities: list[Node] = [
        normal(u, 0, 1),
        normal(u, num(shift), num(slope**2)),
        normal(root, num(shift), num(slope**2)) / (3 * root**2),
        density("p_2")(inverses[2]) / num(stretch),
    ]
    points = [start, middle, -(middle**3), stretch * -(middle**3) + move]
    shown = [equation(density(f"f_{place}")(u), tree) for place, tree in enumerate(maps, 1)]
    return Model(
        values={"L": 3, "l": 2, "d": 1, "x": points[-1], **{f"z_{k}": point for k, point in enumerate(points)}},
        functions=layers(maps, inverses, densities),
        given=(equation(L, 3), equation(d, 1), *shown, equation(x, points[-1]), equation(l_, 2)),
    )


def layers(maps: Sequence[Node], inverses: Sequence[Node], densities: Sequence[Node]) -> dict[str, Function]:
    """Functions of u: those of the layers from 1, and the densities from 0."""
    found: dict[str, Function] = {f"f_{place}": (("u",), tree) for place, tree in enumerate(maps, 1)}
    found |= {f"g_{place}": (("u",), tree) for place, tree in enumerate(inverses, 1)}
    return found | {f"p_{place}": (("u",), tree) for place, tree in enumerate(densities)}


def planar(pick: Pick) -> Model:
    """Two planar layers in two dimensions, z + v relu(w z + b), of which the determinant is 1 + w v or 1."""
    point = [fraction(pick, -3, 3, 2) for _ in range(2)]
    values: dict[str, Fraction | int] = {"L": 2, "l": 2, "d": 2, **indexed("z_0", point)}
    maps: list[Node] = []
    inverses: list[Node] = []
    densities: list[Node] = [normal(entry(u, 1), 0, 1) * normal(entry(u, 2), 0, 1)]
    for place in (1, 2):
        w, v, b = [pick(-2, 2) for _ in range(2)], [pick(-2, 2) for _ in range(2)], Fraction(pick(-3, 3) * 4 + 1, 4)
        stretch = 1 + times(w, v)
        if stretch <= 0:
            v, stretch = [-part for part in v], 2 - stretch
        inner, along = dot(Name(f"w{place}"), u) + b, Name(f"v{place}")
        maps.append(u + Call("relu", (inner,)) * along)
        inverses.append(u - Call("relu", (inner,)) / num(stretch) * along)
        volume = 1 + num(stretch - 1) * Call("step", (inner,))
        densities.append(density(f"p_{place - 1}")(inverses[-1]) / volume)
        active = max(times(w, point) + b, Fraction(0))
        point = [part + active * move for part, move in zip(point, v, strict=True)]
        values |= {**indexed(f"w{place}", w), **indexed(f"v{place}", v), **indexed(f"z_{place}", point)}
    return Model(values={**values, **indexed("x", point)}, functions=layers(maps, inverses, densities))


def times(left: Sequence[Fraction | int], right: Sequence[Fraction | int]) -> Fraction:
    """The inner product."""
    return sum((Fraction(a) * b for a, b in zip(left, right, strict=True)), Fraction(0))


def entry(vector: Node, index: int) -> Node:
    """An entry of a vector."""
    return Call("entry", (vector, num(index)))


def size(tree: Node) -> Node:
    """The absolute value."""
    return Call("abs", (tree,))


def det(variable: Name, body: Node) -> Node:
    """The determinant of a Jacobian."""
    return Call("det", (jacobian(variable, body),))


def volume(function: str, place: int) -> Node:
    """The log-determinant of one map, at one point."""
    return ln(size(det(z(place), density(function)(z(place)))))


def total(body: Node, last: Node = L) -> Node:
    """The sum over all layers."""
    return series("l", 1, last, body)


start, now, earlier, end = (density(name) for name in ("p_0", "p_l", "p_l-1", "p_L"))
base, likelihood = ln(start(z(0))), ln(end(x))
stretch, squeeze = det(z(l_ - 1), f(z(l_ - 1))), det(z(l_), g(z(l_)))
ratio = ln(now(z(l_))) - ln(earlier(z(l_ - 1)))
squeezes = total(ln(size(squeeze)))
constant = d / 2 * ln(2 * Constant("pi"))
points = z(2), z(1), z(0)

lines = (
    Line("likelihood", likelihood, "start"),
    Line("telescope", base + total(ratio), reason="telescoping_sum"),
    Line("layer", equal(now(z(l_)), earlier(z(l_ - 1)) / size(stretch)), "holds", reason="change_of_variables"),
    Line("forward", base - total(ln(size(stretch))), reason="insert_the_layers", needs=("telescope", "layer")),
    Line("inverse", equal(squeeze * stretch, num(1)), "holds", reason="inverse_function"),
    Line("backward", base + squeezes, reason="insert_the_inverses", needs=("forward", "inverse")),
    Line("normal", add(-constant, -(norm2(z(0)) / 2), squeezes), reason="normal_density"),
)

DERIVATION = Derivation(
    name="flow_likelihood",
    lines=lines,
    flaws=(
        Flaw("forgets_the_base", "telescope", total(ratio)),
        Flaw("misses_the_last_layer", "telescope", base + total(ratio, L - 1)),
        Flaw("multiplies_by_the_stretch", "layer", equal(now(z(l_)), earlier(z(l_ - 1)) * size(stretch))),
        Flaw("drops_the_absolute_value", "layer", equal(now(z(l_)), earlier(z(l_ - 1)) / stretch)),
        Flaw("keeps_the_point", "layer", equal(now(z(l_)), earlier(z(l_)) / size(stretch))),
        Flaw("adds_the_log_determinants", "forward", base + total(ln(size(stretch)))),
        Flaw("takes_all_layers_at_x", "forward", base - total(ln(size(det(x, f(x)))))),
        Flaw("takes_the_base_at_x", "forward", ln(start(x)) - total(ln(size(stretch)))),
        Flaw("takes_the_logarithm_of_the_sum", "forward", base - ln(total(size(stretch)))),
        Flaw("equates_the_determinants", "inverse", equal(squeeze, stretch)),
        Flaw("keeps_the_sign", "backward", base - squeezes),
        Flaw("forgets_the_constant", "normal", -(norm2(z(0)) / 2) + squeezes),
        Flaw("forgets_the_half", "normal", add(-constant, -norm2(z(0)), squeezes)),
        Flaw("takes_the_norm_of_x", "normal", add(-constant, -(norm2(x) / 2), squeezes)),
    ),
    worlds=(affine_and_cube, planar),
    values=("forward", "normal"),
    working={
        "forward": (*points, base, *(volume(f"f_{place}", place - 1) for place in (1, 2, 3))),
        "normal": (*points, constant, *(volume(f"g_{place}", place) for place in (1, 2, 3))),
    },
)
