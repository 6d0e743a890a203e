"""A timeline: play, pause, step and scrub a history that the page's figures already hold, without the server."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from pages.widgets import address
from pages.widgets.scripts import loaded_once

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "timeline",
    css=(_HERE / "timeline.css").read_text("utf-8"),
    js=loaded_once(("timeline.js",)),
)


def timeline(
    key: str, *, link: str, run: str, last: int, unit: str = "step", captions: Sequence[str] | None = None
) -> None:
    """Show the transport of the figures with this `link` (see `live_figure`), whose frames are steps 0 to `last`.

    `run` names the history: a new one is shown at its end, the same one stays where the person left it, or follows
    its growing end. `captions` say where each step is, instead of its number with `unit`. The step stands in the
    query parameter `key`, unless it is the last.
    """
    st.session_state[f"{key}.run"] = run
    text = address.read(key)
    step = int(text) if text.isdecimal() else None
    if step is not None and st.session_state.setdefault(f"{key}.of", run) != run:
        address.write(key, None)  # it belonged to another history
        step = None
    st.session_state[f"{key}.of"] = run
    _mount(
        key=f"{key}.timeline",
        data={"link": link, "run": run, "last": last, "step": step, "unit": unit, "captions": captions},
        on_step_change=partial(_receive, key, last),
    )


def _receive(key: str, last: int) -> None:
    message = st.session_state[f"{key}.timeline"].get("step")
    if not isinstance(message, dict) or message.get("run") != st.session_state.get(f"{key}.run"):
        return
    step = message.get("step")
    address.write(key, str(step) if isinstance(step, int) and 0 <= step < last else None)
