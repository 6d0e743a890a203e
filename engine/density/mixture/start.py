"""Where a mixture's means start: spread out by k-means++, at random points, or placed by hand."""

from __future__ import annotations

import numpy as np

from engine.data.frame import Frame
from engine.grid import Array
from engine.model import DataError

_TRIALS = 4  # candidates for each mean, of which the one that leaves the least squared distance is kept
_FARTHEST = 1e6  # standard deviations; no point would ever reach a mean beyond


def spread_means(points: Array, count: int, rng: np.random.Generator, placed: Array | None = None) -> Array:
    """Add to the `placed` means (m, d), by greedy k-means++, until there are `count`; return (count, d).

    A point is drawn with probability proportional to its squared distance to the nearest mean so far. The first k
    rows are themselves a start for k components.

    Source: Arthur and Vassilvitskii 2007, k-means++: the advantages of careful seeding.
    """
    means = list(placed) if placed is not None and len(placed) else [points[rng.integers(len(points))]]
    nearest = _squared_distances(np.array(means), points).min(axis=0)
    while len(means) < count:
        total = nearest.sum()
        chances = nearest / total if total > 0 else None  # None: every point already has a mean on it
        candidates = points[rng.choice(len(points), size=_TRIALS, p=chances)]
        closer = np.minimum(nearest, _squared_distances(candidates, points))
        best = closer.sum(axis=1).argmin()
        means.append(candidates[best])
        nearest = closer[best]
    return np.array(means)


def random_means(points: Array, count: int, rng: np.random.Generator) -> Array:
    """Return `count` different data points (count, d), all equally likely."""
    return points[rng.choice(len(points), size=count, replace=False)]


def placed_means(starts: tuple[tuple[float, ...], ...], frame: Frame, count: int) -> Array:
    """Return the means placed by hand in data units as standardised coordinates (m, d) with m ≤ `count`.

    Raises DataError on more means than components, on means of the wrong dimension, and on absurdly distant ones.
    """
    dimension = len(frame.centre)
    if len(starts) > count:
        raise DataError(f"{len(starts)} means are placed by hand and there are only {count} components.")
    if any(len(start) != dimension for start in starts):
        raise DataError(f"The data is {dimension}-D, so each mean placed by hand needs {dimension} numbers.")
    means = frame.inward(np.array(starts).reshape(-1, dimension))
    if (np.abs(means) > _FARTHEST).any():
        raise DataError("A mean placed by hand lies over a million standard deviations from the data.")
    return means


def _squared_distances(means: Array, points: Array) -> Array:
    """Return squared Euclidean distances (m, n) between means (m, d) and points (n, d)."""
    return sum((column[None, :] - centre[:, None]) ** 2 for column, centre in zip(points.T, means.T, strict=True))
