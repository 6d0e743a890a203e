"""The heat maps against the exact sums."""

import numpy as np
import pytest

from engine.density import AdaptiveKernelDensity, KernelDensity, NaiveEstimator
from engine.density.binning import Nodes, convolved, share_among_nodes
from engine.density.kernels import KERNELS
from engine.density.on_grid import gaussians
from engine.grid import Grid

GRID = Grid(((-3.0, 3.0), (-2.0, 2.0)), (90, 60))
CELL = GRID.spacing[0]


def relative_error(model, grid):
    exact = np.exp(model.log_prob(grid.points).astype(np.float64)).reshape(grid.shape)
    return np.abs(model.density_on(grid) - exact).sum() / exact.sum()


def cloud(n, d=2):
    return np.random.default_rng(0).standard_normal((n, d))


LAYOUTS = {
    "smooth": lambda n: cloud(n),
    "rounded": lambda n: np.round(cloud(n), 1),
    "beside the grid": lambda n: cloud(n) * 0.4 + [3.2, 0],
    "isolated": lambda n: cloud(n) * 30,
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("n", [1, 1500])
@pytest.mark.parametrize("cells", [0.2, 0.7, 1.5, 4, 12, 50])
def test_gaussian_is_within_a_thousandth_of_the_exact_sum(layout, n, cells):
    model = KernelDensity(bandwidth=cells * CELL).fit(LAYOUTS[layout](n))
    exact = gaussians(model.points, np.full(n, model.bandwidth), GRID).numpy()
    assert np.abs(model.density_on(GRID) - exact).sum() <= 1e-3 * exact.sum()


def test_gaussian_of_many_points_is_within_a_thousandth():
    model = KernelDensity().fit(cloud(60_000))
    exact = gaussians(model.points, np.full(60_000, model.bandwidth), GRID).numpy()
    assert 0 < np.abs(model.density_on(GRID) - exact).sum() <= 2e-4 * exact.sum()


def test_exact_gaussian_products_equal_log_prob():
    model = KernelDensity(bandwidth=0.3).fit(cloud(50))
    np.testing.assert_allclose(
        gaussians(model.points, np.full(50, 0.3), GRID).numpy().ravel(),
        np.exp(model.log_prob(GRID.points)),
        rtol=1e-4,
    )


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("covariance", ["isotropic", "full"])
@pytest.mark.parametrize("bandwidth", [0.01, 0.11, 0.8, 40.0])
def test_every_kernel_equals_the_exact_sum(kernel, covariance, bandwidth):
    data = cloud(150) @ np.array([[1.0, 0.6], [0.0, 0.5]])
    model = KernelDensity(kernel=kernel, covariance=covariance, bandwidth=bandwidth).fit(data)
    assert relative_error(model, GRID) < (1e-3 if kernel in ("gaussian", "exponential") else 1e-5)


@pytest.mark.parametrize("kernel", KERNELS)
def test_convolution_of_many_points(kernel):
    data = cloud(4000)
    A = 0.5 * np.array([[1.0, 0.0], [0.5, 1.0]])
    model = KernelDensity(kernel=kernel, bandwidth=0.5).fit(data)
    model.cholesky = A / 0.5
    exact = np.exp(model.log_prob(GRID.points)).reshape(GRID.shape)
    error = np.abs(convolved(KERNELS[kernel], data, A, GRID).numpy() - exact).sum() / exact.sum()
    assert error < (2e-2 if kernel == "tophat" else 2e-3)


@pytest.mark.parametrize("kernel", KERNELS)
def test_one_dimension_equals_the_exact_sum(kernel):
    grid = Grid.over(((-4.0, 3.0),), 500)
    for bandwidth in (0.005, 0.3):
        assert relative_error(KernelDensity(kernel=kernel, bandwidth=bandwidth).fit(cloud(3000, 1)), grid) < 1e-3


@pytest.mark.parametrize("kernel", ["gaussian", "epanechnikov"])
@pytest.mark.parametrize("method", ["pilot", "nearest-neighbour"])
def test_adaptive_equals_the_exact_sum(kernel, method):
    model = AdaptiveKernelDensity(kernel=kernel, method=method).fit(cloud(400) * [1.0, 0.2])
    assert relative_error(model, GRID) < 1e-5


@pytest.mark.parametrize("bandwidth", [0.01, 0.5, 30.0])
def test_window_equals_counting(bandwidth):
    model = NaiveEstimator(bandwidth=bandwidth).fit(cloud(500))
    assert relative_error(model, GRID) < 1e-6


def test_shares_keep_total_and_mean():
    data = np.random.default_rng(0).uniform(-1, 1, (300, 2))
    nodes = Nodes((-1.0, -1.0), (0.2, 0.5), (12, 6))
    weights = share_among_nodes(data, nodes).numpy()
    assert weights.shape == (6, 12)
    assert weights.sum() == pytest.approx(300)
    assert weights.sum(axis=0) @ nodes.axis(0) / 300 == pytest.approx(data[:, 0].mean())
    assert weights.sum(axis=1) @ nodes.axis(1) / 300 == pytest.approx(data[:, 1].mean())
