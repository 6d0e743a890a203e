"""Figures show what they are given, in the house's colours."""

import numpy as np
import plotly.graph_objects as go
import pytest

from engine.grid import Grid
from engine.model import SelectionCurve
from engine.plots import style
from engine.plots.curves import convergence_figure, inverse_cdf_figure, likelihood_figure, selection_figure
from engine.plots.density import Overlay, density_figure, hover_kernel, mass_levels

GRID = Grid.over(((-4.0, 4.0), (-4.0, 4.0)), 80)


def normal(grid):
    return np.exp(-0.5 * (grid.points**2).sum(axis=1)).reshape(grid.shape) / (2 * np.pi) ** (grid.dimension / 2)


def test_mass_levels_of_a_normal_are_its_chi_squared_probabilities():
    # The region of density at least p(x) is the disc of radius |x|, of mass 1 − exp(−|x|²/2).
    expected = 1 - np.exp(-0.5 * (GRID.points**2).sum(axis=1)).reshape(GRID.shape)
    np.testing.assert_allclose(mass_levels(normal(GRID)), expected, atol=0.02)


def test_cells_of_equal_density_share_a_mass_level():
    levels = mass_levels(np.array([[2.0, 2.0], [1.0, 0.0]]))
    np.testing.assert_allclose(levels, [[0.8, 0.8], [1.0, 1.0]])


def test_the_heat_map_holds_density_data_sample_and_kernel():
    x = np.zeros((3, 2), np.float32)
    kernel = hover_kernel(np.array([[1.0, 0.0], [np.nan, np.nan]]), None, np.ones(1))
    figure = go.Figure(density_figure(normal(GRID), GRID, Overlay(points=x, sample=x + 1, kernel=kernel)))
    np.testing.assert_array_equal(figure.data[0].z, normal(GRID).astype(np.float32))
    by_name = {trace.name: trace for trace in figure.data}
    assert by_name["data"].marker.color == style.DATA
    assert by_name["sample"].marker.color == style.MODEL
    assert figure.data[figure.layout.meta["kernel"]["trace"]].name == "data"
    assert figure.layout.meta["kernel"]["x"] == [1.0, None]
    assert figure.layout.yaxis.scaleanchor == "x"
    assert [figure.layout.xaxis.title.text, figure.layout.yaxis.title.text] == ["x₁", "x₂"]


def test_one_dimension_is_a_curve_with_the_truth_and_a_rug():
    grid = Grid.over(((-4.0, 4.0),), 50)
    figure = go.Figure(density_figure(normal(grid), grid, Overlay(points=np.zeros((2, 1)), truth=normal(grid))))
    assert [trace.name for trace in figure.data] == ["truth", "density", "data"]
    assert tuple(figure.layout.xaxis.range) == (-4.0, 4.0)


def test_a_surface_is_drawn_in_three_dimensions():
    assert go.Figure(density_figure(normal(GRID), GRID, Overlay(), surface=True)).data[0].type == "surface"


def test_blended_colours():
    assert style.blend(np.array([[1.0, 0.0], [0.0, 1.0]])) == [style.CLASSES[0], style.CLASSES[1]]


@pytest.mark.parametrize("bad", [0.0, -np.inf])
def test_a_selection_curve_shows_its_best_and_survives_minus_infinity(bad):
    values = np.geomspace(0.01, 1, 5)
    scores = np.array([bad, -3.0, -1.0, -2.0, -4.0])
    curve = SelectionCurve("bandwidth", values, {"score": scores}, {"score": values[2]}, "nats", False)
    figure = selection_figure(curve, 0.1)
    low, high = figure.layout.yaxis.range
    assert low < -1.0 < high
    assert figure.data[1].x[0] == values[2]


def test_other_figures_hold_their_numbers():
    n = np.array([10, 100])
    figure = convergence_figure(n, {"a": np.array([1.0, 0.1])}, {"a": np.zeros(2)}, -1.0)
    assert figure.data[1].y[1] / figure.data[1].y[0] == pytest.approx(0.1)
    axes = (np.array([0.0, 1.0]), np.array([0.0, 1.0, 2.0]))
    surface = np.array([[-2.0, -1.0], [-3.0, -np.inf], [-4.0, -5.0]])
    figure = likelihood_figure(("a", "b"), axes, surface, (1.0, 0.0))
    assert figure.data[1].x[0] == 1.0
    figure = inverse_cdf_figure(np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([0.3]), np.array([0.3]))
    assert figure.data[3].x[0] == 0.3


def test_the_names_of_the_columns_stand_at_the_axes_and_are_only_text():
    names = ("height <b>in</b> cm & more", "%{y} " + "long " * 10)
    shown = ("height ‹b>in‹/b> cm &\u2060 more", "%\u2060{y} long long long long long…")
    figure = density_figure(normal(GRID), GRID, Overlay(names=names))
    assert tuple(figure["layout"][axis]["title"]["text"] for axis in ("xaxis", "yaxis")) == shown
    assert figure["data"][0]["hovertemplate"].startswith(f"{shown[0]} %{{x:.3g}}, {shown[1]} %{{y:.3g}}<br>")
    scene = density_figure(normal(GRID), GRID, Overlay(names=("rain", "wind")), surface=True)["layout"]["scene"]
    assert [scene[axis]["title"]["text"] for axis in ("xaxis", "yaxis")] == ["rain", "wind"]
    line = Grid.over(((-4.0, 4.0),), 50)
    curve = density_figure(normal(line), line, Overlay(names=("rain",)))
    assert curve["layout"]["xaxis"]["title"]["text"] == "rain"
    plain = density_figure(normal(GRID), GRID, Overlay())
    assert plain["layout"]["xaxis"]["title"]["text"] == "x₁"
