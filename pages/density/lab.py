"""The density lab: draw points, and watch estimators of their density learn them side by side."""

from __future__ import annotations

import streamlit as st

from engine.grid import Array
from pages.components.drawing_pad import answers_stroke, catch_up
from pages.density.comparison import comparison_table
from pages.density.downloads import downloads
from pages.density.model_card import View, model_card
from pages.density.tabs import convergence, em, outliers, sampling, selection
from pages.shared.open_tabs import open_tabs
from pages.shared.points.data_source import DataSet, data_source
from pages.shared.points.fitting import Fit

FAMILY = "density"
LAB = "density"
PAD = f"{LAB}.pad"
SLOTS = ("a", "b", "c", "d")
DEFAULTS = ("Histogram", "KernelDensity", "GaussianMixture", "NearestNeighbours")
HEIGHTS = {1: 540, 2: 410, 3: 300, 4: 300}
TABS = {
    "Bandwidth / K": selection,
    "EM": em,
    "Convergence": convergence,
    "Outliers": outliers,
    "Sampling": sampling,
}
CLASSES = {"both classes": None, "first class": "labels == 0", "second class": "labels == 1"}


def lab() -> None:
    """Lay the lab out: data and pad on the left, estimators on the right, scores and questions below."""
    catch_up(PAD)
    st.session_state["workbench.alone"] = False
    data, x, fits = _workbench()
    st.session_state["workbench.alone"] = True
    comparison_table(fits, data, x)
    open_tabs(LAB, TABS, fits, data, x)


@st.fragment(key="workbench")
def _workbench() -> tuple[DataSet, Array, dict[str, Fit]]:
    """Draw the pad and the estimators, which answer a stroke at once, before all the rest of the page."""
    left, right = st.columns([3, 8], gap="medium")
    with left:
        data = data_source(LAB, markers=True)
        subset = _choose_class(data)
    x = data.x if subset is None else data.x[data.labels == int(subset[-1])]
    with right:
        fits = _estimators(data, x, subset)
    with left:
        downloads(fits, data, x)
    if st.session_state["workbench.alone"] and not answers_stroke(PAD):
        st.rerun()  # the rest of the page follows at once; after a stroke, when the pen rests
    return data, x, fits


def _choose_class(data: DataSet) -> str | None:
    """Let the person fit one of two drawn classes; return the expression that keeps it."""
    if data.preset is not None or not 0 < int(data.labels.sum()) < len(data.labels):
        return None
    chosen = st.segmented_control(
        "Fit", list(CLASSES), default="both classes", required=True, key="class", bind="query-params"
    )
    return CLASSES[str(chosen)]


def _estimators(data: DataSet, x: Array, subset: str | None) -> dict[str, Fit]:
    """Draw the row of cards and return each card's fit by its slot."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        count = int(
            st.segmented_control(
                "Side by side", [1, 2, 3, 4], default=3, required=True, key="views", bind="query-params"
            )
        )
        sample = st.toggle(
            "Sample", key="sample", bind="query-params", help="Draw as many new points from each model."
        )
        surface = data.dimension == 2 and st.toggle(
            "Surface", key="surface", bind="query-params", help="Show p(x) as a surface in 3-D."
        )
    view = View(HEIGHTS[count], len(x) if sample else 0, surface)
    fits = {}
    cells = st.grid(2 if count == 4 else count, min_column_width=270, gap="small")
    for slot, default in zip(SLOTS[:count], DEFAULTS, strict=False):
        with cells.cell():
            fitted = model_card(slot, FAMILY, default, data, x, view, subset)
        if fitted is not None:
            fits[slot] = fitted
    return fits


lab()
