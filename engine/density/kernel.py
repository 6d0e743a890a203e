"""Kernel density estimation: a smooth bump on every data point."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, field_validator

from engine import model
from engine.density.bandwidth import (
    FARTHEST,
    choose_bandwidth,
    covariance_shape,
    likelihood_curve,
    origin,
    require_scale,
    unstretch,
)
from engine.density.kernels import KERNELS, Kernel, KernelName, KernelShape, kernel_shape
from engine.density.on_grid import kernels_on_grid
from engine.density.sums import log_kernel_sum
from engine.grid import Array, Grid
from engine.model import Evaluates, Metrics, Model, Samples, SelectionCurve, as_sample, check_count

Bandwidth = Annotated[float, Field(gt=0, le=1e9)] | Literal["scott", "silverman", "cross-validation"]


class KernelDensity(Model, Evaluates, Samples):
    """Estimate a density by a kernel on every data point.

    p(x) = (1/n) Σᵢ K(H^{-1/2}(x − xᵢ)) / √det H, with K radial and H = h² I (isotropic) or, from the sample
    covariance S, H = h² S / det(S)^{1/d} (full), so that h always is a length in data units: the radius of a bounded
    kernel, the scale of the Gaussian and the exponential. After `fit`, `bandwidth` is h.

    Rosenblatt (1956), Remarks on some nonparametric estimates of a density function;
    Parzen (1962), On estimation of a probability density function and mode.
    """

    name = "Kernel density estimate"
    idea = "Put a smooth bump on every data point and average them."
    equation = r"p(x) = \frac{1}{n} \sum_{i=1}^n \frac{1}{\sqrt{\det H}}\, K\!\left(H^{-1/2} (x - x_i)\right)"
    source = "Parzen (1962), On estimation of a probability density function and mode"
    state_names = ("points", "bandwidth", "cholesky")

    class Hyperparameters(model.Hyperparameters):
        """Choose the bump's shape and width."""

        kernel: KernelName = Field("gaussian", description="Shape of the bump on each data point.")
        bandwidth: Bandwidth = Field(
            "scott", description="Width h of the bump in data units, or the rule that sets it."
        )
        covariance: Literal["isotropic", "full"] = Field(
            "isotropic", description="Round bumps, or bumps stretched like the data's covariance."
        )

        @field_validator("kernel", mode="before")
        @classmethod
        def _scikit_learn_name(cls, value: object) -> object:
            return "triangular" if value == "linear" else value

    hyperparameters: Hyperparameters
    points: Array  # (n, d)
    bandwidth: float
    cholesky: Array  # (d, d), of determinant 1: H = h² L Lᵀ

    def steps(self, data: npt.ArrayLike) -> Iterator[Metrics]:
        """Keep the points and choose the bandwidth, in one step; yields it.

        Raises DataError for points a rule finds no spread in, or on a line where the covariance is full.
        """
        self.points = self._check_data(data)
        require_scale(self.points)
        self.cholesky = covariance_shape(self.points, self.hyperparameters.covariance)
        round_points = unstretch(self.points, self.cholesky)
        self.bandwidth = choose_bandwidth(self.hyperparameters.bandwidth, self._kernel, round_points)
        yield {"bandwidth": self.bandwidth}

    def log_prob(self, x: npt.ArrayLike) -> Array:
        """Return log p(x), float32 (n,) in nats, by the exact sum; −inf beyond all bounded kernels."""
        queries = self._standardise(self._check_query(x))
        log_density = log_kernel_sum(self._kernel, queries, self._standardise(self.points))
        return (log_density - self.points.shape[1] * np.log(self.bandwidth)).float().cpu().numpy()

    def density_on(self, grid: Grid) -> Array:
        """Return p at the cell centres, float32: exact for few points, else binned (see engine.density.binning)."""
        self._check_query([[0.0] * grid.dimension])
        return kernels_on_grid(self._kernel, self.points, self.bandwidth, self.cholesky, grid).cpu().numpy()

    def sample(self, n: int, seed: int = 0) -> Array:
        """Draw n points (n, d) float32: a data point picked at random plus noise drawn from its kernel."""
        self._check_query(np.empty((0, self.dimension or 1)))
        n, generator = check_count(n), np.random.default_rng(seed)
        centres = self.points[generator.integers(len(self.points), size=n)]
        noise = self._kernel.draw(generator, n, self.points.shape[1]) @ self.cholesky.T
        return as_sample(centres + self.bandwidth * noise, self.bandwidth)

    def selection_curve(self, data: npt.ArrayLike) -> SelectionCurve:
        """Return the leave-one-out log-likelihood of `data` against the bandwidth, in nats per point."""
        points = model.as_points(data)
        require_scale(points)
        return likelihood_curve(
            self._kernel, unstretch(points, covariance_shape(points, self.hyperparameters.covariance))
        )

    def kernel_shape(self) -> KernelShape:
        """Return what each data point adds to the density, for the picture shown when it is hovered."""
        return kernel_shape(self._kernel, self.bandwidth, self.cholesky, len(self.points))

    def _standardise(self, x: Array) -> Array:
        """Return H^{-1/2} (x − m), with m the median of the points, in which every bump is K itself."""
        return unstretch(np.clip(x, -FARTHEST, FARTHEST) - origin(self.points), self.cholesky) / self.bandwidth

    @property
    def _kernel(self) -> Kernel:
        return KERNELS[self.hyperparameters.kernel]
