"""One side of a comparison: the model of the lab, a pretrained run, or a model trained here beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from engine.catalogue import models
from engine.pretrain import load_pretrained_run, pretrained_names
from engine.recipes import RECIPES
from engine.recipes.latent import latent_request
from pages.shared.controls import BOUND, control_form
from pages.shared.images.source import FAMILY, Chosen, Source
from pages.shared.runs.visitor_run import visitor_run

LAB, TRAIN = "lab", "train "  # values of the choice: the lab's own model, or a class to train here
AT_ONCE = 2  # runs: both sides train together where there are two workers


@dataclass(frozen=True, eq=False)
class Side(Chosen):
    """Hold one of the two models that are compared; `title` says which it is."""

    title: str


def choose_side(key: str, source: Source, default: str) -> Side:
    """Draw the choice of a model on the source's data, and its hyperparameters if it is trained here."""
    choices = models(FAMILY)
    options = [LAB, *_shipped(source.data), *(f"{TRAIN}{name}" for name in choices)]
    start = options.index(default) if default in options else 0
    chosen = str(
        st.selectbox(
            "Model",
            options,
            start,
            format_func=_title,
            key=f"{key}.{source.data}",
            label_visibility="collapsed",
            **BOUND,
        )
    )
    if chosen == LAB:
        side = Side(source.pretrained, source.run, source.model_name, source.hyperparameters, _own_title(source))
    elif chosen.startswith(TRAIN):
        name = chosen.removeprefix(TRAIN)
        with st.popover("Hyperparameters", icon=":material/tune:", width="stretch"):
            form = control_form(choices[name].Hyperparameters, key=f"{key}.form")
        run = visitor_run(key, latent_request(name, source.data, form), (name, source.data, form), AT_ONCE)
        side = Side(None, run, name, form, f"{choices[name].name}, trained here")
    else:
        run_ = load_pretrained_run(chosen)
        side = Side(run_, None, RECIPES[chosen].model, run_.model.hyperparameters, _title(chosen))
    return side


def curves(side: Side) -> tuple[Sequence[float], Mapping[str, Sequence[float]]]:
    """Return epochs and the curves of a side, nats per image: held-out bound and its terms, or what it minimises."""
    history = side.snapshots
    epochs = [one.epoch for one in history]
    if history and "kl" in history[-1].averages:
        terms = [one.views["held_out"] for one in history]
        return epochs, {
            "−ELBO, held out": [float(both.sum()) for both in terms],
            "reconstruction": [float(both[0]) for both in terms],
            "KL": [float(both[1]) for both in terms],
        }
    names = [name for name in ("loss", "residual") if history and name in history[-1].averages]
    return epochs, {f"{name}, training": [one.averages[name] for one in history] for name in names}


def _shipped(data: str) -> list[str]:
    return [name for name in pretrained_names() if RECIPES[name].data == data and RECIPES[name].family == FAMILY]


def _own_title(source: Source) -> str:
    return _title(source.pretrained.name) if source.pretrained else f"{source.model_class.name}, trained here"


def _title(value: str) -> str:
    """Return what a choice is called."""
    if value == LAB:
        return "The model chosen on the left"
    if value.startswith(TRAIN):
        return f"Train here: {models(FAMILY)[value.removeprefix(TRAIN)].name}"
    recipe = RECIPES[value]
    return f"{models(FAMILY)[recipe.model].name}, {recipe.title}"
