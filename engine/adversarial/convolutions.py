"""The convolutional networks of the players, and an encoder, on images of 28 × 28: 7 ↔ 14 ↔ 28.

Rows are pixels (n, 784) from −1 to 1, as the dense networks of this family take and give them.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.adversarial.networks import LEAK, Discriminator
from engine.neural.examples import IMAGE
from engine.neural.layers import PIXELS

SIDE = 7  # of the smallest map


class Maps(nn.Module):
    """Read rows (n, side² · channels) as maps (n, channels, side, side).

    The channels of a pixel lie side by side in memory, which the convolutions of a CPU take in a fifth less time.
    """

    def __init__(self, channels: int, side: int) -> None:
        super().__init__()
        self.shape = (side, side, channels)

    def forward(self, rows: Tensor) -> Tensor:
        """Return maps (n, channels, side, side), a view."""
        return rows.unflatten(1, self.shape).permute(0, 3, 1, 2)


class ConvolutionalGenerator(nn.Module):
    """Map codes z (n, inputs) to rows (n, 784) by two fractionally-strided convolutions.

    A linear map to (2c, 7, 7), then (c, 14, 14), then the picture, for `channels` c; batch normalisation and ReLU
    between, tanh at the end. Labels are ignored.
    """

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__()
        wide = 2 * channels
        self.layers = nn.Sequential(
            # A bias before batch normalisation would be subtracted again.
            nn.Linear(inputs, wide * SIDE**2, bias=False),
            Maps(wide, SIDE),
            nn.BatchNorm2d(wide),
            nn.ReLU(),
            _double(wide, channels, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            _double(channels, 1),
            nn.Tanh(),
            nn.Flatten(),
        )

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return rows (n, 784)."""
        return self.layers(z)


class ConvolutionalDiscriminator(Discriminator):
    """Map rows (n, 784) to a raw output (n,) by two strided convolutions: (c, 14, 14), (2c, 7, 7), one number.

    Leaky ReLU of slope 0.2 after each; batch normalisation after the second if `normalise`; minibatch discrimination,
    as the dense discriminator has it, with a `batch_size`. Labels are ignored.
    """

    def __init__(self, channels: int, normalise: bool = False, batch_size: int = 0) -> None:
        super().__init__(2 * channels * SIDE**2, [], "leaky ReLU", batch_size=batch_size)
        self.convolutions = strided(channels, normalise)
        if batch_size:
            self.register_buffer("reference", torch.zeros(batch_size, PIXELS))

    def _hidden(self, rows: Tensor) -> Tensor:
        return self.convolutions(rows)


class ConvolutionalEncoder(nn.Module):
    """Map rows (n, 784) to the mean and the log-variance (n, latent) of a normal distribution of codes."""

    def __init__(self, channels: int, latent_size: int) -> None:
        super().__init__()
        self.layers = strided(channels, normalise=True)
        self.head = nn.Linear(2 * channels * SIDE**2, 2 * latent_size)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance."""
        mean, log_variance = self.head(self.layers(x)).chunk(2, dim=1)
        return mean, log_variance


def strided(channels: int, normalise: bool) -> nn.Sequential:
    """Return two strided convolutions from rows (n, 784) to features (n, 2c · 49)."""
    return nn.Sequential(
        Maps(1, IMAGE[0]),
        _halve(1, channels),
        nn.LeakyReLU(LEAK),
        _halve(channels, 2 * channels, bias=not normalise),
        nn.BatchNorm2d(2 * channels) if normalise else nn.Identity(),
        nn.LeakyReLU(LEAK),
        nn.Flatten(),
    )


def _halve(inputs: int, outputs: int, bias: bool = True) -> nn.Conv2d:
    """Return a strided convolution that halves a map's side."""
    return nn.Conv2d(inputs, outputs, kernel_size=4, stride=2, padding=1, bias=bias)


def _double(inputs: int, outputs: int, bias: bool = True) -> nn.ConvTranspose2d:
    """Return a fractionally-strided convolution that doubles a map's side."""
    return nn.ConvTranspose2d(inputs, outputs, kernel_size=4, stride=2, padding=1, bias=bias)
