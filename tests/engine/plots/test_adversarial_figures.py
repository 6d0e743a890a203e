"""Curves of a game: what they hold, their axes, and bands of the right width."""

import numpy as np
import plotly.graph_objects as go
import pytest

from engine.plots import style
from engine.plots.adversarial import curves_figure, measured, measures_figure, modes_figure, scores_figure

ITERATIONS = list(range(1, 101))


def test_losses_are_named_curves_with_a_mark():
    falling = [100.0, *np.linspace(2, 1, 99)]
    made = curves_figure(ITERATIONS, {"D": falling, "G": [0.7] * 100}, "nats", marks={"2 ln 2": 2 * np.log(2)})
    figure = go.Figure(made)
    assert [trace.name for trace in figure.data] == ["D", "G", "2 ln 2"]
    np.testing.assert_allclose(figure.data[0].y, falling)
    assert figure.layout.yaxis.title.text == "nats"
    assert figure.layout.xaxis.title.text == "iteration"
    low, high = figure.layout.yaxis.range
    assert low == 0
    assert 2 < high < 3  # the first step's fall from afar is cut off


def test_negative_losses_and_empty_histories_have_a_range():
    low, high = curves_figure(ITERATIONS, {"critic": np.linspace(-3, -1, 100).tolist()}, "")["layout"]["yaxis"][
        "range"
    ]
    assert low < -2.9
    assert high >= 0
    for figure in (curves_figure([], {"D": []}, "nats"), curves_figure([1], {"D": [0.0]}, "nats")):
        low, high = figure["layout"]["yaxis"]["range"]
        assert low < high
        go.Figure(figure)


def test_scores_are_blue_and_orange_and_a_half_is_marked():
    figure = go.Figure(scores_figure(ITERATIONS, [0.9] * 100, [0.1] * 100))
    assert [trace.line.color for trace in figure.data] == [style.DATA, style.MODEL, style.TRUTH]
    assert tuple(figure.layout.yaxis.range) == (0, 1)
    assert set(figure.data[2].y) == {0.5}
    critic = go.Figure(scores_figure(ITERATIONS, [9.0] * 100, [-3.0] * 100, probability=False))
    assert len(critic.data) == 2
    assert critic.layout.yaxis.range[0] < -3 < 9 < critic.layout.yaxis.range[1]


def test_bands_are_two_errors_wide_to_either_side():
    kl, error = np.linspace(1, 0.2, 100), np.full(100, 0.05)
    marks = {"ln 2": np.log(2)}
    figure = go.Figure(
        measures_figure(ITERATIONS, {"KL": kl, "JS": kl / 2}, {"KL": error, "JS": error}, "nats", marks=marks)
    )
    band, line = figure.data[0], figure.data[1]
    np.testing.assert_allclose(band.y[:100], kl - 0.1)
    np.testing.assert_allclose(band.y[:99:-1], kl + 0.1)
    assert band.fill == "toself"
    assert line.name == "KL"
    assert [trace.showlegend for trace in figure.data[::2]] == [False, False, None]
    assert figure.layout.yaxis.range[1] == pytest.approx(1.08 * kl[2])


def test_modes_are_shares_in_per_cent():
    figure = go.Figure(modes_figure([1, 2], [4, 8], 8, [0.5, 0.97]))
    np.testing.assert_allclose(figure.data[0].y, [50, 100])
    np.testing.assert_allclose(figure.data[1].y, [50, 97])
    assert "of 8" in figure.data[0].name
    assert figure.layout.yaxis.title.text == "per cent"


def test_a_lower_bound_is_written_and_drawn_as_one():
    figures = {"kl": 0.25, "kl_error": 0.0, "kl_is_bound": 1.0, "js": 0.1, "js_error": 0.02}
    assert (measured(figures, "kl"), measured(figures, "js")) == ("≥ 0.250", "0.100 ± 0.020")
    assert measured(figures | {"kl_error": 0.03, "kl_is_bound": 0.0}, "kl") == "0.250 ± 0.030"
    values, errors = {"KL": [0.2, 0.3, 0.1]}, {"KL": [0.0, 0.0, 0.05]}
    drawn = measures_figure([1, 2, 3], values, errors, "nats", bounds={"KL": [1.0, 1.0, 0.0]})["data"]
    (arrows,) = [trace for trace in drawn if trace["mode"] == "markers"]
    assert (arrows["x"], arrows["y"]) == ([1, 2], [0.2, 0.3])
