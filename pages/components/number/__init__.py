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
from typing import Any

import streamlit as st

from pages.components.serving import address
from pages.components.serving.modules import component

Bounds = tuple[float, float]
EVERY_NUMBER: Bounds = (-math.inf, math.inf)

_mount = component("number")


@dataclass(frozen=True)
class _Known:
    """What the browser was told last: the value, how often Python had set it, and the browser's own latest message.

    `text` is what the address was told, None before it was asked.
    """

    value: float | None = None
    revision: int = 0
    sequence: int = 0
    text: str | None = None


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
    `key` has it and stands there unless it is the default (see `address`). `kind` is int for whole numbers; `bounds`
    are the least and the most it may be, both allowed; `text` is the help, `unit` stands behind the field. While it
    is dragged, Python hears of it with `live`, else when it is let go. `on_change` is called, before the rerun, when
    a person has changed it.
    """
    known = _known(key) or _Known()
    if in_address:
        _believe(key, known.text, kind)
    value: float = st.session_state.get(key, default)
    if value != known.value:
        known = replace(known, value=value, revision=known.revision + 1)
    if in_address:
        known = replace(known, text="" if value == default else repr(value).removesuffix(".0"))
        address.write(key, known.text)
    _know(key, known)
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
    return _known(key) is not None


def _known(key: str) -> _Known | None:
    known: _Known | None = st.session_state.get(f"number.{key}")
    return known


def _know(key: str, known: _Known) -> None:
    st.session_state[f"number.{key}"] = known


def _believe(key: str, before: str | None, kind: type) -> None:
    """Set the number as the address has it, where that says another than `before`: a link just opened, or Back."""
    text = address.read(key)
    opened = _read(text, kind)
    if before is None:  # what Python has set for its first time comes first
        opened = st.session_state.get(key, opened)
    elif text == before:
        return
    if opened is None:
        st.session_state.pop(key, None)
    else:
        st.session_state[key] = opened


def _receive(key: str, kind: type, on_change: Callable[[], None] | None) -> None:
    """Take over the browser's number, unless Python has set another since or a later one has come."""
    message: Any = st.session_state[f"{key}.number"].get("number")
    known = _known(key)
    if known is None or not isinstance(message, dict):
        return
    value: Any = message.get("value")
    revision, sequence = message.get("revision"), message.get("sequence")
    if type(value) not in (int, float) or not math.isfinite(value) or type(sequence) is not int:
        return
    if revision != known.revision or sequence <= known.sequence:
        return
    st.session_state[key] = _of_kind(value, kind)
    _know(key, replace(known, value=st.session_state[key], sequence=sequence))
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
