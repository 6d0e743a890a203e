"""The drawing pad's Python side: what it keeps, what it refuses, and what crosses the wire."""

from __future__ import annotations

import base64
import json
import struct

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from engine.model import DataError
from pages.components import drawing_pad as module
from pages.components.drawing_pad import MARKER, MAX_POINTS, SECOND_CLASS, current_drawing, drawing_pad, place_points

SQUARE = ((-3.0, 3.0), (-3.0, 3.0))


@pytest.fixture
def session(monkeypatch):
    """A session without a browser; the frames that would be mounted are kept under "frames"."""
    state: dict = {"frames": []}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(module, "_mount", lambda *, data, **_: state["frames"].append(data))
    return state


def unpack(frame: bytes) -> tuple[dict, np.ndarray]:
    (length,) = struct.unpack_from("<I", frame)
    return json.loads(frame[4 : 4 + length]), np.frombuffer(frame[4 + length :], "<f8").reshape(-1, 3)


def send(session: dict, points, *, revision: int, sequence: int, changes: dict | None = None) -> None:
    """Do what the browser does: leave a message in the component's state and fire the callback."""
    encoded = base64.b64encode(np.asarray(points, "<f8").tobytes()).decode()
    session["pad.pad"] = {
        "drawing": {"revision": revision, "sequence": sequence, "points": encoded} | (changes or {})
    }
    module._receive("pad")


def test_placed_points_come_back_with_labels_and_markers(session):
    x = np.array([[0.5, -1.25], [2.0, 1.0], [-3.0, 3.0]])
    place_points("pad", x, labels=[0, 1, 1], markers=[[0.0, 1.5]])  # before the pad is first shown
    drawing = drawing_pad("pad", domain=SQUARE)
    np.testing.assert_array_equal(drawing.x, x)
    np.testing.assert_array_equal(drawing.labels, [0, 1, 1])
    np.testing.assert_array_equal(drawing.markers, [[0.0, 1.5]])
    assert (drawing.x.dtype, drawing.labels.dtype, drawing.markers.dtype) == (np.float64, np.uint8, np.float64)
    assert (drawing.edited, drawing.revision) == (False, 1)


def test_content_can_be_read_before_the_pad_is_shown(session):
    assert current_drawing("pad").x.shape == (0, 2)
    place_points("pad", [[0.0, 1.0]])
    np.testing.assert_array_equal(current_drawing("pad").x, [[0, 1]])
    assert session["frames"] == []


def test_frame_carries_settings_and_points_to_the_browser(session):
    place_points("pad", [[1.0, 2.0]], labels=[1])
    drawing_pad("pad", domain=SQUARE, height=300, markers=True)
    settings, points = unpack(session["frames"][-1])
    np.testing.assert_array_equal(points, [[1, 2, SECOND_CLASS]])
    assert settings["domain"] == [[-3, 3], [-3, 3]]
    assert (settings["revision"], settings["sequence"], settings["height"]) == (1, 0, 300)
    assert settings["markers"]
    assert not settings["classes"]


def test_markers_do_not_make_the_points_edited(session):
    place_points("pad", [[1.0, 1.0]], markers=[[2.0, 2.0]])
    drawing_pad("pad", domain=SQUARE)
    send(session, [[1, 1, 0], [0, 0, MARKER], [1, 0, MARKER]], revision=1, sequence=1)
    drawing = drawing_pad("pad", domain=SQUARE)
    assert len(drawing.markers) == 2
    assert not drawing.edited
    send(session, [[0, 0, MARKER]], revision=1, sequence=2)
    assert drawing_pad("pad", domain=SQUARE).edited


def test_drawn_points_replace_the_content_and_edited_means_different_from_placed(session):
    place_points("pad", [[1.0, 1.0]])
    drawing_pad("pad", domain=SQUARE)
    send(session, [[1, 1, 0], [-2, 0.5, SECOND_CLASS], [0, 0, MARKER]], revision=1, sequence=1)
    drawing = drawing_pad("pad", domain=SQUARE)
    np.testing.assert_array_equal(drawing.x, [[1, 1], [-2, 0.5]])
    np.testing.assert_array_equal(drawing.labels, [0, 1])
    np.testing.assert_array_equal(drawing.markers, [[0, 0]])
    assert drawing.edited
    send(session, [[1, 1, 0]], revision=1, sequence=2)  # undone
    assert not drawing_pad("pad", domain=SQUARE).edited


@pytest.mark.parametrize(("revision", "sequence"), [(1, 9), (2, 1)], ids=["older revision", "older message"])
def test_late_message_never_overwrites_a_preset(session, revision, sequence):
    place_points("pad", [[0.0, 0.0]])
    drawing_pad("pad", domain=SQUARE)
    send(session, [[1, 1, 0]], revision=1, sequence=3)
    place_points("pad", [[2.0, 2.0]])
    send(session, [[1, 1, 0], [1, 2, 0]], revision=revision, sequence=sequence)
    drawing = drawing_pad("pad", domain=SQUARE)
    np.testing.assert_array_equal(drawing.x, [[2, 2]])
    assert not drawing.edited


