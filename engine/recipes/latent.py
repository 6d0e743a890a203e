"""The trainings of `engine.latent`: what their histories keep, and which of them are shipped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from engine.catalogue import models
from engine.grid import Array, Domain
from engine.model import Evaluates, Hyperparameters
from engine.recipes.recipe import Recipe
from engine.training import ArrayData, DataPart, NamedData, Request, Schedule, View

SIDE = 15  # images along each axis of a manifold
LABEL_SIDE = 6  # of each label's own
SHOWN = 1000  # held-out images whose codes are drawn
STYLES = 10  # rows of a style grid
_HISTORY, _PLANE = "engine.latent.views.history", "engine.latent.views.plane"
SCHEDULE = Schedule(first=4, growth=1.6, epochs=1.0)
POINTS_SCHEDULE = Schedule(first=4, growth=1.15, epochs=5.0)  # epochs are short there
CELLS = {1: 400, 2: 64}  # along each axis of the aggregate posterior, by the number of latent dimensions
SHIPPED = {"batch_size": 64, "learning_rate": 2e-3}  # a VAE's own are sooner done, 2 nats worse by ten epochs
DEAR = 1.3  # growth of the step between two pictures that take long


def latent_views(model: str) -> tuple[View, ...]:
    """Return what the history of a latent-variable model keeps; a conditional one has a manifold for each label."""
    conditional = getattr(models("latent")[model], "conditional", False)
    x, labels = DataPart(first=SHOWN), DataPart(field="labels", first=SHOWN)
    given: dict[str, Any] = {"x": x, "labels": labels} if conditional else {"x": x}
    views = [
        View("codes", "engine.latent.views.images:latent_positions", given),
        View("held_out", f"{_HISTORY}:held_out_terms", given),
    ]
    if not conditional:
        return (View("manifold", f"{_HISTORY}:manifold_picture", {**given, "n": SIDE}), *views)
    each = [
        View(f"manifold_{label}", f"{_HISTORY}:manifold_picture", {**given, "n": LABEL_SIDE, "label": label})
        for label in range(10)
    ]
    few = {"x": DataPart(first=STYLES), "labels": DataPart(field="labels", first=STYLES)}
    return (*each, View("styles", "engine.latent.views.images:style_grid", few), *views)


def latent_request(model: str, data: str, hyperparameters: Hyperparameters | Mapping[str, Any]) -> Request:
    """Return the training of a model of `engine.latent` on an image set, with what its history keeps."""
    images = NamedData("load_images", {"name": data})
    return Request(f"latent/{model}", images, _as_mapping(hyperparameters), latent_views(model), schedule=SCHEDULE)


def styles_view(images: Array, labels: npt.NDArray[np.int64]) -> View:
    """Return the view that draws the styles of images (n, 28, 28) with labels (n,) under all labels.

    Its name says which images and labels these are, so that a history is known to be theirs.
    """
    digest = sha256(images.tobytes() + labels.tobytes()).hexdigest()[:16]
    return View(f"styles_{digest}", "engine.latent.views.images:style_grid", {"x": images, "labels": labels})


def formation_request(recipe: Recipe, view: View) -> Request:
    """Return the training of a shipped run again, on the CPU as it was, with `view` alone at every epoch."""
    return replace(recipe.request, views=(view,), schedule=SCHEDULE, device="cpu")


def points_views(model: str, latent_size: int, domain: Domain) -> tuple[View, ...]:
    """Return what the history of a latent-variable model of points keeps; see `engine.latent.views.plane`.

    "manifold", "codes" and "held_out" of every model. Of those with a prior also "density" over `domain` and
    "bounds", and up to two latent dimensions "aggregate" and "aggregate_divergence".
    """
    chosen = models("latent")[model]
    conditional = getattr(chosen, "conditional", False)

    def given(split: Literal["train", "held_out"]) -> dict[str, Any]:
        x, labels = DataPart(split, first=SHOWN), DataPart(split, "labels", first=SHOWN)
        return {"x": x, "labels": labels} if conditional else {"x": x}

    seen = given("train")
    views = [
        View("manifold", f"{_PLANE}:manifold_vertices", seen),
        View("codes", "engine.latent.views.images:latent_positions", seen),
        View("held_out", f"{_HISTORY}:held_out_terms", given("held_out")),
    ]
    if not issubclass(chosen, Evaluates):
        return tuple(views)
    of_labels = {"labels": seen["labels"]} if conditional else {}
    views += [
        View("density", f"{_PLANE}:density", {"domain": domain, **of_labels}, growth=DEAR),
        View("bounds", f"{_PLANE}:bounds", given("held_out"), growth=DEAR),
    ]
    if latent_size <= 2:
        views += [
            View("aggregate", f"{_PLANE}:aggregate_posterior", {**seen, "cells": CELLS[latent_size]}),
            View("aggregate_divergence", f"{_PLANE}:aggregate_divergence", seen, growth=DEAR),
        ]
    return tuple(views)


def points_request(
    model: str,
    data: NamedData | ArrayData,
    hyperparameters: Hyperparameters | Mapping[str, Any],
    domain: Domain | None = None,
) -> Request:
    """Return the training of a model of `engine.latent` on points (n, 2), with what its history keeps.

    `domain` is where its density is drawn, by default the box around the points and a fifth more on every side.
    """
    full = models("latent")[model](**_as_mapping(hyperparameters)).hyperparameters
    latent_size = getattr(full, "latent_size", 2)
    views = points_views(model, latent_size, domain or _around(data.open().train.x))
    return Request(f"latent/{model}", data, full.model_dump(), views, schedule=POINTS_SCHEDULE)


def _around(x: npt.NDArray[Any]) -> Domain:
    low, high = x.min(axis=0).astype(float), x.max(axis=0).astype(float)
    margin = 0.2 * (high - low).max()
    return tuple(zip((low - margin).tolist(), (high + margin).tolist(), strict=True))


def _as_mapping(hyperparameters: Hyperparameters | Mapping[str, Any]) -> dict[str, Any]:
    return hyperparameters.model_dump() if isinstance(hyperparameters, Hyperparameters) else dict(hyperparameters)


def _recipe(model: str, data: str, title: str, hyperparameters: Mapping[str, Any], stride: float = 1.0) -> Recipe:
    return Recipe("latent", model, data, title, latent_request, {**SHIPPED, **hyperparameters}, stride)


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
    variants: dict[str, dict[str, Any]] = {
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
