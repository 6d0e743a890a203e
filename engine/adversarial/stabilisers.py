"""What keeps a game from running away: each one small function or class, with its equation and source."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def feature_matching(discriminator: nn.Module, real: Tensor, fake: Tensor, labels: Tensor | None = None) -> Tensor:
    """Return ‖E f(x) − E f(G(z))‖², f the discriminator's last hidden layer: the generator's loss instead of its own.

    `real` and `fake` are rows (b, size); the discriminator gets no gradient. Source: Salimans et al. 2016, Improved
    techniques for training GANs.
    """
    features: Any = discriminator.features  # a method, which torch's types take for a tensor
    with torch.no_grad():
        wanted = features(real, labels).mean(dim=0)
    squares: Tensor = (wanted - features(fake, labels).mean(dim=0)).square()
    return squares.sum()


def input_gradient(discriminator: nn.Module, rows: Tensor, labels: Tensor | None = None) -> Tensor:
    """Return the gradient (b, size) of the raw output at every row, itself differentiable."""
    rows = rows.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(discriminator(rows, labels).sum(), rows, create_graph=True)
    return gradient


def gradient_penalty(discriminator: nn.Module, rows: Tensor, labels: Tensor | None = None) -> Tensor:
    """Return E[(‖∇ₓ a(x)‖ − 1)²] at rows (b, size) between real and generated ones.

    Source: Gulrajani et al. 2017, Improved training of Wasserstein GANs.
    """
    # The small number keeps the root's slope finite where the gradient vanishes.
    norm = (input_gradient(discriminator, rows, labels).square().sum(dim=1) + 1e-12).sqrt()
    return (norm - 1).square().mean()


def real_penalty(discriminator: nn.Module, rows: Tensor, labels: Tensor | None = None) -> Tensor:
    """Return R₁ = ½ E[‖∇ₓ a(x)‖²] at real rows (b, size).

    Source: Mescheder, Geiger and Nowozin 2018, Which training methods for GANs do actually converge?
    """
    return 0.5 * input_gradient(discriminator, rows, labels).square().sum(dim=1).mean()


class History:
    """Remember the mean of a player's past weights, and pull the player towards it.

    Adds ‖θ − (1/t) Σᵢ θᵢ‖² to its loss. Source: Salimans et al. 2016, Improved techniques for training GANs.
    """

    def __init__(self) -> None:
        self._mean: Tensor | None = None
        self._count = 0

    def gradient(self, weights: Tensor) -> Tensor:
        """Take the flat vector of weights in, and return the gradient 2 (θ − mean) of the term."""
        self._count += 1
        if self._mean is None:
            self._mean = weights.clone()
        self._mean += (weights - self._mean) / self._count
        return 2 * (weights - self._mean)
