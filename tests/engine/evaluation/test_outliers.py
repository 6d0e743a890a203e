"""Outliers: marking, planting, and detection against scikit-learn and simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from scipy.stats import kstest
from sklearn.metrics import precision_score, recall_score, roc_auc_score

from engine.data import load_points
from engine.evaluation import detection, outlier_mask, plant_outliers
from engine.model import DataError


def test_the_least_likely_are_marked():
    values = np.array([-1.0, -5.0, -3.0, -np.inf, -2.0])
    mask, threshold = outlier_mask(values, 0.4)
    assert mask.tolist() == [False, True, False, True, False]
    assert threshold == -5
    assert outlier_mask(values, 0.2)[1] == -np.inf
    assert outlier_mask(values, 1)[0].all()
    mask, threshold = outlier_mask(values, 0)
    assert not mask.any()
    assert threshold == -np.inf


def test_equal_points_are_marked_together():
    mask, threshold = outlier_mask([-2.0, -2.0, -2.0, -1.0], 0.25)
    assert mask.tolist() == [True, True, True, False]
    assert threshold == -2


@given(st.integers(1, 200), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_without_ties_the_share_is_the_quantile(n, quantile):
    mask, threshold = outlier_mask(np.random.default_rng(n).normal(size=n), quantile)
    assert 0 <= mask.sum() - quantile * n + 1e-6 < 1 + 1e-6
    assert np.isfinite(threshold) == mask.any()


@pytest.mark.parametrize(
    ("values", "quantile"), [([1.0], 1.1), ([1.0], -0.1), ([1.0], np.nan), ([np.nan], 0.5), ([], 0.5)]
)
def test_bad_input_gets_a_sentence(values, quantile):
    with pytest.raises(DataError):
        outlier_mask(values, quantile)


def test_planted_points_keep_away_from_the_data_and_fill_the_rest():
    moons = load_points("two_moons", n=300)
    x, planted = plant_outliers(moons.x, moons.domain, 200, seed=1)
    assert x.shape == (500, 2)
    assert planted.sum() == 200
    np.testing.assert_array_equal(x[~planted], moons.x)
    assert cdist(x[planted], x[~planted]).min() >= 0.05 * 4.5
    low, high = np.array(moons.domain).T
    assert ((x[planted] >= low) & (x[planted] <= high)).all()
    np.testing.assert_array_equal(x, plant_outliers(moons.x, moons.domain, 200, seed=1)[0])
    assert not np.array_equal(x, plant_outliers(moons.x, moons.domain, 200, seed=2)[0])


def test_planted_points_are_uniform_where_there_is_room():
    x, planted = plant_outliers([[0.0]], ((0.0, 1.0),), 2000)
    assert kstest(x[planted, 0], "uniform", args=(0.05, 0.95)).pvalue > 1e-4


def test_no_room_and_no_outliers_get_a_sentence():
    with pytest.raises(DataError, match="no room"):
        plant_outliers(np.linspace(0, 1, 100), ((0.0, 1.0),), 3)
    with pytest.raises(DataError, match="at least 1"):
        plant_outliers([0.0], ((0.0, 1.0),), 0)


@st.composite
def scored(draw):
    n = draw(st.integers(2, 60))
    value = st.one_of(st.floats(-50, 5), st.sampled_from([-np.inf, -2.0, -1.0]))
    values = draw(st.lists(value, min_size=n, max_size=n))
    truth = draw(st.lists(st.booleans(), min_size=n, max_size=n).filter(lambda marks: 0 < sum(marks) < len(marks)))
    return np.array(values), np.array(truth), draw(st.sampled_from([0.05, 0.3, 0.9]))


@settings(max_examples=150, deadline=None)
@given(scored())
def test_area_precision_and_recall_equal_scikit_learns(case):
    values, truth, quantile = case
    result = detection(values, truth, quantile)
    # scikit-learn takes no infinities: ranks have the same order and ties.
    ranks = np.unique(values, return_inverse=True)[1]
    assert result.roc_auc == pytest.approx(roc_auc_score(truth, -ranks))
    mask, _ = outlier_mask(values, quantile)
    assert result.precision == pytest.approx(precision_score(truth, mask))
    assert result.recall == pytest.approx(recall_score(truth, mask))
    assert np.isfinite(result.roc_auc_standard_error)


def test_standard_error_is_that_of_simulation():
    # Q₁ and Q₂ are exact where surprise (−log p) is exponential; with means 3 and 1 the area is 3 / (3 + 1).
    rng, m, k = np.random.default_rng(0), 20, 60
    truth = np.repeat([True, False], [m, k])
    results = [detection(-np.concatenate([rng.exponential(3, m), rng.exponential(1, k)]), truth) for _ in range(2000)]
    areas = np.array([result.roc_auc for result in results])
    assert areas.mean() == pytest.approx(0.75, abs=0.006)
    errors = [result.roc_auc_standard_error for result in results]
    assert np.mean(errors) == pytest.approx(areas.std(), rel=0.06)


def test_nothing_marked_has_no_precision():
    result = detection([0.0, 1.0], [True, False], quantile=0)
    assert (result.precision, result.recall) == (None, 0)


@pytest.mark.parametrize(
    ("values", "truth", "sentence"),
    [
        ([0.0, 1.0], [True, True], "one other point"),
        ([0.0, 1.0], [False, False], "one outlier"),
        ([0.0], [1, 0], "shape"),
    ],
)
def test_detection_without_two_kinds_gets_a_sentence(values, truth, sentence):
    with pytest.raises(DataError, match=sentence):
        detection(values, truth)
