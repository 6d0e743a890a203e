"""A timeline: play, pause, step and scrub a history that the page's figures already hold, without the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from pages.components.live import Live, now, told
from pages.components.serving import address
from pages.components.serving.modules import component

_mount = component("timeline")


def timeline(
    key: str,
    *,
    link: str,
    run: str,
    last: int | None = None,
    unit: str = "step",
    captions: Sequence[str] | Callable[[], Sequence[str]] | None = None,
    live: Live | None = None,
) -> None:
    """Show the transport of the figures with this `link` (see `live_figure`), whose frames are steps 0 to `last`.

    `run` names the history: a new one is shown at its end, the same one stays where the person left it, or follows
    its growing end. `captions` say where each step is, instead of its number with `unit`; those of a history that
    grows are a function, which `live` calls again, and there is nothing to see before the first. Without `last` it is
    the number of the last caption. The step stands in the query parameter `key`, unless it is the last.
    """
    st.session_state[f"{key}.run"] = run
    step = _in_address(key)
    if step is not None and st.session_state.setdefault(f"{key}.of", run) != run:
        address.write(key, None)  # it belonged to another history
        step = None
    st.session_state[f"{key}.of"] = run

    def message() -> dict[str, Any]:
        said = now(captions)
        end = len(said or ()) - 1 if last is None else last
        return {
            "link": link, "run": run, "last": end, "step": step, "unit": unit,
            "captions": None if said is None else list(said), "hidden": end < 0,
        }  # fmt: skip

    _mount(key=f"{key}.timeline", data=told(live, f"{key}.timeline", message), on_step_change=partial(_receive, key))


def step_of(key: str, last: int) -> int:
    """Return the step of a timeline that has been drawn, as the address says it: the last where it says none."""
    step = _in_address(key)
    return last if step is None else min(step, last)


def _in_address(key: str) -> int | None:
    text = address.read(key)
    return int(text) if text.isdecimal() else None


def _receive(key: str) -> None:
    message = st.session_state[f"{key}.timeline"].get("step")
    if not isinstance(message, dict) or message.get("run") != st.session_state.get(f"{key}.run"):
        return
    step, last = message.get("step"), message.get("last")
    inside = isinstance(step, int) and isinstance(last, int) and 0 <= step < last
    address.write(key, str(step) if inside else None)
