"""The panel of a game: play, pause, step one player or both, speed, slow motion; and what may change under way."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from engine.model import HyperparameterError, Hyperparameters, check
from engine.training import Run
from pages.adversarial.plane.slow import one_step, slow_motion
from pages.components.number import Bounds, is_within, number
from pages.shared.controls import BOUND, bounds_of, complaint
from pages.shared.runs.visitor_run import can_play, waiting_line
from pages.shared.spoken import spoken

SLOW = "Slow motion"
SPEEDS = {
    SLOW: None,
    "5 iterations/s": 5.0,
    "50 iterations/s": 50.0,
    "500 iterations/s": 500.0,
    "As fast as it can": None,
}
WATCHED = "500 iterations/s"  # GAN Lab has at most 60; as fast as it can, a lesson's best is over in a second
WORDS = {
    "running": "Playing",
    "paused": "Paused",
    "finished": "Finished",
    "stopped": "Stopped",
    "failed": "Failed",
}


def play_if_asked(run: Run, key: str) -> None:
    """Play where that was asked for before there were buttons."""
    if st.session_state.pop(f"{key}.autoplay", False) and not run.over:
        _play(run, key)


def game_panel(run: Run, key: str) -> None:
    """Draw the buttons."""
    is_going = run.status in ("queued", "running") or slow_motion(key).is_on
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"{key}.panel"):
        if is_going:
            _button("pause", "Pause", _pause, run, key)
        else:
            playable = can_play(run)
            _button("play_arrow", "Play", _play, run, key, disabled=not playable, primary=playable)
        for text, updates, what in (
            ("D", "discriminator", "Only the discriminator learns, for one iteration"),
            ("G", "generator", "Only the generator learns, for one iteration"),
            ("both", "both", "One iteration: the discriminator learns, then the generator"),
        ):
            _button("skip_next", what, _step, run, key, updates, seen=text, disabled=run.over)
        _button("stop", "Stop", _stop, run, key, disabled=run.over or not run.holds_worker)
        _button(
            "restart_alt",
            "Start again from the same seed",
            _again,
            run,
            key,
            disabled=not (run.latest or run.holds_worker),
        )
        chosen = st.selectbox(
            "Speed", list(SPEEDS), list(SPEEDS).index(WATCHED), key=f"{key}.speed", label_visibility="collapsed",
            width=170, on_change=_pause_slow, args=(run, key), **BOUND,
        )  # fmt: skip
    if SPEEDS[chosen] != run.speed:
        run.set_speed(SPEEDS[chosen])


def play_button(key: str) -> str:
    """Return the CSS selector of the button that plays or pauses, whichever is there."""
    name = key.replace(".", "-")
    return f".st-key-{name}-button-play button, .st-key-{name}-button-pause button"


def status_line(run: Run, is_slow: bool) -> str:
    """Say in one line where the game is and how fast it goes."""
    if waiting := waiting_line(run):
        return waiting
    if run.latest is None:
        return "Press Play: the two players begin, and every moment of the game can be looked at again."
    word = SLOW if is_slow else WORDS[run.status]
    parts = [f"{word}: iteration {run.latest.step:,}"]
    if run.status == "running" and run.steps_per_second and run.examples_per_second:
        parts.append(f"{run.steps_per_second:,.0f} iterations/s")
        parts.append(f"{run.examples_per_second:,.0f} examples/s")
    parts.append(f"{run.latest.seconds:.1f} s on {run.device or 'cpu'}")
    if run.status in ("stopped", "finished") and run.reason:
        parts.append(run.reason)
    return " · ".join(parts)


def under_way(run: Run, chosen: Hyperparameters, key: str, games: Sequence[int] | None = None) -> None:
    """Draw what may change while the game goes on: both learning rates and k.

    Of a comparison it changes these `games`, counted from 0, the first of which has been `chosen`.
    """
    sides = [""] if games is None else [f"{number}." for number in games]
    now = {name: run.tuned.get(sides[0] + name, value) for name, value in chosen.model_dump().items()}
    key = ".".join((key, "tune", run.id, str(run.attempt), *sides))
    st.markdown(
        "**Change under way**",
        help="Learning rates of both players, and k, the updates of D for one of G: from the next iteration on. "
        "A new start takes it back.",
    )
    names = {
        "discriminator_learning_rate": "Rate of D",
        "generator_learning_rate": "Rate of G",
        "discriminator_steps": "k",
    }
    cells = st.grid(3, min_column_width=130, gap="small")
    for name, label in names.items():
        with cells.cell():
            _tuned(run, type(chosen), name, label, now[name], f"{key}.{name}", [side + name for side in sides])
    if run.refused:
        st.caption(f":material/error: {run.refused}")


def _tuned(
    run: Run, declared: type[Hyperparameters], name: str, label: str, now: float, key: str, names: Sequence[str]
) -> None:
    """Draw one number that is `now` in force; a person's changes it for all `names`, if it may be what they typed."""
    field = declared.model_fields[name]
    kind, bounds = type(field.default), bounds_of(field)
    if is_within(st.session_state.get(key, now), kind, bounds):
        st.session_state[key] = now
    value = number(
        label, key, default=now, kind=kind, bounds=bounds, in_address=False,
        on_change=partial(_tune, run, names, key, kind, bounds),
    )  # fmt: skip
    try:
        check(declared, {name: value})
    except HyperparameterError as error:
        st.markdown(complaint(error.fields[name], f"It stays {now:g}."))


def _tune(run: Run, names: Sequence[str], key: str, kind: type, bounds: Bounds) -> None:
    value = st.session_state[key]
    if is_within(value, kind, bounds):
        run.tune(**dict.fromkeys(names, value))


def _play(run: Run, key: str) -> None:
    if run.over:  # before its first picture
        run.reset()
    if st.session_state.get(f"{key}.speed") == SLOW:
        slow_motion(key).begin()
        return
    who_learns(run, "both")
    run.play()


def _step(run: Run, key: str, updates: str) -> None:
    slow_motion(key).end()
    who_learns(run, updates)
    one_step(run)


def _pause(run: Run, key: str) -> None:
    slow_motion(key).end()
    run.pause()


def _pause_slow(run: Run, key: str) -> None:
    """Leave slow motion, or enter it, from a standstill: its phases are single steps."""
    if slow_motion(key).is_on:
        slow_motion(key).end()
        _play(run, key)
    elif st.session_state[f"{key}.speed"] == SLOW and run.status == "running":
        run.pause()
        slow_motion(key).begin()


def _stop(run: Run, key: str) -> None:
    slow_motion(key).end()
    run.stop()


def _again(run: Run, key: str) -> None:
    slow_motion(key).end()
    run.reset()


def who_learns(run: Run, updates: str) -> None:
    """Choose who learns from the next step on."""
    if run.tuned.get("updates", "both") != updates:
        run.tune(updates=updates)


def _button(
    icon: str, what: str, action: Any, run: Run, key: str, *more: str, seen: str = "", disabled: bool = False,
    primary: bool = False,
) -> None:  # fmt: skip
    name = ".".join((key, "button", action.__name__.strip("_"), *more))
    st.button(
        spoken("One step:" if seen else what, seen), icon=f":material/{icon}:", help=what, key=name,
        disabled=disabled, type="primary" if primary else "secondary", on_click=action, args=(run, key, *more),
    )  # fmt: skip
