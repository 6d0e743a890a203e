"""Probabilities stay probabilities, whatever a person types or drags."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.divergence import simplex
from engine.model import DataError

WEIGHTS = arrays(float, st.integers(2, 8), elements=st.floats(0, 1)).filter(lambda w: w.sum() > 1e-6)


def is_probability(p):
    return (p >= 0).all() and p.sum() == pytest.approx(1, abs=1e-12)


@given(WEIGHTS)
def test_rounding_moves_nothing_by_more_than_a_thousandth(weights):
    p = simplex.rounded(weights)
    assert is_probability(p)
    np.testing.assert_allclose(p * 1000, np.round(p * 1000), atol=1e-9)
    np.testing.assert_allclose(p, weights / weights.sum(), atol=0.001 + 1e-9)


@given(WEIGHTS, st.integers(0, 7), st.floats(-1, 2))
def test_a_moved_probability_takes_its_value_and_the_others_share_the_rest(weights, outcome, value):
    p = simplex.rounded(weights)
    outcome %= p.size
    q = simplex.moved(p, outcome, value)
    assert is_probability(q)
    assert q[outcome] == pytest.approx(np.clip(value, 0, 1), abs=0.001)
    others = np.arange(p.size) != outcome
    if p[others].sum() > 0:
        share = p[others] / p[others].sum()
        np.testing.assert_allclose(q[others], share * (1 - np.clip(value, 0, 1)), atol=0.002)


def test_the_others_share_evenly_where_all_are_zero():
    np.testing.assert_allclose(simplex.moved(np.array([0.0, 1.0, 0.0]), 1, 0.4), [0.3, 0.4, 0.3])


@given(WEIGHTS)
def test_text_is_read_as_it_was_written(weights):
    p = simplex.rounded(weights)
    np.testing.assert_array_equal(simplex.from_text(simplex.to_text(p), p.size), p)


def test_short_text():
    assert simplex.to_text(np.array([0.4, 0.0, 0.125, 0.475])) == "0.4,0,0.125,0.475"
    np.testing.assert_allclose(simplex.from_text(" .33, 0.33,0.33", 3).sum(), 1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There are 2 outcomes and 1 numbers"),
        ("0.2,0.3,0.5", "There are 2 outcomes and 3 numbers"),
        ("0.5,half", "Only numbers"),
        ("nan,0.5", "between 0 and 1"),
        ("inf,0", "between 0 and 1"),
        ("-0.5,1.5", "between 0 and 1"),
        ("0.5,0.4", "they sum to 0.9"),
        ("0,0", "they sum to 0"),
    ],
)
def test_bad_text_gets_a_sentence(text, sentence):
    with pytest.raises(DataError, match=sentence):
        simplex.from_text(text, 2)


@pytest.mark.parametrize("weights", [[np.nan, 1], [np.inf, 1], [-0.1, 1.1], [0, 0]])
def test_numbers_that_are_no_weights_are_refused(weights):
    with pytest.raises(DataError, match="Probabilities must be"):
        simplex.rounded(weights)


def test_random_draws_repeat_by_seed_and_fall_evenly():
    np.testing.assert_array_equal(simplex.random(4, 3), simplex.random(4, 3))
    draws = np.stack([simplex.random(4, seed) for seed in range(400)])
    np.testing.assert_allclose(draws.mean(axis=0), 0.25, atol=0.04)
    np.testing.assert_array_equal(simplex.falling(4), [0.4, 0.3, 0.2, 0.1])
