"""An edited mixture: ellipses and covariances are two ways to say one thing, and the link keeps it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.divergence.components import Component, components_of, from_text, mixture_of, to_text
from engine.divergence.targets import PRESETS
from engine.model import DataError

numbers = st.floats(-5, 5)
widths = st.floats(0.2, 4)


@pytest.mark.parametrize("name", [name for name, make in PRESETS.items() if make(1.0).dimension == 2])
def test_a_preset_survives_being_edited(name):
    target = PRESETS[name](1.0)
    again = mixture_of(components_of(target))
    np.testing.assert_allclose(again.weights, target.weights, atol=2e-3)
    np.testing.assert_allclose(again.means, target.means, atol=1e-3)
    np.testing.assert_allclose(again.covariances, target.covariances, atol=6e-3)


@given(numbers, numbers, widths, widths, st.floats(0, 179))
def test_the_ellipse_is_the_covariance(x, y, along, across, angle):
    one = Component(1.0, x, y, along, across, angle)
    variances = np.sort(np.linalg.eigvalsh(one.covariance))
    np.testing.assert_allclose(variances, np.sort([one.along**2, one.across**2]), rtol=1e-9)
    for name, tip in one.tips.items():
        gap = np.array(tip) - (one.x, one.y)
        # Two standard deviations away: (x − μ)ᵀ Σ⁻¹ (x − μ) = 4.
        assert gap @ np.linalg.solve(one.covariance, gap) == pytest.approx(4)
        moved = one.with_tip(name, *tip)
        np.testing.assert_allclose(moved.covariance, one.covariance, atol=0.02 * variances[1])


@given(numbers, numbers, st.floats(1, 4), st.floats(0, 6), st.sampled_from(["along", "across"]))
def test_a_tip_goes_where_it_is_dragged(x, y, far, angle, axis):
    one = Component(1.0, x, y, 1.0, 2.0, 30.0)
    at = one.x + far * np.cos(angle), one.y + far * np.sin(angle)
    tip = one.with_tip(axis, *at).tips[axis]
    opposite = 2 * np.array([one.x, one.y]) - tip  # an axis has two ends
    assert min(np.abs(np.subtract(tip, at)).max(), np.abs(opposite - at).max()) < 2e-3


def test_text_keeps_components():
    components = components_of(PRESETS["Three modes"](1.3))
    assert from_text(to_text(components)) == components


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "a,b,c,d,e,f", "0,0,0,1,1,0", "nan,0,0,1,1,0", ";".join(["1,0,0,1,1,0"] * 10)]
)
def test_other_text_gets_a_sentence(text):
    with pytest.raises(DataError, match=r"\.$"):
        from_text(text)


def test_what_lies_beyond_is_moved_to_the_edge():
    one = Component(7.0, 1e9, -1e9, 0.0, 1e9, -90.0)
    assert (one.weight, one.x, one.y, one.along, one.across, one.angle) == (1.0, 20.0, -20.0, 0.1, 8.0, 90.0)
