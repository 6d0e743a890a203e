"""A small pad to write a digit on, with mouse, pen or finger; Python gets it as an image in the form of MNIST.

The image stands in the address, so that a copied link shows the same digit.
"""

from __future__ import annotations

import base64
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from engine.data.handwriting import as_mnist, decode_digit, encode_digit
from engine.grid import Array
from engine.model import DataError
from pages.components.serving import address
from pages.components.serving.modules import component

SIDE = 112  # pixels of the picture that the browser sends
_mount = component("digit_pad")


def digit_pad(key: str, *, height: int = 168) -> Array | None:
    """Show the pad and return what is written on it as an image (28, 28) float32 in [0, 1], or None if nothing is.

    What is written is kept under `key` for the whole session, whichever page shows the pad, and as the query
    parameter `key`; one that is there when a visit begins is shown.
    """
    code, picture = f"{key}.code", f"{key}.drawing"
    text, held = address.read(key), f"{key}.held"
    if code not in st.session_state or text != st.session_state.get(held, ""):
        st.session_state[code], st.session_state[picture] = _from_link(text)
    st.session_state[held] = st.session_state[code]
    address.write(key, st.session_state[code])
    kept: bytes = st.session_state[picture]
    data = {"side": SIDE, "height": height, "picture": base64.b64encode(kept).decode()}
    _mount(key=f"{key}.pad", data=data, on_drawing_change=partial(_receive, key))
    return decode_digit(st.session_state[code]) if st.session_state[code] else None


def write(key: str, picture: bytes) -> None:
    """Keep a picture (SIDE, SIDE) of grey levels as what is written on the pad; an empty one clears it."""
    text = ""
    if picture:
        try:
            text = encode_digit(as_mnist(np.frombuffer(picture, np.uint8).reshape(SIDE, SIDE) / 255))
        except DataError:  # a stroke too faint
            text = ""
    st.session_state[f"{key}.code"], st.session_state[f"{key}.drawing"] = text, picture


def _from_link(text: str) -> tuple[str, bytes]:
    """Return the code of a digit and its picture for the pad; nothing, with a word about it, for a damaged link."""
    if not text:
        return "", b""
    try:
        image = decode_digit(text)
    except DataError as error:
        st.toast(str(error), icon=":material/link_off:")
        return "", b""
    times = SIDE // len(image)
    return text, np.rint(255 * np.kron(image, np.ones((times, times)))).astype(np.uint8).tobytes()


def _receive(key: str) -> None:
    """Take over the browser's drawing, if it is one."""
    message: Any = st.session_state[f"{key}.pad"].get("drawing")
    try:
        picture = base64.b64decode(message["picture"], validate=True)
    except (KeyError, TypeError, ValueError):
        return
    if len(picture) in (0, SIDE * SIDE):
        write(key, picture)
