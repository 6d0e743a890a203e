"""Histories side by side: each shows its last snapshot until the moment."""

import numpy as np
import pytest

from engine.plots.fits import FRAMES
from engine.plots.moments import common_moments


def test_each_history_shows_its_last_entry_until_the_moment():
    moments, (first, second) = common_moments([[0.1, 0.5, 2.0], [0.1, 1.0]])
    assert moments == [0.1, 0.5, 1.0, 2.0]
    assert first == [0, 1, 1, 2]
    assert second == [0, 0, 1, 1]


def test_a_history_that_has_not_begun_shows_its_first():
    assert common_moments([[0.1, 1.0], [3.0]])[1] == [[0, 1, 1], [0, 0, 0]]


def test_growing_histories_are_shown_up_to_where_all_have_come():
    moments, shown = common_moments([[1.0, 2.0, 3.0], [1.0, 2.0], [1.0, 9.0]], [True, True, False])
    assert moments == [1.0, 2.0]
    assert shown == [[0, 1], [0, 1], [0, 0]]


@pytest.mark.parametrize("n", [2, 500])
def test_long_histories_are_thinned_and_keep_both_ends(n):
    epochs = np.arange(1, n + 1) / 7
    moments, (shown, _) = common_moments([epochs, epochs[:2]])
    assert len(moments) == min(n, FRAMES)
    assert (moments[0], moments[-1]) == (epochs[0], epochs[-1])
    assert np.array_equal(epochs[shown], moments)
