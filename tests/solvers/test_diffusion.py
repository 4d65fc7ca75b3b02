"""Diffusion: closed forms against composed steps and published properties; the families' laws do the rest."""

from decimal import Decimal
from fractions import Fraction

import pytest

from solvers import diffusion, oracles

BETAS = (Fraction(19, 100), Fraction(36, 100), Fraction(51, 100), Fraction(64, 100))


def test_schedules_increase_and_have_rational_roots() -> None:
    for betas in diffusion.schedules(3):
        assert betas == tuple(sorted(set(betas)))
        diffusion.ddpm_marginal(betas, 3, 1)


def test_marginal_by_hand() -> None:
    """sqrt(alphabar_2) = 9/10 * 4/5 = 18/25."""
    found = diffusion.ddpm_marginal(BETAS, 2, 5)
    assert (found.mean, found.variance) == (Fraction(18, 5), 1 - Fraction(18, 25) ** 2)


@pytest.mark.parametrize("t", [1, 2, 3, 4])
def test_marginal_is_the_composition_of_the_steps(t: int) -> None:
    found = diffusion.ddpm_marginal(BETAS, t, -7)
    assert oracles.agreement.agrees((found.mean, found.variance), oracles.diffusion.composed_steps(BETAS, t, -7))


@pytest.mark.parametrize("t", [2, 3, 4])
def test_posterior_is_the_conditioned_joint_gaussian(t: int) -> None:
    found = diffusion.ddpm_posterior(BETAS, t, 3, -2)
    assert oracles.agreement.agrees((found.mean, found.variance), oracles.diffusion.conditioned(BETAS, t, 3, -2))


def test_posterior_of_the_first_step_is_x0() -> None:
    found = diffusion.ddpm_posterior(BETAS, 1, 3, -2)
    assert found.mean == 3
    assert found.variance == 0


def test_posterior_is_a_marginal_again() -> None:
    """Averaged over q(x_t | x_0), the posterior has the mean and the variance of q(x_{t-1} | x_0)."""
    before, now = diffusion.ddpm_marginal(BETAS, 2, 5), diffusion.ddpm_marginal(BETAS, 3, 5)
    found = diffusion.ddpm_posterior(BETAS, 3, 5, now.mean)
    assert found.mean == before.mean
    assert found.variance + found.weight_xt**2 * now.variance == before.variance


def test_vp_marginal_with_the_published_schedule() -> None:
    """beta from 0.1 to 20 (Song et al. 2021, appendix C): B(1) = 10.05, so almost nothing of x_0 is left."""
    integral = diffusion.linear_integral(Decimal("0.1"), Decimal(20), Decimal(1))
    assert integral == Decimal("10.05")
    assert diffusion.vp_marginal(integral, 1) == diffusion.VPMarginal(integral, Decimal("0.007"), Decimal("1.000"))


def test_integral_prints_without_needless_zeros() -> None:
    assert str(diffusion.linear_integral(Decimal("0.5"), Decimal("19.5"), Decimal("1.0"))) == "10"
    assert str(diffusion.linear_integral(Decimal("0.1"), Decimal("4.0"), Decimal("0.2"))) == "0.098"


def test_target_is_the_kernel_score_at_the_noisy_sample() -> None:
    found = diffusion.denoising_target(Fraction(25, 169), (3, -7), (Fraction(1, 2), -2))
    assert diffusion.kernel_score(Fraction(5, 13), (3, -7), found.noisy).score == found.target
