"""A small pad to write a digit on, with mouse, pen or finger; Python gets it as an image in the form of MNIST."""

from __future__ import annotations

import base64
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from engine.data.handwriting import as_mnist
from engine.grid import Array
from engine.model import DataError
from pages.widgets.scripts import loaded_once

SIDE = 112  # pixels of the picture that the browser sends
_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "digit_pad",
    css=(_HERE / "digit_pad.css").read_text("utf-8"),
    js=loaded_once(("digit_pad.js",)),
)


def digit_pad(key: str, *, height: int = 168) -> Array | None:
    """Show the pad and return what is written on it as an image (28, 28) float32 in [0, 1], or None if nothing is.

    What is written is kept under `key` for the whole session, whichever page shows the pad.
    """
    kept: bytes = st.session_state.get(f"{key}.drawing", b"")
    data = {"side": SIDE, "height": height, "picture": base64.b64encode(kept).decode()}
    _mount(key=f"{key}.pad", data=data, on_drawing_change=partial(_receive, key))
    if not kept:
        return None
    try:
        return as_mnist(np.frombuffer(kept, np.uint8).reshape(SIDE, SIDE) / 255)
    except DataError:  # a stroke too faint
        return None


def _receive(key: str) -> None:
    """Take over the browser's drawing, if it is one."""
    message: Any = st.session_state[f"{key}.pad"].get("drawing")
    try:
        picture = base64.b64decode(message["picture"], validate=True)
    except (KeyError, TypeError, ValueError):
        return
    if len(picture) in (0, SIDE * SIDE):
        st.session_state[f"{key}.drawing"] = picture
