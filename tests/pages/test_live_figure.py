"""What a live figure sends to the browser, and the plotly.js that the app serves."""

from __future__ import annotations

import base64
import gzip
import json
import re
import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
import plotly
import plotly.graph_objects as go
import pytest
from starlette.requests import Request
from starlette.routing import Match
from streamlit.testing.v1 import AppTest

from engine.plots import style
from pages.components.live_figure import _message
from pages.components.routes import ROUTES
from pages.components.serving.files import FILES
from pages.components.serving.plotly import PLOTLY_FILE, serve_plotly

OPTIONS = {"height": 300, "alt": "A figure", "link": None, "file_name": "figure"}


def read(message: bytes) -> tuple[float, dict, dict, dict, np.ndarray]:
    """Read a message as live_figure.js does: frame, options, what Plotly draws, what is painted, its arrays."""
    frame, *lengths = struct.unpack_from("<dIII", message)
    ends = np.cumsum([20, *lengths])
    parts = [json.loads(message[start:end]) for start, end in pairwise(ends)]
    return frame, *parts, np.frombuffer(message[ends[-1] :], "<f4")


def test_a_message_carries_the_figure_exactly():
    z = np.random.default_rng(0).normal(size=(7, 5))
    z[0, 0] = np.nan
    _, options, figure, painted, _ = read(_message(go.Figure(go.Heatmap(z=z), style.layout()), **OPTIONS))
    sent = figure["data"][0]["z"]
    received = np.frombuffer(base64.b64decode(sent["bdata"]), sent["dtype"]).reshape(7, 5)
    np.testing.assert_array_equal(received, z)
    assert {name: options[name] for name in OPTIONS} == OPTIONS
    assert painted == {"kernel": None, "caption": None, "traces": {}, "frames": []}


def test_painted_traces_go_beside_the_figure_as_raw_arrays():
    x, z = np.arange(3, dtype=np.float32), np.array([[1.0, np.nan, 3.0], [4.0, 5.0, 6.0]])
    field = {"type": "heatmap", "x": x, "z": z[:, ::-1], "meta": style.PAINTED}
    kernel = {"trace": 1, "x": [None, 1.0]}
    layout = {"width": np.int64(3), "meta": {"kernel": kernel}}
    message = _message({"data": [{"type": "scatter", "y": [1]}, field], "layout": layout}, **OPTIONS)
    _, _, figure, painted, arrays = read(message)
    assert figure == {"data": [{"type": "scatter", "y": [1]}], "layout": {"width": 3}}
    assert painted["kernel"] == kernel
    sent = painted["traces"]["1"]
    assert sent["x"] == {"start": 0, "shape": [3]}
    np.testing.assert_array_equal(arrays[:3], x)
    np.testing.assert_array_equal(arrays[sent["z"]["start"] :].reshape(sent["z"]["shape"]), z[:, ::-1])


def test_a_dict_is_sent_as_the_figure_it_describes():
    description = {"data": [{"type": "scatter", "x": [1, 2], "y": [3, 4]}], "layout": {"title": {"text": "a </b>"}}}
    assert read(_message(description, **OPTIONS))[2]["data"] == description["data"]
    assert read(_message(description, **OPTIONS))[2]["layout"]["title"] == {"text": "a </b>"}


def test_frame_numbers_grow():
    frames = [read(_message({"data": []}, **OPTIONS))[0] for _ in range(5)]
    assert frames == sorted(frames)
    assert frames[-1] > frames[0]


def test_options_may_hold_any_language():
    assert read(_message({"data": []}, **OPTIONS | {"alt": "Densité, 密度"}))[1]["alt"] == "Densité, 密度"


def test_the_browser_can_find_each_colour_it_swaps():
    dark = read(_message({"data": []}, **OPTIONS))[1]["dark"]
    assert dark[style.DATA.upper()] == style.DARK[style.DATA]
    assert len(dark) == len(style.DARK)
    assert all(re.fullmatch("#[0-9A-F]{6}", colour) for colour in dark)


