"""Fits in the plane: one target, one start, a pane for each objective, and every measure of what each ends in."""

from __future__ import annotations

import io
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from engine.divergence import MEASURES, FittedOptimum, MixtureTarget
from engine.grid import Array, Grid
from engine.model import DataError, HyperparameterError
from engine.plots.fits import caption, fit_figure
from engine.plots.numbers import amount, written
from pages.widgets import divergence_fitting as fitting
from pages.widgets.controls import BOUND
from pages.widgets.divergence_fitting import Choice
from pages.widgets.live_figure import Handle, live_figure
from pages.widgets.mixture_editor import mixture_handles, move_mixture
from pages.widgets.table import table, unbroken
from pages.widgets.target_source import picture, target_source
from pages.widgets.timeline import timeline

OBJECTIVES = ("kl", "reverse_kl", "jeffreys", "js", "hellinger", "alpha", "total_variation", "wasserstein", "frechet")
SHOWN = ("kl", "reverse_kl", "js")  # at first
X, Y = "fits.x", "fits.y"
CELLS = 160  # of the picture along each axis
HEIGHTS = {1: 480, 2: 380, 3: 330, 4: 330}
ESTIMATIONS = {"quadrature": "Exact, by quadrature", "samples": "Stochastic, from samples"}
TIE = 5e-4  # between measures that are equally good
SAMPLES_NOTE = (
    "From samples, KL is maximum likelihood: points of p are enough. Reverse KL draws its own points from q "
    "(reparametrisation) and asks p's density about each, so **p's density must be known**. Both are noisy estimates."
)


def show() -> None:
    """Draw the controls, a pane for each objective with its measures, and their timeline."""
    _tab()


@st.fragment
def _tab() -> None:
    left, right = st.columns([3, 10], gap="medium")
    with left:
        target = target_source()
    with right, st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        objectives = st.multiselect(
            "Objectives", OBJECTIVES, SHOWN, format_func=lambda name: MEASURES[name].title, max_selections=4,
            key="fits.objectives", **BOUND,
        )  # fmt: skip
    with left:
        settings, start, every, with_map = _settings("alpha" in objectives)
    if target is None:
        return
    choices = [Choice(target, name, settings, start) for name in objectives]
    if not choices:
        right.info("Choose an objective to see its fit.", icon=":material/info:")
        return
    with right:
        fitted = _panes(choices, every, with_map)
    with left:
        _take_away(fitted)


def _settings(has_order: bool) -> tuple[tuple[tuple[str, Any], ...], tuple[float, float], bool, bool]:
    """Draw what is common to all fits; return hyperparameters, start, and whether optima and basins are asked for."""
    covariance = st.selectbox("Covariance of q", ["full", "diagonal", "spherical"], key="fits.covariance", **BOUND)
    count = int(st.slider("Gaussians in q", 1, 5, 1, key="fits.components", **BOUND))
    settings: dict[str, Any] = {"covariance": covariance, "n_components": count}
    if has_order:
        settings["order"] = st.slider("Order α", 0.0, 1.0, 0.5, 0.05, key="fits.order", **BOUND)
    across, up = st.columns(2, gap="small", wrap=False)
    x = across.number_input("Start x₁", -30.0, 30.0, 1.5, 0.1, key=X, **BOUND)
    y = up.number_input("Start x₂", -30.0, 30.0, 1.5, 0.1, key=Y, help="Or drag the ring in a pane.", **BOUND)
    estimation = st.selectbox(
        "Estimation", list(ESTIMATIONS), format_func=ESTIMATIONS.__getitem__, key="fits.estimation", **BOUND
    )
    exact = estimation == "quadrature"
    if not exact:
        settings["estimation"] = estimation
        settings["n_samples"] = int(st.slider("Points drawn from p", 50, 5000, 500, 50, key="fits.n", **BOUND))
        settings["batch_size"] = int(st.slider("Draws from q a step", 1, 256, 64, key="fits.batch", **BOUND))
        settings["seed"] = int(st.slider("Seed", 0, 100, 0, key="fits.seed", **BOUND))
        st.caption(SAMPLES_NOTE)
    every = st.toggle("All optima", key="fits.every", help="Fit from 64 starts at once.", disabled=not exact, **BOUND)
    with_map = st.toggle(
        "Basin map", key="fits.map", disabled=not exact or count > 1, **BOUND,
        help="Colour every start by the optimum it ends in. It needs one Gaussian and quadrature.",
    )  # fmt: skip
    return tuple(settings.items()), (x, y), every and exact, with_map and exact and count == 1


def _panes(choices: list[Choice], every: bool, with_map: bool) -> list[Choice]:
    """Draw a pane for each choice, above their timeline; return those that could be fitted."""
    st.markdown(
        "Blue: the target p, contours at 20 to 95 % of its mass. Orange: q, two standard deviations, on its way to "
        r"$q^\ast = \arg\min_q D(p, q)$. Drag the start. KL covers all modes, reverse KL picks one (Minka, 2005, "
        "*Divergence measures and message passing*)."
    )
    shown = picture(choices[0].target)
    found, faults = _fitted(choices)
    best = {name: min(values[name] for values in found.values()) for name in MEASURES} if found else {}
    cells = st.grid(min(len(choices), 2) if len(choices) == 4 else len(choices), min_column_width=250, gap="small")
    for choice in choices:
        with cells.cell(), st.container(border=True, gap="xsmall"):
            measure = MEASURES[choice.objective]
            st.markdown(f"**{measure.title}** ${measure.symbol}$")
            if choice in faults:
                st.info(faults[choice], icon=":material/info:")
                continue
            _pane(choice, Grid.over(shown, CELLS), HEIGHTS[len(choices)], every, with_map)
            _measures(choice, found[choice], best if len(found) > 1 else {})
    if found:
        last = max(len(fitting.fit_history(choice)) for choice in found) - 1
        timeline("fits.step", link="fits", run="".join(str(hash(choice)) for choice in found), last=last)
        st.caption(
            "Under each pane, how far its final q is from p by every measure; bold is the best of all panes by that "
            "rule. KL, reverse KL, their sum (Jeffreys), JS and the α-divergence in nats, √JS in √nats; TV and "
            "Hellinger between 0 and 1; W₁ (sliced) and W₂ (between Gaussians of the same moments, Fréchet) in data "
            "units. By quadrature."
        )
    return list(found)


