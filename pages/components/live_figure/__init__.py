"""Live figures: Plotly figures that change in place, without the remount and blank frames of `st.plotly_chart`.

The browser half (live_figure*.js) draws each figure with `Plotly.react` on the plotly.js that `assets.ROUTES` serves.
Figures keep the light-theme colours of `engine.plots.style`, so they look the same in a notebook; on a dark page the
browser swaps exactly the colours that `style.DARK` names, wherever they occur in the figure as `#RRGGBB`.

A figure may show the kernel of the data point under the pointer (mouse or tap), with `layout.meta["kernel"]` holding

- `trace`: index of the trace of data points x_i,
- `x`, `y`: offsets (m,) for unit scale, None between curves; in mode "bump" `y` are heights,
- `scales`: s_i of each point, or one for all,
- `mode`: "outline" draws (x_i + s_i x, y_i + s_i y); "bump" draws (x_i + s_i x, y / s_i), filled down to zero.

Pan and zoom survive new figures as long as `layout.uirevision` stays the same; change it to show another range.
"""

from __future__ import annotations

import base64
import math
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import orjson
import plotly.graph_objects as go
import streamlit as st

from engine.plots import style
from pages.components.live import Live, Reference, now
from pages.components.live_figure.frames import Arrays, frame_as_file, without_framed
from pages.components.live_figure.steps import StepFigures, offer_steps
from pages.components.serving.modules import component
from pages.components.serving.plotly import PLOTLY_FILE

Figure: TypeAlias = dict[str, Any] | Any  # or a go.Figure, which has no types
PACKED = [np.dtype(code) for code in ("f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4")]  # that Plotly reads

# Outside a shadow root, since Plotly puts its own style sheet into the page's head.
_mount = component("live_figure", isolate_styles=False)


@dataclass(frozen=True)
class Handle:
    """A point (x, y) of a figure that a person can drag; `only` "x" or "y" holds it to one direction."""

    name: str
    label: str
    x: float
    y: float
    colour: str = style.MODEL
    only: str | None = None


def live_figure(
    figure: Figure | Callable[[], Figure | None],
    *,
    key: str,
    height: int,
    alt: str,
    link: str | None = None,
    file_name: str = "figure",
    handles: Sequence[Handle] = (),
    on_move: Callable[[str, float, float], None] | None = None,
    probe: str | None = None,
    shares_view: bool = True,
    steps: Sequence[float] | Callable[[], Sequence[float]] = (),
    as_files: bool = False,
    live: Live | None = None,
    of_step: Callable[[int], Figure] | None = None,
    last: int = 0,
    history: str | None = None,
) -> None:
    """Show `figure`, or turn the one shown under `key` into it.

    `height` in pixels, the width is the column's; `alt` says in a sentence what is to be seen, for those who can't
    see it. 2-D figures with the same `link` share pan and zoom. `file_name` (no suffix) is what a download is called.
    A person may drag `handles`, one of which then calls `on_move(name, x, y)` before the rerun. With a `probe` there
    is one handle at most and Python is not told: the `decoded_view` of the same probe, in the browser, learns where
    the handle and the pointer are, and a click brings the handle there.

    A figure's "frames" (as Plotly has them, of painted traces, each `name` a caption) are shown at the step of the
    `timeline` with the same `link`; one that does not `shares_view` follows the timeline only. With `steps`,
    the x of each step of that timeline, a thin upright line stands at the step looked at, unless it is the last.
    Frames go `as_files` where a history grows or is long: the browser fetches each once, and a message names them.
    Figure and steps of a training that goes on are functions, which `live` calls again; for None there is nothing to
    see.
    Where no frames are drawn ahead, the browser asks for the figure `of_step` 0 to `last` that the timeline `history`
    comes to (that of the `link` where none is named).
    It may have words of its own below it, in `layout.meta["caption"]`.
    """
    message = st.session_state.get(key)
    sequence = _sequence(message.get("moved")) if message else 0
    options = {
        "height": height,
        "alt": alt,
        "link": link,
        "file_name": file_name,
        "shares_view": shares_view,
        "history": history or link,
    }
    options |= {"handles": [asdict(handle) for handle in handles], "sequence": sequence, "probe": probe}
    options["mark_colour"] = style.TEXT

    def make(reference: Reference | None = None) -> bytes:
        shown = figure() if callable(figure) else figure
        more = {"steps": list(now(steps)), "hidden": shown is None, "live": reference}
        return _message(shown or {}, as_files, **options, **more)

    if of_step is not None:
        steps_of = of_step

        def at(step: int) -> bytes:
            return _message(steps_of(step), as_files, **options, steps=[], hidden=False, live=None)

        options["asks"] = offer_steps(key, StepFigures(at, last))
    data = make() if live is None else live.add(key, make)
    moved = partial(_moved, key, tuple(handle.name for handle in handles), on_move)
    _mount(key=key, data=data, height=height, on_moved_change=moved)


