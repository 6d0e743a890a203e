"""Histograms against NumPy, hand counts and the published rules."""

import numpy as np
import pytest

from engine.density import Histogram
from engine.density.histogram import CRITERION, MOST_BINS
from engine.grid import Grid
from engine.model import DataError

WHOLE = np.array([3, 5, 4, 4, 4, 4, 5, 6, 5, 4])


def cloud(n, d, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d)) * [1.0, 3.0][:d]


@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("rule", ["scott", "freedman-diaconis", "leave-one-out", 0.4])
def test_bins_hold_all_points_and_integrate_to_one(d, rule):
    data = cloud(300, d)
    model = Histogram(bin_width=rule).fit(data)
    counts, _ = np.histogramdd(data, bins=model.edges)
    np.testing.assert_array_equal(model.counts, counts)
    assert model.counts.sum() == 300
    assert model.density.sum() * model.bin_volume == pytest.approx(1)
    assert model.n_parameters == model.counts.size - 1
    for edges, width in zip(model.edges, model.bin_width, strict=True):
        np.testing.assert_allclose(np.diff(edges), width)
    assert np.isfinite(model.log_prob(data)).all()


def test_rules_are_the_published_ones():
    data = cloud(200, 1)
    assert Histogram().fit(data).bin_width[0] == pytest.approx(3.49 * data.std(ddof=1) / 200 ** (1 / 3))
    quartiles = np.quantile(data, [0.25, 0.75])
    expected = 2 * np.diff(quartiles)[0] / 200 ** (1 / 3)
    assert Histogram(bin_width="freedman-diaconis").fit(data).bin_width[0] == pytest.approx(expected)
    plane = cloud(200, 2)
    np.testing.assert_allclose(Histogram().fit(plane).bin_width, 3.49 * plane.std(axis=0, ddof=1) / 200 ** (1 / 4))


def test_leave_one_out_risk_is_the_integral_minus_twice_the_left_out_densities():
    data = cloud(40, 1)
    curve = Histogram().selection_curve(data)
    for h, risk in list(zip(curve.values, curve.scores[CRITERION], strict=True))[::5]:
        model = Histogram(bin_width=float(h)).fit(data)
        left_out = (model.counts[np.digitize(data[:, 0], model.edges[0][1:-1])] - 1) / (39 * h)
        assert risk == pytest.approx(np.sum(model.density**2) * h - 2 * left_out.mean())


def test_leave_one_out_takes_scotts_widths_times_a_factor():
    data = cloud(300, 2)
    curve = Histogram().selection_curve(data)
    chosen = Histogram(bin_width="leave-one-out").fit(data).bin_width
    assert np.ptp(chosen / Histogram().fit(data).bin_width) == pytest.approx(0, abs=1e-12)
    assert np.sqrt(np.prod(chosen)) == pytest.approx(curve.best[CRITERION])
    assert curve.best[CRITERION] == curve.values[np.argmin(curve.scores[CRITERION])]


def test_every_whole_number_gets_a_bin_of_its_own():
    for rule in ("scott", "freedman-diaconis"):
        model = Histogram(bin_width=rule).fit(WHOLE)
        np.testing.assert_allclose(model.edges[0], [2.5, 3.5, 4.5, 5.5, 6.5])
        np.testing.assert_array_equal(model.counts, [1, 5, 3, 1])
    np.testing.assert_allclose(np.exp(Histogram().fit(WHOLE).log_prob([4, 5.2, 7])), [0.5, 0.3, 0], rtol=1e-6)


def test_whole_numbers_far_apart_share_bins_of_equally_many():
    data = np.random.default_rng(0).poisson(400, 500)
    model = Histogram().fit(data)
    assert model.bin_width[0] == round(model.bin_width[0]) > 1
    assert model.edges[0][0] % 1 == 0.5
    assert Histogram(bin_width="leave-one-out").fit(data).bin_width[0] % 1 == 0


def test_rounded_data_keep_bins_as_wide_as_the_rounding():
    data = np.round(cloud(2000, 1), 1)
    assert Histogram(bin_width="leave-one-out").fit(data).bin_width[0] >= 0.1 * (1 - 1e-9)


def test_the_last_edge_belongs_to_its_bin():
    model = Histogram(bin_width=0.5).fit([0.0, 0.5, 1.0, 1.25, 2.0])
    np.testing.assert_allclose(model.edges[0], [0, 0.5, 1, 1.5, 2])
    np.testing.assert_allclose(np.exp(model.log_prob([2.0, 0.0])), [0.4, 0.4], rtol=1e-6)
    assert np.isneginf(model.log_prob([2.001, -0.001])).all()


def test_errors_are_poisson():
    model = Histogram(bin_width=1.0).fit(WHOLE)
    np.testing.assert_allclose(model.density_error, np.sqrt([1, 5, 3, 1]) / 10)


def test_log_likelihood_is_the_mean_log_density_of_the_data():
    data, model = cloud(300, 2), Histogram()
    (metrics,) = model.steps(data)
    assert metrics["log_likelihood"] == pytest.approx(model.log_prob(data).mean(), rel=1e-5)


def test_heat_map_has_x_along_columns():
    model = Histogram(bin_width=1.0).fit([[0.25, 0.25], [2.75, 0.25], [2.75, 0.25]])
    grid = Grid(((0.0, 3.0), (-0.25, 0.75)), (3, 2))
    np.testing.assert_allclose(model.density_on(grid), [[1 / 3, 0, 2 / 3]] * 2, rtol=1e-6)


def test_samples_fill_the_bins_uniformly():
    model = Histogram(bin_width=1.0).fit(WHOLE)
    draws = model.sample(20_000, seed=1)[:, 0]
    np.testing.assert_allclose(np.histogram(draws, model.edges[0])[0] / 20_000, [0.1, 0.5, 0.3, 0.1], atol=0.02)
    assert np.histogram(draws % 1, 10, (0, 1))[0] == pytest.approx(np.full(10, 2000), rel=0.1)


def test_too_many_bins_is_a_sentence_with_a_width_that_works():
    data = [0.0, 1e9]
    with pytest.raises(DataError, match=r"a width of .* works\.$") as error:
        Histogram(bin_width=1.0).fit(data)
    width = float(str(error.value).split("a width of ")[1].split()[0])
    assert Histogram(bin_width=width).fit(data).counts.size <= MOST_BINS
    with pytest.raises(DataError, match="works"):
        Histogram(bin_width=1e-3).fit(cloud(50, 2))


def test_one_point_needs_a_width_by_hand():
    with pytest.raises(DataError, match="by hand"):
        Histogram().fit([[1.0, 2.0]])
    with pytest.raises(DataError, match="by hand"):
        Histogram().fit([[1.0, 2.0], [3.0, 2.0]])
    model = Histogram(bin_width=0.5).fit([[1.0, 2.0]])
    np.testing.assert_allclose(np.exp(model.log_prob([[1.0, 2.0]])), 4, rtol=1e-6)
