"""KL(p || q) = ln(sigma_2/sigma_1) + (sigma_1^2 + (mu_1 - mu_2)^2) / (2 sigma_2^2) - 1/2 for two Gaussians on the line.

Source: Bishop 2006, exercise 2.13 in one dimension. p = N(mu_1, sigma_1^2) and q = N(mu_2, sigma_2^2), where sigma is
the standard deviation. Natural logarithm.
"""

from fractions import Fraction

from solvers.derivations.language import KL, E, Node, add, density, equal, ln, names, normal, num
from solvers.derivations.lines import Blank, Derivation, Flaw, Line
from solvers.derivations.models import REALS, Density, Model, Pick, equation

x, mean_p, mean_q, s, t = names("x mu_1 mu_2 sigma_1 sigma_2")
p, q = density("p")(x), density("q")(x)
own, other = (x - mean_p) ** 2, (x - mean_q) ** 2
shift = (mean_p - mean_q) ** 2
half = num(Fraction(1, 2))


def near(pick: Pick) -> Model:
    """Two Gaussians with different means and different deviations, of halves."""
    first, second, mean = pick(1, 3), 2 * pick(0, 1) + 1, pick(-3, 3)
    away = pick(1, 3) * (2 * pick(0, 1) - 1)
    return _model((mean, mean + away), (Fraction(first + (first >= second), 2), Fraction(second, 2)))


def far(pick: Pick) -> Model:
    """Any two Gaussians."""
    means = Fraction(pick(-20, 20), pick(1, 7)), Fraction(pick(-20, 20), pick(1, 7))
    return _model(means, (Fraction(pick(1, 20), pick(1, 9)), Fraction(pick(1, 20), pick(1, 9))))


def _model(means: tuple[Fraction | int, ...], deviations: tuple[Fraction, ...]) -> Model:
    values = {"mu_1": means[0], "sigma_1": deviations[0], "mu_2": means[1], "sigma_2": deviations[1]}
    return Model(
        values=values,
        spaces={"x": REALS},
        densities={"p": (Density(("x",), normal(x, mean_p, s**2)),), "q": (Density(("x",), normal(x, mean_q, t**2)),)},
        given=tuple(equation(each, values[each.name]) for each in (mean_p, s, mean_q, t)),
    )


def closed(ratio: Node, quadratic: Node) -> Node:
    """The divergence with its two terms that depend on the parameters."""
    return ln(ratio) + quadratic - half


quadratic = (s**2 + shift) / (2 * t**2)

lines = (
    Line("divergence", KL(p, q), "start"),
    Line("definition", E(p, ln(p / q)), reason="definition_of_kl"),
    Line("densities", E(p, add(ln(t / s), -(own / (2 * s**2)), other / (2 * t**2))), reason="logarithms_of_gaussians"),
    Line("linear", add(ln(t / s), -(E(p, own) / (2 * s**2)), E(p, other) / (2 * t**2)), reason="linearity"),
    Line("variance", equal(E(p, own), s**2), "holds", reason="definition_of_variance"),
    Line("shifted", equal(E(p, other), s**2 + shift), "holds", reason="expand_about_the_mean", needs=("variance",)),
    Line("closed", closed(t / s, quadratic), reason="insert_moments", needs=("linear", "variance", "shifted")),
)

swapped_roles = (t**2 + shift) / (2 * s**2)

DERIVATION = Derivation(
    name="gaussian_kl",
    lines=lines,
    flaws=(
        Flaw("averages_under_the_other", "definition", E(q, ln(p / q))),
        Flaw("turns_the_ratio_over", "definition", E(p, ln(q / p))),
        Flaw("turns_the_normalisers_over", "densities", E(p, add(ln(s / t), -(own / (2 * s**2)), other / (2 * t**2)))),
        Flaw(
            "confuses_the_exponents_signs", "densities", E(p, add(ln(t / s), own / (2 * s**2), -(other / (2 * t**2))))
        ),
        Flaw("forgets_the_normalisers", "densities", E(p, other / (2 * t**2) - own / (2 * s**2))),
        Flaw("takes_the_variance_of_the_other", "shifted", equal(E(p, other), t**2)),
        Flaw("ignores_the_spread", "shifted", equal(E(p, other), shift)),
        Flaw("subtracts_the_squared_means", "shifted", equal(E(p, other), s**2 + mean_p**2 - mean_q**2)),
        Flaw("forgets_the_constant", "closed", ln(t / s) + quadratic),
        Flaw("ignores_the_means", "closed", closed(t / s, s**2 / (2 * t**2))),
        Flaw("swaps_the_roles", "closed", closed(s / t, swapped_roles)),
        Flaw("divides_by_the_deviation", "closed", closed(t / s, (s**2 + shift) / (2 * t))),
        Flaw("forgets_the_half", "closed", closed(t / s, (s**2 + shift) / t**2)),
    ),
    worlds=(near, far),
    blanks=(
        Blank(
            "closed",
            quadratic,
            {"mu_1": "real", "mu_2": "real", "sigma_1": "positive", "sigma_2": "positive"},
            {
                "ignores_the_means": s**2 / (2 * t**2),
                "swaps_the_roles": swapped_roles,
                "divides_by_the_deviation": (s**2 + shift) / (2 * t),
                "forgets_the_half": (s**2 + shift) / t**2,
            },
        ),
    ),
    values=("closed",),
)
