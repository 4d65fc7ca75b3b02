"""q(x_t | x_0) in closed form: one step of the induction that merges the noise of t steps into one Gaussian.

Source: Ho et al. 2020, arXiv:2006.11239, equation 4. Steps are counted from 1; alpha_t = 1 - beta_t, alphabar_t is the
product of alpha_1 to alpha_t; the last argument of a Gaussian is its variance.
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
from solvers.derivations.language import Node, integral, mul, normal, sqrt
from solvers.derivations.lines import Blank, Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, equation

STEPS = 3


def steps(pick: Pick) -> Model:
    """The second or the third of three steps, whose means and variances are rational."""
    values = schedule(pick, STEPS)
    step, start, place = pick(2, STEPS), pick(1, 4), Fraction(pick(-2, 4), 2)
    return Model(
        values={**values, "t": step, "x_0": start, f"x_{step}": place},
        spaces={"x": None},
        densities={"q": forward(STEPS)},
        given=(
            *listed(values, *(f"alpha_{number}" for number in range(1, step + 1))),
            equation(t, step),
            equation(x_0, start),
            equation(x_t, place),
        ),
    )


def reached(mean: Node, variance: Node) -> Node:
    """A Gaussian density of x_t."""
    return normal(x_t, mean, variance)


hypothesis = normal(x_before, sqrt(bar_before) * x_0, 1 - bar_before)
last = normal(x_t, sqrt(alpha_t) * x_before, beta_t)
mean = mul(sqrt(alpha_t), sqrt(bar_before), x_0)

lines = (
    Line("start", q(x_t, given=x_0), "start"),
    Line("markov", integral(x_before, q(x_t, given=x_before) * q(x_before, given=x_0)), reason="markov_property"),
    Line("gaussians", integral(x_before, last * hypothesis), reason="induction_hypothesis"),
    Line("merge", reached(mean, alpha_t * (1 - bar_before) + beta_t), reason="sum_of_gaussians"),
    Line("simplify", reached(sqrt(alpha_t * bar_before) * x_0, 1 - alpha_t * bar_before), reason="beta_is_rest"),
    Line("result", reached(sqrt(bar_t) * x_0, 1 - bar_t), reason="product_grows_by_one"),
)

DERIVATION = Derivation(
    name="ddpm_marginal",
    lines=lines,
    flaws=(
        Flaw(
            "turns_the_step_around",
            "markov",
            integral(x_before, q(x_before, given=(x_t, x_0)) * q(x_before, given=x_0)),
        ),
        Flaw(
            "forgets_the_roots",
            "gaussians",
            integral(
                x_before, normal(x_t, alpha_t * x_before, beta_t) * normal(x_before, bar_before * x_0, 1 - bar_before)
            ),
        ),
        Flaw(
            "assumes_the_variance_left",
            "gaussians",
            integral(x_before, last * normal(x_before, sqrt(bar_before) * x_0, bar_before)),
        ),
        Flaw("adds_unscaled_variances", "merge", reached(mean, 1 - bar_before + beta_t)),
        Flaw("scales_the_variance_by_the_root", "merge", reached(mean, sqrt(alpha_t) * (1 - bar_before) + beta_t)),
        Flaw("adds_deviations", "merge", reached(mean, (sqrt(alpha_t * (1 - bar_before)) + sqrt(beta_t)) ** 2)),
        Flaw("forgets_the_new_noise", "merge", reached(mean, alpha_t * (1 - bar_before))),
        Flaw("loses_the_root_of_the_mean", "result", reached(bar_t * x_0, 1 - bar_t)),
        Flaw("gives_the_deviation", "result", reached(sqrt(bar_t) * x_0, sqrt(1 - bar_t))),
        Flaw("takes_one_step_only", "result", reached(sqrt(alpha_t) * x_0, 1 - alpha_t)),
        Flaw("exchanges_signal_and_noise", "result", reached(sqrt(1 - bar_t) * x_0, bar_t)),
    ),
    worlds=(steps,),
    blanks=(
        Blank(
            "result",
            sqrt(bar_t) * x_0,
            {"alphabar": "indexed unit", "t": "integer", "x_0": "real"},
            {"loses_the_root_of_the_mean": bar_t * x_0, "exchanges_signal_and_noise": sqrt(1 - bar_t) * x_0},
        ),
        Blank(
            "result",
            1 - bar_t,
            {"alphabar": "indexed unit", "t": "integer"},
            {"gives_the_deviation": sqrt(1 - bar_t), "exchanges_signal_and_noise": bar_t},
        ),
    ),
    values=("result",),
    working={"result": (bar_t, sqrt(bar_t) * x_0, 1 - bar_t)},
)
