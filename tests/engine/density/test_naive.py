"""The naive estimator against counting."""

import numpy as np
import pytest
from scipy import stats

from engine.density import NaiveEstimator
from engine.grid import Grid


def cloud(n, d, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d))


@pytest.mark.parametrize("d", [1, 2])
def test_log_prob_counts_the_points_in_the_cube(d):
    data, queries = cloud(100, d), cloud(200, d, seed=1) * 2
    inside = (np.abs(queries[:, None] - data) <= 0.35).all(axis=2).sum(axis=1)
    ours = NaiveEstimator(bandwidth=0.7).fit(data).log_prob(queries)
    np.testing.assert_allclose(np.exp(ours), inside / (100 * 0.7**d), rtol=1e-5)
    assert (np.isneginf(ours) == (inside == 0)).all()


@pytest.mark.parametrize("d", [1, 2])
def test_integrates_to_one(d):
    grid = Grid.over(((-6.0, 6.0),) * d, 600)
    assert grid.integrate(NaiveEstimator().fit(cloud(50, d)).density_on(grid)) == pytest.approx(1, abs=5e-3)


def test_scotts_cube_has_the_standard_deviation_of_scotts_gaussian():
    data = cloud(80, 1)
    expected = np.sqrt(12) * data.std(ddof=1) * stats.gaussian_kde(data.T).factor
    assert NaiveEstimator().fit(data).bandwidth == pytest.approx(expected)


def test_samples_are_uniform_in_the_cube():
    draws = NaiveEstimator(bandwidth=2.0).fit([[0.0, 0.0]]).sample(5000, seed=1)
    for axis in draws.T:
        assert stats.kstest(axis, stats.uniform(-1, 2).cdf).pvalue > 1e-3


def test_shape_is_the_cubes_border():
    model = NaiveEstimator(bandwidth=2.0).fit([[5.0, 5.0]] * 4)
    np.testing.assert_array_equal(model.kernel_shape().offsets, [[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]])
    line = NaiveEstimator(bandwidth=2.0).fit([5.0] * 4).kernel_shape()
    np.testing.assert_array_equal(line.offsets[:, 0], [-1, -1, 1, 1])
    np.testing.assert_array_equal(line.heights, [0, 1 / 8, 1 / 8, 0])
