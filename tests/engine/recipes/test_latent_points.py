"""Histories of latent-variable models on points: every view of every model that takes them, and what it shows."""

import numpy as np
import pytest
import torch

from engine.grid import Grid
from engine.latent.views.plane import LATENT_DOMAIN
from engine.recipes.latent import points_request
from engine.training import ArrayData, NamedData, Split, snapshots

MOONS = NamedData("load_points", {"name": "two_moons", "n": 200, "noise": 0.05})
SMALL = {"layers": "32,32", "batch_size": 50, "learning_rate": 0.01, "epochs": 40}
ALL = {"manifold", "codes", "held_out"}
BOUNDED = ALL | {"density", "density.step", "bounds", "bounds.step"}
AGGREGATE = BOUNDED | {"aggregate", "aggregate_divergence", "aggregate_divergence.step"}


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def train(model, data=MOONS, **hyperparameters):
    request = points_request(model, data, hyperparameters)
    built = request.build()
    return request, built, list(snapshots(built, data.open(), request.views, request.schedule))


@pytest.mark.parametrize(
    ("model", "hyperparameters", "views", "shape"),
    [
        ("PCA", {"n_components": 1}, ALL, (441, 2)),
        ("Autoencoder", SMALL | {"latent_size": 1}, ALL, (441, 2)),
        ("DenoisingAutoencoder", SMALL | {"latent_size": 2, "noise": 0.1}, ALL, (21, 21, 2)),
        ("VAE", SMALL | {"latent_size": 1}, AGGREGATE, (441, 2)),
        ("VAE", SMALL | {"latent_size": 3}, BOUNDED, (21, 21, 2)),
        ("ConditionalVAE", SMALL, AGGREGATE, (2, 21, 21, 2)),
    ],
)
def test_the_history_of_every_model_of_points(model, hyperparameters, views, shape):
    *_, taken = train(model, **hyperparameters)
    assert all(set(snapshot.views) == views for snapshot in taken)
    last = taken[-1].views
    assert last["manifold"].shape == shape
    assert last["codes"].shape == (200, 2)
    assert all(np.isfinite(view).all() for view in last.values())


@pytest.mark.parametrize("model", ["VAE", "ConditionalVAE"])
def test_what_a_vaes_history_shows_is_right(model):
    request, built, taken = train(model, **SMALL, standard_deviation=0.2)
    last, opened = taken[-1].views, MOONS.open()
    x, labels = opened.train.x, opened.train.labels
    domain = next(view for view in request.views if view.name == "density").arguments["domain"]
    grid = Grid.over(domain, 60)
    assert ((x >= [axis[0] for axis in domain]) & (x <= [axis[1] for axis in domain])).all()
    assert grid.integrate(last["density"]) == pytest.approx(1, abs=0.03)
    latent = Grid.over((LATENT_DOMAIN,) * 2, 64)
    assert latent.integrate(last["aggregate"]) == pytest.approx(1, abs=0.03)
    # The curve lies where the decoder puts the data: nearer to it than the data's own spread.
    distances = np.linalg.norm(x[:, None] - last["manifold"].reshape(1, -1, 2), axis=2).min(axis=1)
    assert distances.mean() < 0.3
    held_out = opened.held_out
    elbo, iwae = last["bounds"]
    assert elbo[0] <= iwae[0]
    exact = built.elbo(held_out.x, held_out.labels, 16)  # a quarter of the draws of the IWAE bound
    np.testing.assert_allclose(elbo, [exact.mean(), exact.std() / np.sqrt(len(exact))], rtol=1e-4)
    if model == "VAE":  # the integral is above the bounds, which come close
        cells = [
            np.abs(axis[:, None] - column).argmin(axis=0)
            for axis, column in zip(grid.axes, held_out.x.T, strict=True)
        ]
        assert np.log(last["density"][cells[1], cells[0]]).mean() == pytest.approx(iwae[0], abs=0.25)
    np.testing.assert_array_equal(last["codes"], built.encode(x, labels))


def test_drawn_points_may_be_held_out_and_have_a_domain_of_their_own():
    x = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
    data = ArrayData(x[:40], held_out=Split(x[40:]))
    request = points_request("VAE", data, SMALL | {"epochs": 2}, ((-9.0, 9.0), (-5.0, 5.0)))
    assert next(view for view in request.views if view.name == "density").arguments["domain"][0] == (-9.0, 9.0)
    *_, last = snapshots(request.build(), data.open(), request.views, request.schedule)
    assert last.views["codes"].shape == (40, 2)


def test_dear_pictures_are_seldom_and_snapshots_not_too_many():
    *_, taken = train("VAE", **SMALL | {"epochs": 200, "layers": "4"})
    assert 40 < len(taken) < 150
    assert len({int(snapshot.views["density.step"]) for snapshot in taken}) < 35
