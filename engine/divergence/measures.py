"""KL, reverse KL, Jensen-Shannon and total variation between two densities on a grid.

All are sums of an integrand at the cell centres times the cell volume (midpoint rule), with 0 · log 0 = 0. What lies
outside the grid is not seen, so the grid has to hold nearly all mass of both; `Divergences` says how much it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from engine.grid import Array, Grid
from engine.model import DataError

LOG_2 = float(np.log(2))


class HasLogProb(Protocol):
    """Anything that can be asked for log-densities: a fitted model, a point set whose density is known."""

    @property
    def log_prob(self) -> Callable[[npt.ArrayLike], Array] | None:
        """Map points (n, d) to log-densities (n,) in nats; None where there is no density."""


Density = HasLogProb | npt.NDArray[Any]  # an object with log_prob, or log-densities already evaluated on the grid


@dataclass(frozen=True)
class Divergences:
    """Hold all four divergences of p from q, in nats but for total variation, which has no unit.

    `error` maps each name to an estimate of the discretisation error that errs on the large side: the greatest
    difference between the midpoint sum over all cells and those over every second cell. `mass_p` and `mass_q` are the
    densities' integrals over the grid: well below 1, the grid cuts off a tail, or what was given is no density.
    """

    kl: float
    reverse_kl: float
    js: float
    total_variation: float
    error: Mapping[str, float]
    mass_p: float
    mass_q: float


def kl_divergence(p: Density, q: Density, grid: Grid) -> float:
    """Return KL(p‖q) = ∫ p log(p/q) in nats; inf where p has mass and q has none.

    p and q are objects with `log_prob`, or arrays of log-densities on `grid`. Raises DataError for NaN or infinite
    densities and arrays of another size. (Kullback and Leibler, 1951, "On information and sufficiency".)
    """
    return _kl(*_on_grid(p, q, grid), grid.cell_volume)


def reverse_kl_divergence(p: Density, q: Density, grid: Grid) -> float:
    """Return KL(q‖p) in nats: the divergence that a mode-seeking fit q of p minimises; see `kl_divergence`."""
    return kl_divergence(q, p, grid)


def js_divergence(p: Density, q: Density, grid: Grid) -> float:
    """Return JS(p, q) = ½ KL(p‖m) + ½ KL(q‖m) in nats, with m = ½(p + q); it lies between 0 and log 2.

    Arguments and errors as in `kl_divergence`. (Lin, 1991, "Divergence measures based on the Shannon entropy".)
    """
    return _js(*_on_grid(p, q, grid), grid.cell_volume)


def total_variation(p: Density, q: Density, grid: Grid) -> float:
    """Return TV(p, q) = max_A |P(A) − Q(A)|, between 0 and 1.

    The best event A is where one density exceeds the other, so TV = ∫ (p − q)₊ = ∫ (q − p)₊ = ½ ∫ |p − q|; on a grid
    that cuts off a tail the larger of the two is taken, which is then the best event on the grid.
    Arguments and errors as in `kl_divergence`.
    (Scheffé, 1947, "A useful convergence theorem for probability distributions".)
    """
    return _tv(*_on_grid(p, q, grid), grid.cell_volume)


def divergences(p: Density, q: Density, grid: Grid) -> Divergences:
    """Return all four divergences of p from q with their discretisation errors; arguments as in `kl_divergence`."""
    log_p, log_q = _on_grid(p, q, grid)
    values = _all(log_p, log_q, grid.cell_volume)
    volume = grid.cell_volume * log_p.size
    coarse = [
        _all(part_p, part_q, volume / part_p.size)
        for part_p, part_q in zip(_every_second(log_p), _every_second(log_q), strict=True)
    ]
    return Divergences(
        **values,
        error={name: max(_gap(part[name], values[name]) for part in coarse) for name in values},
        mass_p=grid.integrate(np.exp(log_p)),
        mass_q=grid.integrate(np.exp(log_q)),
    )


def _all(log_p: Array, log_q: Array, cell_volume: float) -> dict[str, float]:
    return {
        "kl": _kl(log_p, log_q, cell_volume),
        "reverse_kl": _kl(log_q, log_p, cell_volume),
        "js": _js(log_p, log_q, cell_volume),
        "total_variation": _tv(log_p, log_q, cell_volume),
    }


def _kl(log_p: Array, log_q: Array, cell_volume: float) -> float:
    # With mass outside the grid, or from rounding, the sum for two nearly equal densities can fall below 0.
    return max(float(_relative_entropy(log_p, log_q).sum()) * cell_volume, 0.0)


def _js(log_p: Array, log_q: Array, cell_volume: float) -> float:
    log_m = np.logaddexp(log_p, log_q) - LOG_2
    integrand = _relative_entropy(log_p, log_m) + _relative_entropy(log_q, log_m)
    return float(np.clip(0.5 * integrand.sum() * cell_volume, 0.0, LOG_2))


def _tv(log_p: Array, log_q: Array, cell_volume: float) -> float:
    difference = np.exp(log_p) - np.exp(log_q)
    larger = max(difference.clip(min=0).sum(), -difference.clip(max=0).sum())
    return min(float(larger) * cell_volume, 1.0)


def _relative_entropy(log_p: Array, log_q: Array) -> Array:
    """Return p (log p − log q) at every cell, 0 where p is 0 and inf where only q is."""
    p = np.exp(log_p)
    log_ratio = np.subtract(log_p, log_q, out=np.zeros_like(log_p), where=p > 0)
    return p * log_ratio


def _on_grid(p: Density, q: Density, grid: Grid) -> tuple[Array, Array]:
    return _log_density(p, grid), _log_density(q, grid)


def _log_density(density: Density, grid: Grid) -> Array:
    """Return float64 log-densities of `grid.shape`; raise DataError if they are not the logarithm of a density."""
    if isinstance(density, np.ndarray):
        values = density
    elif density.log_prob is None:
        raise DataError("One of the two has no known density, so their divergence can't be computed.")
    else:
        values = density.log_prob(grid.points)
    values = np.asarray(values, dtype=np.float64)
    if values.size != np.prod(grid.shape):
        raise DataError(f"The log-densities have shape {values.shape}, and the grid has shape {grid.shape}.")
    # A density so high that its exponential overflows is as infinite here.
    if not (values < 700).all():
        raise DataError("A density is infinite or not a number somewhere on the grid, so no divergence exists.")
    return values.reshape(grid.shape)


def _every_second(values: Array) -> list[Array]:
    """Return the 2^d interleaved sublattices of values on a grid; together they are all cells."""
    parts = [values]
    for axis in range(values.ndim):
        parts = [np.take(part, range(start, part.shape[axis], 2), axis) for part in parts for start in (0, 1)]
    return [part for part in parts if part.size]


def _gap(coarse: float, fine: float) -> float:
    """Return |coarse − fine|, where both being infinite is no difference."""
    return 0.0 if coarse == fine else abs(coarse - fine)
