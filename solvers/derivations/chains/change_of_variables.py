"""The density of x = f(z) for an invertible map: ln p(x) = ln q(z) - ln |det df/dz|, by conservation of probability.

Source: Papamakarios et al. 2021, "Normalizing flows for probabilistic modeling and inference", arXiv:1912.02762,
section 2.1, equations 3 to 5. q is the density of z, p that of x, g the inverse of f; a Jacobian has a row for each
output; natural logarithm. The maps of the models are affine, in one or two dimensions.
"""

from collections.abc import Sequence
from fractions import Fraction

from solvers.derivations.language import (
    Call,
    E,
    Name,
    Node,
    density,
    equal,
    integral,
    jacobian,
    ln,
    mul,
    names,
    norm2,
    normal,
    num,
    var,
)
from solvers.derivations.lines import Derivation, Flaw, Line
from solvers.derivations.models import REALS, Density, Model, Pick, equation, fraction, grid, indexed

A, b, u, x, z = names("A b u x z")
p, q, f, g, h = map(density, "pqfgh")


def line(pick: Pick) -> Model:
    """A decreasing affine map of the real line, and a Gaussian with small numbers."""
    stretch, shift = (Fraction(1, 2), Fraction(3, 2), Fraction(2), Fraction(3))[pick(0, 3)], pick(-2, 2)
    slope = -stretch
    mean, variance, point = pick(-2, 2), pick(1, 4), pick(-2, 2)
    image = -(stretch * u) + shift if shift else -(stretch * u)
    base = normal(z, mean, variance)
    return Model(
        values={"z": point, "x": slope * point + shift},
        spaces={"x": REALS, "z": REALS},
        densities={
            "q": (Density(("z",), base),),
            "p": (Density(("x",), normal(x, num(slope * mean + shift), num(slope**2 * variance))),),
        },
        functions={"f": (("u",), image), "g": (("u",), (u - shift) / num(slope)), "h": (("u",), u**2)},
        given=(
            equation(f(u), image),
            equation(q(z), base),
            equation(h(u), u**2),
            equation(x, slope * point + shift),
        ),
    )


def two_peaks(pick: Pick) -> Model:
    """A mixture of two Gaussians under an increasing map."""
    slope, shift, share = fraction(pick, 2, 6, 2), pick(-2, 2), fraction(pick, 1, 3, 4)
    means, point = (pick(-3, -1), pick(1, 3)), pick(-2, 2)

    def mixture(variable: Name, scale: Fraction, move: int) -> Node:
        peaks = [normal(variable, num(scale * mean + move), num(scale**2)) for mean in means]
        return share * peaks[0] + (1 - share) * peaks[1]

    return Model(
        values={"z": point, "x": slope * point + shift},
        spaces={"x": REALS, "z": REALS},
        densities={
            "q": (Density(("z",), mixture(z, Fraction(1), 0)),),
            "p": (Density(("x",), mixture(x, slope, shift)),),
        },
        functions={"f": (("u",), slope * u + shift), "g": (("u",), (u - shift) / num(slope)), "h": (("u",), u**2)},
    )


def plane(pick: Pick) -> Model:
    """A triangular affine map of the plane, which may turn it over, and two independent Gaussian coordinates."""
    (a, c), d = (pick(1, 3), pick(-2, 2)), pick(1, 3) * (-1) ** pick(0, 1)
    shift, mean, point = ([pick(-2, 2) for _ in range(2)] for _ in range(3))
    variances = pick(1, 3), pick(1, 3)

    def moved(at: Sequence[int]) -> list[int]:
        return [a * at[0] + shift[0], c * at[0] + d * at[1] + shift[1]]

    centre = moved(mean)
    x1, x2, z1, z2 = names("x_1 x_2 z_1 z_2")
    along = num(centre[1]) + Fraction(c, a) * (x1 - centre[0])
    return Model(
        values={
            **grid("A", [[a, 0], [c, d]]),
            **indexed("b", shift),
            **indexed("z", point),
            **indexed("x", moved(point)),
        },
        spaces=dict.fromkeys(("x_1", "x_2", "z_1", "z_2"), REALS),
        densities={
            "q": (Density(("z_1", "z_2"), mul(*map(normal, (z1, z2), map(num, mean), map(num, variances)))),),
            "p": (
                Density(
                    ("x_1", "x_2"),
                    normal(x1, centre[0], a**2 * variances[0]) * normal(x2, along, d**2 * variances[1]),
                ),
            ),
        },
        functions={
            "f": (("u",), A * u + b),
            "g": (("u",), Call("inverse", (A,)) * (u - b)),
            "h": (("u",), norm2(u)),
        },
    )


def size(tree: Node) -> Node:
    """The absolute value."""
    return Call("abs", (tree,))


def det(variable: Name, body: Node) -> Node:
    """The determinant of a Jacobian."""
    return Call("det", (jacobian(variable, body),))


squeeze, stretch = det(x, g(x)), det(z, f(z))

lines = (
    Line("average", E(p(x), h(x)), "start"),
    Line("transport", E(q(z), h(f(z))), reason="same_random_quantity"),
    Line("integral", integral(z, q(z) * h(f(z))), reason="definition_of_the_expectation"),
    Line("substituted", integral(x, mul(q(g(x)), size(squeeze), h(x))), reason="substitution"),
    Line("density", equal(p(x), q(g(x)) * size(squeeze)), "holds", reason="any_test_function", needs=("substituted",)),
    Line("inverse", equal(squeeze * stretch, num(1)), "holds", reason="inverse_function"),
    Line(
        "forward", equal(p(x), q(z) / size(stretch)), "holds", reason="insert_the_inverse", needs=("density", "inverse")
    ),
    Line("log", equal(ln(p(x)), ln(q(z)) - ln(size(stretch))), "holds", reason="logarithm", needs=("forward",)),
)

DERIVATION = Derivation(
    name="change_of_variables",
    lines=lines,
    flaws=(
        Flaw("forgets_the_map", "transport", E(q(z), h(z))),
        Flaw("applies_the_inverse", "transport", E(q(z), h(g(z)))),
        Flaw("forgets_the_volume", "substituted", integral(x, q(g(x)) * h(x))),
        Flaw("takes_the_volume_of_the_map", "substituted", integral(x, mul(q(g(x)), size(det(x, f(x))), h(x)))),
        Flaw("drops_the_absolute_value", "substituted", integral(x, mul(q(g(x)), squeeze, h(x)))),
        Flaw("equates_the_densities", "density", equal(p(x), q(g(x)))),
        Flaw("applies_the_map_twice", "density", equal(p(x), q(f(x)) * size(squeeze))),
        Flaw("equates_the_determinants", "inverse", equal(squeeze, stretch)),
        Flaw("multiplies_by_the_stretch", "forward", equal(p(x), q(z) * size(stretch))),
        Flaw("takes_the_base_at_x", "forward", equal(p(x), q(x) / size(stretch))),
        Flaw("adds_the_log_determinant", "log", equal(ln(p(x)), ln(q(z)) + ln(size(stretch)))),
        Flaw("forgets_the_logarithm", "log", equal(ln(p(x)), ln(q(z)) - size(stretch))),
        Flaw("divides_the_logarithms", "log", equal(ln(p(x)), ln(q(z)) / ln(size(stretch)))),
    ),
    worlds=(line, two_peaks, plane),
    values=("transport",),
    working={"transport": (E(q(z), f(z)), var(q(z), f(z)))},
)
