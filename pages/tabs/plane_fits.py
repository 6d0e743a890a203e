"""Fits in the plane: one target, one start, a pane for each objective, and every measure of what each ends in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from engine.divergence import (
    MEASURES,
    PRESETS,
    DivergenceFit,
    FitState,
    FittedOptimum,
    MixtureTarget,
    Optima,
    all_optima,
    divergences,
    frechet_distance,
    wasserstein_distance,
)
from engine.grid import Domain, Grid
from engine.model import DataError
from engine.plots.divergence import amount
from engine.plots.fits import caption, fit_figure, frame_numbers
from engine.plots.numbers import written
from pages.widgets.controls import BOUND
from pages.widgets.live_figure import Handle, live_figure
from pages.widgets.table import table, unbroken
from pages.widgets.timeline import timeline

OBJECTIVES = ("kl", "reverse_kl", "jeffreys", "js", "hellinger", "alpha", "total_variation", "wasserstein", "frechet")
SHOWN = ("kl", "reverse_kl", "js")  # at first
COLUMNS = ("kl", "reverse_kl", "js", "total_variation", "hellinger", "wasserstein", "frechet")
TARGETS = [name for name, factory in PRESETS.items() if factory(1.0).dimension == 2]
X, Y = "fits.x", "fits.y"
CELLS, FINE = 160, 160  # of the picture and of the measures, along each axis
SEEN = 0.75  # of the target's window, which reaches five standard deviations from every mode
HEIGHTS = {1: 480, 2: 380, 3: 330, 4: 330}


@dataclass(frozen=True)
class Choice:
    """Name a fit by all that decides it, so that it can be cached and printed."""

    target: str
    separation: float
    objective: str
    covariance: str
    n_components: int
    order: float
    start: tuple[float, float]

    @property
    def p(self) -> MixtureTarget:
        """The target."""
        return PRESETS[self.target](self.separation)

    @property
    def hyperparameters(self) -> dict[str, Any]:
        """Those of `DivergenceFit`, but for the start."""
        chosen = {"objective": self.objective, "covariance": self.covariance, "n_components": self.n_components}
        return chosen | ({"order": self.order} if self.objective == "alpha" else {})


def show() -> None:
    """Draw the controls, a pane for each objective, their timeline and the table of measures."""
    _tab()


@st.fragment
def _tab() -> None:
    left, right = st.columns([3, 10], gap="medium")
    with left:
        choices = _choose()
        every = st.toggle("All optima", key="fits.every", help="Fit from 64 starts at once.", **BOUND)
        if choices:
            with st.popover(":material/code: Show the code", width="stretch"):
                st.code(snippet(choices[0]), "python")
    if not choices:
        right.info("Choose an objective to see its fit.", icon=":material/info:")
        return
    with right:
        _panes(choices, every)


def _choose() -> list[Choice]:
    """Draw the controls; return what to fit, a choice for each objective."""
    target = st.selectbox("Target p", TARGETS, key="fits.target", **BOUND)
    separation = st.slider("Separation of the modes", 0.0, 2.0, 1.0, 0.05, key="fits.separation", **BOUND)
    objectives = st.multiselect(
        "Objectives", OBJECTIVES, SHOWN, format_func=lambda name: MEASURES[name].title, max_selections=4,
        key="fits.objectives", **BOUND,
    )  # fmt: skip
    covariance = st.selectbox("Covariance of q", ["full", "diagonal", "spherical"], key="fits.covariance", **BOUND)
    count = int(st.slider("Gaussians in q", 1, 5, 1, key="fits.components", **BOUND))
    order = st.slider("Order α", 0.0, 1.0, 0.5, 0.05, key="fits.order", **BOUND) if "alpha" in objectives else 0.5
    across, up = st.columns(2, gap="small")
    x = across.number_input("Start x₁", -30.0, 30.0, 1.5, 0.1, key=X, **BOUND)
    y = up.number_input("Start x₂", -30.0, 30.0, 1.5, 0.1, key=Y, help="Or drag the ring in a pane.", **BOUND)
    return [Choice(target, separation, name, covariance, count, order, (x, y)) for name in objectives]


def _panes(choices: list[Choice], every: bool) -> None:
    equation = r"q^\ast = \arg\min_q D(p, q)"
    st.markdown(
        f"Blue: the target p, contours at 20 to 95 % of its mass. Orange: q, two standard deviations, on its way to "
        f"${equation}$. Drag the start. KL covers all modes, reverse KL picks one (Minka, 2005, "
        "*Divergence measures and message passing*)."
    )
    rows, last, run = [], 0, ""
    cells = st.grid(min(len(choices), 2) if len(choices) == 4 else len(choices), min_column_width=250, gap="small")
    for choice in choices:
        with cells.cell(), st.container(border=True, gap="xsmall"):
            try:
                history = fit_history(choice)
                found = optima(choice) if every else None
            except DataError as error:
                st.info(str(error), icon=":material/info:")
                continue
            last, run = max(last, len(history) - 1), run + str(hash(choice))
            _pane(choice, history, found, HEIGHTS[len(choices)])
            rows.append((choice.objective, measures(choice)))
    if rows:
        timeline("fits.step", link="fits", run=run, last=last)
        _compare(rows)


def _pane(choice: Choice, history: list[FitState], found: Optima | None, height: int) -> None:
    measure = MEASURES[choice.objective]
    st.markdown(f"**{measure.title}** ${measure.symbol}$")
    p = choice.p
    grid = Grid.over(_picture(p), CELLS)
    density = np.exp(p.log_prob(grid.points)).reshape(grid.shape)
    outlined = [(optimum.mixture.ellipses(), optimum.is_global) for optimum in found.optima] if found else []
    captions = [caption(state.iteration, state.divergence, measure.unit) for state in history]
    live_figure(
        fit_figure(
            density, grid, [state.means for state in history], [state.mixture.ellipses() for state in history],
            captions, outlined, (found.starts[:, 0], found.ends) if found else None,
        ),
        key=f"fits.{choice.objective}", height=height, link="fits", file_name=f"fit_{choice.objective}",
        alt=f"{measure.title}: the target and the way of the fit to {amount(history[-1].divergence, measure.unit)}",
        handles=[Handle("start", "Start of q", *choice.start, colour="#FFFFFF")], on_move=_move,
    )  # fmt: skip
    if found:
        st.caption(" ".join(map(_describe, found.optima)))


def _picture(p: MixtureTarget) -> Domain:
    """Return the middle of the target's window."""
    return tuple(
        ((low + high - SEEN * (high - low)) / 2, (low + high + SEEN * (high - low)) / 2) for low, high in p.domain
    )


