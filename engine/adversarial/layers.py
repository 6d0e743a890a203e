"""Layers that stabilise a game: minibatch discrimination and virtual batch normalisation."""

from __future__ import annotations

import torch
from torch import Tensor, nn

KERNELS, KERNEL_SIZE = 8, 4  # outputs of minibatch discrimination, and numbers compared for each
SMALL = 1e-5  # added to a variance


class MinibatchDiscrimination(nn.Module):
    """Tell how alike each row is to the other rows of its batch, in a few learnt ways.

    With M = f T, reshaped to (n, kernels, kernel size), o_ib = Σ_{j ≠ i} exp(−‖M_ib − M_jb‖₁): n − 1 for n identical
    rows. Source: Salimans et al. 2016, Improved techniques for training GANs.
    """

    outputs = KERNELS

    def __init__(self, width: int) -> None:
        super().__init__()
        self.tensor = nn.Parameter(torch.randn(width, KERNELS * KERNEL_SIZE) / width**0.5)

    def forward(self, features: Tensor, others: Tensor | None = None) -> Tensor:
        """Return likeness (n, kernels) of features (n, width) to each other, or to `others` (m, width).

        The sum over m others is scaled to m − 1 of them, as a row of their own batch would have.
        """
        mine = self._kernels(features)
        if others is None:
            return _likeness(mine, mine) - 1
        return _likeness(mine, self._kernels(others)) * ((len(others) - 1) / len(others))

    def _kernels(self, features: Tensor) -> Tensor:
        return (features @ self.tensor).view(-1, KERNELS, KERNEL_SIZE)


def _likeness(mine: Tensor, others: Tensor) -> Tensor:
    """Return Σ_j exp(−‖M_ib − M_jb‖₁) (n, kernels)."""
    # Not by torch.cdist, which has no second derivative, as gradient penalties need it.
    distances = (mine[:, None] - others[None]).abs().sum(dim=3)  # (n, m, kernels)
    return torch.exp(-distances).sum(dim=1)


class VirtualBatchNorm(nn.Module):
    """Normalise each row by the mean and variance of a reference batch together with that row alone.

    Rows of one batch then do not depend on each other. Source: Salimans et al. 2016, Improved techniques for training
    GANs.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, rows: Tensor, n_reference: int) -> Tensor:
        """Normalise rows (n_reference + n, width), of which the first are the reference, by which it counts alone."""
        reference = rows[:n_reference]
        mean, square = reference.mean(dim=0), reference.square().mean(dim=0)
        share = 1 / (n_reference + 1)
        own = torch.lerp(mean.expand_as(rows[n_reference:]), rows[n_reference:], share)
        own_square = torch.lerp(square.expand_as(own), rows[n_reference:].square(), share)
        means = torch.cat([mean.expand_as(reference), own])
        squares = torch.cat([square.expand_as(reference), own_square])
        return (rows - means) / (squares - means.square() + SMALL).sqrt() * self.weight + self.bias
