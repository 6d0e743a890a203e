"""Trainings by name: what to fit to which data, and what its history keeps; pages and `engine.pretrain` read them."""

from collections.abc import Mapping

from engine.recipes import adversarial_images, latent
from engine.recipes.recipe import Recipe

RECIPES: Mapping[str, Recipe] = {**latent.RECIPES, **adversarial_images.RECIPES}

__all__ = ["RECIPES", "Recipe"]