def _fitted(choices: list[Choice]) -> tuple[dict[Choice, dict[str, float]], dict[Choice, str]]:
    """Return the measures of each fit, and the sentence of each that failed."""
    found, faults = {}, {}
    for choice in choices:
        try:
            found[choice] = fitting.measures(choice)
        except (DataError, HyperparameterError) as error:
            faults[choice] = str(error)
    return found, faults


def _pane(choice: Choice, grid: Grid, height: int, every: bool, with_map: bool) -> None:
    measure, history = MEASURES[choice.objective], fitting.fit_history(choice)
    looks, notes = _optima(choice, every, with_map)
    captions = [caption(state.iteration, state.divergence, measure.unit) for state in history]
    start = Handle("start", "Start of q", *choice.start, colour="#FFFFFF")
    live_figure(
        fit_figure(
            fitting.density_on(choice.target, grid.domain, CELLS), grid, [state.means for state in history],
            [state.mixture.ellipses() for state in history], captions, **looks,
        ),
        key=f"fits.{choice.objective}", height=height, link="fits", file_name=f"fit_{choice.objective}",
        alt=f"{measure.title}: the target and the way of the fit to {amount(history[-1].divergence, measure.unit)}",
        handles=[start, *mixture_handles(choice.target)], on_move=_move,
    )  # fmt: skip
    if notes:
        st.caption(notes)


def _optima(choice: Choice, every: bool, with_map: bool) -> tuple[dict[str, Any], str]:
    """Return what of the optima the figure shows, and a sentence about each."""
    looks: dict[str, Any] = {}
    optima: tuple[FittedOptimum, ...] = ()
    total = 0
    try:
        if with_map:
            basins = fitting.basins(choice)
            optima, total, looks["basins"] = basins.optima, basins.labels.size, (basins.labels, basins.grid)
        elif every:
            found = fitting.optima(choice)
            optima, total, looks["starts"] = found.optima, len(found.ends), (found.starts[:, 0], found.ends)
    except (DataError, HyperparameterError) as error:
        return {}, str(error)
    looks["optima"] = [(optimum.mixture.ellipses(), optimum.is_global) for optimum in optima]
    return looks, " ".join(_describe(optimum, total) for optimum in optima)


def _describe(optimum: FittedOptimum, total: int) -> str:
    kind = "Global" if optimum.is_global else "Local"
    return f"{kind} optimum {written(optimum.divergence, '.3f')} from {optimum.n_starts} of {total} starts."


def _move(name: str, x: float, y: float) -> None:
    if name == "start":
        st.session_state[X], st.session_state[Y] = round(x, 2), round(y, 2)
    else:
        move_mixture(name, x, y)


def _measures(choice: Choice, values: dict[str, float], best: dict[str, float]) -> None:
    """List every measure of a fit, two columns of them; what no other pane betters is bold."""
    entries = []
    for name, value in values.items():
        short = f"α = {choice.order:g}" if name == "alpha" else MEASURES[name].short
        text = unbroken(amount(value, ""))
        entries.append((short, f"**{text}**" if best and value <= best[name] + TIE else text))
    half = (len(entries) + 1) // 2
    rows = [(*left, *right) for left, right in zip(entries[:half], entries[half:], strict=True)]
    table(f"measures-{choice.objective}", ("D(p, q)", "", "", ""), rows)


def _take_away(choices: list[Choice]) -> None:
    """Offer the code that makes these fits, and the fitted grids."""
    if not choices:
        return
    with st.popover(":material/code: Show the code", width="stretch"):
        st.code(fitting.snippet(choices), "python")
    with st.popover(":material/download: Download and share", width="stretch"):
        st.caption("The address of this page carries every setting, an edited mixture and drawn points: copy it.")
        for choice in choices:
            st.download_button(
                f"{MEASURES[choice.objective].title}: grid as NPZ",
                partial(_npz, choice),
                f"fit_{choice.objective}.npz",
                "application/octet-stream",
                icon=":material/grid_on:",
                on_click="ignore",
                width="stretch",
                key=f"fits.download.{choice.objective}",
            )
        st.caption("A figure: the ⤓ menu at its corner saves PNG, SVG or HTML.")


def _npz(choice: Choice) -> bytes:
    """Return p and q on the picture's grid, its axes, and q's weights, means and covariances."""
    grid = Grid.over(picture(choice.target), CELLS)
    q: MixtureTarget = fitting.fit_history(choice)[-1].mixture
    arrays: dict[str, Array] = {
        "p": fitting.density_on(choice.target, grid.domain, CELLS),
        "q": np.exp(q.log_prob(grid.points)).reshape(grid.shape),
        "x": grid.axes[0], "y": grid.axes[1],
        "weights": q.weights, "means": q.means, "covariances": q.covariances,
    }  # fmt: skip
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type] # numpy's stub takes `allow_pickle` for one of them
    return buffer.getvalue()
