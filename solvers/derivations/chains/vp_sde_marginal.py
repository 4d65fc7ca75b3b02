"""Mean and variance of x(t), given x(0), of the variance-preserving SDE dx = -beta(t) x / 2 dt + sqrt(beta(t)) dW.

Source: Song et al. 2021, arXiv:2011.13456, appendix B, equation 33; moment equations: Sarkka & Solin 2019, section 5.5.
B(t) is the integral of beta from 0 to t, written B once t is fixed.
"""

from fractions import Fraction

from quizgen.expr import Constant
from solvers.derivations.diffusion import t, x_0
from solvers.derivations.language import Name, Node, Power, density, derivative, equal, num, sqrt
from solvers.derivations.lines import Blank, Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, equation

total = Name("B")
beta, integrated, mean, variance = (density(name)(t) for name in ("beta", "B", "m", "v"))
half = num(Fraction(1, 2))


def exp(exponent: Node) -> Power:
    """The exponential function, written as a power."""
    return Power(Constant("e"), exponent)


def linear(pick: Pick) -> Model:
    """A rate that grows linearly."""
    return _model(pick, (Fraction(pick(1, 4), 4), Fraction(pick(1, 4), 2)))


def quadratic(pick: Pick) -> Model:
    """A rate that is a polynomial of degree two."""
    return _model(pick, (Fraction(pick(1, 4), 4), Fraction(pick(1, 4), 4), Fraction(pick(1, 3), 4)))


def _model(pick: Pick, rates: tuple[Fraction, ...]) -> Model:
    time, start = Fraction(pick(1, 4), 2), pick(1, 3)
    rate = _polynomial(rates)
    whole = _polynomial((Fraction(0), *(value / (power + 1) for power, value in enumerate(rates))))
    grown = sum(value * time ** (power + 1) / (power + 1) for power, value in enumerate(rates))
    return Model(
        values={"t": time, "B": grown, "x_0": start},
        functions={
            "beta": (("t",), rate),
            "B": (("t",), whole),
            "m": (("t",), exp(-(integrated / 2)) * x_0),
            "v": (("t",), 1 - exp(-integrated)),
        },
        given=(equation(beta, rate), equation(t, time), equation(x_0, start)),
    )


def _polynomial(values: tuple[Fraction, ...]) -> Node:
    tree: Node = num(values[0])
    for power, value in enumerate(values[1:], 1):
        tree = tree + num(value) * (t if power == 1 else t**power)
    return tree


lines = (
    Line("mean_rate", equal(derivative(t, mean), -half * beta * mean), "holds", reason="mean_of_sde"),
    Line(
        "mean_product",
        equal(derivative(t, exp(integrated / 2) * mean), num(0)),
        "holds",
        reason="integrating_factor_of_mean",
        needs=("mean_rate",),
    ),
    Line("mean", equal(mean, exp(-(total / 2)) * x_0), "holds", reason="constant_product", needs=("mean_product",)),
    Line("variance_rate", equal(derivative(t, variance), beta * (1 - variance)), "holds", reason="ito_square"),
    Line(
        "variance_product",
        equal(derivative(t, exp(integrated) * variance), beta * exp(integrated)),
        "holds",
        reason="integrating_factor_of_variance",
        needs=("variance_rate",),
    ),
    Line(
        "integral",
        equal(exp(integrated) * variance, exp(integrated) - 1),
        "holds",
        reason="integrate_from_zero",
        needs=("variance_product",),
    ),
    Line("variance", equal(variance, 1 - exp(-total)), "holds", reason="solve_for_variance", needs=("integral",)),
)

DERIVATION = Derivation(
    name="vp_sde_marginal",
    lines=lines,
    flaws=(
        Flaw("forgets_the_half", "mean_rate", equal(derivative(t, mean), -beta * mean)),
        Flaw("lets_the_mean_grow", "mean_rate", equal(derivative(t, mean), half * beta * mean)),
        Flaw("keeps_the_noise_in_the_mean", "mean_rate", equal(derivative(t, mean), -half * beta * mean + sqrt(beta))),
        Flaw("takes_too_large_a_factor", "mean_product", equal(derivative(t, exp(integrated) * mean), num(0))),
        Flaw("loses_the_half_in_the_exponent", "mean", equal(mean, exp(-total) * x_0)),
        Flaw("multiplies_the_rate_by_time", "mean", equal(mean, exp(-(beta * t / 2)) * x_0)),
        Flaw("grows_instead_of_decaying", "mean", equal(mean, exp(total / 2) * x_0)),
        Flaw("halves_the_decay", "variance_rate", equal(derivative(t, variance), beta * (1 - variance / 2))),
        Flaw(
            "adds_the_root_of_the_rate", "variance_rate", equal(derivative(t, variance), sqrt(beta) - beta * variance)
        ),
        Flaw("forgets_the_noise", "variance_rate", equal(derivative(t, variance), -beta * variance)),
        Flaw("forgets_the_factor", "variance_product", equal(derivative(t, exp(integrated) * variance), beta)),
        Flaw("starts_nowhere", "integral", equal(exp(integrated) * variance, exp(integrated))),
        Flaw("keeps_the_rate", "integral", equal(exp(integrated) * variance, beta * (exp(integrated) - 1))),
        Flaw("uses_the_factor_of_the_mean", "variance", equal(variance, 1 - exp(-(total / 2)))),
        Flaw("gives_the_deviation", "variance", equal(variance, sqrt(1 - exp(-total)))),
        Flaw("gives_what_is_left", "variance", equal(variance, exp(-total))),
    ),
    worlds=(linear, quadratic),
    blanks=(
        Blank(
            "mean",
            exp(-(total / 2)) * x_0,
            {"B": "positive", "x_0": "real"},
            {
                "loses_the_half_in_the_exponent": exp(-total) * x_0,
                "grows_instead_of_decaying": exp(total / 2) * x_0,
            },
        ),
        Blank(
            "variance",
            1 - exp(-total),
            {"B": "positive"},
            {"uses_the_factor_of_the_mean": 1 - exp(-(total / 2)), "gives_the_deviation": sqrt(1 - exp(-total))},
        ),
    ),
    values=("mean", "variance"),
    working={"mean": (total,), "variance": (total,)},
)
