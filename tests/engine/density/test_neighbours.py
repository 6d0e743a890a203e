"""The k-nearest-neighbour density against sorting, and why it is no density."""

import numpy as np
import pytest

from engine.density import NearestNeighbours
from engine.grid import Grid
from engine.model import DataError, Samples


def cloud(n, d, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d))


@pytest.mark.parametrize(("d", "ball"), [(1, 2.0), (2, np.pi)])
@pytest.mark.parametrize("k", [1, 5, 60])
def test_log_prob_equals_sorting(d, ball, k):
    data, queries = cloud(60, d), cloud(100, d, seed=1)
    radius = np.sort(np.linalg.norm(queries[:, None] - data, axis=2), axis=1)[:, k - 1]
    expected = k / (60 * ball * radius**d)
    np.testing.assert_allclose(np.exp(NearestNeighbours(k=k).fit(data).log_prob(queries)), expected, rtol=1e-5)


@pytest.mark.parametrize("d", [1, 2])
def test_the_integral_grows_with_the_logarithm_of_the_box(d):
    model = NearestNeighbours(k=20).fit(cloud(200, d))
    boxes = [Grid.over(((-size, size),) * d, 400) for size in (1e2, 1e3, 1e4, 1e5)]
    # Only the tail counts: cells outside the box that is ten times smaller.
    tails = []
    for grid in boxes:
        outside = np.abs(grid.points).max(axis=1) > grid.domain[0][1] / 10
        tails.append(grid.integrate(model.density_on(grid).ravel() * outside))
    # Far out p → (k/n) / (2|x|), so a decade adds (k/n) ln 10; in the plane (k/n) / (π r²) and twice that.
    np.testing.assert_allclose(tails, 20 / 200 * d * np.log(10), rtol=0.1)
    assert model.normalised is False
    assert not isinstance(model, Samples)
    assert model.cannot["sample"].endswith(".")


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_a_point_of_the_data_has_a_finite_density(scale):
    data = scale * np.repeat(cloud(5, 2), 3, axis=0)
    model = NearestNeighbours(k=3).fit(data)
    at, beside = model.log_prob(data), model.log_prob(data + 1e-4 * scale)
    assert np.isfinite(at).all()
    assert (at > beside).all()
    assert np.isfinite(model.density_on(Grid.over(((-scale, scale),) * 2, 20))).all()


def test_data_all_at_zero_has_a_finite_density():
    assert np.isfinite(NearestNeighbours(k=2).fit(np.zeros((3, 2))).log_prob([[0.0, 0.0], [1.0, 1.0]])).all()


def test_fewer_points_than_neighbours_is_a_sentence():
    with pytest.raises(DataError, match=r"choose k up to 4\.$"):
        NearestNeighbours(k=5).fit(cloud(4, 2))
