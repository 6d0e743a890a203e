"""Discrete distributions: Scheffé on every event, parity with SciPy, and vectors that are no probabilities."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy
from scipy.stats import wasserstein_distance as scipy_wasserstein

from engine.divergence import MEASURES, Events, discrete, events
from engine.model import DataError, HyperparameterError


@st.composite
def pairs(draw, most=10):
    """Two random distributions on 1 to `most` outcomes, with outcomes that have no probability."""
    n = draw(st.integers(1, most))
    weights = st.lists(st.sampled_from([0, 0, 1, 2, 3]) | st.floats(0.01, 1), min_size=n, max_size=n).filter(any)
    return tuple(np.array(w, dtype=float) / sum(w) for w in (draw(weights), draw(weights)))


@settings(max_examples=150, deadline=None)
@given(pairs())
def test_the_best_event_reaches_half_the_sum_of_differences(pair):
    p, q = pair
    every = events(p, q)
    half = 0.5 * np.abs(p - q).sum()
    assert every.members.shape == (2**p.size, p.size)
    assert every.gap.max() == pytest.approx(half, abs=1e-12)
    assert every.gap[every.best] == pytest.approx(half, abs=1e-12)
    np.testing.assert_array_equal(every.members[every.best], p > q + 1e-11)
    assert discrete.divergences(p, q)["total_variation"] == pytest.approx(half, abs=1e-12)


@pytest.mark.parametrize("n", range(1, 11))
def test_every_event_is_there_once_with_its_probability(n):
    p, q = np.random.default_rng(n).dirichlet(np.ones(n), 2)
    every = events(p, q)
    assert isinstance(every, Events)
    subsets = {subset for size in range(n + 1) for subset in itertools.combinations(range(n), size)}
    assert {tuple(np.flatnonzero(row)) for row in every.members} == subsets
    for index in (0, 2**n // 3, 2**n - 1):
        inside = [j for j in range(n) if index >> j & 1]
        assert every.p[index] == pytest.approx(sum(p[j] for j in inside))
        assert every.q[index] == pytest.approx(sum(q[j] for j in inside))
        assert every.gap[index] == pytest.approx(abs(every.p[index] - every.q[index]))
    assert every.gap.max() == pytest.approx(0.5 * np.abs(p - q).sum())


@settings(max_examples=100, deadline=None)
@given(pairs(most=30))
def test_scipy_agrees(pair):
    p, q = pair
    found = discrete.divergences(p, q)
    places = np.arange(p.size)
    assert set(found) == set(MEASURES)
    assert found["kl"] == pytest.approx(entropy(p, q), abs=1e-12)
    assert found["reverse_kl"] == pytest.approx(entropy(q, p), abs=1e-12)
    assert found["js"] == pytest.approx(np.nan_to_num(jensenshannon(p, q)) ** 2, abs=1e-12)
    assert found["wasserstein"] == pytest.approx(scipy_wasserstein(places, places, p, q), abs=1e-12)
    assert found["hellinger"] == pytest.approx(np.linalg.norm(np.sqrt(p) - np.sqrt(q)) / np.sqrt(2), abs=1e-12)
    assert all(0 <= value <= MEASURES[name].highest for name, value in found.items())


def test_distributions_without_overlap():
    found = discrete.divergences([1, 0, 0], [0, 0.5, 0.5])
    assert found["kl"] == found["reverse_kl"] == found["jeffreys"] == np.inf
    assert found["js"] == pytest.approx(np.log(2))
    assert found["total_variation"] == found["hellinger"] == 1
    assert found["wasserstein"] == pytest.approx(1.5)
    assert found["frechet"] == pytest.approx(np.hypot(1.5, 0.5))


@pytest.mark.parametrize(
    ("p", "q", "sentence"),
    [
        ([0.5, 0.6], [0.5, 0.5], "must sum to 1; they sum to 1.1"),
        ([0.5, 0.5 + 1e-5], [0.5, 0.5], "must sum to 1"),
        ([1.5, -0.5], [0.5, 0.5], "negative: -0.5"),
        ([np.nan, 1], [0.5, 0.5], "NaN or infinite"),
        ([], [], "one row with a number for each outcome"),
        ([[0.5, 0.5]], [0.5, 0.5], "one row with a number for each outcome"),
        (["a", "b"], [0.5, 0.5], "must be numbers"),
        ([1.0], [0.5, 0.5], "has 1 outcomes and the other 2"),
    ],
)
def test_what_is_no_pair_of_distributions_gets_a_sentence(p, q, sentence):
    for call in (discrete.divergences, events):
        with pytest.raises(DataError, match=sentence + r".*\.$"):
            call(p, q)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=6))
def test_any_numbers_are_refused_or_measured(values):
    even = np.full(len(values), 1 / len(values))
    if min(values) >= 0 and abs(sum(values) - 1) < 1e-6:
        assert not np.isnan(list(discrete.divergences(values, even).values())).any()
    else:
        with pytest.raises(DataError, match=r"\.$"):
            discrete.divergences(values, even)


def test_events_stop_at_twelve_outcomes():
    twelve, thirteen = np.full(12, 1 / 12), np.full(13, 1 / 13)
    assert len(events(twelve, twelve).gap) == 4096
    with pytest.raises(DataError, match="up to 12 outcomes; there are 13"):
        events(thirteen, thirteen)
    with pytest.raises(HyperparameterError, match="order α"):
        discrete.divergences(twelve, twelve, order=2)
