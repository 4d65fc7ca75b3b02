"""E[<s(x_t), grad ln p(x_t)>] = E[<s(x_t), grad ln p(x_t|x_0)>]: the lemma behind denoising score matching.

Source: Vincent 2011, "A connection between score matching and denoising autoencoders", appendix; Song et al. 2021,
arXiv:2011.13456. The gradient is taken in x_t; s does not depend on x_0.
"""

from solvers.derivations.diffusion import gaussian_data, p, score, two_clusters, x_0, x_t
from solvers.derivations.language import E, Node, derivative, dot, grad, integral, ln, mul
from solvers.derivations.lines import Derivation, Flaw, Line

s = score(x_t)
marginal, kernel, joint = p(x_t), p(x_t, given=x_0), p(x_0, x_t)


def paired(other: Node) -> Node:
    """The inner product with the score model."""
    return dot(s, other)


lines = (
    Line("start", E(marginal, paired(grad(x_t, ln(marginal)))), "start"),
    Line("integral", integral(x_t, marginal * paired(grad(x_t, ln(marginal)))), reason="definition_of_expectation"),
    Line("gradient", integral(x_t, paired(grad(x_t, marginal))), reason="log_derivative"),
    Line("marginal", integral(x_t, paired(grad(x_t, integral(x_0, p(x_0) * kernel)))), reason="total_probability"),
    Line("exchange", integral(x_t, paired(integral(x_0, p(x_0) * grad(x_t, kernel)))), reason="gradient_inside"),
    Line(
        "kernel",
        integral(x_t, paired(integral(x_0, mul(p(x_0), kernel, grad(x_t, ln(kernel)))))),
        reason="log_derivative_of_kernel",
    ),
    Line("joint", E(joint, paired(grad(x_t, ln(kernel)))), reason="joint_expectation"),
)

DERIVATION = Derivation(
    name="score_cross_term",
    lines=lines,
    flaws=(
        Flaw("keeps_the_density", "gradient", integral(x_t, marginal * paired(grad(x_t, marginal)))),
        Flaw("integrates_by_parts_without_sign", "gradient", integral(x_t, marginal * derivative(x_t, s))),
        Flaw("drops_the_data_density", "marginal", integral(x_t, paired(grad(x_t, integral(x_0, kernel))))),
        Flaw(
            "weights_with_the_posterior",
            "marginal",
            integral(x_t, paired(grad(x_t, integral(x_0, p(x_0) * p(x_0, given=x_t))))),
        ),
        Flaw(
            "differentiates_the_data_density",
            "exchange",
            integral(x_t, paired(integral(x_0, kernel * grad(x_0, p(x_0))))),
        ),
        Flaw(
            "forgets_the_logarithm",
            "kernel",
            integral(x_t, paired(integral(x_0, mul(p(x_0), kernel, grad(x_t, kernel))))),
        ),
        Flaw("averages_independently", "joint", E(p(x_0), E(marginal, paired(grad(x_t, ln(kernel)))))),
        Flaw("reverses_the_condition", "joint", E(joint, paired(grad(x_t, ln(p(x_0, given=x_t)))))),
        Flaw("differentiates_by_the_datum", "joint", E(joint, paired(grad(x_0, ln(kernel))))),
    ),
    worlds=(gaussian_data, two_clusters),
    values=("joint",),
    working={"joint": (E(marginal, x_t), -E(marginal, derivative(x_t, s)))},
)
