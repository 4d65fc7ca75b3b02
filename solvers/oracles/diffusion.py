"""Diffusion by other means: composed steps, moment equations, conditioned Gaussians, autograd of log densities."""

import math
from collections.abc import Sequence
from typing import SupportsFloat

import numpy as np
import torch
from torch.distributions import Normal

Numbers = Sequence[SupportsFloat]


def _tensor(values: Numbers) -> torch.Tensor:
    return torch.tensor([float(value) for value in values], dtype=torch.float64)


def composed_steps(betas: Numbers, t: int, x0: SupportsFloat) -> tuple[float, float]:
    """Mean and variance of x_t given x_0, moved through x_s = sqrt(1 - beta_s) x_{s-1} + sqrt(beta_s) epsilon."""
    mean, variance = float(x0), 0.0
    for beta in map(float, betas[:t]):
        mean, variance = (1 - beta) ** 0.5 * mean, (1 - beta) * variance + beta
    return mean, variance


def kept_fractions(betas: Numbers) -> list[float]:
    """alphabar_1 ... alphabar_T as diffusion libraries tabulate them."""
    result: list[float] = (1 - _tensor(betas)).cumprod(0).tolist()
    return result


def conditioned(betas: Numbers, t: int, x0: SupportsFloat, xt: SupportsFloat) -> tuple[float, float]:
    """Mean and variance of x_{t-1} given x_t and x_0, conditioning the joint Gaussian of x_1 ... x_t given x_0.

    The chain is A x = b x_0 + D epsilon with A bidiagonal; x_{t-1} is regressed on x_t.
    """
    beta = np.array([float(b) for b in betas[:t]])
    chain = np.eye(t) - np.diag(np.sqrt(1 - beta[1:]), -1)
    start = np.zeros(t)
    start[0] = np.sqrt(1 - beta[0]) * float(x0)
    inverse = np.linalg.inv(chain)
    mean, covariance = inverse @ start, inverse @ np.diag(beta) @ inverse.T
    slope = covariance[t - 2, t - 1] / covariance[t - 1, t - 1]
    return (
        float(mean[t - 2] + slope * (float(xt) - mean[t - 1])),
        float(covariance[t - 2, t - 2] - slope * covariance[t - 1, t - 2]),
    )


def moment_equations(
    beta_min: SupportsFloat, beta_max: SupportsFloat, t: SupportsFloat, x0: SupportsFloat, terms: int = 80
) -> tuple[float, float]:
    """Mean and variance at time t of a VP-SDE whose rate grows linearly from time 0 to time 1.

    Power series in t that solve dm = -rate m/2 and dv = rate (1 - v) with rate = low + s (high - low): no exponential.
    """
    low, high, time = float(beta_min), float(beta_max), float(t)

    def solved(start: float, factor: float) -> float:
        """y(t) for dy = factor rate y: (k + 1) c_{k+1} = factor (low c_k + (high - low) c_{k-1})."""
        before, last, power, total = 0.0, start, 1.0, start
        for k in range(terms):
            before, last = last, factor * (low * last + (high - low) * before) / (k + 1)
            power *= time
            total += last * power
        return total

    return solved(float(x0), -0.5), 1 - solved(1.0, -1.0)


def accumulated_noise(beta_min: SupportsFloat, beta_max: SupportsFloat, t: SupportsFloat) -> float:
    """Integral from 0 to t of the rate that grows linearly from time 0 to time 1, by Gauss-Legendre quadrature."""
    nodes, weights = np.polynomial.legendre.leggauss(2)
    times = (nodes + 1) * float(t) / 2
    return float(weights @ np.interp(times, [0, 1], [float(beta_min), float(beta_max)])) * float(t) / 2


def constant_rate(ratio: SupportsFloat, x0: Numbers) -> tuple[list[float], float]:
    """Mean and variance of p(x_t | x_0) after a VP-SDE has accumulated the noise ln(ratio) at a constant rate."""
    rate = math.log(float(ratio))
    means = [moment_equations(rate, rate, 1, x)[0] for x in x0]
    return means, moment_equations(rate, rate, 1, 1)[1]


def log_density_gradient(means: Numbers, variance: SupportsFloat, x: Numbers) -> list[float]:
    """Gradient in x of ln N(x; means, variance I), by autograd on torch's density."""
    point = _tensor(x).requires_grad_()
    kernel = Normal(_tensor(means), float(variance) ** 0.5)
    density = kernel.log_prob(point).sum()  # type: ignore[no-untyped-call]  # torch has no types here
    (gradient,) = torch.autograd.grad(density, point)
    result: list[float] = gradient.tolist()
    return result


def noised(x0: Numbers, alpha_bar: SupportsFloat, noise: Numbers) -> list[float]:
    """x_t as diffusion libraries compute it from alphabar_t."""
    kept = torch.tensor(float(alpha_bar), dtype=torch.float64)
    result: list[float] = torch.addcmul(kept.sqrt() * _tensor(x0), (1 - kept).sqrt(), _tensor(noise)).tolist()
    return result
