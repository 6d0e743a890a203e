"""The trainings of `engine.latent`: what their histories keep, and which of them are shipped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.catalogue import models
from engine.model import Hyperparameters
from engine.recipes.recipe import Recipe
from engine.training import DataPart, NamedData, Request, Schedule, View

SIDE = 15  # images along each axis of a manifold
LABEL_SIDE = 6  # of each label's own
SHOWN = 1000  # held-out images whose codes are drawn
STYLES = 10  # rows of a style grid
_HISTORY = "engine.latent.history"
SCHEDULE = Schedule(first=4, growth=1.6, epochs=1.0)


def latent_views(model: str) -> tuple[View, ...]:
    """Return what the history of a latent-variable model keeps; a conditional one has a manifold for each label."""
    conditional = getattr(models("latent")[model], "conditional", False)
    x, labels = DataPart(first=SHOWN), DataPart(field="labels", first=SHOWN)
    given: dict[str, Any] = {"x": x, "labels": labels} if conditional else {"x": x}
    views = [
        View("codes", "engine.latent.views:latent_positions", given),
        View("held_out", f"{_HISTORY}:held_out_terms", given),
    ]
    if not conditional:
        return (View("manifold", f"{_HISTORY}:manifold_picture", {**given, "n": SIDE}), *views)
    each = [
        View(f"manifold_{label}", f"{_HISTORY}:manifold_picture", {**given, "n": LABEL_SIDE, "label": label})
        for label in range(10)
    ]
    few = {"x": DataPart(first=STYLES), "labels": DataPart(field="labels", first=STYLES)}
    return (*each, View("styles", "engine.latent.views:style_grid", few), *views)


def latent_request(model: str, data: str, hyperparameters: Hyperparameters | Mapping[str, Any]) -> Request:
    """Return the training of a model of `engine.latent` on an image set, with what its history keeps."""
    chosen = hyperparameters.model_dump() if isinstance(hyperparameters, Hyperparameters) else dict(hyperparameters)
    return Request(
        f"latent/{model}", NamedData("load_images", {"name": data}), chosen, latent_views(model), schedule=SCHEDULE
    )


def _recipe(model: str, data: str, title: str, hyperparameters: Mapping[str, Any], stride: float = 1.0) -> Recipe:
    return Recipe("latent", model, data, title, latent_request, hyperparameters, stride)


def _vaes_by_beta() -> dict[str, Recipe]:
    """Return the VAE with 20 latent dimensions under four weights of the KL term, all else alike."""
    names = {0.25: "_beta_0_25", 1.0: "", 4.0: "_beta_4", 16.0: "_beta_16"}
    return {
        f"vae_mnist_20{name}": _recipe(
            "VAE", "mnist", f"20-D latent, β = {beta:g}", {"epochs": 20, "latent_size": 20, "beta": beta}, 2.0
        )
        for beta, name in names.items()
    }


def _conditional_vaes_by_size() -> dict[str, Recipe]:
    """Return the conditional VAE of more and more latent dimensions, and the largest with a heavier KL term."""
    variants = {
        "": {},
        "_8": {"latent_size": 8},
        "_16": {"latent_size": 16},
        "_16_beta_4": {"latent_size": 16, "beta": 4.0},
    }
    return {
        f"conditional_vae_mnist{name}": _recipe(
            "ConditionalVAE",
            "mnist",
            f"{changes.get('latent_size', 2)}-D latent" + (", β = 4" if "beta" in changes else ""),
            {"epochs": 20, **changes},
            4.0 if name else 2.0,
        )
        for name, changes in variants.items()
    }


RECIPES: Mapping[str, Recipe] = {
    "vae_mnist": _recipe("VAE", "mnist", "2-D latent", {"epochs": 30}),
    **_vaes_by_beta(),
    "vae_fashion": _recipe("VAE", "fashion_mnist", "2-D latent", {"epochs": 20}),
    "autoencoder_mnist": _recipe("Autoencoder", "mnist", "2-D latent", {"epochs": 20}),
    "autoencoder_fashion": _recipe("Autoencoder", "fashion_mnist", "2-D latent", {"epochs": 20}, 2.0),
    **_conditional_vaes_by_size(),
    "conditional_vae_fashion": _recipe("ConditionalVAE", "fashion_mnist", "2-D latent", {"epochs": 20}, 2.0),
}
