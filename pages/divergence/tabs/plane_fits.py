"""Fits in the plane: one target, one start, a pane for each objective, and every measure of what each ends in."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.divergence import MEASURES, FittedOptimum, MixtureTarget
from engine.evaluation.glossary import PICKS_BEYOND
from engine.grid import Array, Domain, Grid
from engine.model import DataError, HyperparameterError
from engine.plots.fits import caption, fit_figure
from engine.plots.numbers import amount
from pages.components.live_figure import Handle, live_figure
from pages.components.timeline import timeline
from pages.divergence import fitting
from pages.divergence.fitting import Choice
from pages.divergence.mixture_editor import mixture_handles, move_mixture
from pages.divergence.target_source import picture, target_source
from pages.shared.controls import BOUND
from pages.shared.table import pairs, unbroken

OBJECTIVES = ("kl", "reverse_kl", "jeffreys", "js", "hellinger", "alpha", "total_variation", "wasserstein", "frechet")
SHOWN = ("kl", "reverse_kl", "js")  # at first
X, Y = "fits.x", "fits.y"
CELLS = 160  # of the picture along each axis
HEIGHTS = {1: 480, 2: 380, 3: 300, 4: 330}
ESTIMATIONS = {"quadrature": "Exact, by quadrature", "samples": "Stochastic, from samples"}
LEGEND = (
    "Under each pane, how far its final q is from p by every measure, by quadrature; bold is the best of all panes "
    "by that rule. KL, reverse KL, their sum (Jeffreys), JS and the α-divergence in nats, √JS in √nats; TV and "
    "Hellinger between 0 and 1; W₁ (sliced) and W₂ (between Gaussians of the same moments, Fréchet) in data units."
)
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
    with right:
        objectives = st.multiselect(
            "Objectives", OBJECTIVES, SHOWN, format_func=lambda name: MEASURES[name].title, max_selections=4,
            key="fits.objectives", **BOUND,
        )  # fmt: skip
    with left:
        target = target_source()
        with st.popover("Fit settings", icon=":material/tune:", width="stretch"):
            settings, start = _settings("alpha" in objectives)
        every, with_map = _searches(settings)
    if target is None:
        return
    choices = [Choice(target, name, settings, start) for name in objectives]
    if not choices:
        right.info("Choose an objective to see its fit.", icon=":material/info:")
        return
    with right:
        _take_away(_panes(choices, every, with_map))


def _settings(has_order: bool) -> tuple[tuple[tuple[str, Any], ...], tuple[float, float]]:
    """Draw what is common to all fits; return hyperparameters as pairs, and the start."""
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
    if estimation != "quadrature":
        settings["estimation"] = estimation
        settings["n_samples"] = int(st.slider("Points drawn from p", 50, 5000, 500, 50, key="fits.n", **BOUND))
        settings["batch_size"] = int(st.slider("Draws from q a step", 1, 256, 64, key="fits.batch", **BOUND))
        settings["seed"] = int(st.slider("Seed", 0, 100, 0, key="fits.seed", **BOUND))
    return tuple(settings.items()), (x, y)


def _searches(settings: tuple[tuple[str, Any], ...]) -> tuple[bool, bool]:
    """Draw the switches of what many starts show; return whether all optima and the basin map are asked for."""
    chosen = dict(settings)
    exact, one = "estimation" not in chosen, chosen["n_components"] == 1
    with st.container(horizontal=True, gap="medium"):
        every = st.toggle(
            "All optima", key="fits.every", help="Fit from 64 starts at once.", disabled=not exact, **BOUND
        )
        with_map = st.toggle(
            "Basin map", key="fits.map", disabled=not (exact and one), **BOUND,
            help="Colour every start by the optimum it ends in. It needs one Gaussian and quadrature.",
        )  # fmt: skip
    if not exact:
        st.caption(SAMPLES_NOTE)
    return every and exact, with_map and exact and one


def _panes(choices: list[Choice], every: bool, with_map: bool) -> list[Choice]:
    """Draw the timeline and a pane for each choice; return those that could be fitted."""
    st.caption(
        "Blue: the target p in bands that hold 20 to 95 % of it. Orange: q, at two standard deviations, on its way "
        r"to $q^\ast = \arg\min_q D(p, q)$ from the start, a ring to drag. KL covers all modes; reverse KL "
        f"picks one where they lie far apart, two equal Gaussians from {PICKS_BEYOND}σ on, and covers nearer ones "
        "(Minka, 2005, *Divergence measures and message passing*)."
    )
    shown = Grid.over(picture(choices[0].target), CELLS)
    transport = st.container()
    cells = st.grid(min(len(choices), 2) if len(choices) == 4 else len(choices), min_column_width=250, gap="small")
    places = {}
    for choice in choices:
        with cells.cell(), st.container(border=True, gap="xsmall"):
            measure = MEASURES[choice.objective]
            st.markdown(f"**{measure.title}** ${measure.symbol}$")
            try:
                _pane(choice, shown, HEIGHTS[len(choices)], every, with_map)
                places[choice] = st.container()
            except (DataError, HyperparameterError) as error:
                st.info(str(error), icon=":material/info:")
    if places:
        with transport:
            last = max(len(fitting.fit_history(choice)) for choice in places) - 1
            timeline("fits.step", link="fits", run="".join(str(hash(choice)) for choice in places), last=last)
        _compare(places)
        st.caption(LEGEND)
    return list(places)


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
    return looks, " ".join(_describe(optimum, total, MEASURES[choice.objective].unit) for optimum in optima)


def _describe(optimum: FittedOptimum, total: int, unit: str) -> str:
    kind = "Global" if optimum.is_global else "Local"
    return f"{kind} optimum {amount(optimum.divergence, unit)} from {optimum.n_starts} of {total} starts."


def _move(name: str, x: float, y: float) -> None:
    if name == "start":
        st.session_state[X], st.session_state[Y] = round(x, 2), round(y, 2)
    else:
        move_mixture(name, x, y)


def _compare(places: Mapping[Choice, DeltaGenerator]) -> None:
    """List under each pane every measure of its fit, after all figures, which a person waits for first."""
    found = {choice: fitting.measures(choice) for choice in places}
    best = {name: min(values[name] for values in found.values()) for name in MEASURES}
    for choice, values in found.items():
        entries = []
        for name, value in values.items():
            short = f"α = {choice.order:g}" if name == "alpha" else MEASURES[name].short
            text = unbroken(amount(value, ""))
            is_best = len(found) > 1 and value <= best[name] + TIE
            entries.append((short, f"**{text}**" if is_best else text))
        with places[choice]:
            pairs(choice.objective, entries)


def _take_away(choices: list[Choice]) -> None:
    """Offer the code that makes these fits, and the fitted grids."""
    if not choices:
        return
    shown = picture(choices[0].target)
    row = st.container(horizontal=True, gap="small")
    with row, st.popover("Show the code", icon=":material/code:"):
        st.code(fitting.snippet(choices), "python")
    with row, st.popover("Download and share", icon=":material/download:"):
        st.caption("The address of this page carries every setting, an edited mixture and drawn points: copy it.")
        for choice in choices:
            st.download_button(
                f"{MEASURES[choice.objective].title}: grid as NPZ",
                partial(_npz, choice, shown),
                f"fit_{choice.objective}.npz",
                "application/octet-stream",
                icon=":material/grid_on:",
                on_click="ignore",
                width="stretch",
                key=f"fits.download.{choice.objective}",
            )
        st.caption("A figure: the ⤓ menu at its corner saves PNG, SVG or HTML.")


def _npz(choice: Choice, shown: Domain) -> bytes:
    """Return p and q on the picture's grid, its axes, and q's weights, means and covariances."""
    grid = Grid.over(shown, CELLS)
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
