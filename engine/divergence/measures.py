"""Measures of how far a density q is from a density p, by quadrature on a grid.

All are sums of an integrand at the cell centres times the cell volume (midpoint rule), with 0 · log 0 = 0. What lies
outside the grid is not seen, so the grid has to hold nearly all mass of both; `Divergences` says how much it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from engine.divergence.quadrature import all_measures, summed
from engine.grid import Array, Grid
from engine.model import DataError


class HasLogProb(Protocol):
    """Anything that can be asked for log-densities: a fitted model, a point set whose density is known."""

    @property
    def log_prob(self) -> Callable[[npt.ArrayLike], Array] | None:
        """Map points (n, d) to log-densities (n,) in nats; None where there is no density."""


Density = HasLogProb | npt.NDArray[Any]  # an object with log_prob, or log-densities already evaluated on the grid


@dataclass(frozen=True)
class Divergences:
    """Hold the measures of p from q that are sums over cells; the unit of each is in `MEASURES`.

    `error` maps each name to an estimate of the discretisation error that errs on the large side: the greatest
    difference between the midpoint sum over all cells and those over every second cell. `mass_p` and `mass_q` are the
    densities' integrals over the grid: well below 1, the grid cuts off a tail, or what was given is no density.
    `alpha` is the α-divergence of `order`.
    """

    kl: float
    reverse_kl: float
    js: float
    total_variation: float
    jeffreys: float
    js_distance: float
    hellinger: float
    alpha: float
    order: float
    error: Mapping[str, float]
    mass_p: float
    mass_q: float


def kl_divergence(p: Density, q: Density, grid: Grid) -> float:
    """Return KL(p‖q) = ∫ p log(p/q) in nats; inf where p has mass and q has none.

    p and q are objects with `log_prob`, or arrays of log-densities on `grid`. Raises DataError for NaN or infinite
    densities and arrays of another size. (Kullback and Leibler, 1951, "On information and sufficiency".)
    """
    return _measure("kl", p, q, grid)


def reverse_kl_divergence(p: Density, q: Density, grid: Grid) -> float:
    """Return KL(q‖p) in nats: the divergence that a mode-seeking fit q of p minimises; see `kl_divergence`."""
    return _measure("reverse_kl", p, q, grid)


def jeffreys_divergence(p: Density, q: Density, grid: Grid) -> float:
    """Return KL(p‖q) + KL(q‖p) in nats; arguments and errors as in `kl_divergence`.

    (Jeffreys, 1946, "An invariant form for the prior probability in estimation problems".)
    """
    return _measure("jeffreys", p, q, grid)


def js_divergence(p: Density, q: Density, grid: Grid) -> float:
    """Return JS(p, q) = ½ KL(p‖m) + ½ KL(q‖m) in nats, with m = ½(p + q); it lies between 0 and log 2.

    Arguments and errors as in `kl_divergence`. (Lin, 1991, "Divergence measures based on the Shannon entropy".)
    """
    return _measure("js", p, q, grid)


def js_distance(p: Density, q: Density, grid: Grid) -> float:
    """Return √JS(p, q) in √nats, a metric; arguments and errors as in `kl_divergence`.

    (Endres and Schindelin, 2003, "A new metric for probability distributions".)
    """
    return _measure("js_distance", p, q, grid)


def total_variation(p: Density, q: Density, grid: Grid) -> float:
    """Return TV(p, q) = max_A |P(A) − Q(A)|, between 0 and 1.

    The best event A is where one density exceeds the other, so TV = ∫ (p − q)₊ = ∫ (q − p)₊ = ½ ∫ |p − q|; on a grid
    that cuts off a tail the larger of the two is taken, which is then the best event on the grid.
    Arguments and errors as in `kl_divergence`.
    (Scheffé, 1947, "A useful convergence theorem for probability distributions".)
    """
    return _measure("total_variation", p, q, grid)


def hellinger_distance(p: Density, q: Density, grid: Grid) -> float:
    """Return H(p, q) = √(½ ∫ (√p − √q)²), a metric between 0 and 1; arguments and errors as in `kl_divergence`.

    (Hellinger, 1909, "Neue Begründung der Theorie quadratischer Formen von unendlichvielen Veränderlichen".)
    """
    return _measure("hellinger", p, q, grid)


def alpha_divergence(p: Density, q: Density, grid: Grid, order: float = 0.5) -> float:
    """Return D_α(p, q) = (1 − ∫ p^α q^(1−α)) / (α (1 − α)) in nats, for α = `order` between 0 and 1.

    It is KL(q‖p) at α = 0, four times the squared Hellinger distance at ½, and KL(p‖q) at 1. Arguments and errors as
    in `kl_divergence`; HyperparameterError for another order. (Amari, 1985, "Differential-geometrical methods in
    statistics".)
    """
    return _measure("alpha", p, q, grid, order)


def divergences(p: Density, q: Density, grid: Grid, order: float = 0.5) -> Divergences:
    """Return all these measures with their discretisation errors; arguments as in `alpha_divergence`."""
    log_p, log_q = log_density_on(p, grid), log_density_on(q, grid)
    values = all_measures(log_p.ravel(), log_q.ravel(), grid.cell_volume, order)
    volume = grid.cell_volume * log_p.size
    coarse = [
        all_measures(part_p.ravel(), part_q.ravel(), volume / part_p.size, order)
        for part_p, part_q in zip(_every_second(log_p), _every_second(log_q), strict=True)
    ]
    return Divergences(
        **values,
        order=order,
        error={name: max(_gap(part[name], values[name]) for part in coarse) for name in values},
        mass_p=grid.integrate(np.exp(log_p)),
        mass_q=grid.integrate(np.exp(log_q)),
    )


def log_density_on(density: Density, grid: Grid) -> Array:
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


def _measure(name: str, p: Density, q: Density, grid: Grid, order: float = 0.5) -> float:
    log_p, log_q = log_density_on(p, grid).ravel(), log_density_on(q, grid).ravel()
    return float(summed(name, log_p, log_q, grid.cell_volume, order=order))


def _every_second(values: Array) -> list[Array]:
    """Return the 2^d interleaved sublattices of values on a grid; together they are all cells."""
    parts = [values]
    for axis in range(values.ndim):
        parts = [np.take(part, range(start, part.shape[axis], 2), axis) for part in parts for start in (0, 1)]
    return [part for part in parts if part.size]


def _gap(coarse: float, fine: float) -> float:
    """Return |coarse − fine|, where both being infinite is no difference."""
    return 0.0 if coarse == fine else abs(coarse - fine)
