"""Time training beside a plain DataLoader loop; count the digits on a manifold; see how far labels stay out of z."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from docs import vae_on_one_screen as peer
from engine.data import Images, load_images
from engine.evaluation.classifier import Classifier
from engine.grid import Array
from engine.latent import VAE, ConditionalVAE
from engine.latent.views.images import style_codes
from engine.neural.examples import read_examples
from engine.neural.minibatches import has_bfloat16, products
from engine.pictures import manifold_codes

EPOCHS, REPEATS, BATCH = 3, 3, 128
SEEDS = 100  # held-out images whose style is transferred
LATENT_SIZES = (2, 4, 8, 16)


def run(only_speed: bool = False) -> str:
    """Return Markdown tables: speed, the two-dimensional manifold, and style transfer by latent size."""
    train, held_out = load_images("mnist")
    if only_speed:
        return _speed(train, held_out)
    began = time.perf_counter()
    reader = Classifier().fit(train)
    seconds = time.perf_counter() - began
    note = f"The classifier reads {reader.accuracy(held_out):.1%} of held-out digits (trained in {seconds:.1f} s)."
    tables = (_speed(train, held_out), note, _manifold(train, held_out, reader), _style(train, held_out, reader))
    return "\n\n".join(tables)


def _speed(train: Images, held_out: Images) -> str:
    """784-400-20, ReLU, Adam 1e-3, batch 128: the fastest epoch of all repeats, and −ELBO after the same epochs."""
    rates: dict[str, list[float]] = {}
    bounds: dict[str, float] = {}
    for _ in range(REPEATS):  # in turn, so that a busy moment strikes all alike
        for name, method in METHODS.items():
            began = time.perf_counter()
            for fitted in method(train):
                rates.setdefault(name, []).append(len(train) / (time.perf_counter() - began))
                model, began = fitted, time.perf_counter()
            bounds[name] = -float(model.elbo(held_out, k=16).mean())
    best = {name: max(values) for name, values in rates.items()}
    flops = _flops_per_example()
    peaks = {"float32": _matmul_rate(), "reduced": _matmul_rate(reduced=has_bfloat16())}
    rows = [
        f"| {name} | {best[name]:,.0f} | {best[name] / best[PLAIN]:.2f} | {bounds[name]:.1f} | "
        f"{bounds[name] - bounds[PLAIN]:+.1f} | "
        f"{best[name] * flops / peaks['reduced' if 'reduced' in name else 'float32']:.0%} |"
        for name in METHODS
    ]
    head = (
        f"| VAE 784-400-20, {EPOCHS} epochs of {len(train):,} digits, {torch.get_num_threads()} threads | "
        "examples/s | over plain | held-out −ELBO, nats | difference | of the matrix-product rate |"
    )
    rate = f"Matrix products of this network's shapes alone: {peaks['float32'] / 1e9:.0f} GFLOP/s in float32"
    rate += f", {peaks['reduced'] / 1e9:.0f} with rounded inputs." if has_bfloat16() else "; none in bfloat16 here."
    return "\n".join([head, "|:--|--:|--:|--:|--:|--:|", *rows, "", rate])


PLAIN = "plain loop over a DataLoader of tensors"


class _OneByOne(Dataset):
    """Read and convert image by image, as torchvision's MNIST with ToTensor does."""

    def __init__(self, images: Array) -> None:
        self.images = np.rint(255 * images).astype(np.uint8)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Tensor:
        return torch.from_numpy(self.images[index]).float().div(255).reshape(-1)


def _plain(
    dataset: Callable[[Images], Dataset | Tensor], our_start: bool = False
) -> Callable[[Images], Iterator[VAE]]:
    def train_it(train: Images) -> Iterator[VAE]:
        torch.manual_seed(0)
        network = peer.VAE()
        if our_start:  # decoders of ours begin at the data's mean image
            start = _vae()
            start._start(read_examples(train))
            network.load_state_dict({name: weight.clone() for name, weight in start.network.state_dict().items()})
        ours = _vae()
        next(ours.steps(train))  # it knows the data then, and can take weights
        for _ in peer.train(network, dataset(train), EPOCHS, BATCH):
            weights = {name: weight.numpy() for name, weight in network.state_dict().items()}
            yield ours.load_state({**ours.state(), **weights})

    return train_it


