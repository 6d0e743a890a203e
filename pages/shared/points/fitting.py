"""Fits and scores, kept between reruns: a rerun that changes nothing about a model costs it nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st

from engine.catalogue import models
from engine.divergence import Divergences, settled_divergences
from engine.evaluation import Score, cross_validated_log_likelihood, held_out_log_likelihood
from engine.grid import Array, Domain, Grid
from engine.model import Hyperparameters, Model
from pages.shared.points.data_source import DataSet

HELD_OUT = 2000  # fresh points from a preset's own sampler, never seen by a fit
HINTS = 2000  # draws of a preset, and of a fit, that show where their densities are to be summed finely
KEEP = 256  # fits, and as many of what is derived from them
CELLS = {1: 800, 2: 128}  # along each axis of a picture, by dimension


@dataclass(frozen=True)
class Recipe:
    """Name a fit: the model's class name and its hyperparameters as JSON."""

    family: str
    model: str
    settings: str

    @classmethod
    def of(cls, family: str, model: str, hyperparameters: Hyperparameters) -> Recipe:
        """Make the recipe of a model with these hyperparameters."""
        return cls(family, model, hyperparameters.model_dump_json())

    @property
    def model_class(self) -> type[Model]:
        """The class that the catalogue has under this name."""
        return models(self.family)[self.model]

    @property
    def hyperparameters(self) -> Hyperparameters:
        """The validated hyperparameters."""
        return self.model_class.Hyperparameters.model_validate_json(self.settings)

    def make(self) -> Any:
        """Return a new, unfitted model; what it can do beyond `Model`, a lab asks of it."""
        return self.model_class(**self.hyperparameters.model_dump())


@dataclass(frozen=True)
class Fit:
    """Hold a fitted model, the seconds its estimation took and, for a model of many steps, a snapshot of each."""

    recipe: Recipe
    model: Any
    seconds: float
    history: list[Any] = field(default_factory=list)


@st.cache_resource(max_entries=KEEP, show_spinner=False)
def fit(recipe: Recipe, x: Array) -> Fit:
    """Fit a model; raises DataError on data it can't be fitted to."""
    model = recipe.make()
    snapshot = getattr(model, "snapshot", None)
    history = []
    start = time.perf_counter()
    for _ in model.steps(x):
        history += [snapshot()] if snapshot else []
    return Fit(recipe, model, time.perf_counter() - start, history)


def number_in_use(model: Any, name: str) -> float | None:
    """Return the number a fit came to for a hyperparameter, of a width for each axis the geometric mean."""
    number = getattr(model, name, None)
    return float(np.exp(np.mean(np.log(number)))) if isinstance(number, int | float | np.ndarray) else None


@st.cache_resource(max_entries=KEEP, show_spinner=False)
def density(recipe: Recipe, x: Array, domain: Domain, cells: int) -> Array:
    """Return the fitted density on a grid over `domain`."""
    return fit(recipe, x).model.density_on(Grid.over(domain, cells))


@st.cache_data(max_entries=KEEP, show_spinner=False)
def held_out_score(recipe: Recipe, x: Array, fresh: Array | None) -> Score:
    """Score a fit on points it has not seen: fresh ones from the preset, else by 5-fold cross-validation."""
    if fresh is not None:
        return held_out_log_likelihood(fit(recipe, x).model, fresh)
    return cross_validated_log_likelihood(recipe.make, x)


@st.cache_data(max_entries=KEEP, show_spinner=False)
def training_score(recipe: Recipe, x: Array) -> Score:
    """Score a fit on its own training points."""
    return held_out_log_likelihood(fit(recipe, x).model, x)


@st.cache_data(max_entries=KEEP, show_spinner=False)
def divergences_to_truth(recipe: Recipe, x: Array, preset: str, noise: float, _data: DataSet) -> Divergences | None:
    """Return the four divergences between a preset's density and the fit, or None where its density is not known."""
    if _data.preset is None or _data.preset.log_prob is None:
        return None
    model = fit(recipe, x).model
    drawn = [
        _data.fresh(HINTS, seed=_data.seed + 20_011),
        x,
        None if "sample" in model.cannot else model.sample(HINTS),
    ]
    points = np.concatenate([part for part in drawn if part is not None])
    return settled_divergences(_data.preset, model, _wider(_data.domain), points)


def _wider(domain: Domain) -> Domain:
    """Add a quarter of its width on every side, so that little of an estimate's tails lies outside."""
    return tuple((low - 0.25 * (high - low), high + 0.25 * (high - low)) for low, high in domain)


def nothing_fitted(x: Array) -> str:
    """Say why there is no fit to show: there are no points, or none of the estimators can use them."""
    if not len(x):
        return "Draw a few points first."
    points = "this one point" if len(x) == 1 else f"these {len(x):,} points"
    return f"No estimator can be fitted to {points}; each card says why."
