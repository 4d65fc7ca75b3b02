"""KL(N(mu, diag(sigma^2)) || N(0, I)) = sum over i of (mu_i^2 + sigma_i^2 - 1 - ln sigma_i^2) / 2.

Source: Kingma & Welling 2014, arXiv:1312.6114, appendix B. sigma_i is a standard deviation. Natural logarithm; a sum,
not a mean, over the dimensions.
"""

from fractions import Fraction

from solvers.derivations.language import KL, E, Name, Node, add, density, ln, mul, names, normal, num, series
from solvers.derivations.lines import Blank, Derivation, Flaw, Line
from solvers.derivations.models import REALS, Density, Model, Pick, equation

i, d, z = names("i d z")
m, s, z_i = (Name(name, (i,)) for name in ("mu", "sigma", "z"))
p, q = density("p"), density("q")
half = num(Fraction(1, 2))


def plane(pick: Pick) -> Model:
    """Two dimensions; no deviation is 1."""
    return _model(pick, 2)


def space(pick: Pick) -> Model:
    """Three dimensions."""
    return _model(pick, 3)


def _model(pick: Pick, dimensions: int) -> Model:
    places = range(1, dimensions + 1)
    means = {f"mu_{place}": Fraction(pick(1, 4) * (2 * pick(0, 1) - 1), 2) for place in places}
    deviations = {f"sigma_{place}": (Fraction(1, 2), Fraction(3, 2), Fraction(2))[pick(0, 2)] for place in places}
    values: dict[str, Fraction | int] = {"d": dimensions, **means, **deviations}
    keys = tuple(f"z_{place}" for place in places)
    here = [tuple(map(Name, (f"z_{place}", f"mu_{place}", f"sigma_{place}"))) for place in places]
    return Model(
        values=values,
        spaces={"z": REALS},
        densities={
            "p": (Density(keys, mul(*(normal(each, 0, 1) for each, _, _ in here))),),
            "q": (Density(keys, mul(*(normal(each, mean, width**2) for each, mean, width in here))),),
        },
        given=tuple(equation(Name(name), value) for name, value in values.items()),
    )


def every(body: Node) -> Node:
    """The sum over the dimensions."""
    return series("i", 1, d, body)


def average(body: Node) -> Node:
    """Over one dimension of z."""
    return E(q(z_i), body)


square, distance, logarithm = z_i**2, (z_i - m) ** 2, ln(s**2)
inner = add(m**2, s**2, num(-1), -logarithm)
wrong = {
    "ignores_the_mean": add(s**2, num(-1), -logarithm),
    "forgets_the_constant": add(m**2, s**2, -logarithm),
    "adds_the_logarithm": add(m**2, s**2, num(-1), logarithm),
    "reads_sigma_as_the_variance": add(m**2, s, num(-1), -ln(s)),
    "swaps_the_divergence": add((1 + m**2) / s**2, num(-1), logarithm),
}

lines = (
    Line("divergence", KL(q(z), p(z)), "start"),
    Line("definition", E(q(z), ln(q(z) / p(z))), reason="definition_of_kl"),
    Line("dimensions", every(average(ln(q(z_i) / p(z_i)))), reason="independence"),
    Line("densities", every(average(mul(half, add(square, -(distance / s**2), -logarithm)))), reason="logarithms"),
    Line(
        "linear",
        every(mul(half, add(average(square), -(average(distance) / s**2), -logarithm))),
        reason="linearity",
    ),
    Line("closed", every(mul(half, inner)), reason="moments"),
)

DERIVATION = Derivation(
    name="prior_kl",
    lines=lines,
    flaws=(
        Flaw("averages_under_the_prior", "definition", E(p(z), ln(q(z) / p(z)))),
        Flaw("turns_the_ratio_over", "definition", E(q(z), ln(p(z) / q(z)))),
        Flaw("multiplies_the_dimensions", "dimensions", series("i", 1, d, average(ln(q(z_i) / p(z_i))), "product")),
        Flaw("averages_over_the_dimensions", "dimensions", mul(1 / d, every(average(ln(q(z_i) / p(z_i)))))),
        Flaw("forgets_the_normaliser", "densities", every(average(mul(half, square - distance / s**2)))),
        Flaw(
            "confuses_the_exponents_signs",
            "densities",
            every(average(mul(half, add(distance / s**2, -square, -logarithm)))),
        ),
        Flaw(
            "takes_the_logarithm_of_sigma",
            "densities",
            every(average(mul(half, add(square, -(distance / s**2), -ln(s))))),
        ),
        *(Flaw(name, "closed", every(mul(half, body))) for name, body in wrong.items()),
        Flaw("forgets_the_half", "closed", every(inner)),
    ),
    worlds=(plane, space),
    blanks=(Blank("closed", inner, {"mu_i": "real", "sigma_i": "positive"}, wrong),),
    values=("closed",),
)
