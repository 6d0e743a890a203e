"""The networks that encoders and decoders are made of, and how a person names their layers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from engine.neural.examples import IMAGE

PIXELS = IMAGE[0] * IMAGE[1]


def widths(layers: str) -> list[int]:
    """Return the widths that a validated Layers string names."""
    return [int(part) for part in layers.split(",")] if layers else []


def dense(sizes: Sequence[int]) -> nn.Sequential:
    """Return linear layers of `sizes` (input, hidden …, output) with a ReLU between."""
    parts: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        parts += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*parts[:-1])


def fold() -> nn.Sequential:
    """Return convolutions from pixels (n, 784) to a map (n, 32, 7, 7)."""
    return nn.Sequential(
        nn.Unflatten(1, (1, *IMAGE)),
        nn.Conv2d(1, 16, 4, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 4, stride=2, padding=1),
        nn.ReLU(),
    )


def unfold() -> nn.Sequential:
    """Return transposed convolutions from a map (n, 32, 7, 7) to pixels (n, 784)."""
    return nn.Sequential(
        nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1),
        nn.ReLU(),
        nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1),
        nn.Flatten(),
    )


class ConvolutionalEncoder(nn.Module):
    """Map rows (n, 784 + n_labels) to (n, outputs): the pixels by convolutions, then the labels join them."""

    def __init__(self, n_labels: int, outputs: int) -> None:
        super().__init__()
        self.fold = fold()
        self.head = dense([32 * 7 * 7 + n_labels, 128, outputs])

    def forward(self, rows: Tensor) -> Tensor:
        """Return (n, outputs)."""
        features = self.fold(rows[:, :PIXELS]).flatten(1)
        return self.head(torch.cat([features, rows[:, PIXELS:]], dim=1))


class ConvolutionalDecoder(nn.Sequential):
    """Map codes (n, inputs), labels included, to pixels (n, 784)."""

    def __init__(self, inputs: int) -> None:
        super().__init__(dense([inputs, 128, 32 * 7 * 7]), nn.ReLU(), nn.Unflatten(1, (32, 7, 7)), unfold())


class EncoderDecoder(nn.Module):
    """Hold the two halves, so that every parameter's name says where it belongs."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
