"""From the divergence of one denoising step to the simplified loss E|epsilon - epsilon_theta|^2.

Source: Ho et al. 2020, arXiv:2006.11239, equations 8, 10, 12 and 14. alpha_t = 1 - beta_t, alphabar_t is the product of
alpha_1 to alpha_t; sigma_t is the standard deviation of the decoder, which is not learned.
"""

from fractions import Fraction

from solvers.derivations.diffusion import (
    alpha_t,
    bar_before,
    bar_t,
    beta_t,
    epsilon,
    forward,
    p,
    q,
    t,
    theta,
    x_0,
    x_before,
    x_t,
)
from solvers.derivations.language import KL, E, Name, Node, density, equal, mul, norm2, normal, sqrt
from solvers.derivations.lines import Blank, Derivation, Flaw, Line
from solvers.derivations.models import Density, Model, Pick, equation, indexed

sigma_t = Name("sigma", (t,))
network, model_mean, posterior_mean = density("epsilon_theta"), density("mu_theta"), density("mutilde")

ROOTS = ((3, 4, 4, 5), (4, 5, 3, 4), (2, 3, 9, 10), (9, 10, 2, 3), (8, 9, 9, 10), (9, 10, 8, 9), (1, 2, 10, 13))
"""sqrt(alpha_1) and sqrt(alpha_2), whose product is the cosine of a Pythagorean triangle."""


def cleaned(point: Node, noise: Node) -> Node:
    """The mean of the step back, if the noise is known."""
    return 1 / sqrt(alpha_t) * (point - (1 - alpha_t) / sqrt(1 - bar_t) * noise)


def second_step(pick: Pick) -> Model:
    """The second step; everything is rational."""
    a, b, c, d = ROOTS[pick(0, len(ROOTS) - 1)]
    first, second = Fraction(a, b) ** 2, Fraction(c, d) ** 2
    start, noise, deviation, slope = pick(1, 3), pick(1, 3), Fraction(pick(1, 3), 4), Fraction(pick(1, 6), 4)
    cosine = Fraction(a * c, b * d)
    sine = Fraction(*_root(1 - cosine**2))
    x, y = Name("x"), Name("y")
    share = sqrt(bar_before) * beta_t / (1 - bar_t) * y + sqrt(alpha_t) * (1 - bar_before) / (1 - bar_t) * x
    values = indexed("alpha", [first, second]) | indexed("beta", [1 - first, 1 - second])
    values |= indexed("alphabar", [first, first * second])
    decoder = normal(x_before, model_mean(x_t), sigma_t**2)
    form = theta * x_t + 1
    return Model(
        values={
            **values,
            "t": 2,
            "sigma_2": deviation,
            "theta": slope,
            "x_0": start,
            "epsilon": noise,
            "x_2": cosine * start + sine * noise,
        },
        spaces={"x": None, "epsilon": None},
        densities={
            "q": forward(2),
            "p": (Density(("x_1",), decoder, ("x_2",)), Density(("epsilon",), normal(epsilon, 0, 1))),
        },
        functions={
            "epsilon_theta": (("x",), theta * x + 1),
            "mu_theta": (("x",), cleaned(x, network(x))),
            "mutilde": (("x", "y"), share),
        },
        second={"theta": slope + 1},
        given=(
            equation(alpha_t, second),
            equation(bar_t, first * second),
            equation(sigma_t, deviation),
            equation(network(x_t), form),
            equation(theta, slope),
            equation(x_0, start),
            equation(epsilon, noise),
        ),
    )


def _root(value: Fraction) -> tuple[int, int]:
    from math import isqrt

    return isqrt(value.numerator), isqrt(value.denominator)


marginal, draws = q(x_t, given=x_0), p(epsilon)
noised = sqrt(bar_t) * x_0 + sqrt(1 - bar_t) * epsilon
predicted, target = network(noised), posterior_mean(x_t, x_0)
half_precision = 1 / (2 * sigma_t**2)
residual = norm2(epsilon - predicted)


