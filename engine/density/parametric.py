"""Parametric maximum likelihood: the member of a family under which the data is most likely."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from engine import model
from engine.data.frame import check_magnitude
from engine.density.parametric_families import Exponential, Family, Gaussian, Laplace, Normal, Uniform
from engine.grid import Array
from engine.model import DataError, Evaluates, Metrics, Model, Samples, as_sample, check_count

_FAMILIES: dict[tuple[str, int], Family] = {
    ("gaussian", 1): Normal(),
    ("gaussian", 2): Gaussian(),
    ("exponential", 1): Exponential(),
    ("laplace", 1): Laplace(),
    ("uniform", 1): Uniform(),
}


@dataclass(frozen=True)
class LikelihoodSurface:
    """Hold the mean log-likelihood of data, in nats per point, over one or two parameters.

    `names` and `axes` (cells,) describe the parameters; `log_likelihood` is (cells,), or (cells, cells) with rows
    along the second parameter, −inf where a parameter excludes a point; `maximum` are the parameters at its top.
    """

    names: tuple[str, ...]
    axes: tuple[Array, ...]
    log_likelihood: Array
    maximum: tuple[float, ...]


class ParametricFit(Model, Evaluates, Samples):
    """Fit one distribution of a family in closed form; the one step is the estimate.

    The Gaussian is the normal distribution in 1-D and has a full covariance in 2-D; the others are for 1-D data.

    Source: Fisher 1922, On the mathematical foundations of theoretical statistics.
    """

    name = "Parametric fit"
    idea = "Assume a family of curves and take the one under which the data is most likely."
    equation = r"\hat\theta = \arg\max_\theta\; \frac1n \sum_{i=1}^{n} \log p(x_i;\, \theta)"
    source = "Fisher 1922, On the mathematical foundations of theoretical statistics"
    state_names = ("values", "n")

    class Hyperparameters(model.Hyperparameters):
        """Choices of a parametric fit."""

        family: Literal["gaussian", "exponential", "laplace", "uniform"] = Field(
            "gaussian", description="Family of distributions; in 2-D only the Gaussian."
        )

    hyperparameters: Hyperparameters
    values: Array
    n: int

    def steps(self, data: npt.ArrayLike) -> Iterator[Metrics]:
        """Estimate the parameters and yield once, with the mean `log_likelihood` in nats per point.

        Raises DataError on data the family can't have made, and where the likelihood has no maximum.
        """
        points, family, values = self._estimate(data)
        self.dimension, self.values, self.n = points.shape[1], values, len(points)
        yield {"log_likelihood": float(family.log_prob(values, points).mean())}

    def log_prob(self, x: npt.ArrayLike) -> Array:
        """Return log-densities (n,) float32 in nats at x (n, d); −inf outside the support."""
        points = self._check_query(x)
        with np.errstate(over="ignore"):  # a log-density beyond float32 is −inf
            return self._family().log_prob(self.values, points).astype(np.float32)

    def sample(self, n: int, seed: int = 0) -> Array:
        """Draw n points (n, d) float32."""
        n, family = check_count(n), self._family()
        return as_sample(family.sample(self.values, n, np.random.default_rng(seed)), family.width(self.values))

    @property
    def n_parameters(self) -> int | None:
        """Count the parameters of the family in the data's dimension."""
        return None if self.dimension is None else len(self._family().names)

    @property
    def parameters(self) -> dict[str, float]:
        """Map each parameter's name to its estimate, in data units."""
        return dict(zip(self._family().names, self.values.tolist(), strict=True))

    @property
    def standard_errors(self) -> dict[str, float]:
        """Map each parameter's name to its asymptotic standard error; empty for the uniform, which has none.

        The square roots of the diagonal of the inverse Fisher information over n, at the estimate.
        """
        family = self._family()
        return dict(zip(family.names, family.standard_errors(self.values, self.n).tolist(), strict=False))

    @property
    def density_equation(self) -> str:
        """Return the LaTeX of the family's density in the data's dimension."""
        return self._family().equation

    def likelihood_surface(self, data: npt.ArrayLike, cells: int = 80) -> LikelihoodSurface:
        """Return the mean log-likelihood of `data` around its maximum, on `cells` values of each parameter.

        Gaussian: (mean, standard deviation) in 1-D, the two means at the estimated covariance in 2-D; Laplace:
        (location, scale); uniform: (low, high); exponential: a curve over the rate. Raises DataError as `steps` does.
        """
        points, family, values = self._estimate(data)
        axes, log_likelihood = family.surface(values, points, cells)
        count = len(axes)
        return LikelihoodSurface(family.names[:count], axes, log_likelihood, tuple(values[:count].tolist()))

    def _estimate(self, data: npt.ArrayLike) -> tuple[Array, Family, Array]:
        """Return the points (n, d), their family, and its values (p,) of highest likelihood."""
        points = model.as_points(data)
        if not len(points):
            raise DataError(f"{self.name} needs at least one point; there are 0.")
        check_magnitude(points)
        family = _FAMILIES.get((self.hyperparameters.family, points.shape[1]))
        if family is None:
            chosen = self.hyperparameters.family.capitalize()
            raise DataError(f"{chosen} is a family for 1-D data, and this data is {points.shape[1]}-D.")
        return points, family, family.estimate(points)

    def _family(self) -> Family:
        if self.dimension is None:
            raise DataError(f"{self.name} has not been fitted yet; call fit(data) first.")
        return _FAMILIES[self.hyperparameters.family, self.dimension]
