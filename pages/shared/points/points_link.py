"""Points that the address carries: drawn ones, and starts placed by hand, as a point code each."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.data import decode_points, encode_points
from engine.grid import Array, Domain
from engine.model import DataError
from pages.components.drawing_pad import Drawing, place_points
from pages.components.serving import address

DRAWN = "drawn"  # what a choice of data calls points of one's own
OWN_TITLE = "Drawn or uploaded"
PARAMETER = "points"  # ends the query parameter that carries drawn points and the starts among them
ASIDE = "aside-"  # begins the name of points that are too many for a link
MOST_ASIDE = 8  # sets of points a link rounds, or only names, that a session keeps for a pad, for Back and Forward
MARKER = 2  # the class of a start in a point code


def decoded(text: str) -> tuple[Array, npt.NDArray[np.uint8], Array]:
    """Return the points, their classes and the starts of a link's point code; raise DataError for a damaged one."""
    x, kinds, _ = decode_points(text)
    kinds = np.zeros(len(x), np.uint8) if kinds is None else kinds
    is_marker = kinds == MARKER
    return x[~is_marker], kinds[~is_marker], x[is_marker]


def differing(parameter: str) -> str | None:
    """Return the text that the address has for a pad, or None where it is that of the pad's points as they are."""
    text = address.read(parameter)
    return None if text == st.session_state.get(f"{parameter}.held", "") else text


def open_points(pad: str, parameter: str, first: str = "") -> None:
    """Put the points that the address has on the pad, if the pad has others, or say why they can't be read.

    A pad that never had any opens with those of the parameter `first`, if there is one.
    """
    text, held = address.read(parameter), st.session_state.get(f"{parameter}.held")
    if held is None and not text and first:
        parameter, text = first, address.read(first)
    if text == (held or ""):
        return
    try:
        drawing, domain = _opened(parameter, text)
        place_points(pad, *drawing)
    except DataError as error:
        unreadable("points", error)
        return
    if domain is not None:
        st.session_state[f"{pad}.domain"] = domain


def _opened(parameter: str, text: str) -> tuple[Any, Domain | None]:
    """Return points, classes and starts of an address's text, with their domain, None for nothing."""
    if not text:
        return (np.empty((0, 2), np.float32), None, None), None
    aside = st.session_state.get(f"{parameter}.aside", {})
    if text in aside:
        drawing, domain = aside[text]
        return (drawing.x, drawing.labels, drawing.markers), domain
    if text.startswith(ASIDE):
        raise DataError("they are too many for a link, which only names them; open their file again.")
    return decoded(text), decode_points(text)[2]


def unreadable(what: str, error: DataError) -> None:
    """Say that a link's points or starts can't be read, and why."""
    st.warning(f"The link's {what} could not be read: {error}", icon=":material/link_off:")


def code_of(drawing: Drawing, domain: Domain, with_points: bool) -> str | None:
    """Return the code of a pad's starts, and of its points; None for nothing or, with a sentence, for too many.

    Says so where the code rounds: points from a file are seldom on its levels, as drawn ones are.
    """
    x, labels = drawing.markers, np.full(len(drawing.markers), MARKER, np.uint8)
    if with_points:
        x, labels = np.concatenate([drawing.x, x]), np.concatenate([drawing.labels, labels])
    if not len(x):
        return None
    try:
        text = encode_points(x, labels, domain)
    except DataError as error:
        st.caption(f":material/link_off: {error}")
        return None
    if not np.array_equal(decode_points(text)[0], x):
        st.caption(":material/link: The link rounds these points to 4,096 levels an axis; here they are exact.")
    return text


def keep_points(parameter: str, code: str | None, drawing: Drawing, domain: Domain, with_points: bool = True) -> None:
    """Let the address carry this code, or the name of points that are too many for one.

    Those stay in the session, as do points that their code rounds: Back and Forward bring them back as they were.
    """
    text = code or ""
    if with_points and len(drawing.x) and not (code and np.array_equal(decoded(code)[0], drawing.x)):
        content = (drawing.x, drawing.labels, drawing.markers)
        text = code or ASIDE + sha256(b"".join(array.tobytes() for array in content)).hexdigest()[:16]
        aside = st.session_state.setdefault(f"{parameter}.aside", {})
        aside.pop(text, None)
        aside[text] = (drawing, domain)
        for oldest in list(aside)[:-MOST_ASIDE]:
            del aside[oldest]
    st.session_state[f"{parameter}.held"] = text
    address.write(parameter, text)
