"""Points that the address carries: drawn ones, and starts placed by hand, as a point code each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.data import decode_points, encode_points
from engine.grid import Array, Domain
from engine.model import DataError
from pages.widgets.drawing_pad import Drawing, place_points

DRAWN = "drawn"  # what a choice of data calls points of one's own
OWN_TITLE = "Drawn or uploaded"
PARAMETER = "points"  # the query parameter that carries drawn points and the starts among them
MARKER = 2  # the class of a start in a point code


def decoded(text: str) -> tuple[Array, npt.NDArray[np.uint8], Array]:
    """Return the points, their classes and the starts of a link's point code; raise DataError for a damaged one."""
    x, kinds, _ = decode_points(text)
    kinds = np.zeros(len(x), np.uint8) if kinds is None else kinds
    x, is_marker = x.astype(np.float32), kinds == MARKER
    return x[~is_marker], kinds[~is_marker], x[is_marker]


def open_points(key: str, text: str) -> None:
    """Put the points of a code on the pad `key`, or say why they can't be read."""
    try:
        place_points(key, *decoded(text))
        *_, st.session_state[f"{key}.domain"] = decode_points(text)
    except DataError as error:
        unreadable("points", error)


def unreadable(what: str, error: DataError) -> None:
    """Say that a link's points or starts can't be read, and why."""
    st.warning(f"The link's {what} could not be read: {error}", icon=":material/link_off:")


def code_of(drawing: Drawing, domain: Domain, with_points: bool) -> str | None:
    """Return the code of a pad's starts, and of its points; None for nothing or, with a sentence, for too many."""
    x, labels = drawing.markers, np.full(len(drawing.markers), MARKER, np.uint8)
    if with_points:
        x, labels = np.concatenate([drawing.x, x]), np.concatenate([drawing.labels, labels])
    if not len(x):
        return None
    try:
        return encode_points(x, labels, domain)
    except DataError as error:
        st.caption(f":material/link_off: {error}")
        return None


def keep_code(parameter: str, code: str | None) -> None:
    """Let the address carry this code, or none."""
    if code is None:
        st.query_params.pop(parameter, None)
    elif st.query_params.get(parameter) != code:
        st.query_params[parameter] = code
