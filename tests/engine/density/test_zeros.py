"""Columns of exact zeros, as the app runs: once the answer never came, and the server died with it."""

import numpy as np
import pytest
import torch

from engine.density import NaiveEstimator, NearestNeighbours
from engine.density.binning import gaussian_factor
from engine.density.mixture.em import posterior
from engine.device import device

ZEROS = np.array([0.0] * 10 + [1.0] * 7)


@pytest.fixture(autouse=True)
def _after_torch_was_asked_for():
    device()


def test_the_window_counts_zeros():
    narrow = NaiveEstimator(bandwidth=0.5).fit(ZEROS)
    np.testing.assert_allclose(narrow.log_prob([0.0, 1.0]), np.log(np.array([10, 7]) / (17 * 0.5)), rtol=1e-6)
    wide = NaiveEstimator(bandwidth="cross-validation").fit(ZEROS)  # it spans the gap, and so all points
    np.testing.assert_allclose(wide.log_prob([0.0, 1.0]), -np.log(wide.bandwidth), rtol=1e-6)


def test_neighbours_of_zeros():
    model = NearestNeighbours(k=3).fit([0.0] * 30 + [1.0, 2.0, 3.0, 4.0])
    np.testing.assert_allclose(model.log_prob([2.0, 4.0]), np.log(3 / (34 * 2 * np.array([1.0, 2.0]))), rtol=1e-6)
    assert np.isfinite(model.log_prob([0.0])).all()


def test_a_thousand_counts_of_which_most_are_zero():
    counts = np.concatenate([np.zeros(800), np.random.default_rng(0).poisson(3, 200)])
    assert np.isfinite(NearestNeighbours().fit(counts).log_prob(counts)).all()


@pytest.mark.parametrize("bandwidth", [0.02, 0.1, 1.0])
def test_matrix_products_meet_no_denormals(bandwidth):
    """On many processors each costs a hundred cycles; nothing that is left out would show in the sum."""
    axis, centres = np.linspace(-4, 4, 300), np.random.default_rng(0).standard_normal(1000)
    factor = gaussian_factor(axis, centres, np.full(1000, bandwidth)).numpy()
    assert factor[factor > 0].min() ** 2 > np.finfo(np.float32).tiny
    exact = np.exp(-0.5 * ((axis[:, None] - centres) / bandwidth) ** 2) / (np.sqrt(2 * np.pi) * bandwidth)
    np.testing.assert_allclose(factor, exact, atol=1e-6 * exact.max())

    joints = torch.linspace(-2000, 0, 4000, dtype=torch.float64)[:, None]
    shares, log_density = posterior(joints[None], torch.ones(1, 1, dtype=torch.float64))
    assert float(shares[shares > 0].min()) > 1e3 * np.finfo(np.float64).tiny
    np.testing.assert_allclose(shares.sum(), 1)
    np.testing.assert_allclose(log_density, torch.logsumexp(joints, 0)[None])
