"""Explicit score matching equals denoising score matching up to a constant in theta.

Source: Vincent 2011, "A connection between score matching and denoising autoencoders", section 4; Song et al. 2021,
arXiv:2011.13456, equation 7. Gradients are taken in x_t; the constant is E|grad ln p(x_t)|^2 - E|grad ln p(x_t|x_0)|^2.
"""

from solvers.derivations.diffusion import gaussian_data, p, rescaled_data, score, two_clusters, x_0, x_t
from solvers.derivations.language import E, derivative, dot, equal, grad, ln, norm2
from solvers.derivations.lines import Derivation, Flaw, Line

s = score(x_t)
marginal, kernel, joint = p(x_t), p(x_t, given=x_0), p(x_0, x_t)
u, v = grad(x_t, ln(marginal)), grad(x_t, ln(kernel))
posterior_score = grad(x_t, ln(p(x_0, given=x_t)))
cross = E(marginal, dot(s, u))

lines = (
    Line("explicit", E(marginal, norm2(s - u)), "start"),
    Line("expand", E(marginal, norm2(s) - 2 * dot(s, u) + norm2(u)), reason="square"),
    Line("drop", E(marginal, norm2(s)) - 2 * cross, "constant", reason="free_of_theta", varies="theta"),
    Line("joint", E(joint, norm2(s)) - 2 * cross, reason="more_variables"),
    Line("lemma", equal(cross, E(joint, dot(s, v))), "holds", reason="cross_term_lemma"),
    Line("replace", E(joint, norm2(s) - 2 * dot(s, v)), reason="use_lemma", needs=("joint", "lemma")),
    Line("complete", E(joint, norm2(s - v)), "constant", reason="complete_square", varies="theta"),
)

DERIVATION = Derivation(
    name="denoising_score_matching",
    lines=lines,
    flaws=(
        Flaw("averages_independently", "lemma", equal(cross, E(p(x_0), E(marginal, dot(s, v))))),
        Flaw("uses_the_posterior_score", "lemma", equal(cross, E(joint, dot(s, posterior_score)))),
        Flaw("equates_the_square_means", "lemma", equal(E(marginal, norm2(u)), E(joint, norm2(v)))),
        Flaw("squares_term_by_term", "expand", E(marginal, norm2(s) + norm2(u))),
        Flaw("adds_the_cross_term", "expand", E(marginal, norm2(s) + 2 * dot(s, u) + norm2(u))),
        Flaw("forgets_the_two", "expand", E(marginal, norm2(s) - dot(s, u) + norm2(u))),
        Flaw("drops_the_cross_term", "drop", E(marginal, norm2(s))),
        Flaw("drops_the_squared_model", "drop", -(2 * cross)),
        Flaw("loses_the_sign_of_the_cross_term", "replace", E(joint, norm2(s) + 2 * dot(s, v))),
        Flaw("ends_at_the_posterior_score", "complete", E(joint, norm2(s - posterior_score))),
        Flaw("adds_the_scores", "complete", E(joint, norm2(s + v))),
        Flaw("pairs_at_random", "complete", E(p(x_0), E(marginal, norm2(s - v)))),
    ),
    worlds=(gaussian_data, rescaled_data, two_clusters),
    values=("lemma",),
    working={"lemma": (E(marginal, x_t), -E(marginal, derivative(x_t, s)))},
)
