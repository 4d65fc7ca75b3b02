"""Why a sigmoid output with squared error saturates and one with cross-entropy does not.

Source: Nielsen 2015, Neural Networks and Deep Learning, chapter 3, equations 55 to 61; Goodfellow, Bengio & Courville
2016, section 6.2.2.2. One output a = sigma(z) with a label y that is 0 or 1; squared error with the factor 1/2.
"""

from fractions import Fraction

from solvers.derivations.language import Call, Node, density, derivative, equal, exp, ln, mul, names, num
from solvers.derivations.lines import Blank, Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, equation

a, u, y, z = names("a u y z")
sigma, sigma_slope = density("sigma"), density("sigma'")


def wrong_and_sure(pick: Pick) -> Model:
    """An output that is far on the wrong side."""
    return output(pick, pick(5, 12), wrong=True)


def right(pick: Pick) -> Model:
    """An output on the right side."""
    return output(pick, pick(2, 5), wrong=False)


def output(pick: Pick, odds: int, wrong: bool) -> Model:
    """An output whose odds are a whole number or its inverse."""
    label = pick(0, 1)
    is_high = (label == 1) != wrong
    logit = ln(odds) if is_high else -ln(odds)
    return Model(
        values={"z": logit, "a": Fraction(odds if is_high else 1, odds + 1), "y": label},
        functions={"sigma": (("u",), Call("sigmoid", (u,)))},
        given=(equation(z, logit), equation(y, label)),
    )


def size(tree: Node) -> Node:
    """The absolute value."""
    return Call("abs", (tree,))


s = sigma(z)
square = (s - y) ** 2 / num(2)
entropy = derivative(z, -y * ln(s) - (1 - y) * ln(1 - s))
slope, tail = s * (1 - s), exp(-size(z))

lines = (
    Line("gradient", size(derivative(z, square)), "start"),
    Line("chain", size((s - y) * sigma_slope(z)), reason="chain_rule"),
    Line("slope", equal(sigma_slope(z), slope), "holds", reason="slope_of_the_sigmoid"),
    Line("inserted", mul(size(a - y), a, 1 - a), reason="insert_the_slope", needs=("chain", "slope")),
    Line("bound", a * (1 - a), "at_most", reason="error_below_one", gap=mul(1 - size(a - y), a, 1 - a)),
    Line("decay", tail, "at_most", reason="exponential_tail", gap=tail * (1 - 1 / (1 + tail) ** 2)),
    Line("entropy", equal(entropy, a - y), "holds", reason="slope_cancels", needs=("slope",)),
)

DERIVATION = Derivation(
    name="sigmoid_saturation",
    lines=lines,
    flaws=(
        Flaw("forgets_the_inner_derivative", "chain", size(s - y)),
        Flaw("keeps_the_factor_two", "chain", size(2 * (s - y) * sigma_slope(z))),
        Flaw("takes_the_value_for_the_slope", "chain", size((s - y) * s)),
        Flaw("takes_the_slope_of_tanh", "slope", equal(sigma_slope(z), 1 - s**2)),
        Flaw("forgets_one_factor_of_the_slope", "slope", equal(sigma_slope(z), 1 - s)),
        Flaw("takes_the_slope_of_the_exponential", "slope", equal(sigma_slope(z), s)),
        Flaw("drops_the_complement", "inserted", size(a - y) * a),
        Flaw("doubles_the_rate", "decay", exp(-(2 * size(z)))),
        Flaw("keeps_the_slope", "entropy", equal(entropy, mul(a - y, a, 1 - a))),
        Flaw("reverses_the_difference", "entropy", equal(entropy, y - a)),
        Flaw("differentiates_by_the_output", "entropy", equal(entropy, (a - y) / (a * (1 - a)))),
    ),
    worlds=(wrong_and_sure, right),
    blanks=(
        Blank(
            "entropy",
            a - y,
            {"a": "unit", "y": "unit"},
            {
                "keeps_the_slope": mul(a - y, a, 1 - a),
                "reverses_the_difference": y - a,
                "differentiates_by_the_output": (a - y) / (a * (1 - a)),
            },
        ),
    ),
    values=("inserted",),
)
