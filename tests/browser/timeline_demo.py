"""A page for test_timeline.py: a figure with a handle whose position draws a history, a timeline and words of it."""

import numpy as np
import streamlit as st

from engine.plots import style
from pages.components.live_figure import Handle, live_figure
from pages.components.live_text import live_sentences
from pages.components.routes import ROUTES
from pages.components.timeline import timeline

STEPS = 8


def path(x: float, y: float) -> dict:
    """Draw the way from (x, y) to the origin, a frame for each of its steps."""
    way = np.linspace([x, y], [0.0, 0.0], STEPS + 1)
    line = {"type": "scatter", "mode": "lines", "meta": style.PAINTED, "line": {"color": style.MODEL, "width": 2}}
    traces = [{**line, "x": way[: k + 1, 0], "y": way[: k + 1, 1]} for k in range(STEPS + 1)]
    frames = [
        {"name": f"at {way[k, 0]:.2f}", "traces": [0], "data": [{"x": trace["x"], "y": trace["y"]}]}
        for k, trace in enumerate(traces)
    ]
    axes = {"xaxis": {"range": [-4, 4]}, "yaxis": {"range": [-4, 4]}}
    return {"data": [traces[-1]], "layout": style.plain_layout(**axes), "frames": frames}


def main() -> None:
    """Show the figure and its timeline."""

    def move(name: str, x: float, y: float) -> None:
        st.session_state["at"] = (x, y)

    @st.fragment
    def show() -> None:
        x, y = st.session_state.setdefault("at", (2.0, 1.0))
        live_figure(
            path(x, y), key="figure", height=360, alt="A way", link="way",
            handles=[Handle("start", "Start of the way", x, y)], on_move=move,
        )  # fmt: skip
        timeline("step", link="way", run=f"{x:.6f},{y:.6f}", last=STEPS)
        said = [f"Far off: {STEPS - k} of {STEPS} steps left." if k < 3 else "" for k in range(STEPS + 1)]
        live_sentences(lambda: said, link="way", key="said", look="warning", live=None)
        st.write(f"from {x:.2f} {y:.2f}")

    show()


if __name__ == "__main__":  # a session's run of this script
    main()
else:  # `streamlit run` imports it once, for the server
    app = st.App(__file__, routes=ROUTES)
