"""Coordinates in which every axis of the data has mean 0 and variance 1, so that no formula meets its units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from engine.grid import Array
from engine.model import DataError

_LIMIT = 1e30  # squares must fit float64 and results float32


def check_magnitude(points: Array) -> None:
    """Raise DataError if `points` (n, d) are so large, or so close together, that squares or results overflow."""
    if np.abs(points).max() > _LIMIT or 0 < np.ptp(points, axis=0).max() < 1 / _LIMIT:
        raise DataError("The data is larger than 1e30 or narrower than 1e-30; choose other units.")


@dataclass(frozen=True)
class Frame:
    """Map data units to standardised coordinates (x − centre) / scale and back; both are arrays (d,)."""

    centre: Array
    scale: Array

    @classmethod
    def of(cls, points: Array) -> Self:
        """Standardise `points` (n, d); an axis on which they all agree takes the other axis's scale.

        Raises DataError if all points are the same, or as `check_magnitude` does.
        """
        check_magnitude(points)
        spread = np.ptp(points, axis=0)
        if not spread.any():
            raise DataError("All points are the same, so the likelihood grows for ever as a Gaussian narrows.")
        centre = points.mean(axis=0)
        scale = (points - centre).std(axis=0)
        flat = (spread == 0) | (scale < 1 / _LIMIT)
        scale[flat] = scale.max()
        return cls(centre, scale)

    @classmethod
    def of_mixture(cls, weights: Array, means: Array, covariances: Array) -> Self:
        """Take mean and variance of every axis from a mixture: (K,), (K, d), (K, d, d)."""
        centre = weights @ means
        variances = np.diagonal(covariances, axis1=1, axis2=2) + (means - centre) ** 2
        return cls(centre, np.sqrt(weights @ variances))

    @property
    def log_volume(self) -> float:
        """Subtract this from a log-density in standardised coordinates to have it in data units."""
        return float(np.log(self.scale).sum())

    def inward(self, points: Array) -> Array:
        """Standardise points (…, d) given in data units."""
        return (points - self.centre) / self.scale

    def outward(self, points: Array) -> Array:
        """Return standardised points (…, d) to data units."""
        return points * self.scale + self.centre

    def inward_covariances(self, covariances: Array) -> Array:
        """Standardise covariances (…, d, d) given in data units."""
        return covariances / np.outer(self.scale, self.scale)

    def outward_covariances(self, covariances: Array) -> Array:
        """Return standardised covariances (…, d, d) to data units."""
        return covariances * np.outer(self.scale, self.scale)
