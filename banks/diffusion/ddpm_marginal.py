"""Mean and variance of q(x_t | x_0) for a DDPM with a short schedule whose roots are rational.

Source: Ho, Jain & Abbeel 2020, arXiv:2006.11239, equation 4. Steps count from t = 1; alpha_t = 1 - beta_t; the second
argument of N is the variance.
"""

from collections.abc import Mapping
from fractions import Fraction

from quizgen.family import Family, Parameters, answer, choice, ints
from solvers import diffusion, oracles
from solvers.diffusion import Betas, DDPMMarginal

family = Family(
    level=3,
    version=1,
    minutes=5,
    answers={"mean": answer.Fraction("mean"), "variance": answer.Fraction("variance")},
)


@family.parameters
class Params(Parameters):
    betas: Betas = choice(*diffusion.marginal_schedules(3, largest=400))  # beta_1, beta_2, beta_3
    t: int = choice(2, 3, radical=True)  # the step asked, from 1
    x0: int = ints(-6, 6)

    def valid(self) -> bool:
        """x_0 is not 0, 1 or -1."""
        return abs(self.x0) > 1


@family.solve
def solve(q: Params) -> DDPMMarginal:
    return diffusion.ddpm_marginal(q.betas, q.t, q.x0)


@family.misconception
def stops_one_step_early(q: Params) -> DDPMMarginal:
    return diffusion.ddpm_marginal(q.betas, q.t - 1, q.x0)


@family.misconception
def goes_one_step_too_far(q: Params) -> DDPMMarginal | None:
    return diffusion.ddpm_marginal(q.betas, q.t + 1, q.x0) if q.t < len(q.betas) else None


@family.misconception
def takes_the_last_step_alone(q: Params) -> DDPMMarginal:
    return diffusion.ddpm_marginal(q.betas[q.t - 1 :], 1, q.x0)


@family.misconception
def forgets_the_root(q: Params) -> Mapping[str, Fraction]:
    return {"mean": solve(q).alpha_bar * q.x0}


@family.misconception
def scales_the_mean_by_the_variance(q: Params) -> Mapping[str, Fraction]:
    return {"mean": solve(q).variance * q.x0}


@family.misconception
def multiplies_the_betas(q: Params) -> Mapping[str, Fraction]:
    complements = tuple(1 - beta for beta in q.betas)
    return {"variance": 1 - diffusion.alpha_bar(complements, q.t)}


@family.misconception
def adds_the_betas(q: Params) -> Mapping[str, Fraction]:
    return {"variance": sum(q.betas[: q.t], Fraction(0))}


@family.misconception
def gives_what_is_kept(q: Params) -> Mapping[str, Fraction]:
    return {"variance": solve(q).alpha_bar}


@family.misconception
def subtracts_the_root(q: Params) -> Mapping[str, Fraction]:
    return {"variance": 1 - solve(q).coefficient}


@family.law
def composed_steps_agree(q: Params, t: DDPMMarginal) -> None:
    assert oracles.agreement.agrees((t.mean, t.variance), oracles.diffusion.composed_steps(q.betas, q.t, q.x0))
    assert oracles.agreement.agrees(t.coefficient, oracles.diffusion.composed_steps(q.betas, q.t, 1)[0])


@family.law
def tables_agree(q: Params, t: DDPMMarginal) -> None:
    assert oracles.agreement.agrees(t.alpha_bar, oracles.diffusion.kept_fractions(q.betas)[q.t - 1])
    assert all(alpha + beta == 1 for alpha, beta in zip(t.alphas, q.betas[: q.t], strict=True))
