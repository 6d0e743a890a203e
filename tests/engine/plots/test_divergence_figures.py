"""Figures of the divergence lab show the numbers they are given, and infinity as infinity."""

import numpy as np
import plotly.graph_objects as go
import pytest

from engine.divergence import coin_sum, gaussian_landscape, kl_integrands, parallel_lines
from engine.divergence.targets import separated_target
from engine.grid import Grid
from engine.plots import style
from engine.plots.blind import NAMES, TAIL, TOP, blindness_figure, coin_figure, coin_rates_figure, lines_figure
from engine.plots.divergence import histogram_figure, integrands_figure, landscape_figure
from engine.plots.numbers import amount

GRID = Grid.over(((-20.0, 20.0),), 800)
TARGET = separated_target(4.0, 0.6, 0.6, dimension=1)
THETA = np.linspace(-2, 2, 41)


def named(figure, name):
    return next(trace for trace in figure["data"] if trace.get("name") == name)


def landscape(measure):
    found = gaussian_landscape(TARGET, GRID, measure, np.linspace(-5, 5, 41), np.linspace(0.15, 4.5, 30))
    optima = [(one.mean, one.deviation, one.value) for one in found.optima]
    return found, optima, landscape_figure(found.means, found.deviations, found.values, optima, "KL")


def blindness(now, blur=0.0):
    curves = {name: values for name, values in parallel_lines(THETA, blur).items() if name in NAMES}
    values = {name: float(value[0]) for name, value in parallel_lines([now], blur).items()}
    return blindness_figure(THETA, curves, now, values, sharp=not blur)


def figures():
    found = kl_integrands(TARGET, GRID, 0.5, 1.0)
    coins = coin_sum(5)
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    n = np.arange(1.0, 5)
    return {
        "integrands": integrands_figure(found.x, found.p, found.q, found.kl, found.reverse_kl, (-6, 6)),
        "landscape": landscape("kl")[2],
        "histogram": histogram_figure(p, q, p > q, (style.DATA, style.MODEL), "P", "Q"),
        "lines": lines_figure(0.6, 0.2),
        "blindness": blindness(0.6),
        "coins": coin_figure(coins.support, coins.pmf),
        "rates": coin_rates_figure(n, 1 / n, 0.5 / n, 2),
    }


@pytest.mark.parametrize("name", figures())
def test_plotly_takes_every_figure(name):
    figure = figures()[name]
    assert len(go.Figure(figure).data) == len(figure["data"])
    assert all(figure["layout"][axis]["title"]["text"] for axis in ("xaxis", "yaxis"))


def test_amounts_are_read_with_their_units():
    assert amount(np.inf) == "∞\u00a0nats"
    assert amount(-np.inf, "") == "−∞"
    assert amount(-0.5, "data units", ".2f") == "−0.50\u00a0data units"


def test_integrands_lie_under_the_densities_on_one_axis_and_share_the_pointer():
    figure = figures()["integrands"]
    p, forward = named(figure, "p"), named(figure, "p log p/q")
    np.testing.assert_allclose(GRID.integrate(forward["y"]), 1.844, atol=2e-3)
    assert (p.get("xaxis"), forward["yaxis"]) == (None, "y2")
    layout = figure["layout"]
    assert layout["hoversubplots"] == "axis"
    assert layout["yaxis"]["domain"][0] > layout["yaxis2"]["domain"][1]
    assert layout["yaxis2"]["range"][1] > forward["y"].max()
    assert {p["line"]["color"], named(figure, "q")["line"]["color"]} == {style.DATA, style.MODEL}


def test_an_infinite_integrand_leaves_the_axis_finite():
    x = np.linspace(-1, 1, 5)
    infinite = np.array([0, 1, np.inf, 1, 0.0])
    figure = integrands_figure(x, x + 1, x + 1, infinite, 0 * x, (-1, 1))
    assert np.isfinite(figure["layout"]["yaxis2"]["range"]).all()


@pytest.mark.parametrize(("measure", "signs"), [("kl", "×"), ("reverse_kl", "×○○")])
def test_each_optimum_is_marked_where_it_lies_with_its_value(measure, signs):
    found, optima, figure = landscape(measure)
    marks = figure["layout"]["annotations"]
    assert "".join(mark["text"].strip("</b>") for mark in marks[::2]) == signs
    for (mean, deviation, value), sign, number in zip(optima, marks[::2], marks[1::2], strict=True):
        assert (sign["x"], sign["y"]) == (number["x"], number["y"]) == (mean, deviation)
        assert float(number["text"]) == pytest.approx(value, abs=5e-4)
    heat = figure["data"][0]
    np.testing.assert_allclose(heat["z"], found.values, rtol=1e-6)
    assert heat["zmin"] == optima[0][2]
    assert {"x", "y", "z", "colorscale"} <= set(heat)


