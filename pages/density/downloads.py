"""The download popover: the points as CSV, each fitted grid as NPZ, and how to share the page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from engine.grid import Array, Grid
from pages.shared.points.data_source import DataSet
from pages.shared.points.fitting import CELLS, Fit, density
from pages.shared.points.share import grid_npz, points_csv


def downloads(fits: Mapping[str, Fit], data: DataSet, x: Array) -> None:
    """Offer the data and the fitted grids as files; figures are saved from their own menu."""
    with st.popover("Download and share", icon=":material/download:", width="stretch"):
        st.caption("The address of this page carries every setting and up to a few hundred drawn points: copy it.")
        st.download_button(
            f"{len(data.x):,} points as CSV", partial(points_csv, data), f"{data.name}.csv", "text/csv",
            icon=":material/table_rows:", on_click="ignore", width="stretch", key="download.points",
        )  # fmt: skip
        for slot, fitted in fits.items():
            st.download_button(
                f"{fitted.model.name}: grid as NPZ", partial(_grid, fitted, data, x), f"{fitted.recipe.model}.npz",
                "application/octet-stream", icon=":material/grid_on:", on_click="ignore", width="stretch",
                key=f"download.{slot}",
            )  # fmt: skip
        st.caption("A figure: the ⤓ menu at its corner saves PNG, SVG or HTML.")


def _grid(fitted: Fit, data: DataSet, x: Array) -> bytes:
    cells = CELLS[data.dimension]
    return grid_npz(density(fitted.recipe, x, data.domain, cells), Grid.over(data.domain, cells), fitted.recipe)
