"""Latent-variable models by torch's distributions, Gauss-Hermite quadrature and quantiles, in float64."""

from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import SupportsFloat

import numpy as np
import torch
from torch.distributions import Categorical, Distribution, Independent, Normal, kl_divergence

Numbers = Sequence[SupportsFloat]


def _tensor(values: Numbers) -> torch.Tensor:
    return torch.tensor([float(value) for value in values], dtype=torch.float64)


def _normal(means: Numbers, variances: torch.Tensor) -> Distribution:
    return Independent(Normal(_tensor(means), variances.sqrt()), 1)


def gaussian_kl(m1: Numbers, v1: Numbers, m2: Numbers, v2: Numbers) -> float:
    """KL(N(m1, diag v1) || N(m2, diag v2)) by torch."""
    return float(kl_divergence(_normal(m1, _tensor(v1)), _normal(m2, _tensor(v2))))


@lru_cache(maxsize=1)
def _hermite() -> tuple[np.ndarray, np.ndarray]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(4)
    return nodes, weights / weights.sum()


def gaussian_kl_by_quadrature(m1: SupportsFloat, v1: SupportsFloat, m2: SupportsFloat, v2: SupportsFloat) -> float:
    """E[ln q(x) - ln p(x)] under q = N(m1, v1) with p = N(m2, v2), averaged over Gauss-Hermite nodes."""
    q, p = (NormalDist(float(m), float(v) ** 0.5) for m, v in ((m1, v1), (m2, v2)))
    nodes, weights = _hermite()
    points = q.mean + q.stdev * nodes
    return float(weights @ [np.log(q.pdf(x) / p.pdf(x)) for x in points])


def mean_square_distance(m1: SupportsFloat, v1: SupportsFloat, m2: SupportsFloat, v2: SupportsFloat) -> float:
    """E[(x - m2)^2 / v2] under N(m1, v1), by Gauss-Hermite quadrature."""
    nodes, weights = _hermite()
    return float(weights @ (float(m1) - float(m2) + float(v1) ** 0.5 * nodes) ** 2) / float(v2)


def variances(log_variances: Numbers) -> list[float]:
    """Variances of the normal distributions that torch builds from log variances."""
    result: list[float] = Normal(0.0, (_tensor(log_variances) / 2).exp()).variance.tolist()
    return result


def kl_to_prior(means: Numbers, log_variances: Numbers) -> list[float]:
    """KL(N(mu_j, exp(logvar_j)) || N(0, 1)) for every dimension, by torch."""
    q = Normal(_tensor(means), (_tensor(log_variances) / 2).exp())
    prior = Normal(torch.zeros_like(q.loc), torch.ones_like(q.loc))
    result: list[float] = kl_divergence(q, prior).tolist()
    return result


class TwoStates:
    """The model p(z) p(x|z), z in {0, 1}, for one observed x, and an approximate posterior, as torch categoricals."""

    def __init__(self, prior: SupportsFloat, likelihood: Numbers, q: SupportsFloat) -> None:
        z = torch.arange(2)
        self.prior = Categorical(_tensor([1 - float(prior), float(prior)]))
        self.q = Categorical(_tensor([1 - float(q), float(q)]))
        self.log_likelihood = _tensor(likelihood).log()
        log_prior = self.prior.log_prob(z)  # type: ignore[no-untyped-call]  # torch has no types here
        self.log_joint = log_prior + self.log_likelihood
        self.posterior = Categorical(logits=self.log_joint)

    def joint(self) -> list[float]:
        """p(x, z) for z = 0, 1."""
        result: list[float] = self.log_joint.exp().tolist()
        return result

    def log_evidence(self) -> float:
        """ln p(x)."""
        return float(self.log_joint.logsumexp(0))

    def weights(self) -> list[float]:
        """The importance weights p(x, z) / q(z|x) for z = 0, 1."""
        result: list[float] = (self.log_joint - self.q.logits).exp().tolist()
        return result

    def elbo(self) -> float:
        """E_q[ln p(x|z)] - KL(q || p(z))."""
        return float(self.q.probs @ self.log_likelihood - kl_divergence(self.q, self.prior))

    def gap(self) -> float:
        """KL(q || p(z|x))."""
        return float(kl_divergence(self.q, self.posterior))


def sample_by_quantiles(means: Numbers, scales: Numbers, noise: Numbers) -> list[float]:
    """The points whose quantiles under N(mu, sigma^2) are those of ``noise`` under N(0, 1)."""
    standard = NormalDist()
    return [
        NormalDist(float(mean), float(scale)).inv_cdf(standard.cdf(float(e)))
        for mean, scale, e in zip(means, scales, noise, strict=True)
    ]


def sample_by_code(means: Numbers, log_variances: Numbers, noise: Numbers) -> tuple[list[float], list[float]]:
    """z as a VAE's code computes it from the log variances, and dz/d(epsilon) by autograd, which is the scale."""
    epsilon = _tensor(noise).requires_grad_()
    z = torch.addcmul(_tensor(means), (_tensor(log_variances) / 2).exp(), epsilon)
    (scales,) = torch.autograd.grad(z.sum(), epsilon)
    return z.tolist(), scales.tolist()


def logs(values: Numbers) -> list[float]:
    """Natural logarithms."""
    result: list[float] = _tensor(values).log().tolist()
    return result
