"""Nearest-neighbour estimates beside the truth, their errors, and points that have no density ratio."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from engine.divergence import MEASURES, divergences
from engine.evaluation import samples
from engine.grid import Grid
from engine.model import DataError, HyperparameterError


def plane(n, m, shift=1.0, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 2)), rng.normal(size=(m, 2)) * [1, 1.5] + [shift, 0]


@pytest.mark.parametrize("shift", [0.0, 1.0, 2.0])
def test_neighbours_estimate_the_divergences_of_gaussians(shift):
    grid = Grid.over([(-9, 9), (-9, 9)], 150)
    truth = divergences(*(multivariate_normal([mean, 0]).logpdf(grid.points) for mean in (0, shift)), grid)
    rng = np.random.default_rng(5)
    found = samples.divergences(rng.normal(size=(4000, 2)), rng.normal([shift, 0], size=(3000, 2)), k=20)
    assert set(found) == set(MEASURES)
    for name in ("kl", "reverse_kl", "jeffreys"):
        assert found[name] == pytest.approx(getattr(truth, name), rel=0.3, abs=4 * found[name].standard_error)
    for name in ("js", "total_variation", "alpha"):  # these err to the small side
        slack = 4 * found[name].standard_error
        assert getattr(truth, name) * 0.85 - 0.05 - slack < found[name] < getattr(truth, name) + slack
    for name in ("js_distance", "hellinger"):
        assert found[name] == pytest.approx(getattr(truth, name), abs=0.06)
    assert {found[name].method for name in MEASURES} >= {"20 nearest neighbours", "means and covariances"}


def test_kl_of_one_dimension_has_little_bias_and_an_honest_error():
    rng = np.random.default_rng(0)
    drawn = [samples.divergences(rng.normal(size=500), rng.normal(1, 1, 400), k=5)["kl"] for _ in range(80)]
    assert np.mean(drawn) == pytest.approx(0.5, abs=0.04)
    assert np.mean([d.standard_error for d in drawn]) == pytest.approx(np.std(drawn), rel=0.35)


def test_the_log_ratio_follows_the_truth():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=5000), rng.normal(1, 1, 5000)
    at_p, at_q = samples.log_ratios(x, y, k=30)
    for points, found in ((x, at_p), (y, at_q)):
        assert np.polyfit(points, found, 1) == pytest.approx([-1, 0.5], abs=0.1)  # log p/q = ½ − x


def test_ends_of_the_alpha_family_are_the_kl_estimates():
    x, y = plane(80, 90)
    assert samples.divergences(x, y, order=1)["alpha"] == samples.divergences(x, y)["kl"]
    assert samples.divergences(x, y, order=0)["alpha"] == samples.divergences(x, y)["reverse_kl"]
    assert samples.divergences(y, x)["kl"] == pytest.approx(samples.divergences(x, y)["reverse_kl"])


def test_separate_samples_reach_the_bounds():
    x, y = plane(200, 201, shift=40.0)
    found = samples.divergences(x, y)
    assert found["total_variation"] == 1
    assert found["js"] == pytest.approx(np.log(2), abs=0.01)
    assert found["hellinger"] == pytest.approx(1, abs=0.01)


def test_a_few_duplicates_are_handled_and_many_get_a_sentence():
    x, y = plane(100, 100)
    found = samples.divergences(np.concatenate([x, x[:3]]), np.concatenate([y, x[:3]]), k=5)
    assert np.isfinite(list(found.values())).all()
    with pytest.raises(DataError, match=r"points have 5 or more others at the very same place.*\.$"):
        samples.divergences(np.repeat(x, 8, axis=0), y, k=5)


@pytest.mark.parametrize(
    ("x", "y", "k", "error", "sentence"),
    [
        (np.arange(10.0), np.arange(20.0), 10, DataError, "at least 11 points; one has 10"),
        (np.arange(30.0), np.zeros((30, 2)), 3, DataError, "One sample is 1-D and the other 2-D"),
        (np.arange(30.0), np.arange(30.0), 0, HyperparameterError, "1 or more; it was 0"),
        (np.arange(30.0), 1e200 * np.arange(1, 31.0), 3, DataError, "choose other units"),
        (np.arange(30.0), 1e150 * np.arange(1, 31.0), 3, DataError, "beyond e.300"),
        (np.array([]), np.arange(30.0), 3, DataError, "at least 4 points; one has 0"),
    ],
)
def test_samples_without_an_estimate_get_a_sentence(x, y, k, error, sentence):
    with pytest.raises(error, match=sentence + r".*\.$"):
        samples.divergences(x, y, k=k)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=25), st.lists(st.integers(-4, 4), min_size=1, max_size=25))
def test_lattice_points_are_measured_or_refused_and_never_nan(x, y):
    points = np.array(x, dtype=float), np.array(y, dtype=float)
    try:
        found = samples.divergences(*points, k=3)
    except DataError:
        stacked = max(np.unique(np.concatenate(points), return_counts=True)[1])
        assert stacked > 3 or min(len(x), len(y)) < 4
    else:
        assert not np.isnan(list(found.values())).any()


@pytest.mark.parametrize("duplicates", [1, 3])
@pytest.mark.parametrize("dimension", [1, 2])
def test_a_sample_is_at_no_distance_from_itself(dimension, duplicates):
    x = np.repeat(np.random.default_rng(0).normal(size=(100, dimension)), duplicates, axis=0)
    found = samples.divergences(x, x)
    assert {name: float(value) for name, value in found.items()} == dict.fromkeys(
        MEASURES, pytest.approx(0, abs=1e-7)
    )


def test_points_that_two_samples_share_do_not_hide_how_far_apart_the_rest_is():
    rng = np.random.default_rng(1)
    shared, x, y = rng.normal(size=(300, 2)), rng.normal(size=(300, 2)), rng.normal([6, 0], size=(300, 2))
    found = samples.divergences(np.concatenate([shared, x]), np.concatenate([shared, y]))
    # Half of q is p, the other half is far away: the event "far away" has the probabilities 0 and ½.
    assert found["total_variation"] == pytest.approx(0.5, abs=3 * found["total_variation"].standard_error)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 2), st.sampled_from([0.0, 1e-9, 0.1, 1.0, 30.0]))
def test_no_estimate_leaves_its_range(seed, dimension, shift):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(60, dimension))
    for y in (x + shift, rng.normal(shift, 1, size=(50, dimension)), x[rng.integers(60, size=60)] + shift):
        if len(np.unique(y, axis=0)) > 10:
            for name, value in samples.divergences(x, y, k=10).items():
                assert 0 <= value <= MEASURES[name].highest, name
