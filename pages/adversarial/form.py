"""The form of a GAN's hyperparameters on little room: what matters most in the open, the rest by groups."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import streamlit as st

from engine.adversarial.objectives import OBJECTIVES
from engine.model import Hyperparameters, Model
from pages.shared.controls import control_form
from pages.shared.defaults import with_defaults

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Networks": (
        "noise", "noise_size", "generator_layers", "discriminator_layers", "activation", "batch_normalisation",
    ),
    "Stabilisers": (
        "real_penalty", "averaging", "instance_noise", "label_smoothing", "spectral_normalisation", "unrolled_steps",
        "minibatch_discrimination", "feature_matching", "historical_averaging", "virtual_batch_normalisation",
    ),
    "Optimiser and length": ("optimiser", "momentum", "batch_size", "iterations", "seed"),
}  # fmt: skip


def adversarial_form(
    model: type[Model], title: str, defaults: Mapping[str, Any], *, key: str, groups: bool = True, **given: Any
) -> Hyperparameters:
    """Draw the hyperparameters of `model` with these `defaults`, but for those `given`; return the model's own kind.

    A setting that has no effect under those chosen above it is left out. `title` tells this form from others.
    """
    places: dict[str, Any] = {}
    top = st.container()
    for name, fields in GROUPS.items() if groups else ():
        shown = [field for field in fields if field in model.Hyperparameters.model_fields and field not in given]
        if shown:
            places |= dict.fromkeys(shown, st.expander(name, key=f"{key}.{name}"))

    def place(field: str) -> Any:
        chosen = {name: given.get(name, st.session_state.get(f"{key}.{name}")) for name in ("objective", "optimiser")}
        return places.get(field, top) if has_effect(field, chosen) else None

    form = control_form(with_defaults(model.Hyperparameters, title, defaults), key=key, places=place, **given)
    return model.Hyperparameters(**form.model_dump())


def has_effect(field: str, chosen: Mapping[str, Any]) -> bool:
    """Tell whether a setting does anything under the objective and the optimiser `chosen`; None is a model's own."""
    objective, optimiser = chosen["objective"], chosen["optimiser"]
    needs: Mapping[str, tuple[Any, Collection[Any]]] = {
        "clip": (objective, ("Wasserstein, clipped",)),
        "penalty": (objective, ("Wasserstein, gradient penalty",)),
        "label_smoothing": (objective, [name for name, one in OBJECTIVES.items() if one.smooths]),
        "momentum": (optimiser, ("Adam", "momentum")),
    }
    value, allowed = needs.get(field, (None, ()))
    return value is None or value in allowed
