"""ln p(x) >= E_q[ln p(x|z)] - KL(q(z|x) || p(z)), by importance weighting and Jensen's inequality.

Source: Jordan et al. 1999; Burda et al. 2016, arXiv:1509.00519, section 2. Natural logarithm. What Jensen's
inequality leaves out is KL(q(z|x) || p(z|x)).
"""

from fractions import Fraction

from solvers.derivations.language import KL, E, Name, density, ln, mul, names, normal, over
from solvers.derivations.lines import Derivation, Flaw, Line
from solvers.derivations.models import REALS, Density, Model, Pick, equation, fraction, shares, states

x, z = names("x z")
p, q = density("p"), density("q")
measure = q(z, given=x)


def tables(pick: Pick) -> Model:
    """Two latent states and two values of x, with small tables; x is observed."""
    observed = pick(0, 1)
    prior, encoder = shares(pick, 2, 4), shares(pick, 2, 4)
    heads = [Fraction(pick(1, 5), 6) for _ in prior]
    likelihood = {(j, k): head if j else 1 - head for k, head in enumerate(heads) for j in (0, 1)}
    values = states("prior", {(k,): share for k, share in enumerate(prior)})
    values |= states("likelihood", likelihood) | states("encoder", {(k,): share for k, share in enumerate(encoder)})
    shown = [equation(p(equation(z, k)), share) for k, share in enumerate(prior)]
    shown += [equation(p(x, given=equation(z, k)), likelihood[observed, k]) for k in (0, 1)]
    shown += [equation(q(equation(z, k), given=x), share) for k, share in enumerate(encoder)]
    return Model(
        values={**values, "x": observed},
        spaces={"x": (0, 1), "z": (0, 1)},
        densities={
            "p": (Density(("x", "z"), mul(Name("prior", (z,)), Name("likelihood", (x, z)))),),
            "q": (Density(("z",), Name("encoder", (z,)), ("x",)),),
        },
        given=tuple(shown),
    )


def gaussians(pick: Pick) -> Model:
    """A Gaussian latent variable that is decoded linearly: the sum over z is an integral."""
    slope, mean, noise, width = names("a m s w")
    return Model(
        values={
            "x": fraction(pick, -4, 4, 2),
            "a": fraction(pick, 1, 6, 3),
            "m": fraction(pick, -3, 3, 4),
            "s": fraction(pick, 2, 6, 4),
            "w": fraction(pick, 1, 3, 2),
        },
        spaces={"x": REALS, "z": REALS},
        densities={
            "p": (Density(("x", "z"), mul(normal(z, 0, 1), normal(x, slope * z, noise))),),
            "q": (Density(("z",), normal(z, mean * x, width), ("x",)),),
        },
    )


ratio = p(x, z) / measure
regulariser = KL(measure, p(z))

lines = (
    Line("evidence", ln(p(x)), "start"),
    Line("marginal", ln(over(z, p(x, z))), reason="marginalisation"),
    Line("weighted", ln(over(z, measure * ratio)), reason="insert_factor"),
    Line("importance", ln(E(measure, ratio)), reason="definition_of_expectation"),
    Line("jensen", E(measure, ln(ratio)), "at_least", reason="jensen", gap=KL(measure, p(z, given=x))),
    Line("split", E(measure, ln(p(x, given=z)) + ln(p(z) / measure)), reason="product_rule"),
    Line("bound", E(measure, ln(p(x, given=z))) - regulariser, reason="definition_of_kl"),
)

DERIVATION = Derivation(
    name="elbo_jensen",
    lines=lines,
    flaws=(
        Flaw("takes_logarithms_inside_the_sum", "marginal", over(z, ln(p(x, z)))),
        Flaw("sums_the_likelihood_only", "marginal", ln(over(z, p(x, given=z)))),
        Flaw("forgets_the_importance_weight", "weighted", ln(over(z, measure * p(x, z)))),
        Flaw("averages_under_the_prior", "importance", ln(E(p(z), ratio))),
        Flaw("turns_the_ratio_over", "jensen", E(measure, ln(measure / p(x, z)))),
        Flaw("turns_the_prior_ratio_over", "split", E(measure, ln(p(x, given=z)) + ln(measure / p(z)))),
        Flaw("multiplies_the_logarithms", "split", E(measure, mul(ln(p(x, given=z)), ln(p(z) / measure)))),
        Flaw("adds_the_regulariser", "bound", E(measure, ln(p(x, given=z))) + regulariser),
        Flaw("swaps_the_divergence", "bound", E(measure, ln(p(x, given=z))) - KL(p(z), measure)),
        Flaw("measures_to_the_posterior", "bound", E(measure, ln(p(x, given=z))) - KL(measure, p(z, given=x))),
        Flaw("reconstructs_from_the_prior", "bound", E(p(z), ln(p(x, given=z))) - regulariser),
    ),
    worlds=(tables, gaussians),
    values=("importance", "bound"),
    working={"importance": (*(p(x, equation(z, k)) for k in (0, 1)), E(measure, ratio))},
)
