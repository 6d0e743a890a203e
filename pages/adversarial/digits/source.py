"""What the Digits tab shows: which image model on which data, pretrained or trained here, and its history so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.adversarial.objectives import OBJECTIVES
from engine.catalogue import models
from engine.data import Images
from engine.model import Hyperparameters, Model
from engine.pretrain import load_pretrained_run, pretrained_names
from engine.recipes import RECIPES, Recipe
from engine.recipes.adversarial_images import images_request
from engine.training import shared_runs
from pages.adversarial.form import adversarial_form
from pages.shared.controls import BOUND
from pages.shared.explanation import explanation
from pages.shared.images.sets import DATA, images
from pages.shared.runs.visitor_run import Training, visitor_run

FAMILY = "adversarial"
PRETRAINED, LIVE = "Pretrained", "Train"
LONG = 20  # letters, too many for a choice on a phone
PENALISED = "Wasserstein, gradient penalty"


@dataclass(frozen=True, eq=False)
class DigitsSource(Training):
    """Hold an image model's class with its hyperparameters, the images, and a pretrained or a live run."""

    title: str
    model_name: str
    hyperparameters: Hyperparameters
    data: str
    train: Images
    held_out: Images
    only: int | None = None  # the one class that is learnt

    @property
    def model_class(self) -> type[Model]:
        """The class of the model."""
        return models(FAMILY)[self.model_name]

    @property
    def is_conditional(self) -> bool:
        """Tell whether the model is told labels."""
        return bool(getattr(self.model_class, "conditional", False))

    @property
    def noise_size(self) -> int:
        """Dimensions of the noise."""
        chosen = self.hyperparameters
        return int(getattr(chosen, "noise_size", 0) or getattr(chosen, "latent_size", 2))

    @property
    def gives_probability(self) -> bool:
        """Tell whether the discriminator gives a probability rather than a critic's value."""
        return OBJECTIVES[str(getattr(self.hyperparameters, "objective", "non-saturating"))].gives_probability

    @property
    def snippet(self) -> str:
        """Python that trains the same model and draws from it."""
        labels = ", labels=range(10)" if self.is_conditional else ""
        chosen = repr(self.data) if self.only is None else f"{self.data!r}, classes=[{self.only}]"
        return (
            f"from engine.adversarial import {self.model_name}\nfrom engine.data import load_images\n\n"
            f"train, held_out = load_images({chosen})\n"
            f"model = {self.model_name}({self.hyperparameters.code}).fit(train)\n"
            f"images = model.sample(10{labels})\nprint(images.shape)\n"
        )


@lru_cache
def kinds() -> Mapping[str, tuple[Recipe, ...]]:
    """Return the kinds of image GAN by title, each with its recipes; a model with another objective is another."""
    found: dict[str, list[Recipe]] = {}
    for recipe in RECIPES.values():
        if recipe.family == FAMILY:
            found.setdefault(_kind(recipe), []).append(recipe)
    return {title: tuple(recipes) for title, recipes in found.items()}


def _kind(recipe: Recipe) -> str:
    if recipe.hyperparameters.get("objective") == PENALISED:
        return "WGAN-GP"
    name = models(FAMILY)[recipe.model].name
    return name if len(name) < LONG else recipe.model


def digits_source(tools: DeltaGenerator) -> DigitsSource:
    """Draw the choices in a row, the form of a training among the `tools`; return what they choose."""
    shared_runs()  # a worker warms up while the person looks around
    cells = st.grid(4, min_column_width=150, gap="small")
    with cells.cell():
        title = str(st.selectbox("Model", list(kinds()), key="digits.model", **BOUND))
    with cells.cell():
        data = str(st.selectbox("Data", list(DATA), format_func=DATA.__getitem__, key="digits.data", **BOUND))
    shipped = _shipped(title, data)
    mode = LIVE
    with cells.cell():
        if shipped:
            mode = str(
                st.segmented_control(
                    "Training", [PRETRAINED, LIVE], default=PRETRAINED, required=True, key="digits.source", **BOUND
                )
            )
        else:
            st.segmented_control("Training", [LIVE], default=LIVE, required=True, key="digits.only")
    if mode == PRETRAINED:
        with cells.cell():
            return _pretrained(title, data, shipped)
    with cells.cell():
        only = _only(title, data)
    with tools:
        return _live(title, data, only)


def _shipped(title: str, data: str) -> list[str]:
    """Return the names of the pretrained runs of this kind on this data."""
    here = pretrained_names()
    return [
        name for name, recipe in RECIPES.items() if recipe in kinds()[title] and recipe.data == data and name in here
    ]


def _pretrained(title: str, data: str, shipped: list[str]) -> DigitsSource:
    which = str(
        st.selectbox(
            "Variant", shipped, key=f"digits.variant.{title}.{data}", format_func=lambda name: RECIPES[name].title,
            **BOUND,
        )
    )  # fmt: skip
    pretrained = load_pretrained_run(which)
    return DigitsSource(
        pretrained, None, title, RECIPES[which].model, pretrained.model.hyperparameters, data, *images(data)
    )


def _only(title: str, data: str) -> int | None:
    """Draw the choice of what is learnt: all classes, or one of them where the model is not told labels."""
    if getattr(models(FAMILY)[kinds()[title][0].model], "conditional", False):
        return None
    names = images(data)[0].class_names
    return st.selectbox(
        "Learns", [None, *range(10)], key=f"digits.only.{data}",
        format_func=lambda one: "all classes" if one is None else f"only {names[one]}", **BOUND,
    )  # fmt: skip


def _live(title: str, data: str, only: int | None) -> DigitsSource:
    recipe = next((one for one in kinds()[title] if one.data == data), kinds()[title][0])
    model = models(FAMILY)[recipe.model]
    with st.popover("Hyperparameters", icon=":material/tune:"):
        form = adversarial_form(model, title, recipe.hyperparameters, key=f"digits.{title}", updates="both")
    request = images_request(recipe.model, data, form, only)
    run = visitor_run("digits", request, (recipe.model, data, only, sorted(form.model_dump().items())))
    return DigitsSource(None, run, title, recipe.model, form, data, *images(data, only), only)


def explain(source: DigitsSource) -> None:
    """Draw the model's idea, equation, source, limits and code behind a popover."""
    chosen = source.model_class
    with st.popover("Equation, source, code", icon=":material/menu_book:"):
        st.markdown(f"**{chosen.name}.** {chosen.idea}")
        explanation(chosen, source.snippet)