def _vae(**hyperparameters: Any) -> VAE:
    return VAE(latent_size=20, layers="400", batch_size=BATCH, learning_rate=1e-3, epochs=EPOCHS, **hyperparameters)


def _ours(precision: str) -> Callable[[Images], Iterator[VAE]]:
    def train_it(train: Images) -> Iterator[VAE]:
        model = _vae(precision=precision)
        for metrics in model.steps(train):
            if metrics["epoch"] % 1 == 0:
                yield model

    return train_it


def _tensors(train: Images) -> Tensor:
    return torch.from_numpy(train.images.reshape(-1, 784))


METHODS = {
    PLAIN: _plain(_tensors),
    "plain loop, from the start that ours has": _plain(_tensors, our_start=True),
    "plain loop, images converted one by one": _plain(lambda train: _OneByOne(train.images)),
    "ours, float32": _ours("float32"),
}
if has_bfloat16():
    METHODS["ours, reduced precision"] = _ours("reduced")


def _products() -> list[tuple[int, int, bool]]:
    """Return (inputs, outputs, whether the input needs a gradient) of each layer."""
    return [(784, 400, False), (400, 40, True), (20, 400, True), (400, 784, True)]


def _flops_per_example() -> int:
    return sum(2 * inputs * outputs * (3 if inner else 2) for inputs, outputs, inner in _products())


def _matmul_rate(reduced: bool = False, repeats: int = 150) -> float:
    """Return the best FLOP/s of the products that one step needs, and nothing else."""
    operands = [
        (torch.randn(BATCH, inputs), torch.randn(outputs, inputs), torch.randn(BATCH, outputs), inner)
        for inputs, outputs, inner in _products()
    ]
    best = 0.0
    with products("reduced" if reduced else "float32"):
        for _ in range(repeats):
            began = time.perf_counter()
            for x, weight, gradient, inner in operands:
                x @ weight.T
                gradient.T @ x
                if inner:
                    gradient @ weight
            best = max(best, BATCH * _flops_per_example() / (time.perf_counter() - began))
    return best


def _manifold(train: Images, held_out: Images, reader: Classifier) -> str:
    """Train the 2-D VAE of 784-256-256-2 for ten epochs by three seeds, and count the digits on its manifold."""
    rows = []
    for seed in range(3):
        model = VAE(seed=seed, epochs=10)
        began = time.perf_counter()
        model.fit(train)
        seconds = time.perf_counter() - began
        counts = np.bincount(reader.predict(model.decode(manifold_codes(model, 20).reshape(400, 2))), minlength=10)
        bound = -model.elbo(held_out, k=16).mean()
        rows.append(
            f"| {seed} | {seconds:.1f} | {bound:.1f} | {(counts > 0).sum()} | {', '.join(map(str, counts))} |"
        )
    head = (
        "| seed | 10 epochs of a 2-D VAE, s | held-out −ELBO, nats | classes on the 20 × 20 manifold | "
        "cells read as 0 … 9 |"
    )
    return "\n".join([head, "|--:|--:|--:|--:|:--|", *rows])


def _style(train: Images, held_out: Images, reader: Classifier) -> str:
    """Transfer the style of held-out digits to every label, and read the labels back."""
    chosen = np.random.default_rng(0).choice(len(held_out), SEEDS, replace=False)
    images, labels = held_out.images[chosen], held_out.labels[chosen]
    rows = []
    for beta, latent_size in [(1.0, size) for size in LATENT_SIZES] + [(4.0, LATENT_SIZES[-1])]:
        model = ConditionalVAE(latent_size=latent_size, beta=beta, epochs=20)
        began = time.perf_counter()
        model.fit(train)
        seconds = time.perf_counter() - began
        grid = style_codes(model, model.encode(images, labels)).reshape(-1, 28, 28)
        right = (reader.predict(grid).reshape(SEEDS, 10) == np.arange(10)).mean()
        bound = -model.elbo(held_out, held_out.labels, k=16).mean()
        rows.append(f"| {latent_size} | {beta:g} | {seconds:.1f} | {bound:.1f} | {right:.1%} |")
    head = (
        f"| latent size | β | 20 epochs, s | held-out −ELBO, nats | style-grid cells with the intended label "
        f"({SEEDS} styles × 10) |"
    )
    return "\n".join([head, "|--:|--:|--:|--:|--:|", *rows])


if __name__ == "__main__":
    print(run())
