"""Mean and variance of the posterior q(x_{t-1} | x_t, x_0) of a DDPM, exactly.

Source: Ho, Jain & Abbeel 2020, arXiv:2006.11239, equations 6 and 7. Steps count from t = 1; alpha_t = 1 - beta_t; the
second argument of N is the variance.
"""

from collections.abc import Mapping
from fractions import Fraction

from quizgen.family import Family, Parameters, answer, choice, ints
from solvers import diffusion, exact, oracles
from solvers.diffusion import Betas, DDPMPosterior

family = Family(
    level=4,
    version=1,
    minutes=8,
    answers={"mean": answer.Fraction("mean", weight=2), "variance": answer.Fraction("variance")},
)

SCHEDULES = {t: diffusion.posterior_schedules(t, largest=80) for t in (2, 3)}
"""Schedules of t steps by t, with pleasant results."""


@family.parameters
class Params(Parameters):
    t: int = choice(2, 3, radical=True)  # the step that is undone, the last of the schedule
    betas: Betas = choice(lambda q: SCHEDULES[q.t])  # beta_1 ... beta_t
    x0: int = ints(-4, 4)
    xt: int = ints(-4, 4)

    def valid(self) -> bool:
        """x_0 and x_t are neither 0 nor equal."""
        return bool(self.x0 and self.xt) and self.x0 != self.xt


@family.solve
def solve(q: Params) -> DDPMPosterior:
    return diffusion.ddpm_posterior(q.betas, q.t, q.x0, q.xt)


@family.misconception
def exchanges_the_weights(q: Params) -> Mapping[str, Fraction]:
    return {"mean": solve(q).weight_x0 * q.xt + solve(q).weight_xt * q.x0}


@family.misconception
def forgets_the_roots(q: Params) -> Mapping[str, Fraction]:
    t = solve(q)
    start, now = t.before * q.betas[q.t - 1], t.alpha * (1 - t.before)
    return {"mean": (start * q.x0 + now * q.xt) / (1 - t.alpha_bar)}


@family.misconception
def forgets_to_divide(q: Params) -> Mapping[str, Fraction]:
    t = solve(q)
    return {"mean": t.mean * (1 - t.alpha_bar), "variance": t.variance * (1 - t.alpha_bar)}


@family.misconception
def ignores_the_present(q: Params) -> Mapping[str, Fraction]:
    earlier = diffusion.ddpm_marginal(q.betas, q.t - 1, q.x0)
    return {"mean": earlier.mean, "variance": earlier.variance}


@family.misconception
def drops_the_bars(q: Params) -> Mapping[str, Fraction]:
    """alpha_{t-1} and alpha_t in place of alphabar_{t-1} and alphabar_t."""
    before, beta = 1 - q.betas[q.t - 2], q.betas[q.t - 1]
    start, now = exact.exact_sqrt(before), exact.exact_sqrt(1 - beta) * (1 - before) / beta
    return {"mean": start * q.x0 + now * q.xt, "variance": 1 - before}


@family.misconception
def takes_the_forward_variance(q: Params) -> Mapping[str, Fraction]:
    return {"variance": q.betas[q.t - 1]}


@family.misconception
def adds_the_plain_precisions(q: Params) -> Mapping[str, Fraction]:
    return {"variance": 1 / (1 / q.betas[q.t - 1] + 1 / (1 - solve(q).before))}


@family.misconception
def answers_for_the_step_before(q: Params) -> DDPMPosterior | None:
    return diffusion.ddpm_posterior(q.betas, q.t - 1, q.x0, q.xt) if q.t > 2 else None


@family.misconception
def inverts_the_ratio(q: Params) -> Mapping[str, Fraction]:
    t = solve(q)
    return {"variance": (1 - t.alpha_bar) / (1 - t.before) * q.betas[q.t - 1]}


@family.law
def conditioned_gaussian_agrees(q: Params, t: DDPMPosterior) -> None:
    assert oracles.agreement.agrees((t.mean, t.variance), oracles.diffusion.conditioned(q.betas, q.t, q.x0, q.xt))
    assert oracles.agreement.agrees(t.weight_x0, oracles.diffusion.conditioned(q.betas, q.t, 1, 0)[0])
    assert oracles.agreement.agrees(t.weight_xt, oracles.diffusion.conditioned(q.betas, q.t, 0, 1)[0])


@family.law
def tables_agree(q: Params, t: DDPMPosterior) -> None:
    kept = oracles.diffusion.kept_fractions(q.betas)
    assert oracles.agreement.agrees((t.before, t.alpha_bar), kept[q.t - 2 : q.t])
    assert t.alpha + q.betas[q.t - 1] == 1
