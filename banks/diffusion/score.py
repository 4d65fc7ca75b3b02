"""Score of the Gaussian kernel p(x_t | x_0) of a variance-preserving SDE at a point, exactly.

Source: Song et al. 2021, arXiv:2011.13456, equation 29: p(x_t | x_0) = N(exp(-B/2) x_0, (1 - exp(-B)) I), where B is
the integral of beta from 0 to t. B is the logarithm of a square, so that exp(-B/2) is rational.
"""

from fractions import Fraction

from quizgen.family import Family, Parameters, answer, choice, vectors
from solvers import diffusion, exact, oracles
from solvers.diffusion import KernelScore, Vector

family = Family(level=3, version=1, minutes=5, answers={"score": answer.Vector("score")})


@family.parameters
class Params(Parameters):
    a: Fraction = choice(*diffusion.COEFFICIENTS[:4])  # exp(-B/2)
    x0: tuple[int, ...] = vectors(2, -3, 3)
    x: tuple[int, ...] = vectors(2, -3, 3)

    def valid(self) -> bool:
        """No entry of x_0 or x_t is 0."""
        return all(self.x0) and all(self.x)


@family.solve
def solve(q: Params) -> KernelScore:
    return diffusion.kernel_score(q.a, q.x0, q.x)


@family.misconception
def turns_the_sign(q: Params) -> Vector:
    return tuple(-entry for entry in solve(q).score)


@family.misconception
def divides_by_the_deviation(q: Params) -> Vector:
    sigma = exact.exact_sqrt(solve(q).variance)
    return tuple(-entry / sigma for entry in solve(q).residual)


@family.misconception
def does_not_divide(q: Params) -> Vector:
    return tuple(-entry for entry in solve(q).residual)


@family.misconception
def does_not_shrink_the_data(q: Params) -> Vector:
    return tuple((start - x) / solve(q).variance for start, x in zip(q.x0, q.x, strict=True))


@family.misconception
def shrinks_by_the_whole_exponent(q: Params) -> Vector:
    return tuple((q.a**2 * start - x) / solve(q).variance for start, x in zip(q.x0, q.x, strict=True))


@family.misconception
def forgets_the_mean(q: Params) -> Vector:
    return tuple(-x / solve(q).variance for x in q.x)


@family.misconception
def divides_by_what_is_kept(q: Params) -> Vector:
    return tuple(-entry / q.a**2 for entry in solve(q).residual)


@family.law
def autograd_agrees(q: Params, t: KernelScore) -> None:
    mean, variance = oracles.diffusion.constant_rate(1 / q.a**2, q.x0)
    assert oracles.agreement.agrees(t.centre, mean)
    assert oracles.agreement.agrees(t.variance, variance)
    assert oracles.agreement.agrees(t.score, oracles.diffusion.log_density_gradient(mean, variance, q.x))


@family.law
def residual_leads_back(q: Params, t: KernelScore) -> None:
    assert all(m + r == x for m, r, x in zip(t.centre, t.residual, q.x, strict=True))