def _describe(optimum: FittedOptimum) -> str:
    kind = "Global" if optimum.is_global else "Local"
    return f"{kind} optimum {written(optimum.divergence, '.3f')} from {optimum.n_starts} of 64 starts."


def _move(_: str, x: float, y: float) -> None:
    st.session_state[X], st.session_state[Y] = round(x, 2), round(y, 2)


def _compare(rows: list[tuple[str, dict[str, float]]]) -> None:
    """List every measure of every fit; the best fit by each rule is bold."""
    best = {name: min(values[name] for _, values in rows) for name in COLUMNS}
    body = []
    for objective, values in rows:
        line = [MEASURES[objective].title]
        for name in COLUMNS:
            text = unbroken(amount(values[name], ""))
            line.append(f"**{text}**" if len(rows) > 1 and values[name] <= best[name] + 5e-4 else text)
        body.append(line)
    heads = [f"${MEASURES[name].symbol}$" for name in COLUMNS]
    table("fits", ["Fitted by", *heads], body)
    st.caption(
        "Bold: the best by that rule. KL and JS in nats, TV and H between 0 and 1, W₁ (sliced) and "
        "the Fréchet distance W₂ in data units; by quadrature."
    )


@st.cache_resource(max_entries=256, show_spinner=False)
def fit_history(choice: Choice) -> list[FitState]:
    """Return at most 60 states of a fit, from its start to its end; raises DataError as the fit does."""
    model = DivergenceFit(starts=(choice.start,), **choice.hyperparameters)
    states = [model.snapshot() for _ in model.steps(choice.p)]
    return [states[number] for number in frame_numbers(len(states))]


@st.cache_resource(max_entries=64, show_spinner="Fitting from 64 starts")
def _all_optima(choice: Choice) -> Optima:
    return all_optima(choice.p, n_starts=64, **choice.hyperparameters)


def optima(choice: Choice) -> Optima:
    """Return all optima that 64 starts find; the hand-placed start has no part in it."""
    return _all_optima(replace(choice, start=(0.0, 0.0)))


@st.cache_data(max_entries=256, show_spinner=False)
def measures(choice: Choice) -> dict[str, float]:
    """Return every measure between the target and what the fit ends in, by name."""
    p, q = choice.p, fit_history(choice)[-1].mixture
    domain = tuple(
        (min(a, c), max(b, d)) for (a, b), (c, d) in zip(p.domain, q.domain, strict=True)
    )  # holds the tails of both
    grid = Grid.over(domain, FINE)
    found = divergences(p, q, grid)
    plain = {name: float(getattr(found, name)) for name in COLUMNS if hasattr(found, name)}
    return plain | {
        "wasserstein": float(wasserstein_distance(p, q, grid)),
        "frechet": frechet_distance(p, q, grid),
    }


def snippet(choice: Choice) -> str:
    """Return Python that makes the same fit."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in choice.hyperparameters.items())
    return (
        "from engine.divergence import PRESETS, DivergenceFit\n\n"
        f"target = PRESETS[{choice.target!r}]({choice.separation!r})\n"
        f"fit = DivergenceFit({arguments}, starts=({choice.start!r},)).fit(target)\n"
        "print(fit.divergence, fit.mean, fit.covariance)\n"
    )
