"""The reverse-time SDE: the drift f - g^2 d/dx ln p takes the densities p(x, t) back, by the Fokker-Planck equation.

Source: Anderson 1982, "Reverse-time diffusion equation models"; Song et al. 2021, arXiv:2011.13456, equation 6, and
appendix B for the three SDEs. One dimension; g depends on time only.
"""

from fractions import Fraction

from quizgen.expr import Constant
from solvers.derivations.diffusion import t
from solvers.derivations.language import D, Name, Node, Power, density, equal, ln, mul, normal, num, sqrt
from solvers.derivations.lines import Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, equation

x, rate = Name("x"), Name("beta")
law, drift, noise = density("p")(x, t), density("f")(x, t), density("g")(t)
half = num(Fraction(1, 2))


def decay(exponent: Node) -> Node:
    """e to the power of minus ``exponent``."""
    return Power(Constant("e"), -exponent)


def variance_preserving(pick: Pick) -> Model:
    """dx = -beta x / 2 dt + sqrt(beta) dW, from data with a variance above 1."""
    variance = 1 + pick(1, 4) * decay(rate * t)
    return _model(pick, -half * rate * x, sqrt(rate), decay(rate * t / 2), variance)


def variance_exploding(pick: Pick) -> Model:
    """dx = sqrt(2 beta t) dW."""
    return _model(pick, 0 * x, sqrt(2 * rate * t), num(1), pick(1, 3) + rate * t**2)


def sub_variance_preserving(pick: Pick) -> Model:
    """dx = -beta x / 2 dt + sqrt(beta (1 - exp(-2 beta t))) dW."""
    strength = sqrt(rate * (1 - decay(2 * rate * t)))
    variance = pick(1, 3) * decay(rate * t) + (1 - decay(rate * t)) ** 2
    return _model(pick, -half * rate * x, strength, decay(rate * t / 2), variance)


def _model(pick: Pick, pull: Node, strength: Node, shrinkage: Node, variance: Node) -> Model:
    speed, time, place = Fraction(pick(1, 4), 2), Fraction(pick(1, 4), 2), Fraction(pick(-4, 4), 2)
    dispersed = normal(x, pick(1, 3) * shrinkage, variance)
    return Model(
        values={"beta": speed, "t": time, "x": place},
        spaces={"x": None},
        functions={"p": (("x", "t"), dispersed), "f": (("x", "t"), pull), "g": (("t",), strength)},
        given=(
            equation(drift, pull),
            equation(noise, strength),
            equation(law, dispersed),
            equation(rate, speed),
            equation(t, time),
            equation(x, place),
        ),
    )


score = D(x, ln(law))
spread = noise**2 * D(x, D(x, law))
back = drift - noise**2 * score


def transported(velocity: Node) -> Node:
    """The divergence of a flux: of the density that moves with a velocity."""
    return D(x, velocity * law)


lines = (
    Line("start", D(t, law), "start"),
    Line("forward", -transported(drift) + half * spread, reason="fokker_planck"),
    Line("split", -transported(drift) + spread - half * spread, reason="half_is_one_minus_half"),
    Line("score", equal(D(x, law), law * score), "holds", reason="log_derivative"),
    Line(
        "flux",
        -transported(drift) + D(x, mul(noise**2, law, score)) - half * spread,
        reason="second_derivative_as_flux",
        needs=("split", "score"),
    ),
    Line("collect", -transported(back) - half * spread, reason="one_divergence"),
    Line(
        "reverse",
        equal(-D(t, law), -transported(-back) + half * spread),
        "holds",
        reason="time_runs_back",
        needs=("collect",),
    ),
)

DERIVATION = Derivation(
    name="reverse_sde",
    lines=lines,
    flaws=(
        Flaw("divides_by_the_density", "score", equal(D(x, law), score / law)),
        Flaw("forgets_the_half", "forward", -transported(drift) + spread),
        Flaw("takes_the_drift_out", "forward", -drift * D(x, law) + half * spread),
        Flaw("pushes_against_the_drift", "forward", transported(drift) + half * spread),
        Flaw("forgets_the_square", "forward", -transported(drift) + mul(half, noise, D(x, D(x, law)))),
        Flaw("splits_with_the_wrong_signs", "split", -transported(drift) - spread + half * spread),
        Flaw("loses_the_density", "flux", -transported(drift) + D(x, noise**2 * score) - half * spread),
        Flaw("adds_the_score", "collect", -transported(drift + noise**2 * score) - half * spread),
        Flaw("halves_the_score", "collect", -transported(drift - half * noise**2 * score) - half * spread),
        Flaw("scores_with_g_only", "collect", -transported(drift - noise * score) - half * spread),
        Flaw("keeps_the_forward_spread", "collect", -transported(back) + half * spread),
        Flaw("keeps_the_forward_drift", "reverse", equal(-D(t, law), -transported(-drift) + half * spread)),
        Flaw("turns_only_the_left_side", "reverse", equal(-D(t, law), -transported(back) + half * spread)),
        Flaw("runs_with_negative_noise", "reverse", equal(-D(t, law), -transported(-back) - half * spread)),
    ),
    worlds=(variance_preserving, variance_exploding, sub_variance_preserving),
)
