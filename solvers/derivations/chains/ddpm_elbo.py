"""The evidence lower bound of a diffusion model, as one divergence per step.

Source: Ho et al. 2020, arXiv:2006.11239, equation 5 and appendix A. The encoder q adds noise in T steps counted from 1;
the decoder p goes back. Models have linear Gaussian decoders.
"""

from fractions import Fraction

from solvers.derivations.diffusion import forward, listed, p, q, schedule, x_0, x_before, x_t
from solvers.derivations.language import KL, Call, E, Name, Node, add, ln, mul, normal, num, series
from solvers.derivations.lines import Derivation, Flaw, Line
from solvers.derivations.models import Density, Model, Pick, equation

T = Name("T")
x_1, x_T = Name("x", (num(1),)), Name("x", (T,))
latents, everything = (Call("slice", (Name("x"), num(start), T)) for start in (1, 0))
path = q(latents, given=x_0)


def three_steps(pick: Pick) -> Model:
    """Three steps."""
    return _model(pick, 3)


def two_steps(pick: Pick) -> Model:
    """Two steps: one divergence in the sum."""
    return _model(pick, 2)


def _model(pick: Pick, steps: int) -> Model:
    values, start = schedule(pick, steps), Fraction(pick(1, 6), 2)
    scale, variance = Fraction(pick(2, 4), 4), Fraction(pick(1, 4), 4)
    data, last = normal(x_0, 0, 1), normal(Name("x", (num(steps),)), 0, 1)
    back = tuple(_back(step, scale, variance) for step in range(1, steps + 1))
    encoder = forward(steps)
    every = tuple(f"x_{step}" for step in range(steps + 1))
    return Model(
        values={**values, "T": steps, "x_0": start},
        spaces={"x": None},
        densities={
            "q": (*encoder, Density(every, data * encoder[-1].tree)),
            "p": (*back, Density(every, mul(last, *(part.tree for part in back)))),
        },
        given=(
            equation(T, steps),
            *listed(values, *(f"alpha_{step}" for step in range(1, steps + 1))),
            equation(q(x_0), data),
            equation(p(x_T), normal(x_T, 0, 1)),
            equation(p(x_before, given=x_t), normal(x_before, num(scale) * x_t, num(variance))),
            equation(x_0, start),
        ),
    )


def _back(step: int, scale: Fraction, variance: Fraction) -> Density:
    """A step of the decoder."""
    here, before = Name("x", (num(step),)), Name("x", (num(step - 1),))
    return Density((f"x_{step - 1}",), normal(before, num(scale) * here, num(variance)), (f"x_{step}",))


def steps(body: Node, first: int = 2) -> Node:
    """The sum over the steps from ``first`` to T."""
    return series("t", first, T, body)


decoder, encoder, posterior = p(x_before, given=x_t), q(x_t, given=x_before), q(x_before, given=(x_t, x_0))
there, here = q(x_before, given=x_0), q(x_t, given=x_0)
datum, first = p(x_0, given=x_1), q(x_1, given=x_0)
ratio = ln(p(x_T) / q(x_T, given=x_0))
prior_gap = KL(q(x_T, given=x_0), p(x_T))
reconstruction = E(first, ln(datum))


def gaps(kl: Node) -> Node:
    """The divergences of the steps, averaged over x_t."""
    return steps(E(here, kl))


def parted(inner: Node) -> Node:
    """The bound with the first step by itself."""
    return E(path, add(ln(p(x_T)), ln(datum / first), steps(inner)))


lines = (
    Line("evidence", ln(p(x_0)), "start"),
    Line(
        "jensen",
        E(path, ln(p(everything) / path)),
        "at_least",
        reason="jensen",
        gap=KL(path, p(latents, given=x_0)),
    ),
    Line("factors", E(path, ln(p(x_T)) + steps(ln(decoder / encoder), 1)), reason="markov_factors"),
    Line("first_step", parted(ln(decoder / encoder)), reason="first_step_apart"),
    Line("bayes", parted(ln(mul(decoder, there) / mul(posterior, here))), reason="bayes_given_datum"),
    Line("telescope", E(path, add(ratio, steps(ln(decoder / posterior)), ln(datum))), reason="telescoping"),
    Line(
        "divergences",
        add(-prior_gap, -gaps(KL(posterior, decoder)), reconstruction),
        reason="definition_of_kl",
    ),
)

DERIVATION = Derivation(
    name="ddpm_elbo",
    lines=lines,
    flaws=(
        Flaw("inverts_the_ratio", "jensen", E(path, ln(path / p(everything)))),
        Flaw("averages_under_the_decoder", "jensen", E(p(latents, given=x_0), ln(p(everything) / path))),
        Flaw("forgets_the_last_density", "factors", E(path, steps(ln(decoder / encoder), 1))),
        Flaw("multiplies_the_factors", "factors", E(path, ln(p(x_T)) + steps(ln(mul(decoder, encoder)), 1))),
        Flaw("forgets_the_first_step", "first_step", E(path, ln(p(x_T)) + steps(ln(decoder / encoder)))),
        Flaw("inverts_the_marginals", "bayes", parted(ln(mul(decoder, here) / mul(posterior, there)))),
        Flaw(
            "drops_the_datum",
            "bayes",
            parted(ln(mul(decoder, there) / mul(q(x_before, given=x_t), here))),
        ),
        Flaw("takes_the_posterior_for_the_step", "bayes", parted(ln(decoder / posterior))),
        Flaw(
            "keeps_the_first_marginal",
            "telescope",
            E(path, add(ratio, steps(ln(decoder / posterior)), ln(datum / first))),
        ),
        Flaw(
            "loses_the_last_marginal",
            "telescope",
            E(path, add(ln(p(x_T)), steps(ln(decoder / posterior)), ln(datum))),
        ),
        Flaw(
            "adds_the_prior_divergence",
            "divergences",
            add(prior_gap, -gaps(KL(posterior, decoder)), reconstruction),
        ),
        Flaw(
            "adds_the_divergences",
            "divergences",
            add(-prior_gap, gaps(KL(posterior, decoder)), reconstruction),
        ),
        Flaw(
            "swaps_the_divergences",
            "divergences",
            add(-prior_gap, -gaps(KL(decoder, posterior)), reconstruction),
        ),
        Flaw(
            "compares_with_the_forward_step",
            "divergences",
            add(-prior_gap, -gaps(KL(there, decoder)), reconstruction),
        ),
    ),
    worlds=(three_steps, two_steps),
)
