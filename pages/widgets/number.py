"""One number, one widget: a track to drag and a field for the exact value, which the session and the address keep.

The number is a plain value of the session under its key, so it outlives its widget: a popover that closes, a tab or
a page that is left. Mounting the widget writes nothing; only a person's act does. The browser's copy leads while a
person acts; the session's leads when Python sets the key, which raises the revision, and what was sent on an older
revision is dropped.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from pages.widgets.scripts import loaded_once

Bounds = tuple[float, float]
EVERY_NUMBER: Bounds = (-math.inf, math.inf)

_HERE = Path(__file__).parent
_KNOWN, _DRAWN = "numbers.known", "numbers.drawn"  # of the session
_mount = st.components.v2.component(
    "number",
    css=(_HERE / "number.css").read_text("utf-8"),
    js=loaded_once(("sender.js", "number_scale.js", "number.js")),
)


@dataclass(frozen=True)
class _Known:
    """What the browser has been told last: the value, how often Python had set it, and its own latest message."""

    value: float | None = None
    revision: int = 0
    sequence: int = 0


def number(
    label: str,
    key: str,
    *,
    default: float,
    kind: type[int] | type[float] = float,
    bounds: Bounds = EVERY_NUMBER,
    text: str | None = None,
    unit: str = "",
    live: bool = False,
    disabled: bool = False,
    in_address: bool = True,
    on_change: Callable[[], None] | None = None,
) -> float:
    """Draw a number and return it, unrounded, also where it lies outside of its `bounds`, for which see `is_within`.

    It is `st.session_state[key]` if that is set, else `default`; with `in_address` it begins as the query parameter
    `key` has it and stands there unless it is the default. `kind` is int for whole numbers; `bounds` are the least
    and the most it may be, both allowed; `text` is the help, `unit` stands behind the field. While it is dragged,
    Python hears of it with `live`, else when it is let go. `on_change` is called, before the rerun, when a person has
    changed it.
    """
    value = _current(key, default, kind, in_address)
    known = _all_known()[key]
    if value != known.value:
        known = replace(known, value=value, revision=known.revision + 1)
        _all_known()[key] = known
    if in_address:
        st.session_state.setdefault(_DRAWN, set()).add(key)
        _write_address(key, None if value == default else value)
    low, high = (bound if math.isfinite(bound) else None for bound in bounds)
    _mount(
        key=f"{key}.number",
        data={
            "label": label, "help": text or "", "unit": unit, "integer": kind is int, "low": low, "high": high,
            "standard": default, "value": value, "revision": known.revision, "sequence": known.sequence,
            "live": live, "disabled": disabled,
        },
        on_number_change=partial(_receive, key, kind, on_change),
    )  # fmt: skip
    return value


def is_within(value: float, kind: type, bounds: Bounds) -> bool:
    """Tell whether a number is one that its declaration allows."""
    return bounds[0] <= value <= bounds[1] and (kind is not int or value == int(value))


def is_number(key: str) -> bool:
    """Tell whether `key` has been drawn by `number` in this session."""
    return key in _all_known()


def forget_absent_numbers() -> None:
    """Take those numbers out of the address that were not drawn since the last call; to be called after each page."""
    drawn = st.session_state.pop(_DRAWN, set())
    for key in _all_known().keys() - drawn:
        _write_address(key, None)


def _current(key: str, default: float, kind: type, in_address: bool) -> float:
    """Return the number; the first time it is drawn in a session, the address may set it."""
    if key not in _all_known():
        _all_known()[key] = _Known()
        opened = _read(st.query_params.get(key, ""), kind) if in_address else None
        if opened is not None:
            st.session_state.setdefault(key, opened)
    value: float = st.session_state.get(key, default)
    return value


def _all_known() -> dict[str, _Known]:
    known: dict[str, _Known] = st.session_state.setdefault(_KNOWN, {})
    return known


def _receive(key: str, kind: type, on_change: Callable[[], None] | None) -> None:
    """Take over the browser's number, unless Python has set another since or a later one has come."""
    message: Any = st.session_state[f"{key}.number"].get("number")
    known = _all_known().get(key)
    if known is None or not isinstance(message, dict):
        return
    value: Any = message.get("value")
    revision, sequence = message.get("revision"), message.get("sequence")
    if type(value) not in (int, float) or not math.isfinite(value) or type(sequence) is not int:
        return
    if revision != known.revision or sequence <= known.sequence:
        return
    st.session_state[key] = _of_kind(value, kind)
    _all_known()[key] = replace(known, value=st.session_state[key], sequence=sequence)
    if on_change is not None:
        on_change()


def _read(text: str, kind: type) -> float | None:
    """Return the number that an address carries, None for what is no number."""
    try:
        value = float(text)
    except ValueError:
        return None
    return _of_kind(value, kind) if math.isfinite(value) else None


def _of_kind(value: float, kind: type) -> float:
    """Return a whole number as int where one is asked for; a fraction stays, to be told so."""
    return int(value) if kind is int and value == int(value) else float(value)


def _write_address(key: str, value: float | None) -> None:
    """Have the query parameter `key` hold `value`, in the fewest digits that mean it; None takes it away."""
    if value is None:
        if key in st.query_params:
            del st.query_params[key]
        return
    text = repr(value).removesuffix(".0")
    if st.query_params.get(key) != text:
        st.query_params[key] = text
