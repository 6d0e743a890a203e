"""Adaptive kernel density estimation: narrow bumps where points are dense, wide ones where they are rare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy.interpolate import RegularGridInterpolator

from engine import model
from engine.density.bandwidth import FARTHEST, choose_bandwidth, likelihood_curve, origin, require_scale
from engine.density.kernel import Bandwidth
from engine.density.kernels import KERNELS, Kernel, KernelShape, kernel_shape
from engine.density.neighbours import neighbour_distances
from engine.density.on_grid import gaussians, kernels_on_grid, patches
from engine.density.sums import log_kernel_sum
from engine.grid import Array, Grid
from engine.model import DataError, Evaluates, Metrics, Model, Samples, SelectionCurve, as_sample, check_count

FEW_POINTS = 3000  # whose pilot density is summed exactly at each point; for more it is read off a grid
PILOT_CELLS = (10_000, 400)  # along each axis, in 1-D and 2-D


class AdaptiveKernelDensity(Model, Evaluates, Samples):
    """Estimate a density by a kernel on every data point, each with a bandwidth of its own.

    p(x) = (1/n) Σᵢ K((x − xᵢ)/hᵢ) / hᵢᵈ with hᵢ = h λᵢ, and the λᵢ of geometric mean 1, so h keeps its meaning:

    - pilot: λᵢ ∝ pilot(xᵢ)^{−α}, the pilot a KernelDensity of bandwidth h (Abramson's α = 1/2; α = 0 is the KDE);
    - nearest neighbour: λᵢ ∝ the distance from xᵢ to its k-th neighbour; copies of a point take the smallest positive
      distance in the data where theirs is 0.

    After `fit`, `bandwidth` is h and `scales` (n,) the λᵢ. Cross-validation chooses h for the pilot.

    Abramson (1982), On bandwidth variation in kernel estimates: a square root law; Breiman, Meisel and Purcell
    (1977), Variable kernel estimates of multivariate densities; Silverman (1986), Density Estimation, section 5.3.
    """

    name = "Adaptive kernel density estimate"
    idea = "Make the bumps narrow where points are dense and wide where they are rare."
    equation = (
        r"p(x) = \frac{1}{n} \sum_{i=1}^n \frac{1}{h_i^d}\, K\!\left(\frac{x - x_i}{h_i}\right),"
        r"\quad h_i \propto \hat p(x_i)^{-\alpha} \text{ or } r_k(x_i)"
    )
    source = "Abramson (1982), On bandwidth variation in kernel estimates: a square root law"
    state_names = ("points", "bandwidth", "scales")

    class Hyperparameters(model.Hyperparameters):
        """Choose the bump's shape and width, and how the width varies."""

        method: Literal["pilot", "nearest-neighbour"] = Field(
            "pilot", description="What narrows a bump: a high pilot density, or near neighbours."
        )
        kernel: Literal["gaussian", "epanechnikov"] = Field(
            "gaussian", description="Shape of the bump on each data point."
        )
        bandwidth: Bandwidth = Field(
            "scott", description="Geometric mean h of the widths in data units, or the rule that sets it."
        )
        alpha: float = Field(
            0.5, ge=0, le=1, description="Pilot: power of the density that a width follows; 0 is fixed."
        )
        k: int = Field(
            10, ge=1, le=1000, description="Nearest-neighbour: which neighbour's distance a width follows."
        )

    hyperparameters: Hyperparameters
    points: Array  # (n, d)
    bandwidth: float
    scales: Array  # (n,)

    def steps(self, data: npt.ArrayLike) -> Iterator[Metrics]:
        """Choose h, then a width for each point, in one step; yields h and the extreme widths.

        Raises DataError for points a rule finds no spread in, or fewer than k + 1 of them.
        """
        self.points = self._check_data(data)
        self.bandwidth = choose_bandwidth(self.hyperparameters.bandwidth, self._kernel, self.points)
        pilot = self.hyperparameters.method == "pilot"
        log_scales = self._pilot_log_scales() if pilot else self._neighbour_log_scales()
        self.scales = np.exp(log_scales - log_scales.mean())
        narrowest, widest = self.bandwidth * self.scales.min(), self.bandwidth * self.scales.max()
        yield {"bandwidth": self.bandwidth, "narrowest": float(narrowest), "widest": float(widest)}

    def log_prob(self, x: npt.ArrayLike) -> Array:
        """Return log p(x), float32 (n,) in nats, by the exact sum; −inf beyond all bounded kernels."""
        queries = self._standardise(self._check_query(x))
        log_density = log_kernel_sum(self._kernel, queries, self._standardise(self.points), self.scales)
        return (log_density - self.points.shape[1] * np.log(self.bandwidth)).float().cpu().numpy()

    def density_on(self, grid: Grid) -> Array:
        """Return p at the cell centres, float32, by the exact sum: each point adds to the cells it reaches."""
        self._check_query([[0.0] * grid.dimension])
        if self.hyperparameters.kernel == "gaussian":
            return gaussians(self.points, self.bandwidth * self.scales, grid).cpu().numpy()
        A = self.bandwidth * np.eye(grid.dimension)
        return patches(self._kernel, self.points, self.scales, A, grid).cpu().numpy()

    def sample(self, n: int, seed: int = 0) -> Array:
        """Draw n points (n, d) float32: a data point picked at random plus noise drawn from its kernel."""
        self._check_query(np.empty((0, self.dimension or 1)))
        n, generator = check_count(n), np.random.default_rng(seed)
        chosen = generator.integers(len(self.points), size=n)
        noise = self._kernel.draw(generator, n, self.points.shape[1])
        drawn = self.points[chosen] + self.bandwidth * self.scales[chosen, None] * noise
        return as_sample(drawn, self.bandwidth * self.scales.min())

    def selection_curve(self, data: npt.ArrayLike) -> SelectionCurve:
        """Return the leave-one-out log-likelihood of `data` under the fixed-width pilot, in nats per point."""
        points = model.as_points(data)
        require_scale(points)
        return likelihood_curve(self._kernel, points)

    def kernel_shape(self) -> KernelShape:
        """Return what each data point adds to the density, for the picture shown when it is hovered."""
        d = self.points.shape[1]
        return kernel_shape(self._kernel, self.bandwidth, np.eye(d), len(self.points), self.scales)

    def _pilot_log_scales(self) -> Array:
        """Return −α log pilot(xᵢ), (n,)."""
        n, d = self.points.shape
        x = self._standardise(self.points)
        if n <= FEW_POINTS:
            return -self.hyperparameters.alpha * log_kernel_sum(self._kernel, x, x).cpu().numpy()
        domain = tuple((low - 0.1, high + 0.1) for low, high in zip(x.min(axis=0), x.max(axis=0), strict=True))
        grid = Grid.over(domain, PILOT_CELLS[d - 1])
        pilot = kernels_on_grid(self._kernel, x, 1.0, np.eye(d), grid).cpu().numpy()
        read = RegularGridInterpolator(grid.axes[::-1], pilot, bounds_error=False, fill_value=None)
        own = 1 / (n * self._kernel.volumes[d - 1])  # a point's own bump, which a coarse grid may miss
        return -self.hyperparameters.alpha * np.log(np.maximum(read(x[:, ::-1]), own))

    def _neighbour_log_scales(self) -> Array:
        """Return log r_k(xᵢ), (n,), from the k-th neighbour other than the point itself."""
        k = self.hyperparameters.k
        if len(self.points) <= k:
            raise DataError(f"Neighbour {k} needs at least {k + 1} points; there are {len(self.points)}.")
        distances = neighbour_distances(self.points, self.points, k + 1)
        if not distances.max() > 0:
            raise DataError(f"Every point lies {k + 1} times in the data, so no neighbour is apart; raise k.")
        return np.log(np.maximum(distances, distances[distances > 0].min()))

    def _standardise(self, x: Array) -> Array:
        """Return (x − m)/h, with m the median of the points."""
        return (np.clip(x, -FARTHEST, FARTHEST) - origin(self.points)) / self.bandwidth

    @property
    def _kernel(self) -> Kernel:
        return KERNELS[self.hyperparameters.kernel]
