"""Points where a fitted density is low, and how well that finds outliers planted on purpose."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.evaluation import Detection, detection, outlier_mask, plant_outliers
from engine.grid import Array
from engine.model import DataError
from engine.plots import style
from engine.plots.curves import scatter_figure
from engine.plots.numbers import written
from pages.components.live_figure import live_figure
from pages.shared.points.data_source import DataSet
from pages.shared.points.fitting import Fit, fit, nothing_fitted
from pages.shared.table import table, unbroken


def show(fits: Mapping[str, Fit], data: DataSet, x: Array) -> None:
    """Mark the least likely points of every estimator, and compare how they find planted ones."""
    if not fits:
        st.info(nothing_fitted(x))
        return
    left, middle, right = st.columns(3, gap="medium")
    quantile = left.slider(
        "Least likely points", 0.0, 0.25, 0.05, 0.01, format="percent", key="quantile", bind="query-params",
        help="The share of the points with the lowest density that is marked.",
    )  # fmt: skip
    planted = middle.slider(
        "Planted outliers", 0, 100, 20, key="planted", bind="query-params",
        help="Points strewn over the empty part of the plane, which the models are fitted to as well.",
    )  # fmt: skip
    seed = right.slider("Seed of the outliers", 0, 50, 0, key="planted_seed", bind="query-params")
    everything, is_planted = plant_outliers(x, data.domain, planted, seed)
    found: dict[str, Detection] = {}
    cells = st.grid(len(fits), min_column_width=270, gap="small")
    for slot, fitted in fits.items():
        with cells.cell():
            try:
                found[slot] = _one(slot, fitted, data, everything, is_planted, quantile)
            except DataError as error:
                st.info(str(error))
    if planted:
        _verdict(fits, found)


def _one(
    slot: str, fitted: Fit, data: DataSet, x: Array, is_planted: npt.NDArray[np.bool_], quantile: float
) -> Detection:
    model = fit(fitted.recipe, x).model
    log_density = model.log_prob(x)
    marked, threshold = outlier_mask(log_density, quantile)
    colours = [style.ALERT if flag else style.DATA for flag in marked]
    symbols = ["x" if flag else "circle" for flag in is_planted]
    figure = scatter_figure(x, colours, symbols, data.domain)
    live_figure(
        figure,
        key=f"{slot}.outliers",
        height=280 if data.dimension == 2 else 120,
        link="outliers",
        alt=f"Least likely points of {model.name}",
    )
    limit = written(threshold, ".2f")
    st.caption(
        f"**{model.name}**: {int(marked.sum())} of {len(x)} points below {limit} nats (orange; × are planted)."
    )
    return detection(log_density, is_planted, quantile)


def _verdict(fits: Mapping[str, Fit], found: Mapping[str, Detection]) -> None:
    """Say which of the two best estimators finds the planted outliers better, and how well each does."""
    ranked = sorted(found, key=lambda slot: -found[slot].roc_auc)
    if len(ranked) > 1:
        best, second = (found[slot] for slot in ranked[:2])
        gap = best.roc_auc - second.roc_auc
        error = (best.roc_auc_standard_error**2 + second.roc_auc_standard_error**2) ** 0.5
        better = "better than" if gap > 2 * error else "about as well as (within two standard errors)"
        first, other = (fits[slot].model.name for slot in ranked[:2])
        areas = f"AUC {best.roc_auc:.3f} against {second.roc_auc:.3f}"
        st.markdown(f"**{first}** finds them {better} **{other}**: {areas}.")
    rows = [
        (
            fits[slot].model.name,
            unbroken(f"{one.roc_auc:.3f} ± {one.roc_auc_standard_error:.3f}"),
            "—" if one.precision is None else f"{one.precision:.0%}",
            f"{one.recall:.0%}",
        )
        for slot, one in found.items()
    ]
    table("detection", ("Estimator", "ROC AUC", "precision", "recall"), rows)
