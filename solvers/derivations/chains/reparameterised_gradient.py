"""d/dsigma E_q[f(z)] = E_q[(z - mu)/sigma f'(z)] and d/dmu E_q[f(z)] = E_q[f'(z)] for q = N(mu, sigma^2).

Source: Kingma & Welling 2014, arXiv:1312.6114, section 2.4; Rezende et al. 2014, arXiv:1401.4082, section 3. sigma is
the standard deviation; z = mu + sigma epsilon with epsilon ~ N(0, 1).
"""

from fractions import Fraction

from solvers.derivations.language import Call, D, E, Node, density, equal, exp, mul, names, normal, num
from solvers.derivations.lines import Blank, Derivation, Flaw, Line
from solvers.derivations.models import REALS, Density, Model, Pick, equation

z, noise, mu, sigma = names("z epsilon mu sigma")
f, slope = density("f"), density("f'")
p, q = density("p")(noise), density("q")(z)
moved = mu + sigma * noise
standard = (z - mu) / sigma


def cubic(pick: Pick) -> Model:
    """f is a cubic polynomial with small whole coefficients."""
    signs = [2 * pick(0, 1) - 1 for _ in range(3)]
    third, second, first = (sign * pick(1, 3) for sign in signs)
    mean, deviation = pick(-2, 2), Fraction((1, 3, 4, 6)[pick(0, 3)], 2)
    return _model(_times(third, z**3) + _times(second, z**2) + _times(first, z), mean, deviation)


def exponential(pick: Pick) -> Model:
    """f is an exponential function, which is averaged exactly too."""
    return _model(exp(z * Fraction(pick(1, 5), 4)), Fraction(pick(-5, 5), 3), Fraction(pick(1, 5), 3))


def bounded(pick: Pick) -> Model:
    """f is a hyperbolic tangent, which takes quadrature."""
    return _model(Call("tanh", (z,)), Fraction(pick(-3, 3), 2), Fraction(pick(2, 4), 4))


def _times(factor: int, power: Node) -> Node:
    size = power if abs(factor) == 1 else num(abs(factor)) * power
    return size if factor > 0 else -size


def _model(body: Node, mean: Fraction | int, deviation: Fraction) -> Model:
    return Model(
        values={"mu": mean, "sigma": deviation},
        spaces={"z": REALS, "epsilon": REALS},
        densities={
            "q": (Density(("z",), normal(z, mu, sigma**2)),),
            "p": (Density(("epsilon",), normal(noise, 0, 1)),),
        },
        functions={"f": (("z",), body)},
        given=(equation(f(z), body), equation(mu, mean), equation(sigma, deviation)),
    )


start = E(q, f(z))
by_mean = D(mu, start)

lines = (
    Line("gradient", D(sigma, start), "start"),
    Line("substituted", D(sigma, E(p, f(moved))), reason="change_of_variable"),
    Line("inside", E(p, D(sigma, f(moved))), reason="exchange"),
    Line("chain", E(p, noise * slope(moved)), reason="chain_rule"),
    Line("back", E(q, standard * slope(z)), reason="solve_for_the_noise"),
    Line("mean", equal(by_mean, E(q, slope(z))), "holds", reason="same_for_the_mean", needs=("back",)),
)

DERIVATION = Derivation(
    name="reparameterised_gradient",
    lines=lines,
    flaws=(
        Flaw("scales_by_the_variance", "substituted", D(sigma, E(p, f(mu + sigma**2 * noise)))),
        Flaw("forgets_to_scale_the_noise", "substituted", D(sigma, E(p, f(mu + noise)))),
        Flaw("averages_under_the_old_density", "substituted", D(sigma, E(q, f(mu + sigma * z)))),
        Flaw("moves_the_derivative_past_q", "inside", E(q, D(sigma, f(z)))),
        Flaw("averages_the_argument", "inside", D(sigma, f(E(p, moved)))),
        Flaw("forgets_the_inner_derivative", "chain", E(p, slope(moved))),
        Flaw("multiplies_by_sigma", "chain", E(p, sigma * slope(moved))),
        Flaw("splits_the_average", "chain", mul(E(p, noise), E(p, slope(moved)))),
        Flaw("forgets_to_standardise", "back", E(q, (z - mu) * slope(z))),
        Flaw("divides_by_the_variance", "back", E(q, (z - mu) / sigma**2 * slope(z))),
        Flaw("puts_z_for_the_noise", "back", E(q, z * slope(z))),
        Flaw("evaluates_at_the_mean", "mean", equal(by_mean, slope(mu))),
        Flaw("carries_the_noise_along", "mean", equal(by_mean, E(q, standard * slope(z)))),
        Flaw("multiplies_by_the_mean", "mean", equal(by_mean, E(q, mu * slope(z)))),
    ),
    worlds=(cubic, exponential, bounded),
    blanks=(
        Blank(
            "back",
            standard,
            {"z": "real", "mu": "real", "sigma": "positive"},
            {
                "forgets_to_standardise": z - mu,
                "divides_by_the_variance": (z - mu) / sigma**2,
                "puts_z_for_the_noise": z,
            },
        ),
    ),
    values=("chain", "back"),
    working={
        "chain": tuple(E(p, power) for power in (noise, noise**2, noise**3)),
        "back": tuple(E(q, power) for power in (z, z**2, z**3)),
    },
)
