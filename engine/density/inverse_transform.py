"""Inverse-transform sampling: uniform numbers pushed backwards through the CDF of a density on a grid."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.grid import Array, Grid
from engine.model import DataError, as_points, as_sample, check_count

_BELOW_ONE = np.nextafter(1.0, 0.0)


class GridSampler:
    """Draw from a density known on a grid, taken as constant within each cell.

    In 1-D x = F⁻¹(u). In 2-D first x₁ = F₁⁻¹(u₁) from the marginal, then x₂ = F₂⁻¹(u₂ | x₁) from the conditional in
    the column of cells above x₁. Both CDFs are linear between the cells' edges, so the inverse is exact.

    `mass` is the integral of the density before it was normalised: 1 − mass of a normalised one lies off the grid.
    `edges` are the cells' edges along each dimension, `marginal_cdf` (cells_x + 1,) is F₁ at the first of them.

    Source: Devroye 1986, Non-Uniform Random Variate Generation, chapters II and XI; Rosenblatt 1952, Remarks on a
    multivariate transformation.
    """

    def __init__(self, density: Array, grid: Grid) -> None:
        """Take `density` (`grid.shape`), not necessarily normalised.

        Raises DataError if it has another shape, is negative, NaN or infinite somewhere, or 0 everywhere.
        """
        values = np.asarray(density, dtype=np.float64)
        if values.shape != grid.shape:
            raise DataError(f"The density has shape {values.shape} and its grid {grid.shape}.")
        if not np.isfinite(values).all() or (values < 0).any():
            raise DataError("A density to draw from must be a finite number ≥ 0 in every cell.")
        if not values.any():
            raise DataError("The density is 0 on the whole grid, so there is nothing to draw.")
        self.grid = grid
        self.mass = grid.integrate(values)
        self.edges = tuple(
            np.linspace(low, high, cells + 1) for (low, high), cells in zip(grid.domain, grid.cells, strict=True)
        )
        columns = (values / values.max()).reshape(-1, grid.cells[0]).T  # (cells_x, cells_y), or (cells, 1) in 1-D
        self.marginal_cdf = _cumulative(columns.sum(axis=1)[None])[0]
        self._conditional_cdfs = _cumulative(columns)  # (cells_x, cells_y + 1)

    def inverse(self, u: npt.ArrayLike) -> Array:
        """Return where the CDFs reach `u`: both (n,) in 1-D and (n, 2) in 2-D; DataError unless 0 ≤ u ≤ 1."""
        uniform = as_points(u, self.grid.dimension)
        if ((uniform < 0) | (uniform > 1)).any():
            raise DataError("The numbers to invert a CDF at lie between 0 and 1.")
        column, first = self._invert(self.marginal_cdf[None], np.zeros(len(uniform), dtype=int), uniform[:, 0], 0)
        if self.grid.dimension == 1:
            return first
        _, second = self._invert(self._conditional_cdfs, column, uniform[:, 1], 1)
        return np.column_stack([first, second])

    def cdf(self, x: npt.ArrayLike) -> Array:
        """Return F(x) (n,) of x (n,) in 1-D, (F₁(x₁), F₂(x₂ | x₁)) (n, 2) of x (n, 2) in 2-D.

        It undoes `inverse` wherever the density is positive. Off the grid F is 0 or 1, and the conditional is that of
        the nearest column; in an empty column it is 0.
        """
        points = as_points(x, self.grid.dimension)
        column, u_first = self._evaluate(self.marginal_cdf[None], np.zeros(len(points), dtype=int), points[:, 0], 0)
        if self.grid.dimension == 1:
            return u_first
        _, u_second = self._evaluate(self._conditional_cdfs, column, points[:, 1], 1)
        return np.column_stack([u_first, u_second])

    def conditional_cdf(self, x: float) -> Array:
        """Return F₂(· | x₁ = x) (cells_y + 1,) at `edges[1]`, for drawing.

        Raises DataError in 1-D, off the grid, and where the density is 0 on the whole column above x.
        """
        if self.grid.dimension == 1:
            raise DataError("A density in one dimension has no conditional.")
        low, high = self.grid.domain[0]
        if not low <= x <= high:
            raise DataError(f"{x:g} lies off the grid, which reaches from {low:g} to {high:g}.")
        cdf = self._conditional_cdfs[self._cell(np.array([x]), 0)[0]]
        if not cdf.any():
            raise DataError(f"The density is 0 everywhere above {x:g}, so nothing can follow it.")
        return cdf

    def sample(self, n: int, seed: int = 0) -> Array:
        """Draw n points (n, d) float32 from seeded uniform numbers."""
        n = check_count(n)
        uniform = np.random.default_rng(seed).random((n, self.grid.dimension))
        width = [0.02 * (high - low) for low, high in self.grid.domain]
        return as_sample(self.inverse(uniform).reshape(n, self.grid.dimension), width)

    def _cell(self, values: Array, axis: int) -> npt.NDArray[np.intp]:
        """Return the cells (n,) that hold `values` (n,) along `axis`, the outermost ones for values off the grid."""
        return np.clip(np.searchsorted(self.edges[axis], values, side="right") - 1, 0, self.grid.cells[axis] - 1)

    def _invert(
        self, cdfs: Array, rows: npt.NDArray[np.intp], u: Array, axis: int
    ) -> tuple[npt.NDArray[np.intp], Array]:
        """Return the cell in which row `rows` (n,) of `cdfs` (r, m + 1) passes u (n,), and where in data units."""
        u = np.minimum(u, _BELOW_ONE)  # keep u = 1 within the last cell that has mass
        cell = _search(cdfs, rows, u)
        low, high = cdfs[rows, cell], cdfs[rows, cell + 1]
        left, right = self.edges[axis][cell], self.edges[axis][cell + 1]
        return cell, left + (right - left) * ((u - low) / (high - low))

    def _evaluate(
        self, cdfs: Array, rows: npt.NDArray[np.intp], x: Array, axis: int
    ) -> tuple[npt.NDArray[np.intp], Array]:
        """Return the cell of each x (n,) along `axis`, and row `rows` (n,) of `cdfs` (r, m + 1) at it."""
        cell = self._cell(x, axis)
        left, right = self.edges[axis][cell], self.edges[axis][cell + 1]
        fraction = np.clip((x - left) / (right - left), 0, 1)
        low, high = cdfs[rows, cell], cdfs[rows, cell + 1]
        return cell, low + (high - low) * fraction


def _cumulative(masses: Array) -> Array:
    """Return the CDF (r, m + 1) of each row of `masses` (r, m), exactly 1 from its last mass on, 0 if it is empty."""
    sums = np.cumsum(masses, axis=1)
    totals = sums[:, -1:]
    cdfs = np.divide(sums, totals, out=np.zeros_like(sums), where=totals > 0)
    return np.pad(cdfs, ((0, 0), (1, 0)))


def _search(cdfs: Array, rows: npt.NDArray[np.intp], u: Array) -> npt.NDArray[np.intp]:
    """Return the cell (n,) with cdfs[rows, cell] ≤ u < cdfs[rows, cell + 1], by bisection of all n rows at once.

    A cell without mass is never returned, as its two ends are equal.
    """
    low = np.zeros(len(u), dtype=np.intp)
    high = np.full(len(u), cdfs.shape[1] - 1, dtype=np.intp)
    for _ in range(int(np.ceil(np.log2(cdfs.shape[1])))):
        middle = (low + high) // 2
        right = cdfs[rows, middle] <= u
        low, high = np.where(right, middle, low), np.where(right, high, middle)
    return low
