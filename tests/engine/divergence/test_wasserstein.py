"""Wasserstein distances beside SciPy and POT, each with its label, and input that has none."""

import pickle

import numpy as np
import ot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal
from scipy.stats import wasserstein_distance as scipy_wasserstein

from engine.divergence import Estimate, wasserstein_distance
from engine.grid import Grid
from engine.model import DataError, HyperparameterError

numbers = st.lists(st.floats(-100, 100) | st.integers(-3, 3).map(float), min_size=1, max_size=30)


@settings(max_examples=150, deadline=None)
@given(numbers, numbers)
def test_on_a_line_scipy_agrees(x, y):
    found = wasserstein_distance(x, y)
    assert found == pytest.approx(scipy_wasserstein(x, y), abs=1e-10)
    assert (found.method, found.standard_error) == ("exact", None)


def plane(n, m, shift=1.0, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 2)), rng.normal(size=(m, 2)) * [1, 1.5] + [shift, 0]


@pytest.mark.parametrize("n", [1, 2, 60, 200])
def test_assignment_agrees_with_pot(n):
    x, y = plane(n, n)
    found = wasserstein_distance(x, y)
    assert found == pytest.approx(float(ot.emd2([], [], ot.dist(x, y, "euclidean"))), abs=1e-9)
    assert found.method == "assignment"
    assert wasserstein_distance(x, x[::-1] + np.array([3, 4])) == pytest.approx(5)


@pytest.mark.parametrize(("n", "m"), [(60, 61), (300, 40), (1001, 1001)])
def test_unequal_or_large_samples_are_sliced(n, m):
    x, y = plane(n, m)
    found = wasserstein_distance(x, y, seed=3)
    assert found.method == "sliced, 128 directions"
    angles = np.pi * np.arange(720) / 720
    directions = np.stack([np.cos(angles), np.sin(angles)])
    exact = np.mean(ot.wasserstein_1d((x @ directions), (y @ directions), p=1))
    assert found == pytest.approx(exact, abs=5 * found.standard_error + 1e-9)
    assert 0 < found.standard_error < 0.01 * exact
    assert found == wasserstein_distance(x, y, seed=3) != wasserstein_distance(x, y, seed=4)


def test_the_standard_error_is_the_spread_over_seeds():
    x, y = plane(30, 31)
    drawn = [wasserstein_distance(x, y, n_projections=16, seed=seed) for seed in range(200)]
    assert np.mean([d.standard_error for d in drawn]) == pytest.approx(np.std(drawn), rel=0.25)


def test_sliced_is_less_than_the_assignment_of_the_same_points():
    x, y = plane(100, 100)
    once_more = np.concatenate([y, y[:1]])
    assert wasserstein_distance(x, once_more) < wasserstein_distance(x, y)


def test_densities_in_the_plane_are_sliced():
    grid = Grid.over([(-8, 8), (-7, 9)], 150)
    p, q = (multivariate_normal(mean).logpdf(grid.points) for mean in ([0, 0], [1, 2]))
    found = wasserstein_distance(p, q, grid)
    # A shift by δ is |δ·u| along u, on average 2|δ|/π.
    assert found == pytest.approx(2 * np.sqrt(5) / np.pi, abs=1e-4)
    assert found.method == "sliced, 128 directions"
    x = np.random.default_rng(0).normal(size=(4000, 2))
    assert wasserstein_distance(x, x[:3999] + np.array([1, 2])) == pytest.approx(found, abs=2e-3)


def test_an_estimate_is_a_number_that_keeps_its_label():
    once = pickle.loads(pickle.dumps(Estimate(0.25, "sliced", 0.01)))
    assert (once, once.method, once.standard_error) == (0.25, "sliced", 0.01)
    assert f"{once + 1:.2f}" == "1.25"


@pytest.mark.parametrize(
    ("x", "y", "sentence"),
    [
        ([], [1.0], "no points"),
        ([[1.0, 2.0]], [1.0], "One sample is 2-D and the other 1-D"),
        ([np.nan], [1.0], "NaN or infinite"),
        (["a"], [1.0], "must be numbers"),
        (multivariate_normal, [1.0], "must be numbers"),
    ],
)
def test_what_is_no_sample_gets_a_sentence(x, y, sentence):
    with pytest.raises(DataError, match=sentence + r".*\.$"):
        wasserstein_distance(x, y)


def test_densities_without_a_grid_and_odd_directions_get_a_sentence():
    class Uniform:
        def log_prob(self, x):
            return np.zeros(len(x))

    with pytest.raises(DataError, match="summed on a grid"):
        wasserstein_distance(Uniform(), Uniform())
    for count in (0, -8, 12):
        with pytest.raises(HyperparameterError, match="multiple of 8"):
            wasserstein_distance([1.0], [2.0], n_projections=count)


def test_a_density_without_mass_on_the_grid_has_nothing_to_move():
    with pytest.raises(DataError, match="no mass on the grid"):
        wasserstein_distance(np.full(9, -np.inf), np.zeros(9), Grid.over([(0, 1)], 9))
