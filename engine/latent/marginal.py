"""The density of a decoder in the plane: codes cut the prior in equal parts, and every part adds a Gaussian."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from engine.device import device
from engine.grid import Array, Grid
from engine.pictures import prior_quantiles

PARTS = {1: 4096, 2: 96}  # along each axis of a latent space of 1 or 2 dimensions
RANDOM_CODES = 8192


def marginal_on(grid: Grid, decode: Callable[[Array], Array], latent_size: int, spread: Array) -> Array:
    """Return ∫ N(x; g(z), diag spread²) N(z; 0, I) dz at every cell centre, float32 of `grid.shape`.

    `decode` maps codes (m, latent) to points (m, 2); `spread` (2,) is the decoder's standard deviation per axis.
    """
    centres = torch.as_tensor(decode(_codes(latent_size)), dtype=torch.float64).to(device())
    columns, rows = (
        gaussians(torch.as_tensor(axis).to(device()), centres[:, i], float(spread[i]))
        for i, axis in enumerate(grid.axes)
    )
    return (rows @ columns.T / len(centres)).float().cpu().numpy()  # a Gaussian with these axes is a product


def _codes(latent_size: int) -> Array:
    if latent_size not in PARTS:
        return np.random.default_rng(0).standard_normal((RANDOM_CODES, latent_size))
    parts = PARTS[latent_size]
    axis = prior_quantiles(0.5 / parts, 1 - 0.5 / parts, parts)
    return np.stack(np.meshgrid(*[axis] * latent_size), axis=-1).reshape(-1, latent_size)


def gaussians(axis: torch.Tensor, centres: torch.Tensor, scales: torch.Tensor | float) -> torch.Tensor:
    """Return N(axis; centres, scales²), (cells, m), for m centres with a scale each, or one for all."""
    squares = ((axis[:, None] - centres) / scales).square()
    return (-0.5 * squares).exp() / (scales * (2 * np.pi) ** 0.5)
