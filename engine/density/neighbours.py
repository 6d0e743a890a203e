"""The k-nearest-neighbour density: how far is the k-th point?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy.spatial import cKDTree

from engine import model
from engine.density.bandwidth import FARTHEST, origin, require_scale
from engine.grid import Array, Grid
from engine.model import DataError, Evaluates, Metrics, Model

FLOAT32 = np.finfo(np.float32)
BALL = (2.0, math.pi)  # length of [−1, 1], area of the unit disc


def neighbour_distances(points: Array, queries: Array, k: int) -> Array:
    """Return the distance (m,) from each query (m, d) to the k-th nearest of points (n, d), itself included."""
    middle = origin(points)
    distances, _ = cKDTree(points - middle).query(np.clip(queries, -FARTHEST, FARTHEST) - middle, k=[k])
    return distances[:, 0]


class NearestNeighbours(Model, Evaluates):
    """Estimate a density by the smallest ball around x that holds k points.

    p(x) = k / (n V_d r_k(x)ᵈ), with r_k the distance to the k-th nearest point and V_d the unit ball's volume. Far
    from the data r_k grows like |x|, so p falls like 1/|x|ᵈ and its integral diverges: this is not a density.

    At a point that lies k times in the data r_k is 0 and the formula infinite. Distances below float32's resolution
    of the data (1.2e-7 of its extent) are taken for that resolution, so the answer is large but finite.

    Loftsgaarden and Quesenberry (1965), A nonparametric estimate of a multivariate density function: there with k − 1
    in place of k. With k it is the share of points in the ball over its volume (Silverman, 1986, section 5.2).
    """

    name = "k nearest neighbours"
    idea = "Grow a ball around x until it holds k points: a small ball means a high density."
    equation = r"p(x) = \frac{k}{n\, V_d\, r_k(x)^d}"
    source = (
        "Silverman (1986), Density Estimation for Statistics and Data Analysis, section 5.2; Loftsgaarden and "
        "Quesenberry (1965), A nonparametric estimate of a multivariate density function, have k − 1 in place of k"
    )
    cannot: ClassVar = {
        "sample": "Its tails fall so slowly that the integral is infinite, and only a density can be drawn from."
    }
    state_names = ("points",)
    normalised = False

    class Hyperparameters(model.Hyperparameters):
        """Choose the number of neighbours."""

        k: int = Field(10, ge=1, le=10_000, description="Number of data points in the ball around x.")

    hyperparameters: Hyperparameters
    points: Array  # (n, d)

    def steps(self, data: npt.ArrayLike) -> Iterator[Metrics]:
        """Keep the points, in one step; yields k / n, the share of points in each ball.

        Raises DataError for fewer than k points.
        """
        points = self._check_data(data)
        require_scale(points)
        k = self.hyperparameters.k
        if len(points) < k:
            raise DataError(f"The {k} nearest of {len(points)} points do not exist; choose k up to {len(points)}.")
        self.points = points
        yield {"share of points": k / len(points)}

    def log_prob(self, x: npt.ArrayLike) -> Array:
        """Return log p(x), float32 (n,) in nats, always finite."""
        queries = self._check_query(x)
        d = self.points.shape[1]
        resolution = FLOAT32.eps * (np.ptp(self.points, axis=0).max() or np.abs(self.points).max() or 1.0)
        radius = np.maximum(neighbour_distances(self.points, queries, self.hyperparameters.k), resolution)
        log_ball = math.log(len(self.points) * BALL[d - 1]) + d * np.log(radius)
        return np.minimum(math.log(self.hyperparameters.k) - log_ball, math.log(FLOAT32.max) - 1).astype(np.float32)

    def density_on(self, grid: Grid) -> Array:
        """Return p at the cell centres, float32 of the grid's shape."""
        self._check_query([[0.0] * grid.dimension])
        return super().density_on(grid)
