"""Latent-variable models: Gaussian KL divergences, the ELBO of a discrete model, the reparameterised sample.

Natural logarithms throughout (nats). N(mu, v) is written with its variance v. KL(q || p) averages ln(q/p) under q.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from solvers.exact import Rational, Real, precise, precise_exp, precise_ln, rounded

Pair = tuple[Fraction, Fraction]
Vector = tuple[Fraction, ...]


@lru_cache(maxsize=1024)
def _ln_of_integer(n: int) -> Decimal:
    """ln of one of the few integers that the fractions of small tables are made of, to 50 digits."""
    return precise_ln(n)


def _ln(x: Fraction) -> Decimal:
    """ln of a fraction, to 27 decimals."""
    return _ln_of_integer(x.numerator) - _ln_of_integer(x.denominator)


@lru_cache(maxsize=256)
def _exp(x: Decimal) -> Decimal:
    """e**x for one of the few log variances that are asked, to 50 digits."""
    return precise_exp(x)


@dataclass(frozen=True, slots=True)
class GaussianKL:
    """KL(N(m1, v1) || N(m2, v2)) = 1/2 (ln(v2/v1) + (v1 + (m1 - m2)^2)/v2 - 1)."""

    distance: Rational  # m1 - m2
    ratio: Fraction  # v2 / v1
    quadratic: Fraction  # (v1 + distance^2) / v2
    kl: Decimal


def gaussian_kl(
    m1: Rational,
    v1: Rational,
    m2: Rational,
    v2: Rational,
    combine: Callable[[Decimal, Decimal], Decimal] = lambda logarithm, quadratic: (logarithm + quadratic - 1) / 2,
    digits: int = 3,
) -> GaussianKL:
    """KL divergence of two univariate Gaussians with means m and variances v; ``combine`` is the closed form.

    Source: Kullback 1959, Information Theory and Statistics, chapter 9, for one dimension.
    """
    distance = m1 - m2
    ratio = Fraction(v2) / v1
    quadratic = Fraction(v1 + distance * distance) / v2
    return GaussianKL(distance, ratio, quadratic, rounded(combine(_ln(ratio), precise(quadratic)), digits))


@dataclass(frozen=True, slots=True)
class PriorKL:
    """KL(N(mu, diag(exp(logvar))) || N(0, I)) = 1/2 sum_j (mu_j^2 + exp(logvar_j) - 1 - logvar_j)."""

    variances: tuple[Decimal, ...]
    terms: tuple[Decimal, ...]  # the bracket of every dimension
    kl: Decimal


def prior_kl(
    means: Sequence[Decimal],
    log_variances: Sequence[Decimal],
    bracket: Callable[[Decimal, Decimal, Decimal], Decimal] = lambda mean, variance, log: mean**2 + variance - 1 - log,
    digits: int = 3,
) -> PriorKL:
    """The regulariser of a VAE: KL from a diagonal Gaussian to the standard normal, half the sum of the brackets.

    Source: Kingma & Welling 2014, arXiv:1312.6114, appendix B. Steps are kept to one digit more than the result.
    """
    variances = tuple(map(_exp, log_variances))
    terms = tuple(map(bracket, means, variances, log_variances))
    return PriorKL(
        tuple(rounded(variance, digits + 1) for variance in variances),
        tuple(rounded(term, digits + 1) for term in terms),
        rounded(sum(terms, Decimal(0)) / 2, digits),
    )


def reproducible(found: PriorKL) -> bool:
    """Whether half the sum of the rounded terms rounds to the same divergence."""
    return rounded(sum(found.terms, Decimal(0)) / 2, -int(found.kl.as_tuple().exponent)) == found.kl


@dataclass(frozen=True, slots=True)
class DiscreteELBO:
    """Evidence, posterior and bound of a model with two latent states, for one observed x."""

    joint: Pair  # p(x, z) for z = 0, 1
    evidence: Fraction  # p(x)
    posterior: Fraction  # p(z = 1 | x)
    ratios: Pair  # p(x, z) / q(z | x)
    elbo: Decimal
    log_evidence: Decimal
    gap: Decimal  # KL(q(z | x) || p(z | x)) = log_evidence - elbo


@lru_cache(maxsize=4)  # most wrong procedures of an item ask for its right values
def discrete_elbo(prior: Fraction, likelihood: Pair, q: Fraction, digits: int = 3) -> DiscreteELBO:
    """ELBO of a latent variable z in {0, 1}.

    ``prior`` = p(z = 1), ``likelihood`` = p(x | z) for z = 0, 1, ``q`` = q(z = 1 | x).
    ELBO = sum_z q(z|x) ln(p(x, z)/q(z|x)); Kingma & Welling 2014, arXiv:1312.6114, equations 1-3.
    """
    joint = ((1 - prior) * likelihood[0], prior * likelihood[1])
    evidence = joint[0] + joint[1]
    ratios = (joint[0] / (1 - q), joint[1] / q)
    elbo = precise(1 - q) * _ln(ratios[0]) + precise(q) * _ln(ratios[1])
    log_evidence = _ln(evidence)
    return DiscreteELBO(
        joint,
        evidence,
        joint[1] / evidence,
        ratios,
        rounded(elbo, digits),
        rounded(log_evidence, digits),
        rounded(log_evidence - elbo, digits),
    )


def expected_log(q: Fraction, values: Pair, digits: int = 3) -> Decimal:
    """E_q[ln value(z)] for z in {0, 1}, where ``q`` is the probability of z = 1."""
    return rounded(precise(1 - q) * _ln(values[0]) + precise(q) * _ln(values[1]), digits)


@lru_cache(maxsize=4)  # several wrong procedures of an item take the divergence from the prior
def bernoulli_kl(q: Fraction, p: Fraction, digits: int = 3) -> Decimal:
    """KL of two distributions on {0, 1} that give 1 the probabilities ``q`` and ``p``."""
    return expected_log(q, ((1 - q) / (1 - p), q / p), digits)


def in_bits(nats: Real, digits: int = 3) -> Decimal:
    """The same amount of information with logarithms to base 2."""
    return rounded(precise(nats) / _ln(Fraction(2)), digits)


@dataclass(frozen=True, slots=True)
class ReparameterisedSample:
    """z = mu + sigma * epsilon, entry by entry, with sigma = exp(logvar / 2)."""

    scales: Vector  # sigma
    sample: Vector  # z


def reparameterised_sample(
    means: Sequence[Rational], scales: Sequence[Rational], noise: Sequence[Rational]
) -> ReparameterisedSample:
    """A sample of N(mu, diag(sigma^2)) from standard normal ``noise``; ``scales`` are the standard deviations sigma.

    Source: Kingma & Welling 2014, arXiv:1312.6114, section 2.4.
    """
    sample = tuple(Fraction(m + s * e) for m, s, e in zip(means, scales, noise, strict=True))
    return ReparameterisedSample(tuple(map(Fraction, scales)), sample)
