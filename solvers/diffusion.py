"""Diffusion models: marginals and posterior of DDPM, the VP-SDE, scores and denoising score matching.

Steps count from t = 1; alpha_t = 1 - beta_t, alphabar_t = alpha_1 ... alpha_t, alphabar_0 = 1. N(m, v) is written
with its variance v. Sources: Ho, Jain & Abbeel 2020, arXiv:2006.11239 (DDPM); Song et al. 2021, arXiv:2011.13456 (SDE).
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from math import prod

from solvers.exact import Rational, exact_sqrt, precise_exp, rounded

_remembered = lru_cache(maxsize=8)  # the wrong procedures of one item ask for its trace again and again

Betas = tuple[Fraction, ...]
Vector = tuple[Fraction, ...]

_TRIPLES = ((3, 4, 5), (5, 12, 13), (8, 15, 17), (7, 24, 25))

COEFFICIENTS = tuple(Fraction(leg, c) for a, b, c in _TRIPLES for leg in (a, b))
"""Rational numbers a between 0 and 1 for which sqrt(1 - a^2) is rational too."""

_ROOTS = tuple(
    Fraction(n, d) for n, d in ((9, 10), (5, 6), (4, 5), (3, 4), (2, 3), (3, 5), (1, 2), (2, 5), (1, 3), (1, 4))
)


def schedules(steps: int) -> tuple[Betas, ...]:
    """Noise schedules beta_1 < ... < beta_T where every sqrt(1 - beta_t) is a simple fraction."""
    return tuple(tuple(1 - root * root for root in chosen) for chosen in combinations(_ROOTS, steps))


def marginal_schedules(steps: int, largest: int) -> tuple[Betas, ...]:
    """The schedules of which no alphabar_t has a denominator above ``largest``."""

    def pleasant(betas: Betas) -> bool:
        return max(alpha_bar(betas, t).denominator for t in range(1, steps + 1)) <= largest

    return tuple(filter(pleasant, schedules(steps)))


def posterior_schedules(steps: int, largest: int) -> tuple[Betas, ...]:
    """The schedules whose posterior at their last step has unequal weights and no denominator above ``largest``."""

    def pleasant(betas: Betas) -> bool:
        found = ddpm_posterior(betas, steps, 0, 0)
        denominators = {x.denominator for x in (found.weight_x0, found.weight_xt, found.variance)}
        return found.weight_x0 != found.weight_xt and max(denominators) <= largest

    return tuple(filter(pleasant, schedules(steps)))


def alpha_bar(betas: Betas, t: int) -> Fraction:
    """alphabar_t, the product of 1 - beta_s for s = 1 ... t; 1 for t = 0."""
    return prod((1 - beta for beta in betas[:t]), start=Fraction(1))


@dataclass(frozen=True, slots=True)
class DDPMMarginal:
    """q(x_t | x_0) = N(sqrt(alphabar_t) x_0, 1 - alphabar_t)."""

    alphas: tuple[Fraction, ...]  # alpha_1 ... alpha_t
    alpha_bar: Fraction
    coefficient: Fraction  # sqrt(alphabar_t)
    mean: Fraction
    variance: Fraction


@_remembered
def ddpm_marginal(betas: Betas, t: int, x0: Rational) -> DDPMMarginal:
    """Distribution of x_t given a scalar x_0. Source: Ho et al. 2020, equation 4."""
    kept = alpha_bar(betas, t)
    coefficient = exact_sqrt(kept)
    return DDPMMarginal(tuple(1 - beta for beta in betas[:t]), kept, coefficient, coefficient * x0, 1 - kept)


@dataclass(frozen=True, slots=True)
class DDPMPosterior:
    """q(x_{t-1} | x_t, x_0) = N(weight_x0 x_0 + weight_xt x_t, variance)."""

    alpha: Fraction  # alpha_t
    before: Fraction  # alphabar_{t-1}
    alpha_bar: Fraction  # alphabar_t
    weight_x0: Fraction
    weight_xt: Fraction
    mean: Fraction
    variance: Fraction


@_remembered
def ddpm_posterior(betas: Betas, t: int, x0: Rational, xt: Rational) -> DDPMPosterior:
    """Distribution of x_{t-1} given scalars x_t and x_0. Source: Ho et al. 2020, equations 6 and 7."""
    beta = betas[t - 1]
    alpha, before = 1 - beta, alpha_bar(betas, t - 1)
    kept = before * alpha
    weight_x0 = exact_sqrt(before) * beta / (1 - kept)
    weight_xt = exact_sqrt(alpha) * (1 - before) / (1 - kept)
    mean = weight_x0 * x0 + weight_xt * xt
    return DDPMPosterior(alpha, before, kept, weight_x0, weight_xt, mean, (1 - before) / (1 - kept) * beta)


@dataclass(frozen=True, slots=True)
class VPMarginal:
    """p(x_t | x_0) = N(exp(-B/2) x_0, 1 - exp(-B)), where B is the integral of beta from 0 to t."""

    integral: Decimal  # B, exact
    mean: Decimal
    variance: Decimal


@_remembered
def vp_marginal(integral: Decimal, x0: int, digits: int = 3) -> VPMarginal:
    """Transition kernel of dx = -beta(t)/2 x dt + sqrt(beta(t)) dW for a scalar x_0.

    Source: Song et al. 2021, equation 29 (appendix B).
    """
    shrink = precise_exp(-integral / 2)
    return VPMarginal(
        integral,
        rounded(shrink * x0, digits),
        rounded(1 - shrink * shrink, digits),
    )


def linear_integral(beta_min: Decimal, beta_max: Decimal | int, t: Decimal) -> Decimal:
    """Integral from 0 to t of beta(s) = beta_min + s (beta_max - beta_min), without trailing zeros.

    Source: Song et al. 2021, appendix C (t runs from 0 to 1).
    """
    return tidy(beta_min * t + (beta_max - beta_min) * t * t / 2)


def tidy(x: Decimal) -> Decimal:
    """``x`` without trailing zeros after the point and without an exponent."""
    short = x.normalize()
    return short.quantize(Decimal(1)) if short.adjusted() >= 0 and short == short.to_integral_value() else short


@dataclass(frozen=True, slots=True)
class KernelScore:
    """Gradient in x of ln N(x; a x_0, variance I) with variance = 1 - a^2: -(x - a x_0) / variance."""

    centre: Vector  # a x_0
    variance: Fraction
    residual: Vector  # x - a x_0
    score: Vector


@_remembered
def kernel_score(a: Fraction, x0: tuple[Rational, ...], x: tuple[Rational, ...]) -> KernelScore:
    """Score of a variance preserving kernel at the point ``x``. Source: Song et al. 2021, section 3.3."""
    variance = 1 - a * a
    centre = tuple(a * start for start in x0)
    residual = tuple(point - middle for point, middle in zip(x, centre, strict=True))
    return KernelScore(centre, variance, residual, tuple(-difference / variance for difference in residual))


@dataclass(frozen=True, slots=True)
class DenoisingTarget:
    """x_t = a x_0 + sigma epsilon and the gradient of ln N(x_t; a x_0, sigma^2 I) there, which is -epsilon / sigma."""

    a: Fraction  # sqrt(alphabar_t)
    sigma: Fraction  # sqrt(1 - alphabar_t)
    noisy: Vector  # x_t
    target: Vector


@_remembered
def denoising_target(alpha_bar: Fraction, x0: tuple[Rational, ...], noise: tuple[Rational, ...]) -> DenoisingTarget:
    """Noisy sample and regression target of denoising score matching. Source: Vincent 2011, section 4.2."""
    a, sigma = exact_sqrt(alpha_bar), exact_sqrt(1 - alpha_bar)
    noisy = tuple(a * start + sigma * e for start, e in zip(x0, noise, strict=True))
    return DenoisingTarget(a, sigma, noisy, tuple(-e / sigma for e in noise))
