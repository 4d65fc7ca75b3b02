"""d/dmu E_q[f(z)] = E_q[(f(z) - b) (z - mu)/sigma^2] = E_q[f'(z)] for q = N(mu, sigma^2) and any number b.

Source: Williams 1992 (REINFORCE); Mohamed et al. 2020, arXiv:1906.10652, section 4. sigma is the standard deviation.
The last form is the mean of the reparameterised gradient; the variances differ.
"""

from collections.abc import Callable
from dataclasses import replace

from solvers.derivations.chains.reparameterised_gradient import cubic, exponential
from solvers.derivations.language import D, E, Node, density, equal, integral, ln, mul, names, num
from solvers.derivations.lines import Blank, Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, equation

z, mu, sigma, b = names("z mu sigma b")
f, slope = density("f")(z), density("f'")
q = density("q")(z)


def with_baseline(world: Callable[[Pick], Model]) -> Callable[[Pick], Model]:
    """The models of another derivation, with a baseline."""

    def drawn(pick: Pick) -> Model:
        model, baseline = world(pick), pick(2, 5)
        return replace(model, values={**model.values, "b": baseline}, given=(*model.given, equation(b, baseline)))

    return drawn


score = D(mu, ln(q))
gaussian_score = (z - mu) / sigma**2
reduced = f - b


def weighted(factor: Node) -> Node:
    """The average of what is left of f, times a factor."""
    return E(q, mul(reduced, factor))


lines = (
    Line("gradient", D(mu, E(q, f)), "start"),
    Line("integral", integral(z, mul(f, D(mu, q))), reason="derivative_under_the_integral"),
    Line("trick", integral(z, mul(f, q, score)), reason="log_derivative"),
    Line("average", E(q, mul(f, score)), reason="definition_of_expectation"),
    Line("zero", equal(E(q, score), num(0)), "holds", reason="normalisation"),
    Line("baseline", weighted(score), reason="baseline", needs=("average", "zero")),
    Line("gaussian", weighted(gaussian_score), reason="score_of_a_gaussian"),
    Line("parts", E(q, slope(z)), reason="integration_by_parts"),
)

DERIVATION = Derivation(
    name="score_function_gradient",
    lines=lines,
    flaws=(
        Flaw("differentiates_f", "integral", integral(z, mul(q, D(mu, f)))),
        Flaw("differentiates_in_z", "integral", integral(z, mul(f, D(z, q)))),
        Flaw("forgets_the_logarithm", "trick", integral(z, mul(f, q, D(mu, q)))),
        Flaw("keeps_the_density_inside", "average", E(q, mul(f, q, score))),
        Flaw("splits_the_average", "average", mul(E(q, f), E(q, score))),
        Flaw("takes_the_score_for_a_density", "zero", equal(E(q, score), num(1))),
        Flaw("confuses_with_the_information", "zero", equal(E(q, score), 1 / sigma**2)),
        Flaw("subtracts_from_the_product", "baseline", E(q, mul(f, score) - b)),
        Flaw("divides_by_the_baseline", "baseline", E(q, mul(f / b, score))),
        Flaw("divides_by_the_deviation", "gaussian", weighted((z - mu) / sigma)),
        Flaw("turns_the_difference_round", "gaussian", weighted((mu - z) / sigma**2)),
        Flaw("leaves_the_exponent", "gaussian", weighted(-((z - mu) ** 2 / (2 * sigma**2)))),
        Flaw("keeps_the_baseline", "parts", E(q, slope(z) - b)),
        Flaw("evaluates_at_the_mean", "parts", slope(mu)),
        Flaw("loses_the_sign", "parts", -E(q, slope(z))),
    ),
    worlds=(with_baseline(cubic), with_baseline(exponential)),
    blanks=(
        Blank(
            "gaussian",
            gaussian_score,
            {"z": "real", "mu": "real", "sigma": "positive"},
            {
                "divides_by_the_deviation": (z - mu) / sigma,
                "turns_the_difference_round": (mu - z) / sigma**2,
                "leaves_the_exponent": -((z - mu) ** 2 / (2 * sigma**2)),
            },
        ),
    ),
    values=("parts",),
    working={"parts": (E(q, z), E(q, z**2))},
)
