"""The regulariser of a VAE: KL from the encoder's diagonal Gaussian to N(0, I), given its mean and log variance.

Source: Kingma & Welling 2014, arXiv:1312.6114, appendix B. The log variance is ln sigma^2; the KL is summed over
dimensions; natural logarithm.
"""

from decimal import Decimal

from quizgen.family import Family, Parameters, answer, decimals
from solvers import latent, oracles
from solvers.latent import PriorKL

family = Family(level=3, version=1, minutes=5, calculator=True, answers={"kl": answer.Number("kl", digits=3)})


@family.parameters
class Params(Parameters):
    mu1: Decimal = decimals("-2.0", "2.0", step="0.5")
    mu2: Decimal = decimals("-2.0", "2.0", step="0.5")
    logvar1: Decimal = decimals("-1.5", "1.5", step="0.1")
    logvar2: Decimal = decimals("-1.5", "1.5", step="0.1")

    def valid(self) -> bool:
        """No mean is 0, no log variance is 0 and they do not add up to 0.

        The terms as printed in the solution lead to the same rounded divergence as the unrounded ones.
        """
        if not (self.mu1 and self.mu2 and self.logvar1 and self.logvar2 and self.logvar1 + self.logvar2):
            return False
        return latent.reproducible(solve(self))


@family.solve
def solve(q: Params) -> PriorKL:
    return latent.prior_kl((q.mu1, q.mu2), (q.logvar1, q.logvar2))


@family.misconception
def forgets_the_half(q: Params) -> Decimal:
    return latent.prior_kl(
        (q.mu1, q.mu2), (q.logvar1, q.logvar2), lambda mean, variance, log: 2 * (mean**2 + variance - 1 - log)
    ).kl


@family.misconception
def averages_over_dimensions(q: Params) -> Decimal:
    return latent.prior_kl(
        (q.mu1, q.mu2), (q.logvar1, q.logvar2), lambda mean, variance, log: (mean**2 + variance - 1 - log) / 2
    ).kl


@family.misconception
def takes_log_variance_for_log_deviation(q: Params) -> Decimal:
    return latent.prior_kl((q.mu1, q.mu2), (2 * q.logvar1, 2 * q.logvar2)).kl


@family.misconception
def takes_the_deviation_for_the_variance(q: Params) -> Decimal:
    return latent.prior_kl(
        (q.mu1, q.mu2), (q.logvar1, q.logvar2), lambda mean, variance, log: mean**2 + variance.sqrt() - 1 - log
    ).kl


@family.misconception
def halves_the_logarithm_twice(q: Params) -> Decimal:
    return latent.prior_kl(
        (q.mu1, q.mu2), (q.logvar1, q.logvar2), lambda mean, variance, log: mean**2 + variance - 1 - log / 2
    ).kl


@family.misconception
def adds_the_logarithm(q: Params) -> Decimal:
    return latent.prior_kl(
        (q.mu1, q.mu2), (q.logvar1, q.logvar2), lambda mean, variance, log: mean**2 + variance - 1 + log
    ).kl


@family.misconception
def swaps_the_arguments(q: Params) -> Decimal:
    return latent.prior_kl(
        (q.mu1, q.mu2), (q.logvar1, q.logvar2), lambda mean, variance, log: (1 + mean**2) / variance - 1 + log
    ).kl


@family.law
def torch_agrees(q: Params, t: PriorKL) -> None:
    by_dimension = oracles.latent.kl_to_prior((q.mu1, q.mu2), (q.logvar1, q.logvar2))
    assert oracles.agreement.agrees(t.kl, sum(by_dimension))
    assert oracles.agreement.agrees(t.terms, [2 * kl for kl in by_dimension])
    assert oracles.agreement.agrees(t.variances, oracles.latent.variances((q.logvar1, q.logvar2)))
