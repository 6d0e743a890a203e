"""Wasserstein-1 distances: exact on a line, by assignment or sliced in the plane; the result says which.

W₁(p, q) = min E‖X − Y‖ over all couplings of X ~ p and Y ~ q, which on a line is ∫ |F − G| between the cumulative
distribution functions. Sliced is the mean of that over projections on directions; it is never larger than W₁.
"""

from __future__ import annotations

from typing import Self, cast

import numpy as np
import numpy.typing as npt

from engine.divergence.measures import Density, log_density_on
from engine.grid import Array, Grid
from engine.model import DataError, HyperparameterError, as_points

MOST_ASSIGNED = 1000  # points a side: assignment takes cubic time
GROUPS = 8  # of directions, each turned at random, whose spread gives the standard error
ATOMS_AT_ONCE = 1 << 18  # projected points or cells, 2 MB


class Estimate(float):
    """Be a number that says how it was found.

    `method` is a few words for a label; `standard_error` is None where there is none or it would not be honest.
    """

    method: str
    standard_error: float | None

    def __new__(cls, value: float, method: str = "exact", standard_error: float | None = None) -> Self:
        """Make the number and remember where it came from."""
        made = super().__new__(cls, value)
        made.method, made.standard_error = method, standard_error
        return made


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
    if n_projections < GROUPS or n_projections % GROUPS:
        reason = f"The number of projections must be a multiple of {GROUPS}; it was {n_projections}."
        raise HyperparameterError({"n_projections": reason})
    if grid is not None:
        return _between_densities(cast(Density, p), cast(Density, q), grid, n_projections)
    if hasattr(p, "log_prob") or hasattr(q, "log_prob"):
        raise DataError("The Wasserstein distance between densities is summed on a grid; pass one.")
    x = as_points(cast(npt.ArrayLike, p))
    y = as_points(cast(npt.ArrayLike, q))
    return _between_samples(x, y, n_projections, seed)


def _between_samples(x: Array, y: Array, n_projections: int, seed: int) -> Estimate:
    if not (len(x) and len(y)):
        raise DataError("One of the two samples has no points.")
    if x.shape[1] != y.shape[1]:
        raise DataError(f"One sample is {x.shape[1]}-D and the other {y.shape[1]}-D.")
    weights = np.concatenate([np.full(len(x), 1 / len(x)), np.full(len(y), -1 / len(y))])
    atoms = np.concatenate([x, y])
    if x.shape[1] == 1:
        return Estimate(float(_on_lines(atoms.T, weights)[0]))
    if len(x) == len(y) <= MOST_ASSIGNED:
        return Estimate(_assignment(x, y), "assignment")
    turns = np.random.default_rng(seed).uniform(size=GROUPS)
    distances = np.concatenate(
        [_on_lines(block @ atoms.T, weights) for block in _blocks(n_projections, len(atoms), turns)]
    )
    means = distances.reshape(GROUPS, -1).mean(axis=1)
    error = float(means.std(ddof=1) / np.sqrt(GROUPS))
    return Estimate(float(means.mean()), f"sliced, {n_projections} directions", error)


def _blocks(n_projections: int, atoms: int, turns: Array) -> list[Array]:
    """Return unit vectors (n_projections, 2) in blocks that, times as many atoms, stay in the cache.

    There are as many groups as `turns` (groups,), which say by what part of the space between two a group is turned.
    Half a circle is enough: a direction and its opposite project alike.
    """
    each = n_projections // len(turns)
    angles = (np.pi / each * (turns[:, None] + np.arange(each))).ravel()
    directions = np.column_stack([np.cos(angles), np.sin(angles)])
    return np.array_split(directions, min(n_projections, -(-n_projections * atoms // ATOMS_AT_ONCE)))


def _assignment(x: Array, y: Array) -> float:
    """Return the mean distance of the pairing of x (n, d) with y (n, d) for which it is least."""
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    costs = cdist(x, y)
    return float(costs[linear_sum_assignment(costs)].mean())


def _between_densities(p: Density, q: Density, grid: Grid, n_projections: int) -> Estimate:
    masses = [np.exp(log_density_on(density, grid)).ravel() for density in (p, q)]
    if not all(mass.sum() > 0 for mass in masses):
        raise DataError("A density has no mass on the grid, so there is nothing to move.")
    weights = masses[0] / masses[0].sum() - masses[1] / masses[1].sum()
    if grid.dimension == 1:
        return Estimate(float(_sorted(grid.axes[0], weights)))
    blocks = _blocks(n_projections, weights.size, np.array([0.5]))
    distances = np.concatenate([_sorted(*_project(grid, weights, block)) for block in blocks])
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


def _on_lines(positions: Array, weights: Array) -> Array:
    """Return W₁ (lines,) of atoms at `positions` (lines, n) with `weights` (n,), those of p less those of q."""
    order = np.argsort(positions, axis=1)
    return _sorted(np.take_along_axis(positions, order, axis=1), weights[order])


def _sorted(positions: Array, weights: Array) -> Array:
    """Return ∫ |F − G| (…,) of atoms at rising positions (…, n) with signed weights (…, n) that sum to 0."""
    return np.sum(np.abs(np.cumsum(weights, axis=-1)[..., :-1]) * np.diff(positions), axis=-1)
