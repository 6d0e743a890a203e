"""The trainings of `engine.adversarial` on images: what their histories keep, and which of them are shipped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.catalogue import models
from engine.model import Hyperparameters
from engine.recipes.recipe import Recipe
from engine.training import DataPart, NamedData, Request, Schedule, View

SIDE, LABEL_SIDE = 10, 4  # images along each axis of a manifold, and of each label's own
SAMPLES_SIDE, LABEL_SAMPLES_SIDE = 8, 5
REBUILT = 10  # held-out images that are shown with their reconstructions
_PICTURES = "engine.adversarial.views.pictures"
SCHEDULE = Schedule(first=4, growth=1.6, epochs=1.0)


def image_views(model: str) -> tuple[View, ...]:
    """Return what the history of a GAN of images keeps; a conditional one has a manifold for each label."""
    kind = models("adversarial")[model]
    if getattr(kind, "conditional", False):
        manifolds = tuple(
            View(f"manifold_{label}", f"{_PICTURES}:picture_manifold", {"n": LABEL_SIDE, "label": label})
            for label in range(10)
        )
        return (*manifolds, View("samples", f"{_PICTURES}:picture_samples", {"n": LABEL_SAMPLES_SIDE}))
    views = (
        View("manifold", f"{_PICTURES}:picture_manifold", {"n": SIDE}),
        View("samples", f"{_PICTURES}:picture_samples", {"n": SAMPLES_SIDE}),
    )
    if not hasattr(kind, "reconstruct"):
        return views
    return (
        *views,
        View("reconstructions", "engine.latent.views.images:reconstructions", {"x": DataPart(first=REBUILT)}),
    )


def images_request(
    model: str, data: str, hyperparameters: Hyperparameters | Mapping[str, Any], only: int | None = None
) -> Request:
    """Return the training of a model of `engine.adversarial` on images, all or of one class, with what it keeps."""
    chosen = hyperparameters.model_dump() if isinstance(hyperparameters, Hyperparameters) else dict(hyperparameters)
    source = NamedData("load_images", {"name": data} if only is None else {"name": data, "classes": (only,)})
    return Request(f"adversarial/{model}", source, chosen, image_views(model), schedule=SCHEDULE)


def _recipe(model: str, data: str, title: str, hyperparameters: Mapping[str, Any], stride: float = 6.0) -> Recipe:
    return Recipe("adversarial", model, data, title, images_request, hyperparameters, stride)


_DENSE = {"noise_size": 16, "activation": "leaky ReLU", "batch_size": 64, "averaging": 0.99, "iterations": 4230}
_PENALISED = {
    "generator_layers": "256,256",
    "discriminator_layers": "256,256",
    "objective": "Wasserstein, gradient penalty",
    "penalty": 10.0,
    "discriminator_steps": 2,
    "discriminator_learning_rate": 5e-4,
    "generator_learning_rate": 5e-4,
}
_DCGAN = {"averaging": 0.995, "real_penalty": 0.5}
_DCGAN_16 = {**_DCGAN, "noise_size": 16, "iterations": 5640}

RECIPES: Mapping[str, Recipe] = {
    "gan_mnist": _recipe(
        "GAN",
        "mnist",
        "16-D noise, R₁",
        {
            **_DENSE,
            "generator_layers": "256,512",
            "discriminator_layers": "512,256",
            "discriminator_learning_rate": 2e-4,
            "generator_learning_rate": 2e-4,
            "real_penalty": 1.0,
        },
    ),
    "conditional_gan_mnist": _recipe(
        "ConditionalGAN",
        "mnist",
        "2-D noise, Wasserstein with gradient penalty",
        {**_DENSE, **_PENALISED, "noise_size": 2, "averaging": 0.995, "iterations": 1400},
    ),
    "dcgan_mnist": _recipe("DCGAN", "mnist", "2-D noise, R₁", {**_DCGAN, "iterations": 7050}),
    "dcgan_mnist_16": _recipe("DCGAN", "mnist", "16-D noise, R₁", _DCGAN_16),
    "wgan_gp_mnist": _recipe(
        "GAN",
        "mnist",
        "Wasserstein with gradient penalty",
        {**_DENSE, **_PENALISED},
    ),
    # Of two dimensions, pullovers and shirts get lost among the coats.
    "dcgan_fashion": _recipe("DCGAN", "fashion_mnist", "16-D noise, R₁", _DCGAN_16),
    "vaegan_mnist": _recipe("VAEGAN", "mnist", "16-D code", {"iterations": 1410}, 2.0),
}
