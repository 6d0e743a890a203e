"""A small app around the drawing pad: what it draws, Python writes down; Python clears and places points."""

import time
from functools import partial

import numpy as np
import streamlit as st

from pages.components.drawing_pad import drawing_pad, place_points
from pages.components.routes import ROUTES

_ANGLE = np.linspace(0, 2 * np.pi, 300, endpoint=False)
_CLASSES = np.repeat([0, 1], 200)
PLACED = {
    "Preset": (2 * np.column_stack([np.cos(_ANGLE), np.sin(_ANGLE)]),),
    "Many": (np.random.default_rng(0).normal(size=(49_990, 2)),),
    "Classes": (
        np.random.default_rng(0).normal(size=(400, 2)) + 2.0 * _CLASSES[:, None] - 1,
        _CLASSES,
        [[-1, -1], [1, 1]],
    ),
    "Clear from Python": ([],),
}


def pad(key: str, **options: object) -> None:
    drawing = drawing_pad(key, **options)
    n, second, starts = len(drawing.x), int(drawing.labels.sum()), len(drawing.markers)
    corner = drawing.x.min(0).round(2).tolist() + drawing.x.max(0).round(2).tolist() if n else []
    st.caption(f"{key}: n={n} second={second} starts={starts} edited={drawing.edited} box={corner}")
    st.caption(f"{key}: at={time.time():.4f}")


def plane() -> None:
    with st.container(horizontal=True):
        for name, content in PLACED.items():
            # Callbacks, as on the app's pages: whatever else comes with a click, they run.
            st.button(name, on_click=partial(place_points, "plane", *content))
        slow = st.toggle("Slow")
    pad("plane", domain=((-3, 3), (-3, 3)), markers=True, classes=st.query_params.get("classes") == "1")
    time.sleep(0.4 if slow else 0)
    st.caption("drawn to the end")


def line() -> None:
    st.button("Integers", on_click=partial(place_points, "line", [3, 5, 4, 4, 4, 4, 5, 6, 5, 4]))
    st.fragment(pad)("line", domain=((0, 10),), dimension=1)


def either() -> None:
    dimension = 1 if st.toggle("Flat") else 2
    if st.session_state.get("shown") != dimension:
        st.session_state["shown"] = dimension
        place_points("either", np.linspace(-2, 2, 10 * dimension).reshape(10, dimension))
    pad("either", domain=((-3, 3),) * dimension, dimension=dimension)


def main() -> None:
    """Show the pads, a page each."""
    pages = [
        st.Page(plane, title="Plane", default=True),
        st.Page(line, title="Line"),
        st.Page(either, title="Either"),
    ]
    st.navigation(pages, position="top").run()


if __name__ == "__main__":  # a session's run of this script
    main()
else:  # `streamlit run` imports it once, for the server
    app = st.App(__file__, routes=ROUTES)
