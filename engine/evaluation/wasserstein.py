"""Wasserstein distances between samples: exact on a line, by assignment or sliced in the plane, as the result says.

See `engine.divergence.wasserstein` for what they are, and for those between densities.
"""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt

from engine.grid import Array
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


def check_projections(n_projections: int) -> None:
    """Raise HyperparameterError unless the number of directions is a multiple of that of the groups."""
    if n_projections < GROUPS or n_projections % GROUPS:
        reason = f"The number of projections must be a multiple of {GROUPS}; it was {n_projections}."
        raise HyperparameterError({"n_projections": reason})


def between_samples(x: Array, y: Array, n_projections: int = 128, seed: int = 0) -> Estimate:
    """Return W₁ in data units between two samples (n, d) and (m, d); see `engine.divergence.wasserstein_distance`."""
    check_projections(n_projections)
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
        [_on_lines(block @ atoms.T, weights) for block in directions_in_blocks(n_projections, len(atoms), turns)]
    )
    means = distances.reshape(GROUPS, -1).mean(axis=1)
    error = float(means.std(ddof=1) / np.sqrt(GROUPS))
    return Estimate(float(means.mean()), f"sliced, {n_projections} directions", error)


def directions_in_blocks(n_projections: int, atoms: int, turns: Array) -> list[Array]:
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


def _on_lines(positions: Array, weights: Array) -> Array:
    """Return W₁ (lines,) of atoms at `positions` (lines, n) with `weights` (n,), those of p less those of q."""
    order = np.argsort(positions, axis=1)
    return of_sorted_atoms(np.take_along_axis(positions, order, axis=1), weights[order])


def of_sorted_atoms(positions: Array, weights: Array) -> Array:
    """Return ∫ |F − G| (…,) of atoms at rising positions (…, n) with signed weights (…, n) that sum to 0."""
    return np.sum(np.abs(np.cumsum(weights, axis=-1)[..., :-1]) * np.diff(positions), axis=-1)


def squared_frechet_distance(mean_p: Array, covariance_p: Array, mean_q: Array, covariance_q: Array) -> float:
    """Return W₂² = ‖δ‖² + tr Σ_p + tr Σ_q − 2 Σ √λ, λ the eigenvalues of Σ_p Σ_q, in squared data units.

    Means are (d,), covariances (d, d), which may be singular. Raises DataError where dimensions differ. (Dowson and
    Landau, 1982, "The Fréchet distance between multivariate normal distributions".)
    """
    if mean_p.shape != mean_q.shape:
        raise DataError(f"One of the two is {mean_p.size}-D and the other {mean_q.size}-D.")
    # S Σ_q S with S = √Σ_p has the eigenvalues of Σ_p Σ_q, and being symmetric has them real.
    values, vectors = np.linalg.eigh(covariance_p)
    root = (vectors * np.sqrt(values.clip(min=0))) @ vectors.T
    eigenvalues = np.linalg.eigvalsh(root @ covariance_q @ root).clip(min=0)
    spread = np.trace(covariance_p) + np.trace(covariance_q) - 2 * np.sqrt(eigenvalues).sum()
    # By rounding the difference of traces can fall below 0.
    return max(float(spread), 0.0) + float(np.sum((mean_q - mean_p) ** 2))


def moments_of_sample(x: npt.ArrayLike) -> tuple[Array, Array]:
    """Return mean (d,) and unbiased covariance (d, d) of a sample (n, d); DataError for fewer than two points."""
    points = as_points(x)
    if len(points) < 2:
        raise DataError(f"A covariance needs at least two points; there are {len(points)}.")
    return points.mean(axis=0), np.atleast_2d(np.cov(points, rowvar=False))
