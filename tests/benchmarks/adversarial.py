"""Time the games: bare, in a worker with the plane's views, beside plain loops; and count modes by five seeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import nn

from docs.gan_on_one_screen import network, play
from engine.adversarial import GAN
from engine.adversarial.lessons import LESSONS, Lesson
from engine.data import load_images, load_points
from engine.evaluation.modes import coverage, modes_of
from engine.grid import Array
from engine.recipes.adversarial import plane_request
from engine.training import NamedData, Pool, Run

REPEATS, SEEDS, N_JUDGED = 5, 5, 10_000
TINY = {"generator_layers": "32,32", "discriminator_layers": "32,32", "batch_size": 128}
DIGITS = {"generator_layers": "256,512", "discriminator_layers": "512,256", "activation": "leaky ReLU",
          "noise_size": 16, "batch_size": 64}  # fmt: skip
ADAM = {"discriminator_learning_rate": 2e-4, "generator_learning_rate": 2e-4, "momentum": 0.5}


def run() -> str:
    """Return Markdown tables: iterations a second, then modes covered; one thread throughout."""
    torch.set_num_threads(1)
    return "\n\n".join([_speed(), _modes()])


def _speed() -> str:
    lab = _lesson("gan_lab_gaussians")
    points = load_points("gan_lab_gaussians", lab.n).x
    longer = replace(lab, hyperparameters={**lab.hyperparameters, "iterations": 30_000})
    images = load_images("mnist")[0].images
    rows = [
        _row("GAN Lab's start preset, bare", {"ours": partial(_ours, points, 400, **lab.hyperparameters)}),
        _row("its 4,000 iterations in a worker with the plane's views", {"ours": lambda: iter([_in_worker(lab)])}),
        _row("30,000 iterations so", {"ours": lambda: iter([_in_worker(longer)])}),
    ]
    for name, data, n, options in (("2-32-32", points, 400, TINY), ("digits 16-256-512-784", images, 40, DIGITS)):
        both = {"plain": partial(_plain, data, n, **options), "ours": partial(_ours, data, n, **options, **ADAM)}
        rows.append(_row(f"{name}, Adam, batch {options['batch_size']}", both))
    head = f"| one thread, best of {REPEATS} | plain loop, iterations/s | ours, iterations/s | ratio |"
    return "\n".join([head, "|:--|--:|--:|--:|", *rows])


def _row(name: str, methods: dict[str, Callable[[], Iterator[float]]]) -> str:
    """Let all methods take turns, so that a busy moment strikes them alike; the fastest stretch of each counts."""
    rates = list(zip(*(method() for method in methods.values()), strict=True))
    best = dict(zip(methods, map(max, zip(*rates, strict=True)), strict=True))
    plain, ratio = (f"{best['plain']:,.0f}", f"{best['ours'] / best['plain']:.2f}") if "plain" in best else ("", "")
    return f"| {name} | {plain} | {best['ours']:,.0f} | {ratio} |"


def _ours(data: Array, n: int, **options: Any) -> Iterator[float]:
    """Yield iterations a second of each stretch of n."""
    steps = GAN(**{**options, "iterations": (REPEATS + 1) * n}).steps(data)
    yield from _rates(lambda: next(steps), n)


def _plain(data: Array, n: int, **options: Any) -> Iterator[float]:
    """The loop of the widely copied scripts, as `docs.gan_on_one_screen` has it."""
    rows = torch.from_numpy(data.reshape(len(data), -1).astype(np.float32))
    noise_size, batch_size = options.get("noise_size", 2), options["batch_size"]
    layers = {
        name: [int(size) for size in options[f"{name}_layers"].split(",")] for name in ("generator", "discriminator")
    }
    generator = network(noise_size, *layers["generator"], rows.shape[1], last=nn.Tanh() if data.ndim == 3 else None)
    discriminator = network(rows.shape[1], *layers["discriminator"], 1, last=nn.Sigmoid())
    game = play(generator, discriminator, rows, noise_size, batch_size)
    yield from _rates(lambda: next(game), n)


def _rates(iterate: Callable[[], object], n: int) -> Iterator[float]:
    for repeat in range(REPEATS + 1):
        began = time.perf_counter()
        for _ in range(n):
            iterate()
        if repeat:  # the first warms up
            yield n / (time.perf_counter() - began)


def _in_worker(lesson: Lesson, seed: int = 0) -> float:
    """Return iterations a second of a whole run: a warm worker, snapshots, views and messages included."""
    return lesson.hyperparameters["iterations"] / _played(lesson, seed)[1]


def _played(lesson: Lesson, seed: int) -> tuple[GAN, float]:
    """Play a lesson in a worker; return its model and the seconds from Play to the end."""
    data = NamedData("load_points", {"name": lesson.data, "n": lesson.n, "seed": seed})
    with closing(Pool(1)) as pool:
        pool.warm()
        time.sleep(8)  # until the worker has loaded what it needs
        game = Run(plane_request({**lesson.hyperparameters, "seed": seed}, data), pool)
        began = time.perf_counter()
        game.play()
        game.wait()
        seconds = time.perf_counter() - began
        assert game.status == "finished", game.reason
        return game.model(), seconds


def _modes() -> str:
    """Play the cure of mode collapse by five seeds, and judge samples by the preset's own modes."""
    cure = _lesson("mode_collapse_cured")
    modes = modes_of(cure.data, cure.noise)
    rows, seconds_of = [], []
    for seed in range(SEEDS):
        model, seconds = _played(cure, seed)
        found = coverage(model.sample(N_JUDGED, seed=1), modes)
        seconds_of.append(seconds)
        rows.append(
            f"| {seed} | {found.covered}/{found.n_modes} | {found.high_quality:.1%} | {found.shares.min():.1%} | "
            f"{seconds:.1f} |"
        )
    head = (
        f'| seed | modes, preset "{cure.title}" | of {N_JUDGED:,} samples within 3σ | rarest mode | '
        "seconds in a worker |"
    )
    return "\n".join([head, "|--:|--:|--:|--:|--:|", *rows, "", f"Median {median(seconds_of):.1f} s."])


def _lesson(name: str) -> Lesson:
    return next(lesson for lesson in LESSONS if lesson.name == name)


if __name__ == "__main__":
    print(run())
