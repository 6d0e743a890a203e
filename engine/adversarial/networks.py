"""The dense networks of the two players."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from engine.latent.network import append

LEAK = 0.2
ACTIVATIONS = {"ReLU": nn.ReLU, "leaky ReLU": lambda: nn.LeakyReLU(LEAK), "tanh": nn.Tanh}


class Discriminator(nn.Module):
    """Map rows x (n, size), and labels (n, n_classes) where it is told them, to a raw output (n,).

    A subclass, or another module that stands for it, gives `features`, the last hidden layer, as well.
    """

    def __init__(self, inputs: int, layers: Sequence[int], activation: str) -> None:
        super().__init__()
        sizes = [inputs, *layers]
        self.layers = nn.ModuleList(nn.Linear(*pair) for pair in pairwise(sizes))
        self.activation = ACTIVATIONS[activation]()
        self.head = nn.Linear(sizes[-1], 1)

    def features(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return the last hidden layer (n, width)."""
        hidden = append(x, labels)
        for layer in self.layers:
            hidden = self.activation(layer(hidden))
        return hidden

    def read(self, features: Tensor) -> Tensor:
        """Return the raw output (n,) of the last hidden layer (n, width)."""
        return self.head(features).squeeze(1)

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return the raw output (n,), from −∞ to ∞, whatever the objective makes of it."""
        return self.read(self.features(x, labels))


class Generator(nn.Module):
    """Map noise z (n, noise_size), and labels where it is told them, to rows (n, size).

    Pixels end in tanh, from −1 to 1; points in no activation. Batch normalisation takes the statistics of the batch
    while training, and their running means else.
    """

    def __init__(
        self, inputs: int, layers: Sequence[int], outputs: int, activation: str, normalise: bool, bounded: bool
    ) -> None:
        super().__init__()
        sizes = [inputs, *layers]
        self.layers = nn.ModuleList(nn.Linear(*pair) for pair in pairwise(sizes))
        self.norms = nn.ModuleList(nn.BatchNorm1d(width) if normalise else nn.Identity() for width in layers)
        self.activation = ACTIVATIONS[activation]()
        self.head = nn.Linear(sizes[-1], outputs)
        self.bounded = bounded

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return rows (n, size)."""
        hidden = append(z, labels)
        for layer, norm in zip(self.layers, self.norms, strict=True):
            hidden = self.activation(norm(layer(hidden)))
        rows = self.head(hidden)
        return torch.tanh(rows) if self.bounded else rows
