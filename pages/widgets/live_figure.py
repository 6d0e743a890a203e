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

import json
import struct
import time
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import plotly.io
import streamlit as st

from engine.plots import style
from pages.widgets.assets import PLOTLY_FILE

_HERE = Path(__file__).parent
_SCRIPTS = ("live_figure.js", "live_figure_theme.js", "live_figure_kernel.js", "live_figure_export.js")  # one module
_SCRIPT = "\n".join((_HERE / name).read_text("utf-8") for name in _SCRIPTS)
# Outside a shadow root, since Plotly puts its own style sheet into the page's head.
_mount = st.components.v2.component(
    "live_figure",
    css=(_HERE / "live_figure.css").read_text("utf-8"),
    js=_SCRIPT,
    isolate_styles=False,
)


def live_figure(
    figure: go.Figure | dict[str, Any],
    *,
    key: str,
    height: int,
    alt: str,
    link: str | None = None,
    file_name: str = "figure",
) -> None:
    """Show `figure`, or turn the one shown under `key` into it.

    `height` in pixels, the width is the column's; `alt` says in a sentence what is to be seen, for those who can't
    see it. 2-D figures with the same `link` share pan and zoom. `file_name` (no suffix) is what a download is called.
    """
    _mount(key=key, data=_message(figure, height=height, alt=alt, link=link, file_name=file_name), height=height)


def _message(figure: go.Figure | dict[str, Any], **options: Any) -> bytes:
    """Return what the browser reads: frame number (float64), length of the options (uint32), options, figure as JSON.

    The frame number is the time in µs, so that it also grows across a restart of the server.
    """
    dark = {light.upper(): dark for light, dark in style.DARK.items()}
    head = json.dumps({**options, "library": PLOTLY_FILE, "dark": dark, "kernel_colour": style.MODEL}).encode()
    figure = go.Figure(figure) if isinstance(figure, dict) else figure
    body = plotly.io.to_json(figure, validate=False).encode()  # with arrays as base64
    return struct.pack("<dI", time.time_ns() // 1000, len(head)) + head + body
