"""A card of a lab: choose a model, set its hyperparameters, see its density; a mixture's EM plays inside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from engine.catalogue import models
from engine.grid import Array, Grid
from engine.model import DataError
from engine.plots import style
from engine.plots.density import Figure, Overlay, density_figure, hover_kernel
from pages.components.live_figure import live_figure
from pages.components.timeline import step_of, timeline
from pages.shared.controls import BOUND, control_form, label_of
from pages.shared.explanation import explanation
from pages.shared.points.data_source import DataSet
from pages.shared.points.fitting import CELLS, Fit, Recipe, density, fit, number_in_use
from pages.shared.points.share import snippet
from pages.shared.spoken import spoken

ITERATION = "iteration"
CAPTION_HEIGHT = 42  # pixels below a figure, so that its plane is as large as its neighbours'


@dataclass(frozen=True)
class View:
    """Say how every card of a lab draws: pixels high, a sample of so many points or none, a surface or a heat map."""

    height: int
    sample: int = 0
    surface: bool = False


def model_card(
    slot: str, family: str, default: str, data: DataSet, x: Array, view: View, subset: str | None
) -> Fit | None:
    """Draw the card `slot` and return its fit to x, or None with a sentence on the card where it can't be made."""
    choices = models(family)
    with st.container(border=True, gap="xsmall", key=f"card-{slot}"):
        with st.container(horizontal=True, wrap=False, gap="xsmall", vertical_alignment="center"):
            name = st.selectbox(
                f"Estimator {slot}", list(choices), list(choices).index(default), key=slot, **BOUND,
                format_func=lambda value: choices[value].name, label_visibility="collapsed",
            )  # fmt: skip
            what = "Hyperparameters", "Equation, source, code"
            settings = st.popover(spoken(what[0]), icon=":material/tune:", help=what[0], key=f"{slot}.settings")
            about = st.popover(spoken(what[1]), icon=":material/menu_book:", help=what[1], key=f"{slot}.about")
        chosen = choices[name]
        with settings:
            resolved: dict[str, float] = st.session_state.setdefault(f"{slot}.resolved", {})
            has_starts = "starts" in chosen.Hyperparameters.model_fields
            given: dict[str, Any] = {"starts": _starts(data)} if has_starts else {}
            form = control_form(chosen.Hyperparameters, key=slot, by_hand=resolved, live=True, **given)
            recipe = Recipe.of(family, name, form)
        with about:
            _explain(recipe, data, subset)
        try:
            fitted = fit(recipe, x)
            _draw(slot, fitted, data, x, view)
        except DataError as error:
            st.info(str(error), icon=":material/info:")
            return None
        resolved.clear()
        resolved.update(_resolved(fitted))
        st.caption(" ".join([chosen.idea, *(f"{label_of(name)} {value:.3g}." for name, value in resolved.items())]))
        return fitted


def _resolved(fitted: Fit) -> dict[str, float]:
    """Return the numbers that the fit's rules came to, by the name of their hyperparameter."""
    found = {}
    for name, value in fitted.recipe.hyperparameters:
        number = number_in_use(fitted.model, name)
        if isinstance(value, str) and number is not None:
            found[name] = number
    return found


def _starts(data: DataSet) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in row) for row in data.markers)


def _explain(recipe: Recipe, data: DataSet, subset: str | None) -> None:
    chosen = recipe.model_class
    st.markdown(f"**{chosen.name}.** {chosen.idea}")
    explanation(chosen, snippet(recipe, data, subset=subset), "makes this fit")


def _draw(slot: str, fitted: Fit, data: DataSet, x: Array, view: View) -> None:
    """Draw the figure; one with a history at the step of its timeline."""
    if len(fitted.history) > 1:
        _history(slot, fitted, data, x, view)
        return
    grid = Grid.over(data.domain, CELLS[data.dimension])
    values = density(fitted.recipe, x, data.domain, CELLS[data.dimension])
    overlay = Overlay(
        points=x, colours=_colours(data, x), sample=_sample(fitted.model, view), truth=_truth(data, grid),
        kernel=_kernel(fitted.model), error=_error(fitted.model, grid), names=data.names,
    )  # fmt: skip
    figure = density_figure(values, grid, overlay, surface=view.surface)
    live_figure(figure, link="density", **_look(slot, fitted, len(x), view))


def _history(slot: str, fitted: Fit, data: DataSet, x: Array, view: View) -> None:
    """Draw EM at one iteration, and the timeline that goes through all of them in the browser."""
    last = len(fitted.history) - 1
    key = f"{slot}.{ITERATION}"
    run = str(hash((fitted.recipe, x.tobytes())))
    figure_place = st.container()
    timeline(key, link=key, run=run, last=last, unit=ITERATION)
    of_step = partial(_iteration, fitted, data, x, view)
    with figure_place:
        live_figure(
            of_step(step_of(key, last)), link="density", history=key, of_step=of_step, last=last,
            **{**_look(slot, fitted, len(x), view), "height": view.height + CAPTION_HEIGHT},
        )  # fmt: skip
    if fitted.model.collapse_note:
        st.caption(f":material/warning: {fitted.model.collapse_note}")


def _iteration(fitted: Fit, data: DataSet, x: Array, view: View, step: int) -> Figure:
    """Return one EM iteration: the density, the components' ellipses, each point in its responsibilities' colour."""
    last = len(fitted.history) - 1
    state = fitted.history[step]
    model: Any = fitted.recipe.make().restore(state) if step < last else fitted.model
    grid = Grid.over(data.domain, CELLS[data.dimension])
    overlay = Overlay(
        points=x, colours=style.blend(model.responsibilities(x)), sample=_sample(model, view),
        truth=_truth(data, grid), outlines=model.ellipses() if data.dimension == 2 else None, names=data.names,
    )  # fmt: skip
    figure = density_figure(model.density_on(grid), grid, overlay, surface=view.surface)
    score = f"{state.log_likelihood:.4f}".replace("-", "−")
    said = f"EM iteration {step} of {last}: log-likelihood {score} nats per point"
    figure["layout"]["meta"] = {**figure["layout"].get("meta", {}), "caption": said}
    return figure


def _look(slot: str, fitted: Fit, n: int, view: View) -> dict[str, Any]:
    """Return what the figure of a card is called and how high it is."""
    alt = f"{fitted.model.name} of {n} points"
    return {"key": f"{slot}.figure", "height": view.height, "file_name": fitted.recipe.model, "alt": alt}


def _colours(data: DataSet, x: Array) -> str | list[str]:
    if len(x) != len(data.labels) or not data.labels.any() or data.preset is not None:
        return style.DATA
    return [style.SECOND if label else style.DATA for label in data.labels]


def _sample(model: Any, view: View) -> Array | None:
    return model.sample(view.sample, seed=1) if view.sample and hasattr(model, "sample") else None


def _truth(data: DataSet, grid: Grid) -> Array | None:
    if grid.dimension == 2 or data.preset is None or data.preset.log_prob is None:
        return None
    return np.exp(data.preset.log_prob(grid.points)).reshape(grid.shape)


def _kernel(model: Any) -> dict[str, Any] | None:
    if not hasattr(model, "kernel_shape"):
        return None
    shape = model.kernel_shape()
    return hover_kernel(shape.offsets, shape.heights, shape.scales)


def _error(model: Any, grid: Grid) -> Array | None:
    return model.density_error_on(grid) if grid.dimension == 1 and hasattr(model, "density_error_on") else None
