"""Families of distributions with a closed-form maximum-likelihood estimate, one small class each.

A family works on parameter values (p,) in the order of its `names`, and on points (n, d) float64.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from engine.grid import Array
from engine.model import DataError

_LOG_2PI = math.log(2 * math.pi)
_FAR = 1e100  # standard deviations; the density is 0 long before, and squares still fit float64
_ON_A_LINE = 1e-12  # 1 − ρ² under this is rounding

Surface = tuple[tuple[Array, ...], Array]


class Family(ABC):
    """Estimate, evaluate and sample one family of distributions."""

    names: ClassVar[tuple[str, ...]]
    equation: ClassVar[str]

    @abstractmethod
    def estimate(self, points: Array) -> Array:
        """Return the values (p,) of highest likelihood; raise DataError if there are none."""

    @abstractmethod
    def log_prob(self, values: Array, points: Array) -> Array:
        """Return log-densities (n,) in nats, −inf outside the support."""

    @abstractmethod
    def sample(self, values: Array, n: int, rng: np.random.Generator) -> Array:
        """Draw n points (n, d)."""

    @abstractmethod
    def width(self, values: Array) -> Array:
        """Return how wide the distribution is along each axis, () or (d,), to a factor or so."""

    @abstractmethod
    def standard_errors(self, values: Array, n: int) -> Array:
        """Return asymptotic standard errors (p,) from the Fisher information at `values`; (0,) where it has none."""

    @abstractmethod
    def surface(self, values: Array, points: Array, cells: int) -> Surface:
        """Return axes (cells,) of the first one or two parameters, and the mean log-likelihood of `points` over them.

        The estimate `values` lies on the axes. Rows of the log-likelihood run along the second parameter.
        """


class Normal(Family):
    """The normal distribution on the line."""

    names = ("mean", "standard deviation")
    equation = r"p(x) = \frac{1}{\sigma\sqrt{2\pi}}\, e^{-(x-\mu)^2 / 2\sigma^2}"

    def estimate(self, points: Array) -> Array:
        """Return (mean, standard deviation with 1/n)."""
        _refuse_identical(points)
        return np.array([points.mean(), points.std()])

    def log_prob(self, values: Array, points: Array) -> Array:
        """Return −½ log 2π − log σ − ½ ((x − μ)/σ)²."""
        mean, deviation = values
        return -0.5 * (_LOG_2PI + ((points[:, 0] - mean) / deviation) ** 2) - np.log(deviation)

    def sample(self, values: Array, n: int, rng: np.random.Generator) -> Array:
        """Draw n points (n, 1)."""
        return rng.normal(values[0], values[1], size=(n, 1))

    def width(self, values: Array) -> Array:
        """Return σ."""
        return np.asarray(values[1])

    def standard_errors(self, values: Array, n: int) -> Array:
        """Return (σ/√n, σ/√2n)."""
        return values[1] / np.sqrt([n, 2 * n])

    def surface(self, values: Array, points: Array, cells: int) -> Surface:
        """Draw over (μ, σ); mean and variance of the points suffice."""
        mean, deviation = values
        means = _axis(mean, 2 * deviation, 2 * deviation, cells)
        deviations = _axis(deviation, 0.6 * deviation, 1.4 * deviation, cells)
        ratio = (deviation**2 + (means - mean) ** 2) / deviations[:, None] ** 2
        return (means, deviations), -0.5 * (_LOG_2PI + ratio) - np.log(deviations)[:, None]


class Gaussian(Family):
    """The Gaussian with full covariance in the plane."""

    names = ("mean 1", "mean 2", "standard deviation 1", "standard deviation 2", "correlation")
    equation = r"p(x) = \frac{1}{2\pi\sqrt{|\Sigma|}}\, e^{-\frac12 (x-\mu)^\top \Sigma^{-1} (x-\mu)}"

    def estimate(self, points: Array) -> Array:
        """Return means, standard deviations with 1/n, and their correlation."""
        _refuse_identical(points)
        mean, deviation = points.mean(axis=0), points.std(axis=0)
        on_a_line = not np.ptp(points, axis=0).all()
        correlation = 1.0 if on_a_line else float(np.prod((points - mean) / deviation, axis=1).mean())
        if 1 - correlation**2 < _ON_A_LINE:
            raise DataError("The points lie on a line, so the likelihood of a Gaussian in the plane has no maximum.")
        return np.array([*mean, *deviation, correlation])

    def log_prob(self, values: Array, points: Array) -> Array:
        """Return −log 2π − ½ log |Σ| − ½ |z|², with z the point in coordinates in which the Gaussian is round."""
        mean, deviation, correlation = values[:2], values[2:4], values[4]
        first, second = np.clip((points - mean) / deviation, -_FAR, _FAR).T
        residual = 1 - correlation**2
        square = first**2 + (second - correlation * first) ** 2 / residual
        return -_LOG_2PI - np.log(deviation).sum() - 0.5 * (np.log(residual) + square)

    def sample(self, values: Array, n: int, rng: np.random.Generator) -> Array:
        """Draw n points (n, 2): the first coordinate, then the second given the first."""
        mean, deviation, correlation = values[:2], values[2:4], values[4]
        noise = rng.standard_normal((n, 2))
        noise[:, 1] = correlation * noise[:, 0] + np.sqrt(1 - correlation**2) * noise[:, 1]
        return mean + deviation * noise

    def width(self, values: Array) -> Array:
        """Return the standard deviations."""
        return np.asarray(values[2:4])

    def standard_errors(self, values: Array, n: int) -> Array:
        """Return σ/√n for the means, σ/√2n for the standard deviations, (1 − ρ²)/√n for the correlation."""
        deviation, correlation = values[2:4], values[4]
        return np.array([*deviation, *deviation / np.sqrt(2), 1 - correlation**2]) / np.sqrt(n)

    def surface(self, values: Array, points: Array, cells: int) -> Surface:
        """Draw over (μ₁, μ₂) with Σ at its estimate: log-likelihood at the maximum less half a squared distance."""
        first, second = (_axis(values[k], 2 * values[2 + k], 2 * values[2 + k], cells) for k in (0, 1))
        x, y = np.meshgrid(first, second)
        shifted = self.log_prob(values, np.column_stack([x.ravel(), y.ravel()])).reshape(cells, cells)
        return (first, second), shifted - 1  # the points themselves add ½ tr(Σ̂⁻¹ Σ̂) = 1


class Exponential(Family):
    """The exponential distribution on x ≥ 0."""

    names = ("rate",)
    equation = r"p(x) = \lambda\, e^{-\lambda x},\quad x \ge 0"

    def estimate(self, points: Array) -> Array:
        """Return 1 / mean."""
        if points.min() < 0:
            raise DataError("An exponential distribution has no negative values, and this data does.")
        if points.max() < np.finfo(np.float32).tiny:
            raise DataError("All points are 0, so the likelihood of an exponential distribution has no maximum.")
        return np.array([1 / points.mean()])

    def log_prob(self, values: Array, points: Array) -> Array:
        """Return log λ − λx."""
        return np.where(points[:, 0] >= 0, np.log(values[0]) - values[0] * points[:, 0], -np.inf)

    def sample(self, values: Array, n: int, rng: np.random.Generator) -> Array:
        """Draw n points (n, 1)."""
        return rng.exponential(1 / values[0], size=(n, 1))

    def width(self, values: Array) -> Array:
        """Return 1/λ."""
        return np.asarray(1 / values[0])

    def standard_errors(self, values: Array, n: int) -> Array:
        """Return λ/√n."""
        return values / np.sqrt(n)

    def surface(self, values: Array, points: Array, cells: int) -> Surface:
        """Draw over λ; the mean of the points suffices."""
        rates = _axis(values[0], 0.8 * values[0], 1.5 * values[0], cells)
        return (rates,), np.log(rates) - rates * points.mean()


class Laplace(Family):
    """The Laplace distribution on the line."""

    names = ("location", "scale")
    equation = r"p(x) = \frac{1}{2b}\, e^{-|x-\mu| / b}"

    def estimate(self, points: Array) -> Array:
        """Return (median, mean distance to it)."""
        _refuse_identical(points)
        location = np.median(points)
        return np.array([location, np.abs(points - location).mean()])

    def log_prob(self, values: Array, points: Array) -> Array:
        """Return −log 2b − |x − μ|/b."""
        location, scale = values
        return -np.log(2 * scale) - np.abs(points[:, 0] - location) / scale

    def sample(self, values: Array, n: int, rng: np.random.Generator) -> Array:
        """Draw n points (n, 1)."""
        return rng.laplace(values[0], values[1], size=(n, 1))

    def width(self, values: Array) -> Array:
        """Return b."""
        return np.asarray(values[1])

    def standard_errors(self, values: Array, n: int) -> Array:
        """Return (b/√n, b/√n)."""
        return np.full(2, values[1] / np.sqrt(n))

    def surface(self, values: Array, points: Array, cells: int) -> Surface:
        """Draw over (μ, b); sums over the sorted points give the mean distance to every μ at once."""
        location, scale = values
        locations = _axis(location, 3 * scale, 3 * scale, cells)
        scales = _axis(scale, 0.6 * scale, 1.4 * scale, cells)
        ordered = np.sort(points[:, 0] - location)
        sums = np.concatenate([[0.0], np.cumsum(ordered)])
        shifts = locations - location
        below = np.searchsorted(ordered, shifts)
        distance = (shifts * (2 * below - len(ordered)) + sums[-1] - 2 * sums[below]) / len(ordered)
        return (locations, scales), -np.log(2 * scales)[:, None] - distance / scales[:, None]


class Uniform(Family):
    """The uniform distribution on an interval."""

    names = ("low", "high")
    equation = r"p(x) = \frac{1}{b-a},\quad a \le x \le b"

    def estimate(self, points: Array) -> Array:
        """Return (smallest, largest)."""
        _refuse_identical(points)
        return np.array([points.min(), points.max()])

    def log_prob(self, values: Array, points: Array) -> Array:
        """Return −log(b − a)."""
        low, high = values
        inside = (points[:, 0] >= low) & (points[:, 0] <= high)
        return np.where(inside, -np.log(high - low), -np.inf)

    def sample(self, values: Array, n: int, rng: np.random.Generator) -> Array:
        """Draw n points (n, 1)."""
        return rng.uniform(values[0], values[1], size=(n, 1))

    def width(self, values: Array) -> Array:
        """Return b − a."""
        return np.asarray(values[1] - values[0])

    def standard_errors(self, values: Array, n: int) -> Array:
        """Return none: the support moves with the parameters, so there is no Fisher information."""
        return np.empty(0)

    def surface(self, values: Array, points: Array, cells: int) -> Surface:
        """Draw over (a, b): it rises towards the data from outside and is −inf as soon as a point is left out."""
        low, high = values
        lows, highs = (
            _axis(low, high - low, 0.5 * (high - low), cells),
            _axis(high, 0.5 * (high - low), high - low, cells),
        )
        length = highs[:, None] - lows
        outside = (lows > low) | (highs[:, None] < high)
        return (lows, highs), np.where(outside, -np.inf, -np.log(length.clip(min=(high - low) / 2)))


def _axis(value: float, below: float, above: float, cells: int) -> Array:
    """Return `cells` equal steps from about value − below to value + above, exactly `value` among them."""
    place = int((cells - 1) * below / (below + above))
    return value + (np.arange(cells) - place) * ((below + above) / (cells - 1))


def _refuse_identical(points: Array) -> None:
    if not np.ptp(points, axis=0).any():
        raise DataError("All points are the same, so the likelihood grows for ever as the distribution narrows.")
