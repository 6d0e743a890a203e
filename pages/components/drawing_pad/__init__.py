"""The drawing pad: a person draws data with mouse, pen, finger or keyboard, and Python reads and places points.

The browser and the session each hold a copy of the points. The browser's copy leads while a person draws; the
session's copy leads when `place_points` raises the revision, and what is drawn on an older revision is dropped, so a
late stroke never overwrites a preset.

On the wire a point is three float64 numbers: x, y and its kind (first class, second class, marker), so that a file's
numbers come back from the browser as they were. What a person draws lies on the levels that a link has for it.
"""

from __future__ import annotations

import base64
import json
import logging
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.data.codec import LEVELS
from engine.grid import Domain
from engine.model import DataError, as_points
from pages.components.serving.modules import component

MAX_POINTS = 50_000
FIRST_CLASS, SECOND_CLASS, MARKER = 0, 1, 2
FARTHEST = 1e15
GOLDEN_RATIO = (np.sqrt(5) - 1) / 2

Float64 = npt.NDArray[np.float64]

_mount = component("drawing_pad")


@dataclass(frozen=True)
class Drawing:
    """Hold what lies on the pad, in data coordinates.

    `x` (n, d) and `markers` (m, d) are float64; `labels` (n,) uint8 is 0 for the first class, 1 for the second;
    `edited` says whether a person has changed the points that Python placed last, the markers apart; `revision`
    counts Python's placements.
    """

    x: Float64
    labels: npt.NDArray[np.uint8]
    markers: Float64
    edited: bool
    revision: int


def _no_points() -> Float64:
    return np.empty((0, 3))


@dataclass(frozen=True)
class _Content:
    """What the session keeps of a pad: wire points, the points placed last, and the box that points may lie in."""

    points: Float64 = field(default_factory=_no_points)
    placed: Float64 = field(default_factory=_no_points)
    revision: int = 0
    sequence: int = 0  # number of the browser's message that `points` came with
    low: Float64 = field(default_factory=lambda: np.full(2, np.inf))
    high: Float64 = field(default_factory=lambda: np.full(2, -np.inf))
    notice: str = ""  # why the last message was refused
    token: str = field(default_factory=lambda: uuid4().hex)  # by which the browser finds its copy again

    def reaching(self, corners: npt.ArrayLike) -> _Content:
        """Widen the box to hold `corners` (k, 2)."""
        corners = np.asarray(corners, np.float64).reshape(-1, 2)
        return replace(self, low=np.vstack([self.low, corners]).min(0), high=np.vstack([self.high, corners]).max(0))


def drawing_pad(
    key: str, *, domain: Domain, dimension: int = 2, height: int = 380, markers: bool = False, classes: bool = False
) -> Drawing:
    """Show the pad and return what lies on it.

    `domain` is the part of the plane (or line) on show and where a person may draw; `height` in pixels bounds the
    square pad (a strip in 1-D). `markers` adds the tool for hand-placed starts; `classes` shows a button for each of
    the two classes instead of one that swaps them. The content is kept under `key` for the whole session, whichever
    page shows it; when the dimension under a key changes, place points in the same run. In a fragment the pad reruns
    the fragment alone while the person draws, and the whole page when the pen rests.
    """
    box = np.array([*domain, (0.0, 1.0)][:2], np.float64)
    content = _content(key).reaching(box.T)
    _keep(key, content)
    settings = {
        "token": content.token,
        "revision": content.revision,
        "sequence": content.sequence,
        "domain": box.tolist(),
        "dimension": dimension,
        "height": height,
        "markers": markers,
        "classes": classes,
        "capacity": MAX_POINTS,
        "steps": LEVELS - 1,
        "notice": content.notice,
    }
    _mount(
        key=f"{key}.pad",
        data=_frame(settings, content.points),
        on_drawing_change=partial(_receive, key),
        on_rested_change=partial(_rest, key),
    )
    return current_drawing(key, dimension)


def answers_stroke(key: str) -> bool:
    """Tell whether this run answers a stroke: all else can wait, since a whole run follows when the pen rests."""
    return bool(st.session_state.get(f"{key}.stroke", False))


def catch_up(key: str) -> None:
    """Note that a whole run is under way, so that nothing waits for the pen's rest any more."""
    st.session_state[f"{key}.stroke"] = False


def _rest(key: str) -> None:
    catch_up(key)
    st.rerun()


def current_drawing(key: str, dimension: int = 2) -> Drawing:
    """Return what lies on the pad without showing it, for what comes before the pad on a page."""
    content = _content(key)
    x, kinds = content.points[:, :dimension], content.points[:, 2]
    is_marker = kinds == MARKER
    return Drawing(
        x=x[~is_marker],
        labels=kinds[~is_marker].astype(np.uint8),
        markers=x[is_marker],
        edited=not np.array_equal(_unmarked(content.points), _unmarked(content.placed)),
        revision=content.revision,
    )


