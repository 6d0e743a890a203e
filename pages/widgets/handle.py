"""A handle on a positive number: a slider by equal ratios, beside the field that holds the exact value."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

REACH = 30  # a handle runs from a thirtieth of the number it was made for to thirty times it
PER_DECADE = 40
Bounds = tuple[float, float]


def handle(label: str, kind: type, value: float, key: str, *, bounds: Bounds, text: str | None) -> None:
    """Draw a slider that shows `value` and, when dragged, writes to the number field under `key`.

    `kind` is int or float, `bounds` (positive) are what the number may be, `text` is the help.
    """
    about = st.session_state.get(f"{key}.about", value)
    if not max(bounds[0], about / REACH) <= value <= about * REACH:
        about = value  # a scale stays put under the hand that drags and follows only a number that has left it
    st.session_state[f"{key}.about"] = about
    scale = round_numbers(kind, about, bounds)
    nearest = min(scale, key=lambda number: abs(math.log(number / value)))
    slider = f"{key}.handle"
    if st.session_state.get(slider) != nearest:
        st.session_state[slider] = nearest
    st.select_slider(
        label, scale, key=slider, help=text, on_change=_write, args=(slider, key),
        format_func=lambda number: np.format_float_positional(number, trim="-"),
    )  # fmt: skip


def _write(slider: str, key: str) -> None:
    st.session_state[key] = st.session_state[slider]


def round_numbers(kind: type, about: float, bounds: Bounds) -> list[float]:
    """Return ascending numbers of two digits, about 6 % apart, from about / REACH to about · REACH in `bounds`."""
    low, high = max(bounds[0], about / REACH), min(bounds[1], about * REACH)
    steps = np.geomspace(low, high, 2 + round(PER_DECADE * math.log10(high / low)))
    return sorted({kind(float(f"{number:.1e}")) for number in steps})
