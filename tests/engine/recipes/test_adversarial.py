"""The lab's requests: what their histories keep, how much and how often."""

import math

import numpy as np
import pytest

from engine.adversarial import GAN
from engine.data import load_points, preset
from engine.evaluation.sample_distances import MEASURES
from engine.recipes.adversarial import comparison_request, plane_domain, plane_request
from engine.training import ArrayData, NamedData, snapshots

TINY = {"generator_layers": "4", "discriminator_layers": "4", "batch_size": 50, "iterations": 20}
MOONS = NamedData("load_points", {"name": "two_moons", "n": 500})


def history(request):
    return list(snapshots(request.build(), request.data.open(), request.views, request.schedule))


def test_a_plane_history_keeps_every_picture_in_few_bytes():
    taken = history(plane_request(TINY, MOONS))
    last = taken[-1]
    assert last.step == 20
    shapes = {name: view.shape for name, view in last.views.items()}
    assert shapes == {
        "field": (30, 30), "generated": (300, 2), "manifold": (21, 21, 2), "arrows": (60, 4), "optimal": (30, 30),
        "measures": (len(MEASURES),), "gap": (), "measures.step": (), "optimal.step": (), "gap.step": (),
    }  # fmt: skip
    assert all(np.isfinite(view).all() for view in last.views.values())
    assert last.nbytes <= 15_000
    steps = [int(snapshot.views["measures.step"]) for snapshot in taken]
    assert steps[0] == 1
    assert len(set(steps)) < len(taken)  # dear pictures are carried on


def test_a_critic_has_no_optimal_discriminator():
    request = plane_request({**TINY, "objective": "hinge", "iterations": 2}, MOONS)
    assert {view.name for view in request.views} == {"field", "generated", "manifold", "arrows", "measures"}
    assert len(history(request)) == 2


def test_modes_are_counted_at_the_datas_own_noise():
    data = NamedData("load_points", {"name": "eight_gaussians", "n": 200, "noise": 0.2})
    request = plane_request(GAN(**TINY).hyperparameters, data)
    assert {view.name: view for view in request.views}["measures"].arguments == {
        "preset": "eight_gaussians", "noise": 0.2,
    }  # fmt: skip
    assert request.hyperparameters["batch_size"] == 50


@pytest.mark.parametrize(
    ("iterations", "k", "batch", "n"), [(8000, 1, 256, 2000), (8000, 5, 64, 500), (300, 2, 100, 50)]
)
def test_a_history_is_dense_early_and_at_most_about_300_long(iterations, k, batch, n):
    chosen = {"iterations": iterations, "discriminator_steps": k, "batch_size": batch}
    schedule = plane_request(chosen, NamedData("load_points", {"name": "gaussian", "n": n})).schedule
    last, last_epoch, taken = 0, 0.0, []
    for step in range(1, iterations + 1):
        epoch = step * k * batch / n
        if schedule.due(step, epoch, last, last_epoch):
            last, last_epoch = step, epoch
            taken.append(step)
    assert len(taken) <= 310
    assert taken[:12] == list(range(1, 13))
    assert max(np.diff(taken)) <= math.ceil(iterations / 200) + 1


def test_drawn_points_are_measured_and_framed_by_themselves():
    x = load_points("gaussian", 60).x + np.float32([5, 0])
    data = ArrayData(x)
    (left, right), (bottom, top) = plane_domain(data)
    assert right - left == pytest.approx(top - bottom)
    assert left < x[:, 0].min() < x[:, 0].max() < right
    assert (bottom < x[:, 1]).all()
    assert (x[:, 1] < top).all()
    taken = history(plane_request({**TINY, "iterations": 3}, data))
    assert taken[-1].views["measures"][MEASURES.index("n_modes")] == 0
    assert plane_domain(MOONS) == preset("two_moons").domain


def test_a_comparison_keeps_each_games_pictures():
    games = [TINY, {**TINY, "objective": "Wasserstein, gradient penalty"}]
    taken = history(comparison_request(games, MOONS, seed=2))
    last = taken[-1]
    for number in range(2):
        assert last.views[f"{number}.field"].shape == (24, 24)
        assert last.views[f"{number}.generated"].shape == (200, 2)
        assert last.views[f"{number}.manifold"].shape == (13, 13, 2)
        assert last.views[f"{number}.measures"].shape == (len(MEASURES),)
        assert f"{number}.discriminator_loss" in last.averages
    assert last.nbytes <= 2 * 7_500
