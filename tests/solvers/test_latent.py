"""Latent-variable models: values from the literature and by hand; the families' laws do the rest over whole spaces."""

from decimal import Decimal
from fractions import Fraction

from solvers import latent, oracles


def test_gaussian_kl_by_hand() -> None:
    """KL(N(1, 4) || N(0, 1)) = 1/2 (1 + 4 - 1 - ln 4) = 2 - ln 2."""
    found = latent.gaussian_kl(1, 4, 0, 1)
    assert found == latent.GaussianKL(1, Fraction(1, 4), Fraction(5), Decimal("1.307"))
    assert latent.gaussian_kl(2, 3, 2, 3).kl == 0


def test_gaussian_kl_agrees_with_quadrature() -> None:
    found = latent.gaussian_kl(-2, Fraction(1, 3), 3, 7, digits=9)
    assert oracles.agreement.agrees(found.kl, oracles.latent.gaussian_kl_by_quadrature(-2, Fraction(1, 3), 3, 7))
    assert oracles.agreement.agrees(found.quadratic, oracles.latent.mean_square_distance(-2, Fraction(1, 3), 3, 7))


def test_prior_kl_is_the_gaussian_kl_of_every_dimension() -> None:
    """VAE appendix B against the general formula, where ln(variance) is a decimal with a rational exponential: 0."""
    means, zeros = (Decimal("1.5"), Decimal("-2.0")), (Decimal("0.0"), Decimal("0.0"))
    expected = latent.gaussian_kl(Fraction(3, 2), 1, 0, 1).kl + latent.gaussian_kl(-2, 1, 0, 1).kl
    assert latent.prior_kl(means, zeros).kl == expected
    assert latent.prior_kl(zeros, zeros).kl == 0


def test_elbo_is_tight_at_the_posterior() -> None:
    prior, likelihood = Fraction(2, 3), (Fraction(1, 5), Fraction(3, 7))
    posterior = latent.discrete_elbo(prior, likelihood, Fraction(1, 2)).posterior
    assert posterior == Fraction(30, 37)
    tight = latent.discrete_elbo(prior, likelihood, posterior)
    assert tight.elbo == tight.log_evidence
    assert tight.gap == 0


def test_elbo_and_gap_add_up_to_the_log_evidence() -> None:
    found = latent.discrete_elbo(Fraction(1, 3), (Fraction(1, 5), Fraction(5, 7)), Fraction(2, 11), digits=12)
    assert abs(found.elbo + found.gap - found.log_evidence) <= Decimal("2e-12")
    assert found.gap == latent.bernoulli_kl(Fraction(2, 11), found.posterior, digits=12)


def test_in_bits() -> None:
    assert latent.in_bits(latent.discrete_elbo(Fraction(1, 2), (Fraction(1, 2),) * 2, Fraction(1, 2), 20).elbo) == -1


def test_reparameterised_sample() -> None:
    found = latent.reparameterised_sample((2, -3, 5), (Fraction(7, 2), 11, 13), (-2, Fraction(1, 2), 0))
    assert found.sample == (Fraction(-5), Fraction(5, 2), Fraction(5))
