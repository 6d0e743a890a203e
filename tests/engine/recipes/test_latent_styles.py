"""Styles over the epochs: a shipped training done again is the same training, with the view of other images."""

from itertools import islice

import numpy as np
import torch

from engine.data import load_images
from engine.latent.views.images import style_grid
from engine.recipes import RECIPES
from engine.recipes.latent import formation_request, styles_view
from engine.training import snapshots

NAME = "conditional_vae_mnist"


def seeds(*numbers):
    _, held_out = load_images("mnist")
    return held_out.images[list(numbers)], held_out.labels[list(numbers)].astype(np.int64)


def begun(request, steps=3):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        model = request.build()
        taken = list(islice(snapshots(model, request.data.open(), request.views, request.schedule), steps))
    finally:
        torch.set_num_threads(threads)
    return model, taken


def test_a_view_is_named_by_its_images_and_labels():
    images, labels = seeds(0, 1)
    name = styles_view(images, labels).name
    assert name == styles_view(images.copy(), labels.copy()).name
    assert name != styles_view(*seeds(0, 2)).name
    assert name != styles_view(images, labels[::-1].copy()).name


def test_a_formation_repeats_the_shipped_training_and_draws_the_seeds_styles():
    view = styles_view(*seeds(5, 7, 9))
    shipped, again = RECIPES[NAME].request, formation_request(RECIPES[NAME], view)
    _, expected = begun(shipped)
    model, found = begun(again)
    assert [one.metrics for one in found] == [one.metrics for one in expected]
    assert all(set(one.views) == {view.name} for one in found)
    np.testing.assert_array_equal(found[-1].views[view.name], style_grid(model, *seeds(5, 7, 9)))
    assert again.hyperparameters == shipped.hyperparameters
    assert again.schedule.epochs == 1  # every epoch, where the shipped history skips some
