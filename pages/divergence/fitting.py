"""Divergence fits, their optima and measures, kept between reruns: what a rerun does not change costs it nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from engine.divergence import (
    MEASURES,
    BasinMap,
    DivergenceFit,
    FitState,
    Optima,
    all_optima,
    basin_map,
    divergences,
    frechet_distance,
    wasserstein_distance,
)
from engine.divergence.table import window
from engine.grid import Array, Domain, Grid
from engine.plots.fits import frame_numbers
from pages.divergence.target import Target

STARTS = 64
BASIN_CELLS = 28
FINE = 96  # cells of the measures' grid along each axis


@dataclass(frozen=True)
class Choice:
    """Name a fit by all that decides it: the target, the hyperparameters as pairs, and where its mean starts."""

    target: Target
    objective: str
    settings: tuple[tuple[str, Any], ...]
    start: tuple[float, float]

    @property
    def hyperparameters(self) -> dict[str, Any]:
        """Those of `DivergenceFit`, but for the start."""
        settings = {name: value for name, value in self.settings if name != "order" or self.objective == "alpha"}
        return {"objective": self.objective} | settings

    @property
    def order(self) -> float:
        """Order α, at which the α-divergence is measured also where another objective is minimised."""
        return float(dict(self.settings).get("order", 0.5))


@st.cache_resource(max_entries=256, show_spinner=False)
def fit_history(choice: Choice) -> list[FitState]:
    """Return at most 60 states of a fit, from its start to its end; raises DataError as the fit does."""
    model = DivergenceFit(starts=(choice.start,), **choice.hyperparameters)
    states = [model.snapshot() for _ in model.steps(choice.target.density)]
    return [states[number] for number in frame_numbers(len(states))]


def optima(choice: Choice) -> Optima:
    """Return all optima that 64 starts find; the hand-placed start has no part in it."""
    return _optima(replace(choice, start=(0.0, 0.0)))


@st.cache_resource(max_entries=64, show_spinner="Fitting from 64 starts")
def _optima(choice: Choice) -> Optima:
    return all_optima(choice.target.density, n_starts=STARTS, **choice.hyperparameters)


def basins(choice: Choice) -> BasinMap:
    """Return where a start in each of 28 × 28 cells ends."""
    return _basins(replace(choice, start=(0.0, 0.0)))


@st.cache_resource(max_entries=64, show_spinner="Fitting from 784 starts")
def _basins(choice: Choice) -> BasinMap:
    return basin_map(choice.target.density, n_cells=BASIN_CELLS, **choice.hyperparameters)


@st.cache_resource(max_entries=64, show_spinner=False)
def density_on(target: Target, domain: Domain, cells: int) -> Array:
    """Return the target's density at a grid's cell centres."""
    grid = Grid.over(domain, cells)
    return np.exp(target.density.log_prob(grid.points)).reshape(grid.shape)


@st.cache_data(max_entries=256, show_spinner=False)
def measures(choice: Choice) -> dict[str, float]:
    """Return every measure between the target and what the fit ends in, by name, in the order of `MEASURES`."""
    p, q = choice.target.density, fit_history(choice)[-1].mixture
    pairs = zip(window(p), q.domain, strict=True)
    grid = Grid.over(tuple((min(a, c), max(b, d)) for (a, b), (c, d) in pairs), FINE)  # holds the tails of both
    log_p = np.asarray(p.log_prob(grid.points), np.float64).reshape(grid.shape)
    log_q = np.asarray(q.log_prob(grid.points), np.float64).reshape(grid.shape)
    sums = divergences(log_p, log_q, grid, choice.order)
    others = {
        "wasserstein": float(wasserstein_distance(log_p, log_q, grid)),
        "frechet": frechet_distance(log_p, log_q, grid),
    }
    return {name: others[name] if name in others else float(getattr(sums, name)) for name in MEASURES}


def snippet(choices: Sequence[Choice]) -> str:
    """Return Python that makes the same fits to the same target; one target, start and settings for all."""
    first = choices[0]
    shared = {name: value for name, value in first.settings if name != "order"}
    arguments = "".join(f", {name}={value!r}" for name, value in shared.items())
    names = ", ".join(repr(choice.objective) for choice in choices)
    order = f", order={first.order!r}" if any(choice.objective == "alpha" for choice in choices) else ""
    return (
        f"from engine.divergence import DivergenceFit\n{first.target.code}\n"
        f"for objective in [{names}]:\n"
        f"    fit = DivergenceFit(objective=objective{arguments}{order}, starts=({first.start!r},)).fit(target)\n"
        "    print(objective, fit.divergence, fit.mean, fit.covariance)\n"
    )
