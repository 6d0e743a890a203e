"""All optima of a divergence and the map of their basins."""

import numpy as np
import pytest

from engine.divergence.fit import DivergenceFit
from engine.divergence.optima import all_optima, basin_map
from engine.divergence.targets import PRESETS, separated_target, two_mode_target
from engine.model import DataError, HyperparameterError

RAFFEL = two_mode_target()


def test_reverse_kl_has_a_global_and_a_local_optimum():
    found = all_optima(RAFFEL, "reverse_kl")
    best, other = found.optima
    assert (best.is_global, other.is_global) == (True, False)
    assert best.divergence == pytest.approx(0.223, abs=0.01)
    np.testing.assert_allclose(best.mean, [0.5, -0.7], atol=0.03)
    np.testing.assert_allclose(best.covariance, [[1, 1], [1, 2]], atol=0.03)
    assert other.divergence == pytest.approx(1.608, abs=0.01)
    np.testing.assert_allclose(other.mean, [-2.5, 2.5], atol=0.03)
    np.testing.assert_allclose(other.covariance, [[0.5, 0.1], [0.1, 0.5]], atol=0.03)
    assert best.n_starts + other.n_starts == 64
    np.testing.assert_array_equal(np.bincount(found.ends), [best.n_starts, other.n_starts])
    assert found.starts.shape == (64, 1, 2)


def test_kl_has_one_optimum():
    (only,) = all_optima(RAFFEL, "kl").optima
    assert only.n_starts == 64
    assert only.divergence == pytest.approx(0.637, abs=0.01)


def test_equal_modes_are_both_global():
    optima = all_optima(separated_target(8.0), "reverse_kl").optima
    assert [optimum.is_global for optimum in optima[:2]] == [True, True]
    np.testing.assert_allclose(sorted(optimum.mean[0] for optimum in optima[:2]), [-4, 4], atol=0.02)
    assert all(optimum.divergence == pytest.approx(np.log(2), abs=1e-3) for optimum in optima[:2])


def test_the_order_of_components_makes_no_new_optimum():
    optima = all_optima(RAFFEL, "kl", n_starts=16, n_components=2).optima
    assert sum(optimum.is_global for optimum in optima) == 1
    assert optima[0].divergence == pytest.approx(0, abs=1e-5)


def test_it_works_on_a_line_and_repeats_with_its_seed():
    target = PRESETS["Narrow and broad, 1-D"](1.0)
    one, two = all_optima(target, "js", 16, seed=3), all_optima(target, "js", 16, seed=3)
    np.testing.assert_array_equal(one.starts, two.starts)
    np.testing.assert_array_equal(one.ends, two.ends)
    assert not np.array_equal(one.starts, all_optima(target, "js", 16, seed=4).starts)


def test_each_start_of_the_map_ends_where_a_single_fit_does():
    basins = basin_map(RAFFEL, "reverse_kl", 8, start_scale=0.4)
    assert basins.labels.shape == basins.grid.shape == (8, 8)
    assert {0, 1} == set(basins.labels.ravel())
    points, labels = basins.grid.points, basins.labels.ravel()
    for i in (0, 19, 27, 36, 50, 63):
        fit = DivergenceFit(objective="reverse_kl", starts=(tuple(points[i]),), start_scale=0.4).fit(RAFFEL)
        assert fit.divergence == pytest.approx(basins.optima[labels[i]].divergence, abs=1e-4)


def test_starts_on_a_mode_stay_on_it():
    basins = basin_map(RAFFEL, "reverse_kl", 16, start_scale=0.3)
    for number, mean in enumerate([(0.5, -0.7), (-2.5, 2.5)]):
        nearest = np.square(basins.grid.points - mean).sum(axis=1).argmin()
        assert basins.labels.ravel()[nearest] == number


def test_no_start_that_settles_gets_a_sentence():
    with pytest.raises(DataError, match=r"No start.*\.$"):
        all_optima(RAFFEL, "js", 4, max_iterations=1)


def test_samples_are_too_noisy_and_a_map_has_one_mean():
    with pytest.raises(HyperparameterError, match="quadrature"):
        all_optima(RAFFEL, "kl", 4, estimation="samples")
    with pytest.raises(HyperparameterError, match="one mean"):
        basin_map(RAFFEL, "js", 4, n_components=2)
