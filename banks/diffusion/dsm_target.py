"""Noisy point and regression target of denoising score matching for one noise draw, exactly.

Source: Vincent 2011, section 4.2; Ho, Jain & Abbeel 2020, arXiv:2006.11239, equation 4:
x_t = sqrt(alphabar_t) x_0 + sqrt(1 - alphabar_t) epsilon, and the gradient of ln q(x_t | x_0) there is
-epsilon / sqrt(1 - alphabar_t).
"""

from collections.abc import Mapping
from fractions import Fraction

from quizgen.family import Family, Parameters, answer, choice, fractions, vectors
from solvers import diffusion, oracles
from solvers.diffusion import DenoisingTarget, Vector

family = Family(
    level=3,
    version=1,
    minutes=5,
    answers={"noisy": answer.Vector("noisy"), "target": answer.Vector("target")},
)


@family.parameters
class Params(Parameters):
    a: Fraction = choice(*diffusion.COEFFICIENTS[:6])  # sqrt(alphabar_t); its square is printed
    x0: tuple[int, ...] = vectors(2, -4, 4)
    epsilon1: Fraction = fractions(-2, 2, denominators=(1, 2))
    epsilon2: Fraction = fractions(-2, 2, denominators=(1, 2))

    def valid(self) -> bool:
        """No entry of x_0 or of the noise is 0."""
        return all(self.x0) and bool(self.epsilon1 and self.epsilon2)


@family.solve
def solve(q: Params) -> DenoisingTarget:
    return diffusion.denoising_target(q.a**2, q.x0, (q.epsilon1, q.epsilon2))


def mixed(q: Params, a: Fraction, sigma: Fraction) -> Vector:
    """a x_0 + sigma epsilon for some other coefficients."""
    return tuple(a * x + sigma * e for x, e in zip(q.x0, (q.epsilon1, q.epsilon2), strict=True))


@family.misconception
def forgets_the_roots(q: Params) -> Mapping[str, Vector]:
    return {"noisy": mixed(q, q.a**2, 1 - q.a**2), "target": (-q.epsilon1 / (1 - q.a**2), -q.epsilon2 / (1 - q.a**2))}


@family.misconception
def exchanges_the_coefficients(q: Params) -> Mapping[str, Vector]:
    return {"noisy": mixed(q, solve(q).sigma, q.a), "target": (-q.epsilon1 / q.a, -q.epsilon2 / q.a)}


@family.misconception
def does_not_shrink_the_data(q: Params) -> Mapping[str, Vector]:
    return {"noisy": mixed(q, Fraction(1), solve(q).sigma)}


@family.misconception
def does_not_scale_the_noise(q: Params) -> Mapping[str, Vector]:
    return {"noisy": mixed(q, q.a, Fraction(1))}


@family.misconception
def turns_the_sign(q: Params) -> Mapping[str, Vector]:
    return {"target": tuple(-entry for entry in solve(q).target)}


@family.misconception
def predicts_the_noise(q: Params) -> Mapping[str, Vector]:
    return {"target": (q.epsilon1, q.epsilon2)}


@family.misconception
def multiplies_by_the_deviation(q: Params) -> Mapping[str, Vector]:
    sigma = solve(q).sigma
    return {"target": (-sigma * q.epsilon1, -sigma * q.epsilon2)}


@family.misconception
def forgets_the_mean(q: Params) -> Mapping[str, Vector]:
    t = solve(q)
    return {"target": tuple(-entry / t.sigma**2 for entry in t.noisy)}


@family.law
def libraries_agree(q: Params, t: DenoisingTarget) -> None:
    noise = (q.epsilon1, q.epsilon2)
    assert oracles.agreement.agrees(t.noisy, oracles.diffusion.noised(q.x0, q.a**2, noise))


@family.law
def autograd_agrees(q: Params, t: DenoisingTarget) -> None:
    mean, variance = oracles.diffusion.constant_rate(1 / q.a**2, q.x0)
    assert oracles.agreement.agrees(t.target, oracles.diffusion.log_density_gradient(mean, variance, t.noisy))
    assert oracles.agreement.agrees(t.sigma, variance**0.5)
    assert oracles.agreement.agrees(t.a, (1 - variance) ** 0.5)
