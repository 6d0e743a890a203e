"""The dense networks of the two players."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from engine.adversarial.layers import MinibatchDiscrimination, VirtualBatchNorm
from engine.neural.model import append

LEAK = 0.2
ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "ReLU": nn.ReLU,
    "leaky ReLU": lambda: nn.LeakyReLU(LEAK),
    "tanh": nn.Tanh,
}


class Critic(nn.Module):
    """Map rows x (n, size), and labels (n, n_classes) where it is told them, to a raw output (n,), in two halves."""

    def features(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return the last hidden layer (n, width)."""
        raise NotImplementedError

    def read(self, features: Tensor) -> Tensor:
        """Return the raw output (n,) of the last hidden layer (n, width)."""
        raise NotImplementedError

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return the raw output (n,), from −∞ to ∞, whatever the objective makes of it."""
        return self.read(self.features(x, labels))


class Discriminator(Critic):
    """A dense critic, with spectral normalisation if it is `spectral`.

    With minibatch discrimination (`batch_size` rows in a batch) it compares the rows of a batch while training, and
    every row with the last real batch it was told to `remember` when asked afterwards: then an answer does not hang
    on what else is asked.
    """

    def __init__(
        self, inputs: int, layers: Sequence[int], activation: str, spectral: bool = False, batch_size: int = 0
    ) -> None:
        super().__init__()
        normalised: Callable[[nn.Module], nn.Module] = spectral_norm if spectral else lambda layer: layer
        sizes = [inputs, *layers]
        self.layers = nn.ModuleList(normalised(nn.Linear(*pair)) for pair in pairwise(sizes))
        self.activation = ACTIVATIONS[activation]()
        self.alike = MinibatchDiscrimination(sizes[-1]) if batch_size else None
        self.head = normalised(nn.Linear(sizes[-1] + (self.alike.outputs if self.alike else 0), 1))
        if batch_size:
            self.register_buffer("reference", torch.zeros(batch_size, inputs))

    def features(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return the last hidden layer (n, width)."""
        return self._hidden(append(x, labels))

    def read(self, features: Tensor) -> Tensor:
        """Return the raw output (n,) of the last hidden layer (n, width)."""
        if self.alike is not None:
            others = None if self.training else self._hidden(self.get_buffer("reference"))
            features = torch.cat([features, self.alike(features, others)], dim=1)
        raw: Tensor = self.head(features)
        return raw.squeeze(1)

    def remember(self, x: Tensor, labels: Tensor | None = None) -> None:
        """Keep a real batch to compare with, if this discriminator compares."""
        if self.alike is not None:
            self.get_buffer("reference").copy_(append(x, labels))

    def _hidden(self, rows: Tensor) -> Tensor:
        for layer in self.layers:
            rows = self.activation(layer(rows))
        return rows


class Generator(nn.Module):
    """Map noise z (n, noise_size), and labels where it is told them, to rows (n, size).

    Pixels end in tanh, from −1 to 1; points in no activation. Batch normalisation takes the statistics of the batch
    while training, and their running means else; virtual batch normalisation, given a `reference` of input rows,
    those of the reference and of the row itself.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str,
        bounded: bool,
        normalise: bool = False,
        reference: Tensor | None = None,
    ) -> None:
        super().__init__()
        *layers, outputs = sizes[1:]
        self.layers = nn.ModuleList(nn.Linear(*pair) for pair in pairwise(sizes[:-1]))
        norm: Callable[[int], nn.Module] = nn.BatchNorm1d if normalise else lambda width: nn.Identity()
        if reference is not None:
            norm = VirtualBatchNorm
        self.norms = nn.ModuleList(norm(width) for width in layers)
        self.activation = ACTIVATIONS[activation]()
        self.activation_name = activation
        self.head = nn.Linear(sizes[-2], outputs)
        self.bounded = bounded
        self.register_buffer("reference", reference)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return rows (n, size)."""
        rows = append(z, labels)
        if self.reference is not None:
            rows = torch.cat([self.get_buffer("reference"), rows])
        for layer, norm in zip(self.layers, self.norms, strict=True):
            hidden = layer(rows)
            rows = self.activation(norm(hidden, len(hidden) - len(z)) if self.reference is not None else norm(hidden))
        rows = self.head(rows[len(rows) - len(z) :])
        return torch.tanh(rows) if self.bounded else rows
