"""q(x_{t-1} | x_t, x_0) by Bayes' rule and completing the square.

Source: Ho et al. 2020, arXiv:2006.11239, equations 6 and 7. Steps are counted from 1; alpha_t = 1 - beta_t, alphabar_t
is the product of alpha_1 to alpha_t; the last argument of a Gaussian is its variance.
"""

from fractions import Fraction

from solvers.derivations.diffusion import (
    alpha_t,
    bar_before,
    bar_t,
    beta_t,
    forward,
    listed,
    q,
    schedule,
    t,
    x_0,
    x_before,
    x_t,
)
from solvers.derivations.language import E, Node, add, equal, exp, mul, num, sqrt, var
from solvers.derivations.lines import Blank, Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, equation

STEP = 3
half = num(Fraction(1, 2))


def third_step(pick: Pick) -> Model:
    """The third step: all means and variances are rational."""
    values = schedule(pick, STEP)
    start, before, place = pick(1, 4), Fraction(pick(-3, 3), 2), Fraction(pick(-2, 4), 2)
    return Model(
        values={**values, "t": STEP, "x_0": start, "x_2": before, "x_3": place},
        spaces={"x": None},
        densities={"q": forward(STEP)},
        second={"x_2": before + 1},
        given=(
            *listed(values, "alpha_1", "alpha_2", "alpha_3"),
            equation(t, STEP),
            equation(x_0, start),
            equation(x_before, before),
            equation(x_t, place),
        ),
    )


posterior, step, start = q(x_before, given=(x_t, x_0)), q(x_t, given=x_before), q(x_before, given=x_0)
precision = alpha_t / beta_t + 1 / (1 - bar_before)
pull = sqrt(alpha_t) / beta_t * x_t + sqrt(bar_before) / (1 - bar_before) * x_0
variance = (1 - bar_before) / (1 - bar_t) * beta_t


def mean(of_datum: Node, of_noisy: Node) -> Node:
    """Two shares of 1 - alphabar_t."""
    return of_datum / (1 - bar_t) * x_0 + of_noisy / (1 - bar_t) * x_t


def squares(left: Node, right: Node) -> Node:
    """The exponential of minus half a sum."""
    return exp(-half * (left + right))


def quadratic(square: Node, linear: Node) -> Node:
    """The exponential of a quadratic in x_{t-1}."""
    return exp(-half * add(square * x_before**2, -mul(num(2), linear, x_before)))


datum_share, noisy_share = sqrt(bar_before) * beta_t, sqrt(alpha_t) * (1 - bar_before)
gap = (x_t - sqrt(alpha_t) * x_before) ** 2
distance = (x_before - sqrt(bar_before) * x_0) ** 2
average = E(posterior, x_before)

lines = (
    Line("start", posterior, "start"),
    Line("bayes", step * start / q(x_t, given=x_0), reason="bayes_and_markov"),
    Line("drop", step * start, "proportional", reason="evidence_is_constant", varies="x_2"),
    Line(
        "exponent",
        squares(gap / beta_t, distance / (1 - bar_before)),
        "proportional",
        reason="gaussian_densities",
        varies="x_2",
    ),
    Line("collect", quadratic(precision, pull), "proportional", reason="powers_of_x", varies="x_2"),
    Line(
        "variance", equal(var(posterior, x_before), variance), "holds", reason="inverse_precision", needs=("collect",)
    ),
    Line(
        "mean",
        equal(average, mean(datum_share, noisy_share)),
        "holds",
        reason="variance_times_linear",
        needs=("collect", "variance"),
    ),
)

DERIVATION = Derivation(
    name="ddpm_posterior",
    lines=lines,
    flaws=(
        Flaw("inverts_bayes", "bayes", q(x_t, given=x_0) / (step * start)),
        Flaw("multiplies_by_the_evidence", "bayes", mul(step, start, q(x_t, given=x_0))),
        Flaw("drops_the_start", "drop", step),
        Flaw("drops_the_step", "drop", start),
        Flaw("uses_the_new_product", "exponent", squares(gap / beta_t, distance / (1 - bar_t))),
        Flaw("forgets_the_half", "exponent", exp(-(gap / beta_t + distance / (1 - bar_before)))),
        Flaw("divides_by_what_is_left", "exponent", squares(gap / alpha_t, distance / bar_before)),
        Flaw("forgets_to_square_the_root", "collect", quadratic(sqrt(alpha_t) / beta_t + 1 / (1 - bar_before), pull)),
        Flaw("adds_variances", "collect", quadratic(1 / (beta_t / alpha_t + 1 - bar_before), pull)),
        Flaw("takes_the_variance_of_the_step", "variance", equal(var(posterior, x_before), beta_t)),
        Flaw(
            "turns_the_ratio_around",
            "variance",
            equal(var(posterior, x_before), (1 - bar_t) / (1 - bar_before) * beta_t),
        ),
        Flaw("exchanges_the_shares", "mean", equal(average, mean(noisy_share, datum_share))),
        Flaw("forgets_the_roots", "mean", equal(average, mean(bar_before * beta_t, alpha_t * (1 - bar_before)))),
        Flaw(
            "shifts_the_index",
            "mean",
            equal(average, mean(sqrt(bar_t) * beta_t, sqrt(alpha_t) * (1 - bar_t))),
        ),
    ),
    worlds=(third_step,),
    blanks=(
        Blank(
            "variance",
            variance,
            {"alphabar": "indexed unit", "beta": "indexed unit", "t": "integer"},
            {
                "takes_the_variance_of_the_step": beta_t,
                "turns_the_ratio_around": (1 - bar_t) / (1 - bar_before) * beta_t,
            },
        ),
    ),
    values=("variance", "mean"),
    working={
        "variance": (beta_t, bar_before, bar_t),
        "mean": (beta_t, bar_before, bar_t, datum_share / (1 - bar_t), noisy_share / (1 - bar_t)),
    },
)
