"""The reparameterised sample of a VAE from mean, log variance and noise, exactly.

Source: Kingma & Welling 2014, arXiv:1312.6114, section 2.4: z = mu + sigma * epsilon entry by entry. The log variance
is ln sigma^2.
"""

from fractions import Fraction

from quizgen.family import Family, Parameters, answer, fractions, ints
from solvers import latent, oracles
from solvers.latent import ReparameterisedSample, Vector

family = Family(level=2, version=1, minutes=3, answers={"sample": answer.Vector("sample")})


@family.parameters
class Params(Parameters):
    mu1: int = ints(-4, 4)
    mu2: int = ints(-4, 4)
    sigma1: Fraction = fractions("1/3", 3, denominators=(1, 2, 3))  # standard deviation; ln sigma^2 is printed
    sigma2: Fraction = fractions("1/3", 3, denominators=(1, 2, 3))
    epsilon1: Fraction = fractions(-2, 2, denominators=(1, 2))
    epsilon2: Fraction = fractions(-2, 2, denominators=(1, 2))

    def valid(self) -> bool:
        """Means and noise are not 0, the standard deviations are neither 1 nor equal."""
        return bool(self.mu1 and self.mu2 and self.epsilon1 and self.epsilon2) and (
            self.sigma1 != 1 != self.sigma2 != self.sigma1
        )


def sample(q: Params, scales: Vector, means: Vector | None = None) -> Vector:
    """z for some other scales and means."""
    means = (Fraction(q.mu1), Fraction(q.mu2)) if means is None else means
    return latent.reparameterised_sample(means, scales, (q.epsilon1, q.epsilon2)).sample


@family.solve
def solve(q: Params) -> ReparameterisedSample:
    return latent.reparameterised_sample((q.mu1, q.mu2), (q.sigma1, q.sigma2), (q.epsilon1, q.epsilon2))


@family.misconception
def scales_by_the_variance(q: Params) -> Vector:
    return sample(q, (q.sigma1**2, q.sigma2**2))


@family.misconception
def halves_after_the_exponential(q: Params) -> Vector:
    return sample(q, (q.sigma1**2 / 2, q.sigma2**2 / 2))


@family.misconception
def does_not_scale_the_noise(q: Params) -> Vector:
    return sample(q, (Fraction(1), Fraction(1)))


@family.misconception
def scales_the_mean_too(q: Params) -> Vector:
    return sample(q, (q.sigma1, q.sigma2), (q.sigma1 * q.mu1, q.sigma2 * q.mu2))


@family.misconception
def leaves_out_the_noise(q: Params) -> Vector:
    return sample(q, (Fraction(0), Fraction(0)))


@family.law
def autograd_agrees(q: Params, t: ReparameterisedSample) -> None:
    log_variances = oracles.latent.logs((q.sigma1**2, q.sigma2**2))
    sample, scales = oracles.latent.sample_by_code((q.mu1, q.mu2), log_variances, (q.epsilon1, q.epsilon2))
    assert oracles.agreement.agrees(t.sample, sample)
    assert oracles.agreement.agrees(t.scales, scales)


@family.law
def quantiles_agree(q: Params, t: ReparameterisedSample) -> None:
    moved = oracles.latent.sample_by_quantiles((q.mu1, q.mu2), (q.sigma1, q.sigma2), (q.epsilon1, q.epsilon2))
    assert oracles.agreement.agrees(t.sample, moved)
