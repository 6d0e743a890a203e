"""What a code decodes to, computed in the browser as fast as the pointer moves.

The browser fetches the decoder once (`engine.latent.portable`) and follows a probe: where a `live_figure` says that
the pointer and its handle are. Python is told only when a person lets go.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from pages.widgets.scripts import loaded_once

Place = tuple[float, float]

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "decoded_view",
    css=(_HERE / "decoded_view.css").read_text("utf-8"),
    js=loaded_once(("probe.js", "decoder.js", "decoded_view.js")),
)


def decoded_view(
    file: str,
    *,
    key: str,
    probe: str,
    place: Place,
    alt: str,
    on_rest: Callable[[float, float], None],
    label: int | None = None,
    side: int = 170,
) -> None:
    """Show what the code at the probe decodes to, on `side` pixels at most, and the code's numbers below it.

    `file` is the published decoder, `place` where the handle is at first, `label` what a conditional decoder is told.
    When a person lets go of the handle, `on_rest(x, y)` is called before the rerun.
    """
    data = {"file": file, "probe": probe, "label": label, "side": side, "alt": alt, "place": list(place)}
    _mount(key=key, data=data, on_rested_change=partial(_rested, key, on_rest))


def _rested(key: str, on_rest: Callable[[float, float], None]) -> None:
    """Pass on where the handle was left, if the message makes sense."""
    message: Any = st.session_state[key].get("rested")
    at = [message.get(axis) for axis in ("x", "y")] if isinstance(message, dict) else []
    place = [float(value) for value in at if isinstance(value, int | float) and math.isfinite(value)]
    if len(place) == 2:
        on_rest(place[0], place[1])
