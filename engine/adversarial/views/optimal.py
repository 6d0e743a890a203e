"""The optimal discriminator D* = p/(p + q) against a generator as it stands, and how far the real one is from it.

Goodfellow et al. (2014), "Generative adversarial nets", proposition 1. The densities p of the data and q of the
generator are estimates, blurred alike (`engine.adversarial.views.densities`), so that D* is ½ wherever p = q.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from engine.adversarial.views.densities import SAMPLE, Generates, densities
from engine.grid import Array, Domain, Grid
from engine.model import DataError

NEGLIGIBLE = 1e-6  # of the highest density: D is not asked there, most often half of the plane


class Discriminates(Generates, Protocol):
    """What is asked of a model: its weights, new points, and what its discriminator says of points."""

    hyperparameters: Any

    @property
    def objective(self) -> Any: ...  # noqa: D102
    @property
    def gives_probability(self) -> bool: ...  # noqa: D102
    def discriminate(self, x: Array) -> Array: ...  # noqa: D102


def optimal(
    model: Discriminates,
    domain: Domain,
    cells: int = 30,
    preset: str | None = None,
    noise: float | None = None,
    x: Array | None = None,
    seed: int = 0,
) -> Array:
    """Return D* (cells, cells) float32 at the cell centres, rows along y, between 0 and 1.

    p is that of the `preset` at `noise` or, without one, that of points x (n, 2). One-sided label smoothing α lowers
    it to (1 − α) p/(p + q). A cell in which neither would have one point in 20,000 says nothing, and shows half of
    its highest value. Raises DataError for a critic, which has no such optimum, and without data.
    """
    if not model.gives_probability:
        raise DataError("This game's critic is no probability, so there is no optimal discriminator p/(p + q).")
    p, q = densities(model, domain, cells, preset, noise, x, seed)
    seen = (p + q) * Grid.over(domain, cells).cell_volume * SAMPLE >= 1
    return _optimum(p, q, seen, _smoothing(model))


def optimal_gap(
    model: Discriminates,
    domain: Domain,
    cells: int = 60,
    preset: str | None = None,
    noise: float | None = None,
    x: Array | None = None,
    seed: int = 0,
) -> Array:
    """Return the mean of |D − D*| under ½ (p + q), shape () float32, between 0 and 1; arguments as in `optimal`.

    Raises DataError as `optimal` does.
    """
    if not model.gives_probability:
        raise DataError("This game's critic is no probability, so there is no optimal discriminator p/(p + q).")
    p, q = densities(model, domain, cells, preset, noise, x, seed)
    weight = p + q
    if not weight.any():
        return np.array(0.0, np.float32)
    seen = weight > NEGLIGIBLE * weight.max()
    found = np.asarray(model.discriminate(Grid.over(domain, cells).points[seen.ravel()]), np.float64)
    gap = np.abs(found - _optimum(p, q, seen, _smoothing(model))[seen])
    return np.array(np.average(gap, weights=weight[seen]), np.float32)


def _optimum(p: Array, q: Array, seen: npt.NDArray[np.bool_], smoothing: float) -> Array:
    """Return (1 − α) p/(p + q) where `seen`, and half of its highest value elsewhere."""
    ratio = np.divide(p, p + q, out=np.full(p.shape, 0.5), where=seen)
    return ((1 - smoothing) * ratio).astype(np.float32)


def _smoothing(model: Discriminates) -> float:
    return float(model.hyperparameters.label_smoothing) if model.objective.smooths else 0.0