def _unmarked(points: Float64) -> Float64:
    return points[points[:, 2] != MARKER]


def place_points(
    key: str, x: npt.ArrayLike, labels: npt.ArrayLike | None = None, markers: npt.ArrayLike | None = None
) -> None:
    """Replace what lies on the pad: a preset, an upload, a link, or nothing at all to clear it.

    `x` is (n, d) or (n,), `labels` (n,) of 0 and 1, `markers` (m, d). A person can undo it. May be called before the
    pad is first shown. Raises DataError for what the pad can't hold, and leaves the pad as it was.
    """
    points = _wire(x, labels, markers)
    content = _content(key).reaching(points[:, :2])
    _keep(key, replace(content, points=points, placed=points, revision=content.revision + 1, notice=""))


def _wire(x: npt.ArrayLike, labels: npt.ArrayLike | None, markers: npt.ArrayLike | None) -> Float64:
    """Join points and markers into rows (x, y, kind); in 1-D y is a jitter that makes dense samples visible."""
    empty = np.size(x) == 0
    data = np.empty((0, 2)) if empty else as_points(x)
    starts = np.empty((0, data.shape[1])) if markers is None or np.size(markers) == 0 else as_points(markers)
    kinds = np.zeros(len(data)) if labels is None else np.asarray(labels).ravel()
    if empty:
        data = data[:, : starts.shape[1]]
    if data.shape[1] != starts.shape[1]:
        raise DataError(f"The points are {data.shape[1]}-D and the starts {starts.shape[1]}-D.")
    if len(kinds) != len(data) or not np.isin(kinds, (FIRST_CLASS, SECOND_CLASS)).all():
        raise DataError(f"Each of the {len(data)} points needs a class, 0 or 1.")
    if len(data) + len(starts) > MAX_POINTS:
        raise DataError(f"The pad holds at most {MAX_POINTS:,} points; there are {len(data) + len(starts):,}.")
    positions = np.concatenate([data, starts])
    if np.abs(positions).max(initial=0) > FARTHEST:
        raise DataError(f"Some points are too far away to draw (beyond {FARTHEST:.0e}).")
    if positions.shape[1] == 1:
        jitter = 0.1 + 0.8 * (GOLDEN_RATIO * np.arange(1, len(positions) + 1) % 1)
        positions = np.column_stack([positions, jitter])
    return np.column_stack([positions, np.concatenate([kinds, np.full(len(starts), MARKER)])])


def _frame(settings: Mapping[str, object], points: Float64) -> bytes:
    """Pack a length, that many bytes of JSON and the points: Streamlit passes bytes through only when alone."""
    header = json.dumps(settings).encode()
    return struct.pack("<I", len(header)) + header + points.astype("<f8").tobytes()


def _receive(key: str) -> None:
    """Take over the browser's points, unless Python has placed others since or they make no sense."""
    st.session_state[f"{key}.stroke"] = True
    message = st.session_state[f"{key}.pad"].get("drawing")
    content = _content(key)
    try:
        revision, sequence, points = _read(message, content)
    except DataError as error:
        logging.getLogger(__name__).warning("%s refused a drawing: %s", key, error)
        # A higher revision makes the browser show again what Python kept.
        _keep(key, replace(content, revision=content.revision + 1, notice=str(error)))
        return
    if revision == content.revision and sequence > content.sequence:
        _keep(key, replace(content, points=points, sequence=sequence, notice=""))


def _read(message: Any, content: _Content) -> tuple[int, int, Float64]:
    """Return revision, sequence and points (n, 3) of a browser's message; raise DataError if anything is wrong."""
    try:
        revision, sequence = int(message["revision"]), int(message["sequence"])
        points = np.frombuffer(base64.b64decode(message["points"], validate=True), "<f8").reshape(-1, 3)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise DataError("The drawing arrived damaged and was not taken over.") from None
    if len(points) > MAX_POINTS:
        raise DataError(f"The pad holds at most {MAX_POINTS:,} points; the drawing was not taken over.")
    x, kinds = points[:, :2], points[:, 2]
    if not (np.isin(kinds, (FIRST_CLASS, SECOND_CLASS, MARKER)).all() and np.isfinite(x).all()):
        raise DataError("The drawing held something that is not a point and was not taken over.")
    if not ((content.low <= x) & (x <= content.high)).all():
        raise DataError("The drawing left the pad and was not taken over.")
    return revision, sequence, points


def _content(key: str) -> _Content:
    return st.session_state.get(f"{key}.drawing") or _Content()


def _keep(key: str, content: _Content) -> None:
    st.session_state[f"{key}.drawing"] = content
