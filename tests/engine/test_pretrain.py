"""Pretrained models: every shipped folder is whole, small enough, and made by its recipe."""

import json

import numpy as np
import pytest

import engine
from engine import model
from engine.data import load_images
from engine.latent import VAE
from engine.latent.views.images import most_likely_label
from engine.model import DataError, Model
from engine.pretrain import FOLDER, load_pretrained_run, make, pretrained_by, pretrained_for, pretrained_names
from engine.recipes import RECIPES, Recipe
from engine.training import NamedData, Request, load_checkpoint, save_checkpoint

NAMES = pretrained_names()
LATENT = [name for name in NAMES if RECIPES[name].family == "latent"]


def test_every_recipe_is_shipped_and_all_of_it_is_small():
    assert set(NAMES) == set(RECIPES)
    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) < 40e6


@pytest.mark.parametrize("name", LATENT)
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
    at_most = 0.9 if recipe.hyperparameters.get("beta", 1) > 4 else 0.8  # nearly all of its units have collapsed
    errors = (np.square(other - held_out.images[:20]).sum() for other in (images, blank))
    assert next(errors) < at_most * next(errors)
    terms = np.array([snapshot.views["held_out"].sum() for snapshot in run.snapshots])
    # The first is of a decoder that knows the mean image.
    assert terms[-1] < (0.95 if at_most == 0.9 else 0.75) * terms[0]


def test_a_recipe_remakes_its_folder(tmp_path):
    make("vae_mnist", tmp_path, epochs=1)
    again = load_pretrained_run("vae_mnist", tmp_path)
    shipped = load_pretrained_run("vae_mnist")
    # Sums run in another order on another machine: the first steps agree closely, not to the last bit.
    for ours, theirs in zip(again.snapshots[:8], shipped.snapshots[:8], strict=True):
        assert ours.step == theirs.step
        assert ours.metrics["loss"] == pytest.approx(theirs.metrics["loss"], rel=1e-3)
        # WebP makes a few of one grey level, here and there.
        assert np.abs(ours.views["manifold"].astype(int) - theirs.views["manifold"]).mean() < 4


def test_runs_that_differ_in_one_choice_are_found_by_it(tmp_path):
    for name in RECIPES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").touch()
    by_beta = pretrained_by("VAE", "mnist", "beta", tmp_path)
    assert list(by_beta) == [0.25, 1.0, 4.0, 16.0]
    assert by_beta[1.0] == "vae_mnist_20"
    by_size = pretrained_by("ConditionalVAE", "mnist", "latent_size", tmp_path)
    assert list(by_size) == [2, 8, 16]
    assert by_size[2] == "conditional_vae_mnist"
    assert pretrained_by("VAE", "fashion_mnist", "beta", tmp_path) == {1.0: "vae_fashion"}
    assert pretrained_by("VAE", "mnist", "nothing", tmp_path) == {}
    assert pretrained_by("VAE", "mnist", "beta", tmp_path / "empty") == {}


def test_half_precision_of_the_weights_moves_no_bound(tmp_path):
    train, held_out = load_images("mnist")
    model = VAE(epochs=1).fit(train)
    save_checkpoint(tmp_path / "vae", model, "mnist", compact=True)
    assert (tmp_path / "vae" / "weights.safetensors").stat().st_size < 2.05 * (model.n_parameters or 0)
    kept = load_checkpoint(tmp_path / "vae").model
    assert kept.elbo(held_out, k=4).mean() == pytest.approx(model.elbo(held_out, k=4).mean(), abs=0.01)


class Counted(Model):
    """Count to `iterations`, as a game does, without epochs."""

    name = "Counted"
    state_names = ("total",)

    class Hyperparameters(model.Hyperparameters):
        iterations: int = 30

    def steps(self, data):
        self.dimension, self.total = 1, 0.0
        for step in range(1, self.hyperparameters.iterations + 1):
            self.total += 1.0
            yield {"step": step, "loss": 1 / step}


def test_a_training_that_counts_iterations_is_made_and_shortened(tmp_path, monkeypatch, capsys):
    def request(model, data, hyperparameters):
        arguments = NamedData("load_points", {"name": data, "n": 50})
        return Request(f"{__name__}:{model}", arguments, hyperparameters.model_dump())

    recipe = Recipe("tests", "Counted", "two_moons", "A count", request)
    monkeypatch.setattr("engine.recipes.recipe.models", lambda family: {"Counted": Counted})
    monkeypatch.setattr("engine.training.messages.find_model", lambda path, packages: Counted)
    monkeypatch.setattr("engine.pretrain.RECIPES", {"counted": recipe})
    make("counted", tmp_path, 12)
    bars = capsys.readouterr().out
    assert "100 %" in bars
    assert " 33 %" in bars  # of step 4, the fourth of the snapshots
    manifest = json.loads((tmp_path / "counted" / "manifest.json").read_text())
    assert manifest["hyperparameters"] == {"iterations": 12}
    monkeypatch.setattr("engine.pretrain.load_checkpoint", lambda path: load_checkpoint(path, packages=("tests",)))
    assert "trained for 12 iterations in 0 seconds on cpu" in load_pretrained_run("counted", tmp_path).summary


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
