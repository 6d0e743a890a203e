"""Numbers as people read them, near 0 and far from it."""

import numpy as np
import pytest

from engine.grid import Grid
from engine.plots.density import Overlay, density_figure
from engine.plots.numbers import as_precise, digits_for

FAR = (2459000.2, 2459000.8)


@pytest.mark.parametrize(
    ("domain", "digits"), [(((-4.0, 4.0),), 3), (((0.0, 10.0),), 3), ((FAR,), 10), (((-4.0, 4.0), FAR), 10)]
)
def test_a_coordinate_tells_a_hundredth_of_the_domain_apart(domain, digits):
    assert digits_for(domain) == digits
    low, high = domain[-1]
    written = {f"{low + part * (high - low) / 100:.{digits}g}" for part in range(101)}
    assert len(written) == 101


def test_an_estimate_is_written_as_precisely_as_it_is_known():
    assert as_precise(2459000.4995, 0.0058) == "2459000.4995"
    assert as_precise(-0.123456, 0.1) == "−0.1235"
    assert as_precise(0.0, 0.1) == "0"
    assert as_precise(1.23456, None) == "1.235"


def test_axes_and_data_of_a_picture_far_away_are_exact():
    grid = Grid.over((FAR, FAR), 16)
    points = np.random.default_rng(0).uniform(*FAR, (20, 2))
    figure = density_figure(np.ones((16, 16)), grid, Overlay(points=points, sample=points))
    field, _, *scatter = figure["data"]
    np.testing.assert_array_equal(field["x"], grid.axes[0])
    assert all(np.array_equal(trace["x"], points[:, 0]) for trace in scatter)
    assert ":.10g}" in field["hovertemplate"]
    assert figure["layout"]["xaxis"]["range"] == list(FAR)
