"""Score every shipped GAN of images beside real images, and time an epoch of its training."""

from __future__ import annotations

import time

import numpy as np

from engine.adversarial.views.pictures import nearest_images
from engine.data import load_images
from engine.evaluation.image_scores import N_SCORED, Scores, judge
from engine.evaluation.wasserstein import Estimate
from engine.grid import Array
from engine.pretrain import load_pretrained_run, pretrained_names
from engine.recipes import RECIPES

SEED = 1
TIMED = 71  # iterations after the first few: half an epoch of batches of 64


def run() -> str:
    """Return Markdown tables: the scores of 1,000 samples of each model, and seconds an epoch."""
    names = [name for name in pretrained_names() if RECIPES[name].family == "adversarial"]
    by_data = {data: [name for name in names if RECIPES[name].data == data] for data in ("mnist", "fashion_mnist")}
    return "\n\n".join([*(_scores(data, some) for data, some in by_data.items() if some), _speed(names)])


def _scores(data: str, names: list[str]) -> str:
    real = judge(data).real
    train, held_out = load_images(data)
    rows = [_row("real, held out", real, held_out.images, train.images)]
    for name in names:
        model = load_pretrained_run(name).model
        labels = np.arange(N_SCORED) % 10 if getattr(model, "conditional", False) else None
        images = model.sample(N_SCORED, SEED, labels)
        rows.append(_row(name, judge(data).scores(images, labels), images, train.images))
    head = (
        f"| {data}, {N_SCORED:,} images, seed {SEED} | inception score | Fréchet distance | classes of 10 | "
        "share of the rarest | labels right | median distance to the nearest training image |"
    )
    note = (
        f"The classifier reads {judge(data).reader.accuracy(held_out):.1%} of held-out images; distances are in its "
        "128 features, to all training images; errors are bootstrap standard errors."
    )
    return "\n".join([head, "|:--|--:|--:|--:|--:|--:|--:|", *rows, "", note])


def _row(name: str, scores: Scores, images: Array, train: Array) -> str:
    accuracy = (
        "" if scores.label_accuracy is None else f"{scores.label_accuracy:.1%}{_error(scores.label_accuracy, 100)} %"
    )
    distance = np.median(nearest_images(images, train).distances)
    return (
        f"| {name} | {scores.inception_score:.2f}{_error(scores.inception_score)} | "
        f"{scores.frechet_distance:.0f}{_error(scores.frechet_distance)} | {scores.coverage:.0f} | "
        f"{scores.shares.min():.1%} | {accuracy} | {distance:.2f} |"
    )


def _error(estimate: Estimate, scale: float = 1.0) -> str:
    return f" ± {scale * (estimate.standard_error or 0.0):.2g}"


def _speed(names: list[str]) -> str:
    """Time iterations as a script takes them, without pictures, one model after the other."""
    rows = []
    for name in names:
        recipe = RECIPES[name]
        model = recipe.request.build()
        train, _ = load_images(recipe.data)
        steps = model.steps(train)
        start = [next(steps) for _ in range(5)][-1]
        began = time.perf_counter()
        end = [next(steps) for _ in range(TIMED)][-1]
        seconds = (time.perf_counter() - began) / (end["epoch"] - start["epoch"])
        last = load_pretrained_run(name).snapshots[-1]
        rows.append(f"| {name} | {seconds:.1f} | {last.epoch:.0f} | {last.seconds:.0f} |")
    head = "| model | an epoch of 9,000 images now, s | epochs it was trained | which took, s |"
    return "\n".join([head, "|:--|--:|--:|--:|", *rows])


if __name__ == "__main__":
    print(run())
