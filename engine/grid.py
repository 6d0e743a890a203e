"""A regular grid of cells over one or two dimensions: where densities are drawn and integrals are summed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]
Domain = tuple[tuple[float, float], ...]  # (low, high) for each dimension


@dataclass(frozen=True)
class Grid:
    """Describe equally spaced cells over a box.

    `domain` gives (low, high) for each of one or two dimensions, `cells` the number of cells along each.
    Arrays of values on the grid have shape (cells,) in 1-D and (cells_y, cells_x) in 2-D: rows run along y, as
    pictures and Plotly heat maps do.
    """

    domain: Domain
    cells: tuple[int, ...]

    @classmethod
    def over(cls, domain: Domain, cells: int) -> Grid:
        """Make a grid with the same number of cells along every dimension of `domain`."""
        return cls(tuple((float(low), float(high)) for low, high in domain), (cells,) * len(domain))

    @property
    def dimension(self) -> int:
        """Number of dimensions, 1 or 2."""
        return len(self.domain)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of an array of values on the grid: (cells,) or (cells_y, cells_x)."""
        return tuple(reversed(self.cells))

    @cached_property
    def spacing(self) -> tuple[float, ...]:
        """Side length of a cell along each dimension, in data units."""
        return tuple((high - low) / n for (low, high), n in zip(self.domain, self.cells, strict=True))

    @property
    def cell_volume(self) -> float:
        """Length (1-D) or area (2-D) of one cell."""
        return float(np.prod(self.spacing))

    @cached_property
    def axes(self) -> tuple[Array, ...]:
        """Cell centres along each dimension, float64."""
        return tuple(
            low + step * (np.arange(n) + 0.5)
            for (low, _), n, step in zip(self.domain, self.cells, self.spacing, strict=True)
        )

    @cached_property
    def points(self) -> Array:
        """All cell centres, (cells, 1) or (cells_x * cells_y, 2), in the order of `reshape(self.shape)`."""
        if self.dimension == 1:
            return self.axes[0][:, None]
        x, y = np.meshgrid(*self.axes)
        return np.column_stack([x.ravel(), y.ravel()])

    def integrate(self, values: Array) -> float:
        """Sum `values` (any array on the grid) times the cell volume: the midpoint rule."""
        return float(np.sum(values, dtype=np.float64) * self.cell_volume)
