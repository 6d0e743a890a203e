"""Integrals over a box in one or two dimensions, by cells that are halved along each axis where they have to be.

Every cell has its own pair of nodes along an axis, u and 1 − u of its side with u drawn uniformly: the estimate is
right on average for any function and exact for linear ones, and the errors of cells are independent. Fixed nodes are
better for smooth functions, but along an edge that runs with the axes all cells then err alike, and unseen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.grid import Array, Domain

ROOT = {1: 16, 2: 8}  # cells along each axis before any is halved, by dimension
DEEPEST = 40  # times that a cell is halved for the points in it
_REST = 0.1  # of the estimated error, which may lie in cells that a round leaves as they are


@dataclass(frozen=True, eq=False)
class Cells:
    """Hold boxes by their lower corners (c, d) and their sides (c, d)."""

    low: Array
    side: Array

    def __len__(self) -> int:
        return len(self.low)

    def halved(self) -> Cells:
        """Return the 2^d halves along each axis of every cell, one cell's after the other's."""
        side = 0.5 * self.side
        corners = _corners(self.low.shape[1])
        low = self.low[:, None] + side[:, None] * corners
        return Cells(low.reshape(-1, low.shape[2]), np.repeat(side, len(corners), axis=0))

    def nodes(self, rng: np.random.Generator) -> Array:
        """Draw the nodes of every cell (c, 2^d, d): the mean there, times the volume, estimates the integral."""
        corners = _corners(self.low.shape[1])
        place = rng.uniform(size=self.low.shape)[:, None]
        return self.low[:, None] + self.side[:, None] * np.where(corners == 1, 1 - place, place)

    @property
    def volumes(self) -> Array:
        """Lengths or areas (c,)."""
        volumes: Array = self.side.prod(axis=1)
        return volumes


@dataclass(frozen=True, eq=False)
class Integral:
    """Hold the integrals `value` (m,) of m functions, their estimated errors `error` (m,), and the nodes it took."""

    value: Array
    error: Array
    evaluations: int


def cells_around(points: Array, domain: Domain, most: int = 12) -> Cells:
    """Return cells that fill a domain, halved until none holds more than `most` of the points (n, d).

    So cells are as small as the points are dense, and none is more than twice as wide as its neighbours: mass at a
    big cell's corner would hide between its nodes. Points outside the domain count for nothing.
    """
    low, high = np.asarray(domain, np.float64).T
    root = ROOT[len(low)]
    inside = (points[((points >= low) & (points < high)).all(axis=1)] - low) / (high - low) * root
    halved = []  # the cells of each level that are halved, as whole numbers along each axis
    for level in range(DEEPEST):
        occupied, number = np.unique(np.floor(inside * 2.0**level).astype(np.int64), axis=0, return_counts=True)
        halved.append(occupied[number > most])
        if not len(halved[-1]):
            break
    around = np.stack(np.meshgrid(*[[-1, 0, 1]] * len(low), indexing="ij"), axis=-1).reshape(-1, len(low))
    for level in range(len(halved) - 1, 0, -1):
        near = (halved[level][:, None] + around).reshape(-1, len(low))
        near = near[((near >= 0) & (near < root * 2**level)).all(axis=1)]
        halved[level - 1] = np.unique(np.concatenate([halved[level - 1], near // 2]), axis=0)
    side = (high - low) / root
    cells = np.stack(np.meshgrid(*[np.arange(root)] * len(low), indexing="ij"), axis=-1).reshape(-1, len(low))
    lows, sides = [], []
    for level, parents in enumerate([*halved, np.empty((0, len(low)), np.int64)]):
        whole = ~_contained(cells, parents)
        lows.append(low + side / 2**level * cells[whole])
        sides.append(np.broadcast_to(side / 2**level, lows[-1].shape))
        cells = (2 * parents[:, None] + _corners(len(low)).astype(np.int64)).reshape(-1, len(low))
    return Cells(np.concatenate(lows), np.concatenate(sides))


def integrate(
    function: Callable[[Array], Array],
    cells: Cells,
    absolute: float | Array = 5e-4,
    relative: float | Array = 1e-3,
    most: int = 20_000,
    seed: int = 0,
) -> Integral:
    """Integrate a function, points (n, d) → finite values (n, m), over cells; about `most` nodes at most.

    All cells are halved once, and then, in rounds, those in which that still changed the sums most, until the root
    of the sum of the squares of these changes is within tolerance: `absolute`, or `relative` to the value, each one
    number or m. What made the cells can't tell what it has missed, so the integrals are then taken at new nodes; the
    errors are the roots of the sums of the squares of what that changes in each cell, the scatter of both.
    """
    rng = np.random.default_rng(seed)
    branches = 2 ** cells.low.shape[1]
    evaluations = len(cells) * branches * (1 + branches)
    cells, values, shares = _refined(function, cells, _sums(function, cells, rng), rng)
    while True:
        total = values.sum(axis=0)
        error = np.sqrt(branches * np.square(shares).sum(axis=0))
        allowed = np.maximum(absolute, relative * np.abs(total))
        left = (most - evaluations - branches * len(cells)) // (2 * branches**2)  # all nodes are needed once more
        if (error <= allowed).all() or left < 1:
            final = _sums(function, cells, rng)
            evaluations += branches * len(cells)
            error = np.sqrt(np.square(final - values).sum(axis=0))
            if (error <= allowed).all() or left < len(cells) // branches:
                return Integral(final.sum(axis=0), error, evaluations)
            values, shares = final, (final - values) / np.sqrt(branches)
        score = np.square(shares / allowed)[:, error > allowed].max(axis=1)
        order = np.argsort(-score)
        needed = 1 + int(np.searchsorted(np.cumsum(score[order]), (1 - _REST) * score.sum()))
        chosen = order[: min(needed, left)]
        part = Cells(cells.low[chosen], cells.side[chosen])
        new, new_values, new_shares = _refined(function, part, values[chosen], rng)
        kept = np.ones(len(cells), bool)
        kept[chosen] = False
        cells = Cells(np.concatenate([cells.low[kept], new.low]), np.concatenate([cells.side[kept], new.side]))
        values = np.concatenate([values[kept], new_values])
        shares = np.concatenate([shares[kept], new_shares])
        evaluations += len(chosen) * branches**2


def _refined(
    function: Callable[[Array], Array], cells: Cells, values: Array, rng: np.random.Generator
) -> tuple[Cells, Array, Array]:
    """Return the halves of cells, their integrals, and an equal share each of what halving has changed in the sum."""
    halves = cells.halved()
    found = _sums(function, halves, rng)
    branches = len(halves) // len(cells)
    changed = found.reshape(len(cells), branches, -1).sum(axis=1) - values
    return halves, found, np.repeat(changed / branches, branches, axis=0)


def _sums(function: Callable[[Array], Array], cells: Cells, rng: np.random.Generator) -> Array:
    """Return estimates of the integrals (c, m) over each cell."""
    nodes = cells.nodes(rng)
    values = function(nodes.reshape(-1, nodes.shape[2])).reshape(*nodes.shape[:2], -1)
    found: Array = values.mean(axis=1) * cells.volumes[:, None]
    return found


def _corners(dimension: int) -> Array:
    """Return the corners (2^d, d) of the unit box."""
    return np.stack(np.meshgrid(*[np.array([0.0, 1.0])] * dimension, indexing="ij"), axis=-1).reshape(-1, dimension)


def _contained(rows: npt.NDArray[np.int64], among: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Tell which of `rows` (n, d), whole numbers from 0 up, are among others (k, d)."""
    width = int(max(rows.max(initial=0), among.max(initial=0))) + 1
    powers = width ** np.arange(rows.shape[1])
    return np.isin(rows @ powers, among @ powers)