def apart(weight: Node, other: Node) -> Node:
    """The mean squared distance of the model's mean from another, with a weight."""
    return weight * E(marginal, norm2(other - model_mean(x_t)))


weight = (1 - alpha_t) ** 2 / mul(2 * sigma_t**2, alpha_t, 1 - bar_t)
unsquared = (1 - alpha_t) / mul(2 * sigma_t**2, sqrt(alpha_t), sqrt(1 - bar_t))
simply_rated = (1 - alpha_t) / mul(2 * sigma_t**2, alpha_t, 1 - bar_t)
exchanged = (1 - alpha_t) ** 2 / mul(2 * sigma_t**2, bar_t, 1 - bar_t)

lines = (
    Line(
        "step",
        E(marginal, KL(q(x_before, given=(x_t, x_0)), p(x_before, given=x_t))),
        "start",
    ),
    Line("means", apart(half_precision, target), "constant", reason="divergence_of_gaussians", varies="theta"),
    Line("target", equal(target, cleaned(x_t, epsilon)), "holds", reason="datum_from_noise"),
    Line("model", equal(model_mean(x_t), cleaned(x_t, network(x_t))), "holds", reason="parametrisation"),
    Line(
        "noise",
        half_precision * E(draws, norm2((1 - alpha_t) / sqrt(alpha_t * (1 - bar_t)) * (epsilon - predicted))),
        reason="difference_of_means",
        needs=("means", "target", "model"),
    ),
    Line("weighted", weight * E(draws, residual), reason="factor_squared"),
    Line("simple", E(draws, residual), "proportional", reason="weight_dropped", varies="theta"),
)

DERIVATION = Derivation(
    name="simple_loss",
    lines=lines,
    flaws=(
        Flaw("forgets_the_two", "means", apart(1 / sigma_t**2, target)),
        Flaw("divides_by_the_deviation", "means", apart(1 / (2 * sigma_t), target)),
        Flaw("aims_at_the_datum", "means", apart(half_precision, x_0)),
        Flaw(
            "estimates_the_datum",
            "target",
            equal(target, 1 / sqrt(bar_t) * (x_t - sqrt(1 - bar_t) * epsilon)),
        ),
        Flaw(
            "subtracts_the_noise_of_one_step",
            "target",
            equal(target, 1 / sqrt(alpha_t) * (x_t - sqrt(1 - alpha_t) * epsilon)),
        ),
        Flaw(
            "adds_the_noise",
            "target",
            equal(target, 1 / sqrt(alpha_t) * (x_t + (1 - alpha_t) / sqrt(1 - bar_t) * epsilon)),
        ),
        Flaw(
            "forgets_to_rescale", "model", equal(model_mean(x_t), x_t - (1 - alpha_t) / sqrt(1 - bar_t) * network(x_t))
        ),
        Flaw("subtracts_the_whole_noise", "model", equal(model_mean(x_t), 1 / sqrt(alpha_t) * (x_t - network(x_t)))),
        Flaw("forgets_to_square", "weighted", unsquared * E(draws, residual)),
        Flaw("squares_only_below", "weighted", simply_rated * E(draws, residual)),
        Flaw("takes_the_product_for_the_step", "weighted", exchanged * E(draws, residual)),
        Flaw("feeds_the_datum", "simple", E(draws, norm2(epsilon - network(x_0)))),
        Flaw("forgets_the_roots", "simple", E(draws, norm2(epsilon - network(bar_t * x_0 + (1 - bar_t) * epsilon)))),
        Flaw("predicts_the_datum", "simple", E(draws, norm2(x_0 - predicted))),
    ),
    worlds=(second_step,),
    blanks=(
        Blank(
            "weighted",
            weight,
            {"alpha": "indexed unit", "alphabar": "indexed unit", "sigma": "indexed positive", "t": "integer"},
            {
                "forgets_to_square": unsquared,
                "squares_only_below": simply_rated,
                "takes_the_product_for_the_step": exchanged,
            },
        ),
    ),
    values=("target",),
    working={"target": (x_t, sqrt(alpha_t), (1 - alpha_t) / sqrt(1 - bar_t))},
)