def test_a_page_shows_figures_in_apptest():
    def page():
        import plotly.graph_objects as go

        from pages.components.live_figure import live_figure

        live_figure(go.Figure(go.Scatter(y=[1, 2])), key="a", height=200, alt="A line")
        live_figure({"data": []}, key="b", height=200, alt="Nothing", link="plane")

    app = AppTest.from_function(page).run()
    assert not app.exception
    assert len(app.get("bidi_component")) == 2


@pytest.mark.parametrize("prefix", ["/", "/base/", "/a/proxy/"])
def test_the_library_is_found_under_any_base_path(prefix):
    scope = {"type": "http", "method": "GET", "path": prefix + PLOTLY_FILE}
    assert ROUTES[0].matches(scope)[0] == Match.FULL
    assert ROUTES[0].matches(scope | {"path": prefix + "other.js"})[0] == Match.NONE


@pytest.mark.parametrize("encoding", ["gzip, br", "identity"])
def test_the_library_is_the_plotly_package_s_own(encoding):
    request = Request({"type": "http", "headers": [(b"accept-encoding", encoding.encode())]})
    response = serve_plotly(request)
    packed = response.headers.get("content-encoding") == "gzip"
    assert packed == ("gzip" in encoding)
    source = gzip.decompress(response.body) if packed else response.body
    assert source == (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()
    assert "immutable" in response.headers["cache-control"]
    assert plotly.__version__ in PLOTLY_FILE


def test_frames_as_files_are_named_and_what_they_say_anew_is_not_sent():
    x = np.arange(4, dtype=np.float32)
    dots = {"type": "scatter", "x": x, "y": x, "marker": {"size": 3}, "meta": style.PAINTED}
    frames = [
        {"name": f"step {i}", "traces": [0], "data": [{"x": x + i, "y": [x, x * i], "marker": {"size": i}}]}
        for i in range(3)
    ]
    message = _message({"data": [dots], "frames": frames}, as_files=True, **OPTIONS)
    *_, painted, arrays = read(message)
    assert painted["traces"] == {"0": {"type": "scatter", "meta": style.PAINTED}}
    assert len(arrays) == 0
    last = painted["frames"][2]
    numbers = np.frombuffer(FILES.get(last["file"]), "<f4")
    np.testing.assert_array_equal(numbers, np.concatenate([x + 2, x, 2 * x]))
    assert last["data"] == [
        {"x": {"at": 0, "shape": [4]}, "y": [{"at": 4, "shape": [4]}, {"at": 8, "shape": [4]}], "marker": {"size": 2}}
    ]
    assert len({frame["file"] for frame in painted["frames"]}) == 3


def test_what_only_some_frames_say_stays_in_the_trace():
    x = np.arange(2, dtype=np.float32)
    traces = [{"type": "scatter", "x": x, "y": x, "meta": style.PAINTED} for _ in range(2)]
    frames = [
        {"name": "a", "traces": [0, 1], "data": [{"x": x}, {"x": x}]},
        {"name": "b", "traces": [0], "data": [{"x": x}]},
    ]
    *_, painted, _ = read(_message({"data": traces, "frames": frames}, as_files=True, **OPTIONS))
    assert [sorted(painted["traces"][number]) for number in "01"] == [
        ["meta", "type", "y"], ["meta", "type", "x", "y"],
    ]  # fmt: skip


def test_dates_are_told_apart_by_the_browser():
    """In float32 a day is a quarter of a day wide at today's Julian dates."""
    x = 2459000.5 + np.linspace(-0.3, 0.3, 50)
    trace = {"type": "scatter", "mode": "markers", "x": x, "y": np.arange(50.0), "meta": style.PAINTED}
    _, _, _, painted, arrays = read(_message({"data": [trace], "layout": {}}, **OPTIONS))
    sent = painted["traces"]["0"]
    np.testing.assert_allclose(arrays[:50].astype(np.float64) + sent["x"]["shift"], x, atol=1e-6)
    assert "shift" not in sent["y"]
