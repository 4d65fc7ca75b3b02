"""KL divergence between two univariate Gaussians in closed form.

Source: Kullback 1959, Information Theory and Statistics, chapter 9. N(mu, sigma^2) is written with its variance;
KL(q || p) averages ln(q/p) under q; natural logarithm.
"""

from decimal import Decimal

from quizgen.family import Family, Parameters, answer, ints
from solvers import latent, oracles
from solvers.latent import GaussianKL

family = Family(level=3, version=1, minutes=4, calculator=True, answers={"kl": answer.Number("kl", digits=3)})


@family.parameters
class Params(Parameters):
    mean_q: int = ints(-4, 4)
    variance_q: int = ints(1, 9)
    mean_p: int = ints(-4, 4)
    variance_p: int = ints(1, 9)

    def valid(self) -> bool:
        """The means differ by 1 to 4, and the variances differ."""
        return 1 <= abs(self.mean_q - self.mean_p) <= 4 and self.variance_q != self.variance_p


@family.solve
def solve(q: Params) -> GaussianKL:
    return latent.gaussian_kl(q.mean_q, q.variance_q, q.mean_p, q.variance_p)


@family.misconception
def swaps_the_arguments(q: Params) -> Decimal:
    return latent.gaussian_kl(q.mean_p, q.variance_p, q.mean_q, q.variance_q).kl


@family.misconception
def forgets_the_half(q: Params) -> Decimal:
    return latent.gaussian_kl(
        q.mean_q, q.variance_q, q.mean_p, q.variance_p, lambda logarithm, quadratic: logarithm + quadratic - 1
    ).kl


@family.misconception
def takes_variances_for_deviations(q: Params) -> Decimal:
    return latent.gaussian_kl(q.mean_q, q.variance_q**2, q.mean_p, q.variance_p**2).kl


@family.misconception
def does_not_halve_the_logarithm(q: Params) -> Decimal:
    return latent.gaussian_kl(
        q.mean_q, q.variance_q, q.mean_p, q.variance_p, lambda logarithm, quadratic: logarithm + (quadratic - 1) / 2
    ).kl


@family.misconception
def inverts_the_logarithm(q: Params) -> Decimal:
    return latent.gaussian_kl(
        q.mean_q, q.variance_q, q.mean_p, q.variance_p, lambda logarithm, quadratic: (quadratic - 1 - logarithm) / 2
    ).kl


@family.misconception
def drops_the_constant(q: Params) -> Decimal:
    return latent.gaussian_kl(
        q.mean_q, q.variance_q, q.mean_p, q.variance_p, lambda logarithm, quadratic: (logarithm + quadratic) / 2
    ).kl


@family.misconception
def ignores_the_means(q: Params) -> Decimal:
    return latent.gaussian_kl(0, q.variance_q, 0, q.variance_p).kl


@family.law
def torch_agrees(q: Params, t: GaussianKL) -> None:
    kl = oracles.latent.gaussian_kl([q.mean_q], [q.variance_q], [q.mean_p], [q.variance_p])
    assert oracles.agreement.agrees(t.kl, kl)


@family.law
def quadrature_agrees(q: Params, t: GaussianKL) -> None:
    given = (q.mean_q, q.variance_q, q.mean_p, q.variance_p)
    assert oracles.agreement.agrees(t.kl, oracles.latent.gaussian_kl_by_quadrature(*given))
    assert oracles.agreement.agrees(t.quadratic, oracles.latent.mean_square_distance(*given))


@family.law
def steps_lead_back(q: Params, t: GaussianKL) -> None:
    assert t.ratio * q.variance_q == q.variance_p
    assert q.mean_p + t.distance == q.mean_q
