"""The figure of a fit shows the target in bands of equal mass, and a frame for every step."""

import numpy as np
import plotly.graph_objects as go

from engine.grid import Grid
from engine.plots.fits import FRAMES, caption, fit_figure, frame_numbers

GRID = Grid.over(((-4.0, 4.0), (-4.0, 4.0)), 240)
NORMAL = (np.exp(-0.5 * (GRID.points**2).sum(axis=1)) / (2 * np.pi)).reshape(GRID.shape)


def figure(**options):
    means = [np.array([[2.0, 1.0]]), np.array([[1.0, 0.5]]), np.array([[0.0, 0.0]])]
    outlines = [mean[:, None] + np.zeros((1, 5, 2)) for mean in means]
    return fit_figure(NORMAL, GRID, means, outlines, ["a", "b", "c"], **options)


def test_a_frame_shows_the_way_so_far_and_q_where_it_is():
    drawn = figure()
    assert [frame["name"] for frame in drawn["frames"]] == ["a", "b", "c"]
    way, outline, mean = drawn["frames"][1]["data"]
    np.testing.assert_array_equal(way["x"][:2], [2.0, 1.0])
    assert np.isnan(way["x"][2:]).all()
    assert outline["x"][0] == mean["x"][0] == 1.0
    assert [drawn["data"][number]["name"] for number in drawn["frames"][1]["traces"]] == ["way", "q", "means of q"]
    go.Figure({name: drawn[name] for name in ("data", "layout")})  # is valid


def test_bands_of_a_normal_hold_their_mass():
    scale = figure()["data"][0]["colorscale"]
    edges = sorted({at for at, _ in scale})[1:-1]
    # The region of mass α of a 2-D normal is where the density is at least (1 − α) of its peak.
    np.testing.assert_allclose(edges, [0.05, 0.2, 0.4, 0.6, 0.8], atol=0.02)


def test_optima_are_solid_where_global_and_dashed_where_local():
    ring = np.zeros((1, 5, 2))
    drawn = figure(optima=[(ring, True), (ring, False)], starts=(np.zeros((3, 2)), np.array([0, 1, -1])))
    dashes = {trace["name"]: trace["line"]["dash"] for trace in drawn["data"] if "optimum" in trace["name"]}
    assert dashes == {"global optimum": "solid", "local optimum": "dash"}
    assert len(set(drawn["data"][1]["marker"]["color"])) == 3


def test_basins_take_the_colours_of_their_optima():
    coarse = Grid.over(GRID.domain, 4)
    labels = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [0, -1, 1, 2], [0, 0, 2, 2]])
    drawn = figure(optima=[(np.zeros((1, 5, 2)), True)] * 3, basins=(labels, coarse))
    field, lines = drawn["data"][:2]
    assert (lines["type"], lines["name"]) == ("contour", "p")
    outlined = [trace["line"]["color"] for trace in drawn["data"] if trace["name"] == "global optimum"]
    for label in (-1, 0, 1, 2):
        place = (label - field["zmin"]) / (field["zmax"] - field["zmin"])
        tones = {
            tone
            for (low, tone), (high, _) in zip(field["colorscale"][::2], field["colorscale"][1::2], strict=True)
            if low <= place <= high
        }
        assert tones == {"#00000000" if label < 0 else f"{outlined[label]}73"}


def test_long_histories_are_shown_in_strides():
    assert frame_numbers(1) == [0]
    assert frame_numbers(10) == list(range(10))
    shown = frame_numbers(1000)
    assert len(shown) == FRAMES
    assert (shown[0], shown[-1]) == (0, 999)


def test_captions_have_units_and_infinity():
    assert caption(3, 0.25, "nats") == "iteration 3: 0.2500\u00a0nats"
    assert caption(0, np.inf, "") == "iteration 0: ∞"
