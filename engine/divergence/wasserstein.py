"""Wasserstein-1 distances: exact on a line, by assignment or sliced in the plane; the result says which.

W₁(p, q) = min E‖X − Y‖ over all couplings of X ~ p and Y ~ q, which on a line is ∫ |F − G| between the cumulative
distribution functions. Sliced is the mean of that over projections on directions; it is never larger than W₁.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt

from engine.divergence.measures import Density, log_density_on
from engine.evaluation.wasserstein import (
    Estimate,
    between_samples,
    check_projections,
    directions_in_blocks,
    of_sorted_atoms,
)
from engine.grid import Array, Grid
from engine.model import DataError, as_points


def wasserstein_distance(
    p: Density | npt.ArrayLike,
    q: Density | npt.ArrayLike,
    grid: Grid | None = None,
    *,
    n_projections: int = 128,
    seed: int = 0,
) -> Estimate:
    """Return W₁ in data units between two samples (n, d) and (m, d) or, with `grid`, between two densities.

    1-D: exact (densities: for their masses at the cell centres). 2-D samples of one size up to 1000: exact, by the
    best assignment. Everything else in 2-D is sliced over `n_projections` equally spaced directions; those of samples
    are in eight groups, each turned by a random angle from `seed`, and the spread of the groups' means gives the
    standard error (over directions: the sampling of the points comes on top). Densities are normalised by their mass
    on the grid. Raises DataError for samples without points or of unlike dimensions, for a density without mass on
    the grid, and as `kl_divergence` does; HyperparameterError unless `n_projections` is a multiple of 8.
    (Vallender, 1974, "Calculation of the Wasserstein distance between probability distributions on the line"; Rabin,
    Peyré, Delon and Bernot, 2011, "Wasserstein barycenter and its application to texture mixing".)
    """
    check_projections(n_projections)
    if grid is not None:
        return _between_densities(cast(Density, p), cast(Density, q), grid, n_projections)
    if hasattr(p, "log_prob") or hasattr(q, "log_prob"):
        raise DataError("The Wasserstein distance between densities is summed on a grid; pass one.")
    x = as_points(cast(npt.ArrayLike, p))
    y = as_points(cast(npt.ArrayLike, q))
    return between_samples(x, y, n_projections, seed)


def _between_densities(p: Density, q: Density, grid: Grid, n_projections: int) -> Estimate:
    masses = [np.exp(log_density_on(density, grid)).ravel() for density in (p, q)]
    if not all(mass.sum() > 0 for mass in masses):
        raise DataError("A density has no mass on the grid, so there is nothing to move.")
    weights = masses[0] / masses[0].sum() - masses[1] / masses[1].sum()
    if grid.dimension == 1:
        return Estimate(float(of_sorted_atoms(grid.axes[0], weights)))
    blocks = directions_in_blocks(n_projections, weights.size, np.array([0.5]))
    distances = np.concatenate([of_sorted_atoms(*_project(grid, weights, block)) for block in blocks])
    return Estimate(float(distances.mean()), f"sliced, {n_projections} directions")


def _project(grid: Grid, weights: Array, directions: Array) -> tuple[Array, Array]:
    """Return positions (b,) along every direction, and weights (directions, b) of the cells projected to them.

    A cell's weight is shared by the two nearest positions, as near as cells are, so that its mean place is kept.
    """
    step = min(grid.spacing)
    along = directions @ grid.points.T / step
    lowest = np.floor(along.min())
    along -= lowest
    bins = int(along.max()) + 2
    index = along.astype(np.intp)
    upper = (along - index) * weights
    index += bins * np.arange(len(directions))[:, None]
    size = bins * len(directions)
    binned = np.zeros(size)
    binned += np.bincount(index.ravel(), (weights - upper).ravel(), size)
    binned += np.bincount(index.ravel() + 1, upper.ravel(), size)
    return step * (lowest + np.arange(bins)), binned.reshape(len(directions), bins)
