"""ln p(x) = ELBO + KL(q(z|x) || p(z|x)), for a latent variable z and any q.

Source: Kingma & Welling 2014, arXiv:1312.6114, section 2.2; Jordan et al. 1999. Natural logarithm; z has finitely many
values, all of positive probability.
"""

from solvers.derivations.language import KL, E, Name, add, density, ln, mul, names
from solvers.derivations.lines import Derivation, Flaw, Line
from solvers.derivations.models import Density, Model, Pick, equation, shares, states

x, z = names("x z")
p, q = density("p"), density("q")
measure = q(z, given=x)
places = tuple(equation(z, k) for k in (0, 1))


def tables(pick: Pick) -> Model:
    """Two latent states and three values of x, with small tables; x is observed."""
    observed = pick(0, 2)
    weights = shares(pick, 2, 3)
    rows = [shares(pick, 3, 4) for _ in weights]
    encoded = shares(pick, 2, 4)
    values = states("prior", {(k,): weight for k, weight in enumerate(weights)})
    values |= states("likelihood", {(j, k): row[j] for k, row in enumerate(rows) for j in range(3)})
    values |= states("encoder", {(k,): share for k, share in enumerate(encoded)})
    shown = [equation(p(equation(z, k)), weight) for k, weight in enumerate(weights)]
    shown += [equation(p(x, given=equation(z, k)), row[observed]) for k, row in enumerate(rows)]
    shown += [equation(q(equation(z, k), given=x), share) for k, share in enumerate(encoded)]
    return Model(
        values={**values, "x": observed},
        spaces={"x": (0, 1, 2), "z": (0, 1)},
        densities={
            "p": (Density(("x", "z"), mul(Name("prior", (z,)), Name("likelihood", (x, z)))),),
            "q": (Density(("z",), Name("encoder", (z,)), ("x",)),),
        },
        given=tuple(shown),
    )


lines = (
    Line("evidence", ln(p(x)), "start"),
    Line("average", E(measure, ln(p(x))), reason="constant_under_expectation"),
    Line("bayes", E(measure, ln(p(x, z) / p(z, given=x))), reason="product_rule"),
    Line("split", E(measure, ln(p(x, z) / measure) + ln(measure / p(z, given=x))), reason="insert_factor"),
    Line("gap", E(measure, ln(p(x, z) / measure)) + KL(measure, p(z, given=x)), reason="definition_of_kl"),
    Line(
        "terms",
        add(E(measure, ln(p(x, given=z))), -KL(measure, p(z)), KL(measure, p(z, given=x))),
        reason="product_rule_and_kl",
    ),
    Line(
        "bound",
        E(measure, ln(p(x, given=z))) - KL(measure, p(z)),
        "at_least",
        reason="kl_not_negative",
        gap=KL(measure, p(z, given=x)),
    ),
)

DERIVATION = Derivation(
    name="elbo",
    lines=lines,
    flaws=(
        Flaw("inverts_bayes", "bayes", E(measure, ln(p(z, given=x) / p(x, z)))),
        Flaw("divides_by_the_prior", "bayes", E(measure, ln(p(x, z) / p(z)))),
        Flaw("averages_under_the_prior", "bayes", E(p(z), ln(p(x, z) / p(x, given=z)))),
        Flaw("swaps_the_divergence", "gap", E(measure, ln(p(x, z) / measure)) + KL(p(z, given=x), measure)),
        Flaw("subtracts_the_gap", "gap", E(measure, ln(p(x, z) / measure)) - KL(measure, p(z, given=x))),
        Flaw("measures_the_gap_to_the_prior", "gap", E(measure, ln(p(x, z) / measure)) + KL(measure, p(z))),
        Flaw(
            "adds_the_regulariser",
            "terms",
            add(E(measure, ln(p(x, given=z))), KL(measure, p(z)), KL(measure, p(z, given=x))),
        ),
        Flaw("keeps_the_joint", "terms", add(E(measure, ln(p(x, z))), -KL(measure, p(z)), KL(measure, p(z, given=x)))),
    ),
    worlds=(tables,),
    values=("bayes", "bound"),
    working={"bayes": (*(p(x, state) for state in places), p(x), *(p(state, given=x) for state in places))},
)
