"""The statistics of the gates, against scipy and by simulation."""

import numpy as np
import pytest
from scipy import stats

from solvers.training.gates import BOUND
from solvers.training.statistics import agreement_bound, at_least, equivalent, interval

# k of n, and the one-sided 95 % bound of Clopper and Pearson: what the study of phenomena reports.
KNOWN = [(32, 32, 0.911), (16, 16, 0.829), (64, 64, 0.954), (62, 64, 0.905), (29, 32, 0.775), (31, 32, 0.860)]


@pytest.mark.parametrize(("k", "n", "bound"), KNOWN)
def test_the_bound_of_a_proportion_is_the_published_one(k: int, n: int, bound: float) -> None:
    assert agreement_bound(k, n) == pytest.approx(bound, abs=6e-4)


@pytest.mark.parametrize("n", [1, 7, 13, 32, 64, 101])
def test_the_bound_of_a_proportion_is_a_quantile_of_the_beta_distribution(n: int) -> None:
    for k in range(1, n + 1):
        for level in (0.9, 0.95, 0.999):
            assert agreement_bound(k, n, level) == pytest.approx(stats.beta.ppf(1 - level, k, n - k + 1), abs=1e-12)
    assert agreement_bound(0, n) == 0


def test_no_proportion_is_asked_of_nothing() -> None:
    for k, n in [(0, 0), (3, 2), (-1, 5)]:
        with pytest.raises(ValueError, match="expected k of n"):
            agreement_bound(k, n)


def test_the_chance_of_k_or_more_is_that_of_the_binomial_distribution() -> None:
    for k in range(33):
        assert at_least(k, 32, 0.5) == pytest.approx(stats.binom.sf(k - 1, 32, 0.5), rel=1e-12)


def test_the_interval_is_students() -> None:
    values = np.random.default_rng(5).normal(3, 2, 17)
    expected = stats.t.interval(0.95, 16, values.mean(), stats.sem(values))
    assert interval(values.tolist()) == pytest.approx(expected)
    assert interval([4.0]) == (float("-inf"), float("inf"))
    assert interval([4.0, 4.0, 4.0]) == (4.0, 4.0)


@pytest.mark.parametrize(
    ("mean", "spread"), [(0.0, 1.0), (0.3, 1.0), (0.45, 0.1), (-0.45, 0.1), (0.6, 0.1), (0.0, 9.0)]
)
def test_equivalence_is_two_one_sided_t_tests(mean: float, spread: float) -> None:
    values = np.random.default_rng(8).normal(mean, spread, 32)
    above = stats.ttest_1samp(values, -0.5, alternative="greater").pvalue
    below = stats.ttest_1samp(values, 0.5, alternative="less").pvalue
    for alpha in (0.05, 0.05 / 40):
        assert equivalent(values.tolist(), 0.5, alpha) == (max(above, below) < alpha)


def test_one_value_shows_no_equivalence() -> None:
    assert not equivalent([0.0], 1.0, 0.05)


def test_an_effect_as_large_as_the_margin_passes_for_none_in_no_more_than_alpha() -> None:
    draws = np.random.default_rng(11).normal(0.5, 1, (4000, 32))
    passed = sum(equivalent(row, 0.5, 0.05) for row in draws.tolist())
    assert passed <= stats.binom.isf(1e-4, 4000, 0.05)


def test_what_holds_in_fewer_than_nine_of_ten_runs_passes_for_reliable_in_no_more_than_one_of_twenty() -> None:
    for n in (32, 64):
        needed = min(k for k in range(n + 1) if agreement_bound(k, n) >= BOUND)
        assert at_least(needed, n, BOUND) <= 0.05
