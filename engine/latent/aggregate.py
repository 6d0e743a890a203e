"""The aggregate posterior: where a VAE's codes lie when all the data is encoded, against the prior it should fill."""

from __future__ import annotations

import numpy as np
import torch

from engine.device import device
from engine.grid import Array, Grid
from engine.latent.marginal import gaussians
from engine.model import DataError
from engine.neural.likelihoods import LOG_2PI

CELLS = {1: 4096, 2: 512}  # of the quadrature, along each axis of a latent space of 1 or 2 dimensions
WIDTHS = 6.0  # standard deviations beyond the outermost posteriors that it covers


def aggregate_posterior_on(grid: Grid, means: Array, deviations: Array) -> Array:
    """Return q(z) = (1/n) Σ_i N(z; μ_i, diag σ_i²) at every cell centre, float64 of `grid.shape`.

    `means` and `deviations` (n, d) are those of q(z|x_i). In closed form: q(z) is a mixture of Gaussians.
    Source: Makhzani, Shlens, Jaitly, Goodfellow and Frey 2016, Adversarial autoencoders.
    """
    if not means.shape[1] == grid.dimension == deviations.shape[1]:
        raise DataError(f"A grid of {grid.dimension} dimensions can't show {means.shape[1]} latent ones.")
    centres, scales = (torch.as_tensor(part, dtype=torch.float64).to(device()) for part in (means, deviations))
    factors = [
        gaussians(torch.as_tensor(axis).to(device()), centres[:, i], scales[:, i]) for i, axis in enumerate(grid.axes)
    ]
    # Diagonal covariances: each part is a product of one Gaussian an axis, and the sum over parts a matrix product.
    density = factors[0].mean(dim=1) if len(factors) == 1 else factors[1] @ factors[0].T / len(centres)
    return density.cpu().numpy()


def prior_divergence(means: Array, deviations: Array) -> tuple[float, float]:
    """Return KL(q(z) ‖ p(z)) in nats, by quadrature, of the aggregate posterior from N(0, I), and its error.

    The mean of KL(q(z|x_i) ‖ p(z)) is this plus the mutual information of i and z, so it is never less (Hoffman and
    Johnson 2016, ELBO surgery). The error is what halving the number of cells changes, and the mass that is missing:
    it grows where posteriors are narrower than a cell. Raises DataError above two latent dimensions.
    """
    size = means.shape[1]
    if size not in CELLS:
        raise DataError(f"The aggregate posterior is integrated in one or two dimensions, not in {size}.")
    low, high = ((means + sign * WIDTHS * deviations) for sign in (-1, 1))
    domain = tuple(zip(low.min(axis=0).tolist(), high.max(axis=0).tolist(), strict=True))
    fine, coarse = (
        _divergence(Grid.over(domain, cells), means, deviations) for cells in (CELLS[size], CELLS[size] // 2)
    )
    return fine[0], abs(fine[0] - coarse[0]) + abs(1 - fine[1])


def _divergence(grid: Grid, means: Array, deviations: Array) -> tuple[float, float]:
    """Return ∫ q log (q / p), and ∫ q, over the grid."""
    density = aggregate_posterior_on(grid, means, deviations)
    log_prior = -0.5 * (grid.points**2 + LOG_2PI).sum(axis=1).reshape(grid.shape)
    log_density = np.log(np.maximum(density, np.finfo(float).tiny))
    return grid.integrate(density * (log_density - log_prior)), grid.integrate(density)