def test_equal_optima_are_both_global():
    even = separated_target(4.0, 0.5, 0.6, dimension=1)
    found = gaussian_landscape(even, GRID, "reverse_kl", np.linspace(-4, 4, 41), np.linspace(0.2, 4, 20))
    optima = [(one.mean, one.deviation, one.value) for one in found.optima]
    marks = landscape_figure(found.means, found.deviations, found.values, optima, "KL")["layout"]["annotations"]
    assert [mark["text"] for mark in marks[::2]] == ["<b>×</b>", "<b>×</b>", "<b>○</b>"]


def test_what_the_grid_cannot_see_is_left_blank():
    values = np.array([[1.0, np.inf], [2.0, 3.0]])
    heat = landscape_figure(np.arange(2.0), np.arange(1.0, 3), values, [(0.0, 1.0, 1.0)], "KL")["data"][0]
    assert np.isnan(heat["z"][0, 1])
    assert np.isfinite(heat["z"]).sum() == 3


def test_the_event_s_outcomes_are_lit():
    figure = figures()["histogram"]
    bars = named(figure, "P")
    np.testing.assert_array_equal(bars["y"], [0.5, 0.3, 0.2])
    assert list(np.asarray(bars["marker"]["line"]["width"]) > 0) == [True, False, False]
    labels = figure["layout"]["xaxis"]["ticktext"]
    assert [style.ALERT in label for label in labels] == [True, False, False]
    assert labels[2].endswith("0.200")
    np.testing.assert_array_equal(named(figure, "Q")["y"], [0.2, 0.3, 0.5])


def test_sharp_lines_have_an_infinite_kl_at_the_upper_edge_and_leap_at_zero():
    figure = blindness(0.6)
    kl = named(figure, "KL = ∞ for θ ≠ 0")
    away, zero = THETA != 0, THETA == 0
    assert zero.sum() == 1
    assert (kl["y"][away] > 0.95 * TOP).all()
    assert (kl["y"][away] < TOP).all()
    for name, value in {"JS (nats)": np.log(2), "TV": 1.0}.items():
        curve = named(figure, name)["y"]
        np.testing.assert_allclose(curve[away], value)
        assert np.isnan(curve[zero]).all()
    np.testing.assert_allclose(named(figure, "W₁ (data units)")["y"], np.abs(THETA))
    markers = [trace for trace in figure["data"] if trace["mode"] == "markers"]
    dots = [dot for trace in markers for dot in zip(trace["x"], trace["y"], strict=True)]
    assert dots.count((0.0, 0.0)) == 3
    assert (0.6, 1.0) in dots
    assert figure["layout"]["shapes"][0]["x0"] == 0.6


def test_blurred_lines_have_a_finite_kl():
    kl = named(blindness(0.4, 0.2), "KL (nats)")["y"]
    np.testing.assert_allclose(kl, THETA**2 / (2 * 0.2**2), atol=1e-8)


def test_the_shaded_area_is_the_wasserstein_distance():
    coins = coin_sum(9)
    figure = coin_figure(coins.support, coins.pmf)
    steps, normal = named(figure, "F, of the coins"), named(figure, "Φ, of N(0, 1)")
    x = np.linspace(-TAIL, TAIL, 20_001)
    f = steps["y"][np.searchsorted(steps["x"], x, side="right") - 1]
    area = np.trapezoid(np.abs(f - np.interp(x, normal["x"], normal["y"])), x)
    assert area == pytest.approx(coins.measures["wasserstein"], rel=5e-3)
    assert steps["fill"] == "tonexty"


@pytest.mark.parametrize("n", [1, 2, 50, 200])
def test_the_steps_start_and_end_at_the_window_s_edges(n):
    coins = coin_sum(n)
    steps = named(coin_figure(coins.support, coins.pmf), "F, of the coins")
    assert (steps["x"][0], steps["x"][-1]) == (-TAIL, TAIL)
    assert (np.diff(steps["y"]) >= 0).all()
    assert steps["y"][-1] > 0.999


def test_bands_show_the_blur():
    assert len(lines_figure(0.6, 0.0)["data"]) == 2
    band = lines_figure(0.6, 0.2)["data"][2]
    assert (min(band["x"]), max(band["x"])) == pytest.approx((0.4, 0.8))
