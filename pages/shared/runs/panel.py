"""The panel of a live run: play, pause, one step, one epoch, speed, stop and reset, and how the training goes."""

from __future__ import annotations

from functools import partial

import streamlit as st

from engine.training import Run
from pages.components.live import Live
from pages.components.live_text import live_text
from pages.shared.controls import BOUND
from pages.shared.runs.visitor_run import can_play, failure, play, waiting_line
from pages.shared.spoken import spoken

SPEEDS = {"2 steps/s": 2.0, "10 steps/s": 10.0, "50 steps/s": 50.0, "As fast as it can": None}
UNDER_WAY = ("queued", "running")


def training_panel(run: Run, key: str, live: Live | None) -> None:
    """Draw the buttons and the status of `run`, which follows it `live`."""
    run.touch()
    is_going = run.status in UNDER_WAY
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if is_going:
            _button("Pause", "pause", run.pause, key)
        else:
            playable = can_play(run)
            _button("Play", "play_arrow", partial(play, run), key, disabled=not playable, primary=playable)
        _button("One step", "skip_next", run.step, key, disabled=run.over)
        _button("One epoch", "fast_forward", run.epoch, key, disabled=run.over)
        _button("Stop", "stop", run.stop, key, disabled=run.over or not run.holds_worker)
        _button(
            "Start again from the same seed",
            "restart_alt",
            run.reset,
            key,
            disabled=not (run.latest or run.holds_worker),
        )
        chosen = st.selectbox(
            "Speed",
            list(SPEEDS),
            len(SPEEDS) - 1,
            key=f"{key}.speed",
            label_visibility="collapsed",
            width=170,
            **BOUND,
        )
        if SPEEDS[chosen] != run.speed:
            run.set_speed(SPEEDS[chosen])
    live_text(lambda: status_line(run), key=f"{key}.status", live=live)
    if sentence := failure(run):
        st.error(sentence, icon=":material/error:")


def status_line(run: Run) -> str:
    """Say in one line where the run is."""
    if waiting := waiting_line(run):
        return waiting
    if run.latest is None:
        return "Press Play to train here; every epoch of it can be scrubbed."
    words = {
        "running": "Training",
        "paused": "Paused",
        "finished": "Finished",
        "stopped": "Stopped",
        "failed": "Failed",
    }
    parts = [f"{words[run.status]}: step {run.latest.step:,}", f"epoch {run.latest.epoch:.2f}"]
    if run.status == "running" and run.examples_per_second:
        parts.append(f"{run.examples_per_second:,.0f} examples/s")
    parts.append(f"{run.latest.seconds:.1f} s on {run.device or 'cpu'}")
    if run.status in ("stopped", "finished") and run.reason:
        parts.append(run.reason)
    return " · ".join(parts)


def _button(
    label: str, icon: str, action: object, key: str, *, disabled: bool = False, primary: bool = False
) -> None:
    st.button(
        spoken(label), icon=f":material/{icon}:", help=label, key=f"{key}.{icon}", disabled=disabled,
        type="primary" if primary else "secondary", on_click=action,  # type: ignore[arg-type]
    )  # fmt: skip
