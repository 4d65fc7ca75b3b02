"""Mean and variance of p(x_t | x_0) for a variance-preserving SDE with a linear noise rate.

Source: Song et al. 2021, arXiv:2011.13456, equation 29 and appendix C: dx = -beta(t)/2 x dt + sqrt(beta(t)) dW, and
p(x_t | x_0) = N(exp(-B/2) x_0, 1 - exp(-B)) with B the integral of beta from 0 to t; N is written with its variance.
"""

from collections.abc import Mapping
from decimal import Decimal

from quizgen.family import Family, Parameters, answer, decimals, ints
from solvers import diffusion, exact, oracles
from solvers.diffusion import VPMarginal

family = Family(
    level=3,
    version=1,
    minutes=6,
    calculator=True,
    answers={"mean": answer.Number("mean", digits=3), "variance": answer.Number("variance", digits=3)},
)


@family.parameters
class Params(Parameters):
    beta_min: Decimal = decimals("0.1", "1.0", step="0.1")  # rate at time 0
    beta_max: int = ints(2, 20)  # rate at time 1
    t: Decimal = decimals("0.1", "0.9", step="0.1")
    x0: int = ints(-5, 5)

    def valid(self) -> bool:
        """x_0 is not 0, 1 or -1, and the rate's integral from 0 to t lies between 0.2 and 3."""
        noise = diffusion.linear_integral(self.beta_min, self.beta_max, self.t)
        return abs(self.x0) > 1 and Decimal("0.2") <= noise <= 3


@family.solve
def solve(q: Params) -> VPMarginal:
    return diffusion.vp_marginal(diffusion.linear_integral(q.beta_min, q.beta_max, q.t), q.x0)


@family.misconception
def forgets_the_half_in_the_mean(q: Params) -> Mapping[str, Decimal]:
    return {"mean": diffusion.vp_marginal(2 * solve(q).integral, q.x0).mean}


@family.misconception
def halves_in_the_variance_too(q: Params) -> Mapping[str, Decimal]:
    return {"variance": diffusion.vp_marginal(solve(q).integral / 2, q.x0).variance}


@family.misconception
def multiplies_the_rate_by_the_time(q: Params) -> VPMarginal:
    rate = q.beta_min + (q.beta_max - q.beta_min) * q.t
    return diffusion.vp_marginal(rate * q.t, q.x0)


@family.misconception
def averages_the_rate_over_all_time(q: Params) -> VPMarginal:
    return diffusion.vp_marginal((q.beta_min + q.beta_max) / 2 * q.t, q.x0)


@family.misconception
def keeps_the_first_rate(q: Params) -> VPMarginal:
    return diffusion.vp_marginal(q.beta_min * q.t, q.x0)


@family.misconception
def gives_the_deviation(q: Params) -> Mapping[str, Decimal]:
    return {"variance": exact.sqrt(1 - exact.precise_exp(-solve(q).integral), 3)}


@family.misconception
def gives_what_is_kept(q: Params) -> Mapping[str, Decimal]:
    return {"variance": exact.exp(-solve(q).integral, 3)}


@family.misconception
def forgets_the_drift(q: Params) -> Mapping[str, Decimal]:
    return {"mean": exact.rounded(q.x0, 3), "variance": exact.rounded(solve(q).integral, 3)}


@family.law
def moment_equations_agree(q: Params, t: VPMarginal) -> None:
    moments = oracles.diffusion.moment_equations(q.beta_min, q.beta_max, q.t, q.x0)
    assert oracles.agreement.agrees((t.mean, t.variance), moments)


@family.law
def quadrature_agrees(q: Params, t: VPMarginal) -> None:
    assert abs(float(t.integral) - oracles.diffusion.accumulated_noise(q.beta_min, q.beta_max, q.t)) < 1e-9
