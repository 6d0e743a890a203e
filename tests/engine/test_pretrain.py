"""Pretrained models: every shipped folder is whole, small enough, and made by its recipe."""

import numpy as np
import pytest

import engine
from engine.data import load_images
from engine.latent.views import most_likely_label
from engine.model import DataError
from engine.pretrain import FOLDER, load_pretrained_run, make, pretrained_for, pretrained_names
from engine.recipes import RECIPES

NAMES = pretrained_names()


def test_every_recipe_is_shipped_and_all_of_it_is_small():
    assert set(NAMES) == set(RECIPES)
    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) < 40e6


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_model_is_what_its_recipe_says_and_works(name):
    run, recipe = load_pretrained_run(name), RECIPES[name]
    assert type(run.model).__name__ == recipe.model
    for field, value in recipe.hyperparameters.items():
        assert getattr(run.model.hyperparameters, field) == value
    assert run.snapshots[-1].epoch == run.model.hyperparameters.epochs
    assert run.snapshots[4].epoch < 0.5  # dense early
    held_out = load_images(recipe.data)[1]
    labels = held_out.labels[:20].astype(np.int64) if "Conditional" in recipe.model else None
    images = run.model.reconstruct(held_out.images[:20], labels)
    blank = load_images(recipe.data)[0].images.mean(axis=0)
    assert np.square(images - held_out.images[:20]).sum() < 0.8 * np.square(blank - held_out.images[:20]).sum()
    terms = np.array([snapshot.views["held_out"].sum() for snapshot in run.snapshots])
    assert terms[-1] < 0.75 * terms[0]  # which is of a decoder that knows the mean image


def test_a_recipe_remakes_its_folder(tmp_path):
    make("vae_mnist", tmp_path, epochs=1)
    again = load_pretrained_run("vae_mnist", tmp_path)
    shipped = load_pretrained_run("vae_mnist")
    # Sums run in another order on another machine: the first steps agree closely, not to the last bit.
    for ours, theirs in zip(again.snapshots[:8], shipped.snapshots[:8], strict=True):
        assert ours.step == theirs.step
        assert ours.metrics["loss"] == pytest.approx(theirs.metrics["loss"], rel=1e-3)
        np.testing.assert_allclose(ours.views["manifold"].astype(int), theirs.views["manifold"], atol=6)


def test_a_conditional_model_reads_labels():
    model = engine.load_pretrained("conditional_vae_mnist")
    held_out = load_images("mnist")[1]
    read = [most_likely_label(model, image) for image in held_out.images[:40]]
    assert np.mean(np.array(read) == held_out.labels[:40]) > 0.8


def test_the_public_names():
    assert engine.pretrained_names() == NAMES
    assert type(engine.load_pretrained("vae_mnist")).__name__ == "VAE"
    assert pretrained_for("VAE", "mnist")[0] == "vae_mnist"
    with pytest.raises(AttributeError):
        _ = engine.no_such_name
    with pytest.raises(DataError, match="There is no pretrained model"):
        engine.load_pretrained("nothing")
