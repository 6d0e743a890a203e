"""Landscapes over μ and σ: values of the same measures, optima that are known, and what the grid can't see."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from engine.data import load_points
from engine.divergence import (
    MEASURES,
    Gaussian,
    divergences,
    frechet_distance,
    gaussian_landscape,
    gaussians,
    kl_integrands,
    wasserstein_distance,
)
from engine.grid import Grid
from engine.model import DataError, HyperparameterError

GRID = Grid.over([(-14, 14)], 800)
X = GRID.axes[0]
WEIGHTS, CENTRES, WIDTHS = [0.3, 0.7], [-3.0, 2.0], [0.5, 0.8]
PEAKS = np.logaddexp(*(np.log(w) + norm(c, s).logpdf(X) for w, c, s in zip(WEIGHTS, CENTRES, WIDTHS, strict=True)))
MEAN = np.dot(WEIGHTS, CENTRES)
DEVIATION = np.sqrt(np.dot(WEIGHTS, np.square(WIDTHS) + np.square(CENTRES)) - MEAN**2)
MEANS, DEVIATIONS = np.linspace(-5, 5, 41), np.linspace(0.2, 4, 39)


@pytest.mark.parametrize("measure", MEASURES)
def test_every_cell_is_the_measure_of_that_gaussian(measure):
    found = gaussian_landscape(PEAKS, GRID, measure, MEANS, DEVIATIONS, order=0.3)
    assert found.values.shape == found.seen.shape == (39, 41)
    for row, column in ((5, 3), (20, 20), (30, 25)):
        q = norm(MEANS[column], DEVIATIONS[row])
        log_q = q.logpdf(X)
        if measure == "wasserstein":
            expected = wasserstein_distance(PEAKS, log_q, GRID)
        elif measure == "frechet":
            expected = frechet_distance(PEAKS, log_q, GRID)
        else:
            expected = getattr(divergences(PEAKS, log_q, GRID, 0.3), measure)
        assert found.seen[row, column]
        assert found.values[row, column] == pytest.approx(expected, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("measure", MEASURES)
def test_the_optimum_is_no_higher_than_any_cell_nor_anything_near_it(measure):
    found = gaussian_landscape(PEAKS, GRID, measure, MEANS, DEVIATIONS)
    best = found.optima[0]
    assert best.value <= found.values.min()
    around = gaussian_landscape(
        PEAKS,
        GRID,
        measure,
        best.mean + np.array([-1e-2, 0, 1e-2]),
        best.deviation + np.array([-1e-2, 0, 1e-2]),
    ).values
    assert around[1, 1] == pytest.approx(best.value, abs=1e-9)
    assert around.min() >= best.value - 1e-9
    assert [o.value for o in found.optima] == sorted(o.value for o in found.optima)


def test_the_optimum_of_forward_kl_has_the_moments_of_the_target():
    (best,) = gaussian_landscape(PEAKS, GRID, "kl", MEANS, DEVIATIONS).optima
    assert (best.mean, best.deviation) == pytest.approx((MEAN, DEVIATION), abs=1e-5)
    p, q = np.exp(PEAKS), norm(MEAN, DEVIATION).logpdf(X)
    assert best.value == pytest.approx(np.sum(p * (PEAKS - q)) * GRID.cell_volume, abs=1e-9)
    (same,) = gaussian_landscape(PEAKS, GRID, "frechet", MEANS, DEVIATIONS).optima
    assert (same.mean, same.deviation) == pytest.approx((MEAN, DEVIATION), abs=1e-5)


def test_reverse_kl_has_an_optimum_at_each_peak_as_an_optimiser_of_its_own_finds():
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / weights.sum()

    def objective(at):  # E_q log q − E_q log p by Gauss-Hermite
        x = at[0] + np.exp(at[1]) * nodes
        terms = zip(WEIGHTS, CENTRES, WIDTHS, strict=True)
        log_p = np.logaddexp(*(np.log(w) + norm(c, s).logpdf(x) for w, c, s in terms))
        return -0.5 * np.log(2 * np.pi * np.e) - at[1] - weights @ log_p

    found = gaussian_landscape(PEAKS, GRID, "reverse_kl", MEANS, DEVIATIONS).optima
    assert len(found) == 2
    for optimum, start in zip(found, ((2.0, -0.2), (-3.0, -0.7)), strict=True):
        expected = minimize(objective, start, method="BFGS")
        assert (optimum.mean, np.log(optimum.deviation)) == pytest.approx(tuple(expected.x), abs=2e-3)
        assert optimum.value == pytest.approx(expected.fun, abs=1e-4)


@pytest.mark.parametrize(
    "measure", [name for name in MEASURES if name not in ("js", "js_distance", "total_variation")]
)
def test_between_gaussians_it_is_the_closed_form(measure):
    p = Gaussian(0.5, 1.2**2)
    found = gaussian_landscape(norm(0.5, 1.2).logpdf(X), GRID, measure, [-1.0, 0.5, 2.0], [0.7, 1.2, 2.0])
    exact = [[gaussians.divergences(p, Gaussian(m, s**2))[measure] for m in found.means] for s in found.deviations]
    np.testing.assert_allclose(found.values, exact, atol=2e-4)
    assert found.optima[0].value == pytest.approx(0, abs=1e-6)
    assert (found.optima[0].mean, found.optima[0].deviation) == pytest.approx((0.5, 1.2), abs=2e-3)


def test_what_the_grid_cannot_see_is_infinite_and_says_so():
    means, deviations = [-30.0, -13.0, 0.0], [0.01, 1.0, 8.0]
    found = gaussian_landscape(PEAKS, GRID, "reverse_kl", means, deviations)
    np.testing.assert_array_equal(found.seen, [[False] * 3, [False, False, True], [False] * 3])
    assert np.isinf(found.values[~found.seen]).all()
    assert np.isfinite(found.values[found.seen]).all()
    forward = gaussian_landscape(PEAKS, GRID, "kl", means, deviations)
    assert forward.seen.all()
    assert np.isfinite(forward.values).all()


def test_a_gaussian_that_leaves_the_window_is_never_the_optimum():
    # Summed over the window alone, q log q/p tends to 0 as q leaves it.
    grid = Grid.over([(-4, 4)], 400)
    p = norm(0, 0.5).logpdf(grid.axes[0])
    for measure in ("reverse_kl", "js", "jeffreys"):
        found = gaussian_landscape(p, grid, measure, np.linspace(-9, 9, 37), np.linspace(0.1, 3, 30))
        assert (found.optima[0].mean, found.optima[0].deviation) == pytest.approx((0, 0.5), abs=1e-3)


def test_a_target_with_gaps_has_an_infinite_reverse_kl_and_no_optimum():
    p = np.where((X > 0) & (X < 2), np.log(0.5), -np.inf)
    found = gaussian_landscape(p, GRID, "reverse_kl", [0.0, 1.0], [0.5, 1.0])
    assert np.isinf(found.values).all()
    assert found.seen.all()
    assert found.optima == ()
    assert np.isfinite(gaussian_landscape(p, GRID, "kl", [0.0, 1.0], [0.5, 1.0]).values).all()


def test_objects_with_a_density_do_as_well():
    points = load_points("bimodal")
    found = gaussian_landscape(points, Grid.over(points.domain, 400), "kl", np.linspace(-2, 2, 9), [0.5, 1.0, 2.0])
    assert found.optima[0].mean == pytest.approx(0, abs=1e-3)


def test_integrands_add_up_to_the_divergences():
    found = kl_integrands(PEAKS, GRID, 0.5, 2.0)
    whole = divergences(PEAKS, norm(0.5, 2).logpdf(X), GRID)
    assert GRID.integrate(found.kl) == pytest.approx(whole.kl, abs=1e-10)
    assert GRID.integrate(found.reverse_kl) == pytest.approx(whole.reverse_kl, abs=1e-10)
    np.testing.assert_allclose(found.q, norm(0.5, 2).pdf(X), rtol=1e-10)
    np.testing.assert_allclose(found.p, np.exp(PEAKS))
    np.testing.assert_array_equal(found.x, X)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"p": np.full(800, -np.inf)}, "holds 0 of the target's mass"),
        ({"p": PEAKS + 1}, "holds 2.72 of the target's mass"),
        ({"p": np.full(800, np.nan)}, "infinite or not a number"),
        ({"measure": "distance"}, "no measure named 'distance'; try kl,"),
        ({"deviations": [0.0, 1.0]}, "must be above 0"),
        ({"deviations": [2.0, 1.0]}, "standard deviations must be finite numbers in rising order"),
        ({"means": [np.nan]}, "means must be finite numbers in rising order"),
        ({"means": []}, "means must be finite numbers in rising order"),
        ({"grid": Grid.over([(0, 1), (0, 1)], 8)}, "needs a 1-D grid; this one is 2-D"),
    ],
)
def test_bad_input_gets_a_sentence(changes, sentence):
    usual = {"p": PEAKS, "grid": GRID, "measure": "kl", "means": [0.0], "deviations": [1.0]}
    with pytest.raises(DataError, match=sentence + r".*\.$"):
        gaussian_landscape(**usual | changes)


def test_bad_order_and_bad_gaussian_get_a_sentence():
    with pytest.raises(HyperparameterError, match="order α"):
        gaussian_landscape(PEAKS, GRID, "alpha", [0.0], [1.0], order=-1)
    for mean, deviation in ((np.nan, 1), (0, 0), (0, np.inf)):
        with pytest.raises(DataError, match="standard deviation above 0"):
            kl_integrands(PEAKS, GRID, mean, deviation)