def _sequence(message: Any) -> int:
    number = message.get("sequence") if isinstance(message, dict) else 0
    return number if isinstance(number, int) else 0


def _moved(key: str, names: tuple[str, ...], on_move: Callable[[str, float, float], None] | None) -> None:
    """Pass on where a handle was moved to, if the message makes sense."""
    message = st.session_state[key].get("moved")
    if on_move is None or not isinstance(message, dict) or message.get("name") not in names:
        return
    at = [message.get(axis) for axis in ("x", "y")]
    x, y = (float(value) if isinstance(value, int | float) else math.nan for value in at)
    if math.isfinite(x) and math.isfinite(y):
        on_move(message["name"], x, y)


def _message(figure: go.Figure | dict[str, Any], as_files: bool = False, **options: Any) -> bytes:
    """Return what the browser reads: frame number (float64), three lengths (uint32), so much JSON each, arrays.

    The three are the options, what Plotly draws, and what is painted: where only the last has changed, Plotly has
    nothing to do. The frame number is the time in µs, so that it also grows across a restart of the server.
    If `as_files`, the arrays of each frame stand in a file of its own.
    """
    dark = {light.upper(): dark for light, dark in style.DARK.items()}
    head = {**options, "library": PLOTLY_FILE, "dark": dark, "kernel_colour": style.MODEL}
    plain = figure if isinstance(figure, dict) else figure.to_dict()
    numbered = list(enumerate(plain.get("data", ())))
    layout = dict(plain.get("layout", {}))
    meta = layout.pop("meta", None) or {}
    base = {"data": [trace for _, trace in numbered if not _is_painted(trace)], "layout": layout}
    traces = {str(i): trace for i, trace in numbered if _is_painted(trace)}
    frames = plain.get("frames", ())
    if as_files:
        traces = without_framed(traces, frames)
        frames = [frame_as_file(frame) for frame in frames]
    painted = {"kernel": meta.get("kernel"), "caption": meta.get("caption"), "traces": traces, "frames": frames}
    arrays = Arrays()
    parts = [
        orjson.dumps(head), orjson.dumps(base, default=_packed), orjson.dumps(painted, default=arrays.place)
    ]  # fmt: skip
    start = struct.pack("<dIII", time.time_ns() // 1000, *map(len, parts))
    return start + b"".join(parts) + b"".join(arrays.bytes)


def _is_painted(trace: dict[str, Any]) -> bool:
    return trace.get("meta") == style.PAINTED


def _packed(value: Any) -> Any:
    """Write an array of numbers as Plotly's base64, and a NumPy scalar or another array as JSON has them."""
    array = np.asarray(value)
    if array.ndim == 0 or array.dtype.kind not in "fiu":
        return array.tolist()
    if array.dtype not in PACKED:
        array = array.astype(np.float64)
    code = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    return {"dtype": array.dtype.str[1:], "bdata": code, "shape": ", ".join(map(str, array.shape))}
