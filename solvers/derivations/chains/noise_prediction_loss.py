"""From denoising score matching to the prediction of the noise: with weight sigma^2 the loss is E|eps - eps_theta|^2.

Source: Song et al. 2021, arXiv:2011.13456, section 3.3; Ho et al. 2020, arXiv:2006.11239, section 3.2. The noised datum
is x_t = a x_0 + sigma epsilon with epsilon from N(0, 1), at one time t; sigma is a deviation.
"""

from fractions import Fraction

from solvers.derivations.diffusion import epsilon, p, score, theta, x_0, x_t
from solvers.derivations.language import E, Name, Node, density, grad, ln, mul, norm2, normal, num
from solvers.derivations.lines import Blank, Derivation, Flaw, Line
from solvers.derivations.models import Density, Model, Pick, equation

a, sigma, weight = Name("a"), Name("sigma"), Name("lambda")
noise_model = density("epsilon_theta")
noised = a * x_0 + sigma * epsilon
pairs, draws = p(x_0, x_t), p(x_0, epsilon)
residual = norm2(epsilon - noise_model(noised))

TRIPLES = ((3, 4, 5), (4, 3, 5), (5, 12, 13), (12, 5, 13), (8, 15, 17), (15, 8, 17))


def variance_preserving(pick: Pick) -> Model:
    """a^2 + sigma^2 = 1, all rational."""
    leg, other, whole = TRIPLES[pick(0, len(TRIPLES) - 1)]
    return _model(pick, Fraction(leg, whole), Fraction(other, whole))


def variance_exploding(pick: Pick) -> Model:
    """The datum keeps its size."""
    return _model(pick, Fraction(1), Fraction(pick(3, 9), 2))


def _model(pick: Pick, scale: Fraction, deviation: Fraction) -> Model:
    parameter = Fraction(pick(1, 6), 4)
    datum = normal(x_0, num(pick(1, 3)), num(Fraction(pick(1, 6), 3)))
    kernel = normal(x_t, a * x_0, sigma**2)
    white = normal(epsilon, 0, 1)
    form = theta * x_t + 1
    point = Name("u")
    return Model(
        values={"t": 1, "a": scale, "sigma": deviation, "lambda": deviation**2, "theta": parameter},
        spaces={"x": None, "epsilon": None},
        densities={"p": (Density(("x_0", "x_1"), datum * kernel), Density(("x_0", "epsilon"), datum * white))},
        functions={
            "epsilon_theta": (("u",), theta * point + 1),
            "s_theta": (("u",), -(theta * point + 1) / sigma),
        },
        given=(
            equation(p(x_0), datum),
            equation(noise_model(x_t), form),
            equation(theta, parameter),
            equation(a, scale),
            equation(sigma, deviation),
            equation(weight, deviation**2),
        ),
    )


def weighted(measure: Node, inner: Node) -> Node:
    """lambda times a mean squared norm."""
    return weight * E(measure, norm2(inner))


s = score(x_t)
shifted = score(noised)
predicted = noise_model(noised)

lines = (
    Line("denoising", weighted(pairs, s - grad(x_t, ln(p(x_t, given=x_0)))), "start"),
    Line("score", weighted(pairs, s + (x_t - a * x_0) / sigma**2), reason="gaussian_score"),
    Line("noise", weighted(draws, shifted + epsilon / sigma), reason="write_with_noise"),
    Line("predict", weighted(draws, epsilon / sigma - predicted / sigma), reason="noise_parametrisation"),
    Line("factor", weight / sigma**2 * E(draws, residual), reason="homogeneity"),
    Line("simple", E(draws, residual), reason="choice_of_weight"),
)

DERIVATION = Derivation(
    name="noise_prediction_loss",
    lines=lines,
    flaws=(
        Flaw("loses_the_sign_of_the_score", "score", weighted(pairs, s - (x_t - a * x_0) / sigma**2)),
        Flaw("divides_by_the_deviation", "score", weighted(pairs, s + (x_t - a * x_0) / sigma)),
        Flaw("forgets_the_scale", "score", weighted(pairs, s + (x_t - x_0) / sigma**2)),
        Flaw("halves_the_score", "score", weighted(pairs, s + (x_t - a * x_0) / (2 * sigma**2))),
        Flaw("keeps_the_square_of_sigma", "noise", weighted(draws, shifted + epsilon / sigma**2)),
        Flaw("drops_sigma", "noise", weighted(draws, shifted + epsilon)),
        Flaw("multiplies_by_sigma", "noise", weighted(draws, shifted + sigma * epsilon)),
        Flaw("predicts_with_the_wrong_sign", "predict", weighted(draws, epsilon / sigma + predicted / sigma)),
        Flaw("predicts_without_sigma", "predict", weighted(draws, epsilon / sigma - predicted)),
        Flaw("takes_out_sigma_once", "factor", weight / sigma * E(draws, residual)),
        Flaw("multiplies_instead", "factor", mul(weight, sigma**2, E(draws, residual))),
        Flaw("keeps_a_weight", "simple", E(draws, residual) / sigma**2),
    ),
    worlds=(variance_preserving, variance_exploding),
    blanks=(
        Blank(
            "factor",
            weight / sigma**2,
            {"lambda": "positive", "sigma": "positive"},
            {"takes_out_sigma_once": weight / sigma, "multiplies_instead": weight * sigma**2},
        ),
    ),
    values=("simple",),
    working={"simple": (E(p(x_0), x_0), E(p(x_0), x_0**2), E(p(epsilon), epsilon**2))},
)
