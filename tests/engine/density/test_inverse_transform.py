"""Inverse-transform sampling against exact CDFs, counts and moments."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from engine.density.inverse_transform import GridSampler
from engine.grid import Grid
from engine.model import DataError


def truncated_normal(cells=2000, low=-1.5, high=3.0):
    grid = Grid.over(((low, high),), cells)
    return GridSampler(stats.norm.pdf(grid.axes[0]), grid), stats.truncnorm(low, high)


def correlated(cells=(150, 100)):
    grid = Grid(((-5.0, 7.0), (-4.0, 4.0)), cells)
    truth = stats.multivariate_normal([1.0, 0.0], [[1.0, 0.6], [0.6, 0.8]])
    return GridSampler(truth.pdf(grid.points).reshape(grid.shape), grid), truth


def test_one_dimensional_cdf_and_quantiles_are_those_of_the_truncated_normal():
    sampler, truth = truncated_normal()
    x = np.linspace(-1.5, 3.0, 77)
    np.testing.assert_allclose(sampler.cdf(x), truth.cdf(x), atol=1e-6)
    u = np.linspace(0.01, 0.99, 55)
    np.testing.assert_allclose(sampler.inverse(u), truth.ppf(u), atol=1e-5)


def test_one_dimensional_draws_pass_kolmogorov_smirnov_and_a_wrong_truth_fails():
    sampler, truth = truncated_normal()
    draws = sampler.sample(20_000, seed=4)
    assert draws.shape == (20_000, 1)
    assert draws.dtype == np.float32
    assert stats.kstest(draws[:, 0], truth.cdf).pvalue > 0.01
    assert stats.kstest(draws[:, 0], lambda x: truth.cdf(x - 0.05)).pvalue < 1e-6


def test_mass_is_what_the_grid_holds_of_a_normalised_density():
    sampler, _ = truncated_normal()
    assert sampler.mass == pytest.approx(stats.norm.cdf(3.0) - stats.norm.cdf(-1.5), abs=1e-6)


def test_two_dimensional_draws_have_the_moments_of_the_gaussian():
    sampler, truth = correlated()
    draws = sampler.sample(40_000, seed=1).astype(float)
    np.testing.assert_allclose(draws.mean(axis=0), truth.mean, atol=4 / np.sqrt(40_000))
    np.testing.assert_allclose(np.cov(draws.T), truth.cov, atol=0.03)


def test_cell_counts_match_an_irregular_density_and_empty_cells_stay_empty():
    rng = np.random.default_rng(0)
    density = rng.gamma(0.5, size=(7, 9))
    density[:, 4] = 0
    density[2] = 0
    grid = Grid(((0.0, 9.0), (10.0, 17.0)), (9, 7))
    draws = GridSampler(density, grid).sample(50_000, seed=2).astype(float)
    counts = np.histogram2d(draws[:, 1], draws[:, 0], bins=(np.arange(10, 18), np.arange(10)))[0]
    assert not counts[density == 0].any()
    expected = density / density.sum() * 50_000
    big = expected > 5
    statistic = ((counts[big] - expected[big]) ** 2 / expected[big]).sum()
    assert statistic < stats.chi2(big.sum() - 1).ppf(0.999)


def test_two_dimensional_inverse_is_undone_by_the_rosenblatt_transform():
    sampler, _ = correlated()
    u = np.random.default_rng(3).random((5000, 2))
    np.testing.assert_allclose(sampler.cdf(sampler.inverse(u)), u, atol=1e-9)


def test_conditional_cdf_is_that_of_the_gaussian_above_the_cell_centre():
    sampler, _ = correlated(cells=(120, 800))
    x = sampler.grid.axes[0][70]
    conditional = stats.norm(0.6 * (x - 1.0), np.sqrt(0.8 - 0.36))
    np.testing.assert_allclose(sampler.conditional_cdf(x), conditional.cdf(sampler.edges[1]), atol=1e-5)


def test_marginal_cdf_is_the_normal_in_the_first_coordinate():
    sampler, _ = correlated(cells=(400, 100))
    np.testing.assert_allclose(sampler.marginal_cdf, stats.norm(1.0, 1.0).cdf(sampler.edges[0]), atol=1e-4)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([0.0, 0.0, 1e-6, 0.3, 1.0, 7.0, 1e6]), min_size=12, max_size=12).filter(any),
    st.lists(st.integers(0, 10_000).map(lambda k: k / 10_000), min_size=1, max_size=30),
)
def test_inverse_rises_with_u_stays_on_mass_and_is_undone_by_the_cdf(density, u):
    density = np.array(density)
    sampler = GridSampler(density, Grid.over(((-2.0, 4.0),), 12))
    u = np.sort(u)
    x = sampler.inverse(u)
    assert (np.diff(x) >= 0).all()
    np.testing.assert_allclose(sampler.cdf(x), u, atol=1e-9)
    cells = np.floor((x + 2) * 2 + np.array([[-1e-9], [1e-9]])).astype(int)  # both neighbours of a point on an edge
    beside = density[np.clip(cells, 0, 11)]
    assert (np.max(beside, axis=0) > 0).all()


def test_the_same_seed_repeats_and_another_does_not():
    sampler, _ = correlated()
    np.testing.assert_array_equal(sampler.sample(50, seed=9), sampler.sample(50, seed=9))
    assert not np.array_equal(sampler.sample(50, seed=9), sampler.sample(50, seed=10))


def test_ends_of_the_unit_interval_stay_on_the_part_with_mass():
    sampler = GridSampler(np.array([0.0, 1.0, 2.0, 0.0]), Grid.over(((0.0, 4.0),), 4))
    np.testing.assert_allclose(sampler.inverse([0.0, 1 / 3, 1.0]), [1.0, 2.0, 3.0], atol=1e-12)


@pytest.mark.parametrize(
    "density",
    [np.zeros(5), np.array([1, np.nan, 1, 1, 1]), np.array([1, -1, 1, 1, 1.0]), np.full(5, np.inf), np.ones(4)],
    ids=["zero", "nan", "negative", "infinite", "shape"],
)
def test_an_impossible_density_gets_one_sentence(density):
    with pytest.raises(DataError, match=r"^[A-Z].*\.$"):
        GridSampler(density, Grid.over(((0.0, 1.0),), 5))


def test_bad_questions_get_one_sentence():
    sampler, _ = truncated_normal()
    flat = GridSampler(np.array([[1.0, 0.0]]), Grid(((0.0, 2.0), (0.0, 1.0)), (2, 1)))
    for ask in (
        lambda: sampler.inverse([1.5]),
        lambda: sampler.inverse([np.nan]),
        lambda: sampler.conditional_cdf(0.0),
        lambda: flat.conditional_cdf(9.0),
        lambda: flat.conditional_cdf(1.5),
    ):
        with pytest.raises(DataError, match=r"\.$"):
            ask()
