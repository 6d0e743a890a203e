"""Play, pause, step, reset and scrub a run whose steps are kept."""

from __future__ import annotations

import streamlit as st


def is_playing(key: str) -> bool:
    """Tell whether the run under `key` is playing now."""
    return bool(st.session_state.get(f"{key}.playing", False))


def run_panel(key: str, last: int, *, unit: str = "iteration") -> int:
    """Draw the transport buttons and the slider; return the step to show, 0 to `last`.

    A new run shows its last step. While it plays, each rerun of the surrounding fragment moves one step on. The step
    is bound to the query parameter `key.unit`.
    """
    slider = f"{key}.{unit}"
    now = min(int(st.session_state.get(slider, last)), last)
    if is_playing(key):
        now = min(now + 1, last)
        st.session_state[slider] = now
        if now == last:
            st.session_state[f"{key}.playing"] = False
            st.rerun()

    def go(step: int) -> None:
        st.session_state[f"{key}.playing"] = False
        st.session_state[slider] = step

    def play() -> None:
        if now == last:
            st.session_state[slider] = 0
        st.session_state[f"{key}.playing"] = True

    with st.container(horizontal=True, gap="xsmall", vertical_alignment="bottom", key=f"{key}.transport"):
        if st.button(
            "", icon=":material/first_page:", help=f"Reset to {unit} 0", key=f"{key}.reset", on_click=go, args=(0,)
        ):
            st.rerun()
        if is_playing(key):
            clicked = st.button(
                "", icon=":material/pause:", help="Pause", key=f"{key}.pause", on_click=go, args=(now,)
            )
        else:
            clicked = st.button("", icon=":material/play_arrow:", help="Play", key=f"{key}.play", on_click=play)
        if clicked:
            st.rerun()
        if st.button(
            "", icon=":material/skip_next:", help=f"One {unit} on", key=f"{key}.step",
            on_click=go, args=(min(now + 1, last),), disabled=now == last,
        ):  # fmt: skip
            st.rerun()
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