@pytest.mark.parametrize(
    ("points", "changes", "reason"),
    [
        ([[0, 0, 0]], {"points": base64.b64encode(b"1234567890").decode()}, "damaged"),
        ([[0, 0, 0]], {"points": "not base64!"}, "damaged"),
        ([[0, 0, 0]], {"points": None}, "damaged"),
        ([[0, 0, 0]], {"revision": "x"}, "damaged"),
        ([[0, 0, 0]], {"sequence": float("inf")}, "damaged"),
        ([[np.nan, 0, 0]], {}, "not a point"),
        ([[0, np.inf, 0]], {}, "not a point"),
        ([[0, 0, np.nan]], {}, "not a point"),
        ([[0, 0, 3]], {}, "not a point"),
        ([[0, 3.01, 0]], {}, "left the pad"),
        (np.zeros((MAX_POINTS + 1, 3)), {}, "at most 50,000"),
    ],
)
def test_senseless_message_keeps_the_content_says_so_and_resets_the_pad(session, points, changes, reason):
    place_points("pad", [[1.0, 1.0]])
    drawing_pad("pad", domain=SQUARE)
    send(session, points, revision=1, sequence=1, changes=changes)
    drawing = drawing_pad("pad", domain=SQUARE)
    np.testing.assert_array_equal(drawing.x, [[1, 1]])
    assert drawing.revision == 2  # a higher revision makes the browser show again what Python kept
    settings, _ = unpack(session["frames"][-1])
    assert reason in settings["notice"]
    send(session, [[0, 0, 0]], revision=2, sequence=2)
    drawing_pad("pad", domain=SQUARE)
    assert unpack(session["frames"][-1])[0]["notice"] == ""


def test_missing_message_is_refused(session):
    drawing_pad("pad", domain=SQUARE)
    session["pad.pad"] = {}
    module._receive("pad")
    assert len(drawing_pad("pad", domain=SQUARE).x) == 0


def test_points_that_python_placed_outside_the_domain_may_come_back(session):
    place_points("pad", [[40.0, -7.0]])
    drawing_pad("pad", domain=SQUARE)
    send(session, [[40, -7, 0], [1, 1, 0]], revision=1, sequence=1)
    assert len(drawing_pad("pad", domain=SQUARE).x) == 2


def test_the_domain_ends_on_its_edges(session):
    low, high = 1e6 + 0.1, 1e6 + 0.7
    drawing_pad("pad", domain=((low, high), (low, high)))
    send(session, [[low, high, 0]], revision=0, sequence=1)
    assert len(drawing_pad("pad", domain=((low, high), (low, high))).x) == 1


def test_line_keeps_x_and_shows_repeated_values_apart(session):
    values = [3, 5, 4, 4, 4, 4, 5, 6, 5, 4]
    place_points("pad", values)
    drawing = drawing_pad("pad", domain=((0, 10),), dimension=1)
    np.testing.assert_array_equal(drawing.x, np.array(values)[:, None])
    assert drawing.markers.shape == (0, 1)
    _, points = unpack(session["frames"][-1])
    heights = points[points[:, 0] == 4, 1]
    assert np.diff(np.sort(heights)).min() > 0.02
    assert ((heights > 0) & (heights < 1)).all()


@pytest.mark.parametrize("empty", [[], np.empty((0, 2)), np.empty((0, 1))])
def test_placing_nothing_clears(session, empty):
    place_points("pad", [[1.0, 1.0]])
    place_points("pad", empty)
    drawing = drawing_pad("pad", domain=SQUARE)
    assert drawing.x.shape == (0, 2)
    assert drawing.revision == 2


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (([[np.nan, 0.0]],), "NaN or infinite"),
        ((np.zeros((2, 3)),), "one or two columns"),
        ((np.zeros((MAX_POINTS + 1, 2)),), "at most 50,000 points; there are 50,001"),
        (([[1e300, 0.0]],), "too far away"),
        (([[0.0, 0.0]], [0, 1]), "needs a class"),
        (([[0.0, 0.0]], [2]), "needs a class"),
        (([[0.0, 0.0]], None, [1.0]), "2-D and the starts 1-D"),
    ],
)
def test_what_the_pad_cannot_hold_is_refused_in_a_sentence_and_changes_nothing(session, arguments, reason):
    place_points("pad", [[1.0, 1.0]])
    with pytest.raises(DataError, match=reason):
        place_points("pad", *arguments)
    assert drawing_pad("pad", domain=SQUARE).revision == 1


def test_markers_alone_may_be_placed(session):
    place_points("pad", [], markers=[1.0, 2.0])
    drawing = drawing_pad("pad", domain=((0, 3),), dimension=1)
    np.testing.assert_array_equal(drawing.markers, [[1], [2]])
    assert drawing.x.shape == (0, 1)


def test_component_mounts_in_an_app_and_keeps_its_content_over_reruns():
    def script():
        import streamlit as st

        from pages.components.drawing_pad import drawing_pad, place_points

        if st.button("Preset"):
            place_points("pad", [[1, 2], [3, 4]])
        st.text(len(drawing_pad("pad", domain=((0, 5), (0, 5))).x))

    app = AppTest.from_function(script).run()
    assert app.text[0].value == "0"
    app.button[0].click().run()
    app.run()
    assert not app.exception
    assert app.text[0].value == "2"
