"""How fast each estimator nears the truth: error against n on log axes."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from engine.data import load_points
from engine.evaluation import Convergence, convergence_steps
from engine.grid import Array
from engine.plots.curves import convergence_figure
from engine.plots.numbers import written
from pages.components.live_figure import live_figure
from pages.shared.points.data_source import DataSet
from pages.shared.points.fitting import Fit, Recipe
from pages.shared.table import table

SIZES = (50, 100, 200, 500, 1000, 2000, 5000)
REPEATS = 3


def show(fits: Mapping[str, Fit], data: DataSet, x: Array) -> None:
    """Run the experiment for the estimators on show and draw it beside the slope of an optimal KDE."""
    if data.preset is None or data.preset.log_prob is None:
        st.info("Convergence needs a truth to converge to: choose a preset whose density is known.")
        return
    proper = {slot: fitted for slot, fitted in fits.items() if fitted.model.normalised}
    if not proper:
        st.info("Choose an estimator that is a density.")
        return
    recipes = {_label(slot, fitted, proper): fitted.recipe for slot, fitted in proper.items()}
    found = _run(recipes, data.name, data.noise or 0.0, data)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        figure = convergence_figure(found.sizes, found.errors, found.standard_errors, found.reference_slope)
        live_figure(figure, key="convergence", height=340, alt="Integrated squared error against n on log axes")
    with right:
        st.latex(r"\mathrm{MISE}(n) \;\propto\; n^{-4/(4+d)}")
        d = data.dimension
        st.markdown(
            f"A KDE with the best bandwidth nears a smooth density at this rate, in {d}-D with slope "
            f"**{written(found.reference_slope, '.2f')}** (grey). A parametric model is faster while it is right, "
            f"and stops at its bias when it is wrong. Where the density jumps, a KDE's slope comes at best to "
            f"−1/{1 + d} as n grows, and to −1/{4 + d} with Scott's rule, which is made for smooth ones; a "
            "family that has the edge is not slowed."
        )
        rows = [(name, written(slope, ".2f")) for name, slope in found.slopes.items()]
        table("slopes", ("Estimator", "fitted slope"), rows)
        for name, sentence in found.failures.items():
            st.caption(f"{name}: {sentence}")
        st.caption(
            f"Mean integrated squared error of {REPEATS} samples at each n, bars ± one standard error. "
            "Source: Silverman, 1986, Density Estimation for Statistics and Data Analysis."
        )


def _label(slot: str, fitted: Fit, fits: Mapping[str, Fit]) -> str:
    name = fitted.model.name
    twins = [other for other in fits.values() if other.model.name == name]
    return name if len(twins) == 1 else f"{name} ({slot})"


@st.cache_data(max_entries=64, show_spinner=False)
def _run(recipes: Mapping[str, Recipe], preset: str, noise: float, _data: DataSet) -> Convergence:
    assert _data.preset is not None
    assert _data.preset.log_prob is not None
    sample = lambda n, seed: load_points(preset, n=n, noise=noise, seed=seed).x  # noqa: E731
    make = {name: recipe.make for name, recipe in recipes.items()}
    bar = st.progress(0.0, "Fitting samples of growing size…")
    found = None
    for found in convergence_steps(make, sample, _data.preset.log_prob, _data.domain, SIZES, REPEATS):
        bar.progress(found.done / found.total, "Fitting samples of growing size…")
    bar.empty()
    assert found is not None
    return found
