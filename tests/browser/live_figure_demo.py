"""A page for test_live_figure.py: two linked heat maps, a curve and a surface, live or changed by hand."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from engine.grid import Grid
from engine.plots.density import Overlay, density_figure, hover_kernel
from pages.components.live_figure import live_figure
from pages.components.routes import ROUTES

POINTS = np.random.default_rng(0).normal(size=(500, 2)).astype(np.float32)
ANGLE = np.linspace(0, 2 * np.pi, 49)
RING = 0.4 * np.column_stack([np.cos(ANGLE), np.sin(ANGLE)])
BUMP = np.linspace(-1, 1, 41)


def blob(grid: Grid, shift: float, spread: float) -> np.ndarray:
    """Return a moving Gaussian on the grid."""
    axes = np.meshgrid(*grid.axes)
    return np.exp(-0.5 * ((axes[0] - np.sin(shift)) ** 2 + sum(axis**2 for axis in axes[1:])) / spread)


def heat_map(shift: float, spread: float) -> go.Figure:
    """Draw a blob on 100 × 100 cells under 500 points."""
    grid = Grid(((-3.0, 3.0), (-3.0, 3.0)), (100, 100))
    overlay = Overlay(points=POINTS, kernel=hover_kernel(RING, None, np.ones(1)))
    return density_figure(blob(grid, shift, spread), grid, overlay)


def curve(shift: float) -> go.Figure:
    """Draw a blob in one dimension with a rug of points."""
    grid = Grid(((-3.0, 3.0),), (200,))
    kernel = hover_kernel(BUMP[:, None], 0.3 * (1 - BUMP**2), np.ones(1))
    return density_figure(blob(grid, shift, 1.0), grid, Overlay(points=POINTS[:40, :1], kernel=kernel))


def surface(shift: float) -> go.Figure:
    """Draw a blob as a surface."""
    grid = Grid(((-3.0, 3.0), (-3.0, 3.0)), (60, 60))
    return density_figure(blob(grid, shift, 1.0), grid, Overlay(), surface=True)


def main() -> None:
    """Show the four figures, live where the switch says so."""
    st.set_page_config(layout="wide")
    live = st.toggle("Live")
    shift = st.slider("Shift", 0.0, 6.0, 0.0)
    shown = st.toggle("Second", value=True)

    @st.fragment(run_every=0.1 if live else None)
    def figures() -> None:
        st.session_state["tick"] = tick = st.session_state.get("tick", 0) + bool(live)
        at = shift + tick / 10
        left, right = st.columns(2)
        with left:
            live_figure(heat_map(at, 1.0), key="a", height=360, alt="A moving blob", link="plane", file_name="blob")
        if shown:
            with right:
                live_figure(heat_map(at + 1, 0.4), key="b", height=360, alt="A narrow blob", link="plane")
        left, right = st.columns(2)
        with left:
            live_figure(curve(at), key="c", height=260, alt="A curve")
        with right:
            live_figure(surface(at), key="d", height=260, alt="A surface")
        st.caption(f"tick {tick}")

    figures()


if __name__ == "__main__":  # a session's run of this script
    main()
else:  # `streamlit run` imports it once, for the server
    app = st.App(__file__, routes=ROUTES)
