"""Adam's bias correction: E[m_t] = (1 - beta^t) E[g], so m_t / (1 - beta^t) has the mean of the gradients.

Source: Kingma & Ba 2015, arXiv:1412.6980, section 3, equations 1 to 4 (for the second moment; here for the first).
m_0 = 0, steps count from 1; the gradients are independent with the same distribution.
"""

from fractions import Fraction

from solvers.derivations.language import E, Name, Node, density, equal, mul, names, num, series
from solvers.derivations.lines import Blank, Derivation, Flaw, Line
from solvers.derivations.models import Density, Model, Pick, equation, states

beta, g, mu, t = names("beta g mu t")
p = density("p")
g_i, m_t = Name("g", (Name("i"),)), Name("m", (t,))

RATES = (Fraction(1, 2), Fraction(2, 3), Fraction(3, 4), Fraction(1, 3), Fraction(4, 5))


def two_values(pick: Pick) -> Model:
    """Three steps with gradients of two values."""
    low = pick(-2, 0)
    return optimiser(3, RATES[pick(0, 4)], {low: 1, low + pick(2, 4): pick(1, 3)})


def three_values(pick: Pick) -> Model:
    """Four steps with gradients of three values."""
    return optimiser(4, Fraction(9, 10), {-1: pick(1, 3), 1: pick(1, 3), 4: pick(1, 3)})


def optimiser(steps: int, rate: Fraction, weights: dict[int, int]) -> Model:
    """The running average of the gradients, given the weights of their values."""
    law = {(value,): Fraction(weight, sum(weights.values())) for value, weight in weights.items()}
    moments = {f"m_{step}": beta * m(step - 1) + (1 - beta) * gradient(step) for step in range(1, steps + 1)}
    factors = [Name("share", (gradient(step),)) for step in range(1, steps + 1)]
    mean = sum((value * share for (value,), share in law.items()), Fraction(0))
    return Model(
        values={**states("share", law), **moments, "m_0": 0, "t": steps, "beta": rate, "mu": mean},
        spaces={"g": tuple(weights)},
        densities={"p": (Density(tuple(f"g_{step}" for step in range(1, steps + 1)), mul(*factors)),)},
        given=(
            equation(t, steps),
            equation(beta, rate),
            *(equation(p(equation(g_i, num(value))), share) for (value,), share in law.items()),
            equation(mu, mean),
        ),
    )


def m(step: int) -> Name:
    """The average after a step."""
    return Name("m", (num(step),))


def gradient(step: int) -> Name:
    """The gradient of a step."""
    return Name("g", (num(step),))


def total(body: Node) -> Node:
    """The sum over all steps so far."""
    return series("i", 1, t, body)


k = Name("k")
weight, measure = beta ** (t - Name("i")), p(g)
result = mul(mu, 1 - beta**t)
one_too_many, one_too_few, converged = mul(mu, 1 - beta ** (t + 1)), mul(mu, 1 - beta ** (t - 1)), mu
inner = mul(mu, (1 - beta) ** t)

DERIVATION = Derivation(
    name="adam_bias",
    lines=(
        Line("average", E(measure, m_t), "start"),
        Line("unrolled", E(measure, mul(1 - beta, total(weight * g_i))), reason="unroll_the_recursion"),
        Line("linear", mul(1 - beta, total(weight * E(p(g_i), g_i))), reason="linearity"),
        Line("same_mean", mul(mu, 1 - beta, total(weight)), reason="same_distribution"),
        Line("renamed", mul(mu, 1 - beta, series("k", 0, t - 1, beta**k)), reason="rename_the_index"),
        Line("result", result, reason="geometric_sum"),
        Line("corrected", equal(E(measure, m_t / (1 - beta**t)), mu), "holds", reason="divide", needs=("result",)),
    ),
    flaws=(
        Flaw("weights_old_gradients_most", "unrolled", E(measure, mul(1 - beta, total(beta ** Name("i") * g_i)))),
        Flaw("forgets_the_factor", "unrolled", E(measure, total(weight * g_i))),
        Flaw("decays_once_too_often", "unrolled", E(measure, mul(1 - beta, total(beta ** (t - Name("i") + 1) * g_i)))),
        Flaw("swaps_the_weights", "unrolled", E(measure, mul(beta, total((1 - beta) ** (t - Name("i")) * g_i)))),
        Flaw("divides_by_the_steps", "same_mean", mul(mu / t, total(weight))),
        Flaw("counts_the_steps", "same_mean", mul(t, mu, 1 - beta)),
        Flaw("starts_at_one", "renamed", mul(mu, 1 - beta, series("k", 1, t, beta**k))),
        Flaw("sums_one_power_too_many", "renamed", mul(mu, 1 - beta, series("k", 0, t, beta**k))),
        Flaw("sums_without_end", "result", converged),
        Flaw("counts_one_power_too_many", "result", one_too_many),
        Flaw("counts_one_power_too_few", "result", one_too_few),
        Flaw("raises_the_difference", "result", inner),
        Flaw("divides_by_one_step", "corrected", equal(E(measure, m_t / (1 - beta)), mu)),
        Flaw("multiplies_by_the_correction", "corrected", equal(E(measure, mul(1 - beta**t, m_t)), mu)),
        Flaw("corrects_with_the_decay", "corrected", equal(E(measure, m_t / beta**t), mu)),
    ),
    worlds=(two_values, three_values),
    blanks=(
        Blank(
            "result",
            result,
            {"mu": "real", "beta": "unit", "t": "positive integer"},
            {
                "sums_without_end": converged,
                "counts_one_power_too_many": one_too_many,
                "counts_one_power_too_few": one_too_few,
                "raises_the_difference": inner,
            },
        ),
    ),
    values=("same_mean", "result"),
    working={"same_mean": (1 - beta, total(weight)), "result": (beta**t, 1 - beta**t)},
)
