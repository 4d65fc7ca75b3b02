"""E(s - (ln p)')^2 = E[s^2 + 2 s'] up to a constant: score matching without the score of the data.

Source: Hyvarinen 2005, "Estimation of non-normalized statistical models by score matching", theorem 1, in one
dimension and without its factor 1/2. p(x) s(x) vanishes at infinity.
"""

from fractions import Fraction

from solvers.derivations.language import E, Name, Node, density, derivative, integral, ln, mul, normal, num
from solvers.derivations.lines import Derivation, Flaw, Line
from solvers.derivations.models import Density, Model, Pick, equation

x, theta = Name("x"), Name("theta")
p, score = density("p"), density("s_theta")
s, law = score(x), p(x)
slope, data_score = derivative(x, s), derivative(x, ln(law))


def quadratic(pick: Pick) -> Model:
    """Gaussian data and a quadratic model: every expectation is rational."""
    return _model(pick, theta * x**2 - pick(1, 3) * x)


def cubic(pick: Pick) -> Model:
    """A model of odd degree."""
    return _model(pick, theta * x**3 - pick(1, 3) * x + pick(1, 3))


def _model(pick: Pick, form: Node) -> Model:
    data = normal(x, num(Fraction(pick(1, 6), 2)), num(Fraction(pick(1, 6), 2)))
    parameter = Fraction(pick(1, 8), 4)
    return Model(
        values={"theta": parameter},
        spaces={"x": None},
        densities={"p": (Density(("x",), data),)},
        functions={"s_theta": (("x",), form)},
        second={"theta": parameter + 1},
        given=(equation(law, data), equation(s, form), equation(theta, parameter)),
    )


lines = (
    Line("explicit", E(law, (s - data_score) ** 2), "start"),
    Line("expand", E(law, s**2 - 2 * s * data_score + data_score**2), reason="square"),
    Line("drop", E(law, s**2) - 2 * E(law, s * data_score), "constant", reason="free_of_theta", varies="theta"),
    Line("integral", E(law, s**2) - 2 * integral(x, s * derivative(x, law)), reason="log_derivative"),
    Line("parts", E(law, s**2) + 2 * integral(x, law * slope), reason="integration_by_parts"),
    Line("implicit", E(law, s**2 + 2 * slope), reason="back_to_expectation"),
)

DERIVATION = Derivation(
    name="implicit_score_matching",
    lines=lines,
    flaws=(
        Flaw("squares_term_by_term", "expand", E(law, s**2 + data_score**2)),
        Flaw("forgets_the_two", "expand", E(law, s**2 - s * data_score + data_score**2)),
        Flaw("drops_the_cross_term", "drop", E(law, s**2)),
        Flaw("drops_the_squared_model", "drop", -(2 * E(law, s * data_score))),
        Flaw("keeps_the_density", "integral", E(law, s**2) - 2 * integral(x, mul(law, s, derivative(x, law)))),
        Flaw("forgets_the_derivative", "integral", E(law, s**2) - 2 * integral(x, s * law)),
        Flaw("keeps_the_minus", "parts", E(law, s**2) - 2 * integral(x, law * slope)),
        Flaw("differentiates_both", "parts", E(law, s**2) + 2 * integral(x, derivative(x, law) * slope)),
        Flaw("leaves_the_model_as_it_is", "parts", E(law, s**2) + 2 * integral(x, law * s)),
        Flaw("loses_the_two", "implicit", E(law, s**2 + slope)),
        Flaw("squares_the_derivative", "implicit", E(law, s**2 + slope**2)),
        Flaw("differentiates_the_square", "implicit", E(law, s**2 + derivative(x, s**2))),
    ),
    worlds=(quadratic, cubic),
    values=("implicit",),
    working={"implicit": (E(law, slope), *(E(law, power) for power in (x, x**2, x**3, x**4)))},
)
