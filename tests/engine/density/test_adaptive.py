"""Adaptive kernel density estimation against its definition."""

import numpy as np
import pytest
from scipy import stats

from engine.density import AdaptiveKernelDensity, KernelDensity
from engine.density import adaptive as module
from engine.grid import Grid
from engine.model import DataError

METHODS = ["pilot", "nearest-neighbour"]


def cloud(n, d, seed=0):
    generator = np.random.default_rng(seed)
    wide = generator.standard_normal((n, d))
    return np.where(generator.uniform(size=(n, 1)) < 0.5, 0.1 * wide, 2 + wide)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kernel", ["gaussian", "epanechnikov"])
@pytest.mark.parametrize("d", [1, 2])
def test_integrates_to_one(method, kernel, d):
    model = AdaptiveKernelDensity(method=method, kernel=kernel, k=8).fit(cloud(60, d))
    grid = Grid.over(((-12.0, 15.0),) * d, 900 if d == 2 else 9000)
    assert grid.integrate(model.density_on(grid)) == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize("d", [1, 2])
def test_log_prob_is_the_mean_of_normal_densities(d):
    data, queries = cloud(50, d), cloud(30, d, seed=1)
    model = AdaptiveKernelDensity(method="nearest-neighbour", k=5).fit(data)
    bumps = [
        stats.multivariate_normal(x, (model.bandwidth * scale) ** 2 * np.eye(d)).pdf(queries)
        for x, scale in zip(data, model.scales, strict=True)
    ]
    np.testing.assert_allclose(np.exp(model.log_prob(queries)), np.mean(bumps, axis=0), rtol=1e-5)


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_abramsons_scales_follow_a_power_of_the_pilot(alpha):
    data = cloud(80, 2)
    model = AdaptiveKernelDensity(alpha=alpha).fit(data)
    pilot = np.exp(KernelDensity().fit(data).log_prob(data))
    np.testing.assert_allclose(model.scales, (pilot / stats.gmean(pilot)) ** -alpha, rtol=1e-5)
    assert stats.gmean(model.scales) == pytest.approx(1)
    assert model.bandwidth == KernelDensity().fit(data).bandwidth


def test_a_power_of_zero_is_the_fixed_estimate():
    data, queries = cloud(80, 2), cloud(50, 2, seed=1)
    np.testing.assert_allclose(
        AdaptiveKernelDensity(alpha=0.0).fit(data).log_prob(queries),
        KernelDensity().fit(data).log_prob(queries),
        rtol=1e-5,
    )


def test_neighbour_scales_follow_the_distance_to_the_kth_other_point():
    data = cloud(40, 2)
    distances = np.sort(np.linalg.norm(data[:, None] - data, axis=2), axis=1)[:, 7]
    model = AdaptiveKernelDensity(method="nearest-neighbour", k=7).fit(data)
    np.testing.assert_allclose(model.scales, distances / stats.gmean(distances), rtol=1e-9)


@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("kernel", ["gaussian", "epanechnikov"])
def test_a_pilot_read_off_a_grid_is_close_to_the_exact_one(monkeypatch, d, kernel):
    data = cloud(500, d)
    exact = AdaptiveKernelDensity(kernel=kernel).fit(data).scales
    monkeypatch.setattr(module, "FEW_POINTS", 100)
    np.testing.assert_allclose(AdaptiveKernelDensity(kernel=kernel).fit(data).scales, exact, rtol=0.02)


def test_copies_take_the_smallest_distance_there_is():
    data = np.array([[0.0, 0.0]] * 5 + [[1.0, 0.0], [3.0, 0.0], [7.0, 0.0]])
    model = AdaptiveKernelDensity(method="nearest-neighbour", k=1, bandwidth=1.0).fit(data)
    np.testing.assert_allclose(model.scales / model.scales[0], [1] * 6 + [2, 4])
    with pytest.raises(DataError, match=r"raise k\.$"):
        AdaptiveKernelDensity(method="nearest-neighbour", k=1, bandwidth=1.0).fit([[0.0, 0.0]] * 5)


def test_too_few_points_for_a_neighbour_is_a_sentence():
    with pytest.raises(DataError, match="at least 11 points; there are 10"):
        AdaptiveKernelDensity(method="nearest-neighbour", k=10).fit(cloud(10, 2))


def test_better_than_the_fixed_estimate_where_scales_differ():
    data, held_out = cloud(600, 2), cloud(2000, 2, seed=1)
    fixed = KernelDensity().fit(data).log_prob(held_out).mean()
    assert AdaptiveKernelDensity().fit(data).log_prob(held_out).mean() > fixed + 0.3


def test_shape_gives_every_point_its_scale():
    model = AdaptiveKernelDensity().fit(cloud(30, 1))
    shape = model.kernel_shape()
    np.testing.assert_array_equal(shape.scales, model.scales)
    widths = model.bandwidth * model.scales
    at = model.points[3] + shape.offsets[40] * shape.scales[3]
    others = np.delete(np.arange(30), 3)
    rest = stats.norm.pdf(at, model.points[others, 0], widths[others]).sum() / 30
    assert shape.heights[40] / shape.scales[3] + rest == pytest.approx(np.exp(model.log_prob(at))[0], rel=1e-5)


@pytest.mark.parametrize("d", [1, 2])
def test_samples_have_the_mean_and_variance_of_the_mixture_of_bumps(d):
    model = AdaptiveKernelDensity().fit(cloud(100, d))
    draws = model.sample(100_000, seed=1)
    added = np.mean((model.bandwidth * model.scales) ** 2)
    np.testing.assert_allclose(draws.mean(axis=0), model.points.mean(axis=0), atol=0.03)
    np.testing.assert_allclose(draws.var(axis=0), model.points.var(axis=0) + added, rtol=0.05)
