"""Denoising score matching is explicit score matching plus the mean variance of the kernel's score, given x_t.

Source: Vincent 2011, section 4; the constant by the law of total variance. Gradients are taken in x_t. In more than
one dimension the variance is the trace of the covariance.
"""

from dataclasses import replace
from fractions import Fraction

from solvers.derivations.diffusion import gaussian_data, p, rescaled_data, score, x_0, x_t
from solvers.derivations.language import E, add, dot, equal, grad, ln, norm2, num, var
from solvers.derivations.lines import Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, equation

s = score(x_t)
marginal, kernel, posterior, joint = p(x_t), p(x_t, given=x_0), p(x_0, given=x_t), p(x_0, x_t)
u, v = grad(x_t, ln(marginal)), grad(x_t, ln(kernel))
near, spread = E(joint, norm2(s - u)), E(joint, norm2(u - v))
cross = E(joint, dot(s - u, u - v))


def gaussian(pick: Pick) -> Model:
    """Gaussian data, and a place at which the two scores are compared."""
    return _at(gaussian_data(pick), Fraction(pick(1, 8), 2))


def rescaled(pick: Pick) -> Model:
    """Another scale and variance of the noise."""
    return _at(rescaled_data(pick), Fraction(pick(1, 8), 4))


def _at(model: Model, place: Fraction) -> Model:
    return replace(model, values={**model.values, "x_1": place}, given=(*model.given, equation(x_t, place)))


lines = (
    Line("denoising", E(joint, norm2(s - v)), "start"),
    Line("insert", E(joint, norm2(add(s - u, u - v))), reason="insert_marginal_score"),
    Line("expand", add(near, 2 * cross, spread), reason="square"),
    Line("average", equal(u, E(posterior, v)), "holds", reason="score_is_posterior_mean"),
    Line("zero", equal(cross, num(0)), "holds", reason="tower_rule", needs=("average",)),
    Line("combine", near + spread, reason="cross_term_is_zero", needs=("expand", "zero")),
    Line("variance", E(marginal, norm2(s - u)) + E(marginal, var(posterior, v)), reason="conditional_variance"),
    Line("explicit", E(marginal, norm2(s - u)), "constant", reason="free_of_theta", varies="theta"),
)

DERIVATION = Derivation(
    name="denoising_to_explicit",
    lines=lines,
    flaws=(
        Flaw("averages_over_the_prior", "average", equal(u, E(p(x_0), v))),
        Flaw("averages_the_posterior_score", "average", equal(u, E(posterior, grad(x_t, ln(posterior))))),
        Flaw(
            "averages_inside_the_logarithm",
            "average",
            equal(u, grad(x_t, ln(E(posterior, kernel)))),
        ),
        Flaw("pairs_with_the_kernel_score", "zero", equal(E(joint, dot(s - u, v)), num(0))),
        Flaw("inserts_with_the_wrong_sign", "insert", E(joint, norm2(add(s - u, u + v)))),
        Flaw("leaves_the_square_of_v", "expand", add(near, 2 * cross, E(joint, norm2(v)))),
        Flaw("subtracts_the_last_square", "expand", add(near, 2 * cross, -spread)),
        Flaw("sees_no_constant", "combine", near),
        Flaw("subtracts_the_spread", "combine", near - spread),
        Flaw("keeps_the_squared_kernel_score", "combine", near + E(joint, norm2(v))),
        Flaw("takes_the_total_variance", "variance", E(marginal, norm2(s - u)) + var(joint, v)),
        Flaw("takes_the_variance_of_the_mean", "variance", E(marginal, norm2(s - u)) + var(marginal, u)),
    ),
    worlds=(gaussian, rescaled),
    values=("average",),
    working={"average": (E(posterior, x_0),)},
)
