"""The convolutional networks of the players, and an encoder, on images of 28 × 28: 7 ↔ 14 ↔ 28.

Rows are pixels (n, 784) from −1 to 1, as the dense networks of this family take and give them.
"""

from __future__ import annotations

from torch import Tensor, nn

from engine.latent.examples import IMAGE

LEAK = 0.2
SIDE = 7  # of the smallest map
STRIDED = {"kernel_size": 4, "stride": 2, "padding": 1}  # halves a map's side, or doubles it when transposed


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
            nn.Unflatten(1, (wide, SIDE, SIDE)),
            nn.BatchNorm2d(wide),
            nn.ReLU(),
            nn.ConvTranspose2d(wide, channels, **STRIDED, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.ConvTranspose2d(channels, 1, **STRIDED),
            nn.Tanh(),
            nn.Flatten(),
        )

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return rows (n, 784)."""
        return self.layers(z)


class ConvolutionalDiscriminator(nn.Module):
    """Map rows (n, 784) to a raw output (n,) by two strided convolutions: (c, 14, 14), (2c, 7, 7), one number.

    Leaky ReLU of slope 0.2 after each; batch normalisation after the second if `normalise`. Labels are ignored.
    """

    def __init__(self, channels: int, normalise: bool) -> None:
        super().__init__()
        self.layers = strided(channels, normalise)
        self.head = nn.Linear(2 * channels * SIDE**2, 1)

    def features(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return the last hidden layer, flat, (n, 2c · 49)."""
        return self.layers(x)

    def read(self, features: Tensor) -> Tensor:
        """Return the raw output (n,) of the last hidden layer."""
        return self.head(features).squeeze(1)

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return the raw output (n,)."""
        return self.read(self.features(x))


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
        nn.Unflatten(1, (1, *IMAGE)),
        nn.Conv2d(1, channels, **STRIDED),
        nn.LeakyReLU(LEAK),
        nn.Conv2d(channels, 2 * channels, **STRIDED, bias=not normalise),
        nn.BatchNorm2d(2 * channels) if normalise else nn.Identity(),
        nn.LeakyReLU(LEAK),
        nn.Flatten(),
    )
