"""The optimal discriminator of a GAN, p_data / (p_data + p_g), maximised point by point.

Source: Goodfellow et al. 2014, arXiv:1406.2661, section 4.1, proposition 1. Finitely many points, both distributions
positive everywhere; natural logarithm; the output of the discriminator is the probability that a point is real.
"""

from fractions import Fraction

from solvers.derivations.language import E, Name, Node, density, derivative, equal, ln, names, num, over
from solvers.derivations.lines import Blank, Derivation, Flaw, Line
from solvers.derivations.models import Density, Model, Pick, equation, indexed, shares

a, b, t, u, x = names("a b t u x")
real, made = density("p_data")(x), density("p_g")(x)
D, best = density("D"), density("Dhat")
OUTPUTS = tuple(Fraction(*parts) for parts in ((1, 6), (1, 4), (1, 3), (2, 5), (3, 5), (2, 3), (3, 4), (5, 6)))


def three_points(pick: Pick) -> Model:
    """Three points, and a discriminator that is near the best one."""
    return space(pick, 3)


def five_points(pick: Pick) -> Model:
    """Five points."""
    return space(pick, 5)


def nearest(goal: Fraction) -> Fraction:
    """The simple number that is next to another."""
    return min((output for output in OUTPUTS if output != goal), key=lambda output: abs(output - goal))


def space(pick: Pick, size: int) -> Model:
    """Two distributions with small numbers; one point and one output are looked at."""
    data, generated = shares(pick, size, 4), shares(pick, size, 4)
    optimal = [p / (p + q) for p, q in zip(data, generated, strict=True)]
    outputs = [nearest(goal) for goal in optimal]
    point, output = pick(1, size), OUTPUTS[pick(0, len(OUTPUTS) - 1)]
    points = range(1, size + 1)
    return Model(
        values={
            **indexed("real", data),
            **indexed("made", generated),
            **indexed("best", optimal),
            **indexed("output", outputs),
            "x": point,
            "a": data[point - 1],
            "b": generated[point - 1],
            "t": output,
        },
        spaces={"x": tuple(points)},
        densities={
            "p_data": (Density(("x",), Name("real", (x,))),),
            "p_g": (Density(("x",), Name("made", (x,))),),
        },
        functions={"D": (("u",), Name("output", (u,))), "Dhat": (("u",), Name("best", (u,)))},
        given=(
            *(equation(density("p_data")(num(k)), data[k - 1]) for k in points),
            *(equation(density("p_g")(num(k)), generated[k - 1]) for k in points),
            *(equation(D(num(k)), outputs[k - 1]) for k in points),
            equation(x, point),
            equation(t, output),
        ),
    )


def objective(output: Node) -> Node:
    """The sum over all points."""
    return over(x, real * ln(output) + made * ln(1 - output))


def sloped(slope: Node) -> Node:
    """What the derivative of one summand is, by its output."""
    return equal(derivative(t, a * ln(t) + b * ln(1 - t)), slope)


slope, answer = a / t - b / (1 - t), best(x)
curved = derivative(t, slope)

lines = (
    Line("value", E(real, ln(D(x))) + E(made, ln(1 - D(x))), "start"),
    Line("sum", objective(D(x)), reason="expectations_as_one_sum"),
    Line("slope", sloped(slope), "holds", reason="differentiate_a_summand"),
    Line(
        "curvature",
        equal(curved, -(a / t**2) - b / (1 - t) ** 2),
        "holds",
        reason="second_derivative",
        needs=("slope",),
    ),
    Line("stationary", equal(a / answer - b / (1 - answer), num(0)), "holds", reason="set_to_zero", needs=("slope",)),
    Line("cleared", equal(a * (1 - answer), b * answer), "holds", reason="clear_denominators", needs=("stationary",)),
    Line("solution", equal(answer, a / (a + b)), "holds", reason="solve", needs=("cleared",)),
    Line(
        "bound",
        objective(answer),
        "at_most",
        reason="maximum_at_each_point",
        needs=("sum", "solution", "curvature"),
        gap=over(x, real * ln(answer / D(x)) + made * ln((1 - answer) / (1 - D(x)))),
    ),
)

turned, ratio, half = b / (a + b), a / b, num(Fraction(1, 2))

DERIVATION = Derivation(
    name="gan_discriminator",
    lines=lines,
    flaws=(
        Flaw("weighs_both_by_the_data", "sum", over(x, real * ln(D(x)) + real * ln(1 - D(x)))),
        Flaw("subtracts_the_generated_part", "sum", over(x, real * ln(D(x)) - made * ln(1 - D(x)))),
        Flaw("loses_the_inner_sign", "slope", sloped(a / t + b / (1 - t))),
        Flaw("differentiates_at_the_same_place", "slope", sloped(a / t - b / t)),
        Flaw("loses_the_sign_of_the_second_term", "curvature", equal(curved, -(a / t**2) + b / (1 - t) ** 2)),
        Flaw("swaps_the_distributions", "stationary", equal(b / answer - a / (1 - answer), num(0))),
        Flaw("multiplies_by_the_wrong_denominators", "cleared", equal(a * answer, b * (1 - answer))),
        Flaw("takes_the_generated_share", "solution", equal(answer, turned)),
        Flaw("takes_the_ratio", "solution", equal(answer, ratio)),
        Flaw("takes_one_half", "solution", equal(answer, half)),
        Flaw("bounds_by_the_equilibrium", "bound", -ln(4)),
    ),
    worlds=(three_points, five_points),
    blanks=(
        Blank(
            "solution",
            a / (a + b),
            {"a": "positive", "b": "positive"},
            {"takes_the_generated_share": turned, "takes_the_ratio": ratio, "takes_one_half": half},
        ),
    ),
    values=("sum", "bound"),
    working={"bound": tuple(best(num(point)) for point in (1, 2, 3))},
)
