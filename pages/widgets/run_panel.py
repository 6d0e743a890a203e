"""Play, pause, step, reset and scrub a run whose steps are kept."""

from __future__ import annotations

import streamlit as st


def is_playing(key: str) -> bool:
    """Tell whether the run under `key` is playing now."""
    return bool(st.session_state.get(f"{key}.playing", False))


def run_panel(key: str, run: int, last: int, *, unit: str = "iteration") -> int:
    """Draw the transport buttons and the slider; return the step to show, 0 to `last`.

    `run` tells one run from the next: a new one shows its last step. While it plays, each rerun of the
    surrounding fragment moves one step on. The step is bound to the query parameter `key.unit`.
    """
    slider = f"{key}.{unit}"
    if st.session_state.pop(f"{key}.clicked", False):
        st.rerun()  # the whole page: its other parts show the step too, and a fragment can't change its own pace
    if st.session_state.setdefault(f"{key}.of", run) != run:
        st.session_state[f"{key}.of"] = run
        st.session_state[f"{key}.playing"] = False
        st.session_state[slider] = last
    now = min(int(st.session_state.get(slider, last)), last)
    if is_playing(key):
        now = min(now + 1, last)
        st.session_state[slider] = now
        if now == last:
            st.session_state[f"{key}.playing"] = False
            st.rerun()

    def go(step: int, *, playing: bool = False) -> None:
        st.session_state[f"{key}.playing"] = playing
        st.session_state[f"{key}.clicked"] = True
        st.session_state[slider] = step

    def button(name: str, icon: str, text: str, step: int, *, disabled: bool = False) -> None:
        st.button(
            "", icon=f":material/{icon}:", help=text, key=f"{key}.{name}", on_click=go, args=(step,),
            kwargs={"playing": name == "play"}, disabled=disabled,
        )  # fmt: skip

    with st.container(horizontal=True, gap="xsmall", vertical_alignment="bottom", key=f"{key}.transport"):
        button("reset", "first_page", f"Reset to {unit} 0", 0)
        if is_playing(key):
            button("pause", "pause", "Pause", now)
        else:
            button("play", "play_arrow", "Play", 0 if now == last else now)
        button("step", "skip_next", f"One {unit} on", min(now + 1, last), disabled=now == last)
        return int(
            st.slider(
                unit.capitalize(),
                0,
                max(last, 1),
                last,
                key=slider,
                bind="query-params",
                label_visibility="collapsed",
            )
        )
