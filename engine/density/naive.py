"""The naive estimator: count the points in a cube around x, the histogram without an origin."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy.spatial import cKDTree

from engine import model
from engine.density.bandwidth import choose_bandwidth, likelihood_curve, origin, require_scale
from engine.density.kernels import KERNELS, KernelShape
from engine.grid import Array, Grid
from engine.model import Evaluates, Metrics, Model, Samples, SelectionCurve, as_sample, check_count

# The cube of side 1 is the ball of radius ½ in the maximum norm.
CUBE = dataclasses.replace(
    KERNELS["tophat"],
    profile=lambda r: (r <= 0.5).to(r.dtype),
    reach=0.5,
    volumes=(1.0, 1.0),
    variances=(1 / 12, 1 / 12),
)


class NaiveEstimator(Model, Evaluates, Samples):
    """Estimate a density by the share of points in a cube of side h around x, over the cube's volume.

    p(x) = (1 / n hᵈ) Σᵢ 1[‖x − xᵢ‖_∞ ≤ h/2]. After `fit`, `bandwidth` is h. Scott's rule gives the cube the standard
    deviation h/√12 of the rule's Gaussian.

    Fix and Hodges (1951), Discriminatory analysis: nonparametric discrimination; Parzen (1962), On estimation of a
    probability density function and mode.
    """

    name = "Naive estimator"
    idea = "Count the points in a window centred on x."
    equation = r"p(x) = \frac{1}{n h^d} \sum_{i=1}^n \mathbf{1}\!\left[\|x - x_i\|_\infty \le \tfrac{h}{2}\right]"
    source = "Fix and Hodges (1951), Discriminatory analysis: nonparametric discrimination"
    state_names = ("points", "bandwidth")

    class Hyperparameters(model.Hyperparameters):
        """Choose the window's side."""

        bandwidth: Annotated[float, Field(gt=0, le=1e9)] | Literal["scott", "cross-validation"] = Field(
            "scott", description="Side h of the window in data units, or the rule that sets it."
        )

    hyperparameters: Hyperparameters
    points: Array  # (n, d)
    bandwidth: float

    def steps(self, data: npt.ArrayLike) -> Iterator[Metrics]:
        """Keep the points and choose the window, in one step; yields its side.

        Raises DataError for points a rule finds no spread in.
        """
        self.points = self._check_data(data)
        self.bandwidth = choose_bandwidth(self.hyperparameters.bandwidth, CUBE, self.points, p=np.inf)
        yield {"bandwidth": self.bandwidth}

    def log_prob(self, x: npt.ArrayLike) -> Array:
        """Return log p(x), float32 (n,) in nats; −inf where the window is empty."""
        queries = self._check_query(x)
        middle = origin(self.points)
        tree = cKDTree(self.points - middle)
        counts = tree.query_ball_point(queries - middle, self.bandwidth / 2, p=np.inf, return_length=True)
        with np.errstate(divide="ignore"):
            log_density = np.log(counts) - np.log(len(self.points)) - self.points.shape[1] * np.log(self.bandwidth)
        return log_density.astype(np.float32)

    def density_on(self, grid: Grid) -> Array:
        """Return p at the cell centres, float32, exactly: n points cost O(n), whatever the window.

        Every point adds 1 to a rectangle of cells; marking its corners in a difference array and summing along the
        axes adds all rectangles at once.
        """
        self._check_query([[0.0] * grid.dimension])
        half = self.bandwidth / 2
        shape = tuple(cells + 1 for cells in grid.cells)
        corners = [
            (np.searchsorted(axis, x - half, side="left"), np.searchsorted(axis, x + half, side="right"))
            for axis, x in zip(grid.axes, self.points.T, strict=True)
        ]
        marks = np.zeros(np.prod(shape))
        for sides in np.ndindex(*(2,) * grid.dimension):
            index = np.ravel_multi_index([corner[side] for corner, side in zip(corners, sides, strict=True)], shape)
            marks += (-1) ** sum(sides) * np.bincount(index, minlength=len(marks))
        counts = marks.reshape(shape)
        for axis in range(grid.dimension):
            counts = counts.cumsum(axis=axis)
        counts = counts[(slice(None, -1),) * grid.dimension].T
        return (counts / (len(self.points) * self.bandwidth**grid.dimension)).astype(np.float32)

    def sample(self, n: int, seed: int = 0) -> Array:
        """Draw n points (n, d) float32: uniform in the window around a data point picked at random."""
        self._check_query(np.empty((0, self.dimension or 1)))
        n, generator = check_count(n), np.random.default_rng(seed)
        centres = self.points[generator.integers(len(self.points), size=n)]
        return as_sample(centres + self.bandwidth * generator.uniform(-0.5, 0.5, centres.shape), self.bandwidth)

    def selection_curve(self, data: npt.ArrayLike) -> SelectionCurve:
        """Return the leave-one-out log-likelihood of `data` against the window's side, in nats per point."""
        points = model.as_points(data)
        require_scale(points)
        return likelihood_curve(CUBE, points, p=np.inf)

    def kernel_shape(self) -> KernelShape:
        """Return the window of each data point, for the picture shown when it is hovered."""
        if self.points.shape[1] == 1:
            offsets, heights = np.array([[-1.0], [-1.0], [1.0], [1.0]]), np.array([0.0, 1.0, 1.0, 0.0])
            return KernelShape(
                offsets * self.bandwidth / 2, heights / (len(self.points) * self.bandwidth), np.ones(1)
            )
        square = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0]])
        return KernelShape(square * self.bandwidth / 2, None, np.ones(1))
