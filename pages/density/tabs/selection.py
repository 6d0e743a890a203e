"""How to choose a bandwidth, a bin width or a number of components: the curve behind each choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from engine.grid import Array
from engine.model import DataError, SelectionCurve
from engine.plots.curves import likelihood_figure, selection_figure
from engine.plots.numbers import as_precise, written
from pages.components.live_figure import live_figure
from pages.shared.points.data_source import DataSet
from pages.shared.points.fitting import KEEP, Fit, Recipe, nothing_fitted, number_in_use

HEIGHT = 300


@st.cache_data(max_entries=KEEP, show_spinner="Scoring the candidates…")
def _curve(recipe: Recipe, x: Array) -> SelectionCurve | None:
    return recipe.make().selection_curve(x)


def show(fits: Mapping[str, Fit], data: DataSet, x: Array) -> None:
    """Draw each estimator's selection curve, or the likelihood surface of one with a closed form."""
    if not fits:
        st.info(nothing_fitted(x))
        return
    cells = st.grid(len(fits), min_column_width=280, gap="small")
    for slot, fitted in fits.items():
        with cells.cell():
            st.markdown(f"**{fitted.model.name}**")
            try:
                _show_one(slot, fitted, x)
            except DataError as error:
                st.info(str(error))


def _show_one(slot: str, fitted: Fit, x: Array) -> None:
    model: Any = fitted.model
    if hasattr(model, "likelihood_surface"):
        surface = model.likelihood_surface(x)
        figure = likelihood_figure(surface.names, surface.axes, surface.log_likelihood, surface.maximum)
        live_figure(figure, key=f"{slot}.likelihood", height=HEIGHT, alt="Likelihood surface with its maximum")
        errors = model.standard_errors
        best = ", ".join(f"{name} = {as_precise(at, errors.get(name))}" for name, at in model.parameters.items())
        st.caption(f"The maximum of the likelihood (×): {best}.")
        return
    curve = _curve(fitted.recipe, x)
    if curve is None:
        st.caption("Nothing to select: its setting has no data-driven choice here.")
        return
    figure = selection_figure(curve, _in_use(model, curve))
    live_figure(figure, key=f"{slot}.selection", height=HEIGHT, alt=f"{curve.parameter} selection curve")
    goal = "lowest" if curve.minimise else "highest"
    best = "; ".join(f"{name}: {written(value, '.3g')}" for name, value in curve.best.items())
    first, *_, last = [float(value) for value in curve.values]
    at_edge = last in curve.best.values() or (first != 1 and first in curve.best.values())  # no K is below 1
    edge = " It lies at the edge of what was tried, so the best may lie beyond." if at_edge else ""
    st.caption(f"The {goal} score wins (○ {best}); the dashed line is what the card uses.{edge} {curve.note}")


def _in_use(model: Any, curve: SelectionCurve) -> float | None:
    """Return the value that the card's fit uses, resolved by the fit or as the hyperparameters have it."""
    value = number_in_use(model, curve.parameter)
    if value is None:
        value = getattr(model.hyperparameters, curve.parameter)
    return curve.best.get(value.upper()) if isinstance(value, str) else float(value)  # "bic" is a score of this curve
