"""A preset: a shape one can sample from and, where it exists, whose exact density is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from engine.grid import Array, Domain
from engine.model import DataError, as_points

Labels = npt.NDArray[np.uint8]
LogProb = Callable[[npt.ArrayLike], Array]
Draw = Callable[[np.random.Generator, int, float], tuple[Array, Labels | None]]  # (rng, n, noise) → points, classes
LogDensity = Callable[[Array, float], Array]  # (points (n, d), noise) → (n,) float64 nats

MAX_POINTS = 100_000
FAR_AWAY = 1e12  # a query point farther out than this is taken to lie this far out: squares must not overflow


@dataclass(frozen=True)
class Preset:
    """Describe one shape: how to draw from it, its exact log-density, and how a page presents it.

    `noise` is the default of the one parameter a slider sets, `noise_bounds` its range and `noise_label` its meaning.
    `domain` holds nearly all of the mass at every noise level, so a drawing pad never has to rescale. `points` is
    the number a page starts with. `log_density` is None where no exact density is known.
    """

    name: str
    title: str
    description: str
    domain: Domain
    noise: float
    noise_bounds: tuple[float, float]
    noise_label: str
    draw: Draw
    log_density: LogDensity | None = None
    discrete_without_noise: bool = False
    points: int = 500

    @property
    def dimension(self) -> int:
        """Number of dimensions, 1 or 2."""
        return len(self.domain)

    def log_prob(self, noise: float | None = None) -> LogProb | None:
        """Return x (n, d) → exact log-density (n,) float32 in nats at this noise, or None where there is none.

        Raises DataError if the noise is out of bounds.
        """
        noise = self.check_noise(noise)
        if self.log_density is None or (self.discrete_without_noise and noise == 0):
            return None
        return partial(_evaluate, self.log_density, self.dimension, noise)

    def sample(self, n: int, seed: int = 0, noise: float | None = None) -> Array:
        """Draw n points (n, d) float32; the same seed repeats the draw.

        Raises DataError if n, the seed or the noise is out of bounds.
        """
        return self.labelled_sample(n, seed, noise)[0]

    def labelled_sample(self, n: int, seed: int = 0, noise: float | None = None) -> tuple[Array, Labels | None]:
        """Draw n points (n, d) float32 with their classes (n,), 0 or 1, or None where the shape has no classes.

        Raises DataError if n, the seed or the noise is out of bounds.
        """
        noise = self.check_noise(noise)
        if not 1 <= n <= MAX_POINTS:
            raise DataError(f"The number of points must lie between 1 and {MAX_POINTS:,}; it was {n}.")
        if seed < 0:
            raise DataError(f"The seed must be a whole number from 0 up; it was {seed}.")
        x, labels = self.draw(np.random.default_rng(seed), n, noise)
        return x.astype(np.float32), labels

    def check_noise(self, noise: float | None) -> float:
        """Return the noise, or the default for None; raise DataError if it is out of bounds."""
        noise = self.noise if noise is None else noise
        low, high = self.noise_bounds
        if not low <= noise <= high:
            raise DataError(
                f"{self.title}: {self.noise_label} must lie between {low:g} and {high:g}; it was {noise:g}."
            )
        return float(noise)


def _evaluate(log_density: LogDensity, dimension: int, noise: float, x: npt.ArrayLike) -> Array:
    # A module-level function in a `partial`, not a closure, so that a density can be pickled to a worker process.
    points = np.clip(as_points(x, dimension), -FAR_AWAY, FAR_AWAY)
    return log_density(points, noise).astype(np.float32)


def two_halves(rng: np.random.Generator, n: int) -> Labels:
    """Return n classes (n,), 0 for one half and 1 for the other, in random order."""
    return rng.permutation(np.arange(n) % 2).astype(np.uint8)


def square(centre_x: float, centre_y: float, half_width: float) -> Domain:
    """Return the square domain around a centre."""
    return (
        (centre_x - half_width, centre_x + half_width),
        (centre_y - half_width, centre_y + half_width),
    )
