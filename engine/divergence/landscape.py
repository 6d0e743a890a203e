"""Every measure between a target on a line and N(μ, σ²), for a whole plane of μ and σ at once, and its optima."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.device import device
from engine.divergence import integrands
from engine.divergence.gaussians import moments
from engine.divergence.measures import Density, log_density_on
from engine.divergence.quadrature import summed
from engine.evaluation.glossary import MEASURES, check_order
from engine.grid import Array, Grid
from engine.model import DataError

MOST_OUTSIDE = 1e-3  # of q's mass beyond the grid
MOST_STARTS = 8  # lowest cells from which an optimum is sought
_PAIRS_AT_ONCE = 1 << 16  # of a Gaussian with a cell: 512 KB in float64
_ANYWHERE = ("kl", "frechet")  # need q's density where p is, or its moments, and no integral of q


@dataclass(frozen=True)
class Optimum:
    """Hold a (local) minimum of a measure: N(mean, deviation²) in data units, and the measure's value there."""

    mean: float
    deviation: float
    value: float


@dataclass(frozen=True, eq=False)
class Landscape:
    """Hold a measure over means (m,) and standard deviations (s,) of q, in data units.

    `values` (s, m) has rows along the deviations; it is inf where the measure is, and where `seen` (s, m) is False
    because the grid can't tell: q has more than 1e-3 of its mass beyond it, or is narrower than a cell. (KL(p‖q) and
    the Fréchet distance ask for no integral of q, and are seen everywhere.) `optima` are its minima, best first.
    """

    measure: str
    means: Array
    deviations: Array
    values: Array
    seen: npt.NDArray[np.bool_]
    optima: tuple[Optimum, ...]


@dataclass(frozen=True, eq=False)
class Integrands:
    """Hold, at the cells' centres x (cells,), p, q, p log(p/q) and q log(q/p) in nats per data unit."""

    x: Array
    p: Array
    q: Array
    kl: Array
    reverse_kl: Array


def gaussian_landscape(
    p: Density, grid: Grid, measure: str, means: npt.ArrayLike, deviations: npt.ArrayLike, order: float = 0.5
) -> Landscape:
    """Return `measure`, a name of `MEASURES`, between p and N(μ, σ²) for all μ in means (m,), σ in deviations (s,).

    p is an object with `log_prob`, or log-densities on the 1-D `grid`. The minima are refined by Nelder and Mead's
    simplex from the lowest cells that are lower than their neighbours; one may lie beyond the given means and
    deviations. Raises DataError for a grid that is not 1-D or holds less than 99 % of p, an unknown measure, and
    values of μ or σ that are not finite, rising or (σ) positive; HyperparameterError for an order beyond 0 to 1.
    (Nelder and Mead, 1965, "A simplex method for function minimization".)
    """
    target = _Target(p, grid, measure, check_order(order))
    mean_axis, deviation_axis = _axis(means, "means"), _axis(deviations, "standard deviations")
    if deviation_axis[0] <= 0:
        raise DataError("The standard deviations must be above 0.")
    s, m = (part.ravel() for part in np.meshgrid(deviation_axis, mean_axis, indexing="ij"))
    shape = (deviation_axis.size, mean_axis.size)
    values = target(m, s).reshape(shape)
    optima = _optima(target, values, mean_axis, deviation_axis)
    return Landscape(measure, mean_axis, deviation_axis, values, target.sees(m, s).reshape(shape), optima)


def kl_integrands(p: Density, grid: Grid, mean: float, deviation: float) -> Integrands:
    """Return both KL divergences' integrands between p and N(mean, deviation²) on a 1-D grid; inf where they are.

    Raises DataError for a grid that is not 1-D, a deviation that is not above 0, and as `kl_divergence` does.
    """
    log_p, x = _line(p, grid), grid.axes[0]
    if not (np.isfinite(mean) and 0 < deviation < np.inf):
        raise DataError("The mean must be finite and the standard deviation above 0.")
    log_q = -0.5 * ((x - mean) / deviation) ** 2 - np.log(deviation) - 0.5 * np.log(2 * np.pi)
    both = integrands.kl(log_p, log_q, np), integrands.reverse_kl(log_p, log_q, np)
    return Integrands(x, np.exp(log_p), np.exp(log_q), *both)


class _Target:
    """Evaluate one measure between a target and many Gaussians at once."""

    def __init__(self, p: Density, grid: Grid, measure: str, order: float) -> None:
        if measure not in MEASURES:
            raise DataError(f"There is no measure named {measure!r}; try {', '.join(MEASURES)}.")
        log_p = _line(p, grid)
        mass = grid.integrate(np.exp(log_p))
        if not 0.99 <= mass <= 1.01:
            raise DataError(f"The grid holds {mass:.3g} of the target's mass and needs 0.99 to 1.01 of it.")
        self.grid, self.measure, self.order = grid, measure, order
        mean, covariance = moments(log_p, grid)
        self.mean, self.deviation = float(mean[0]), float(np.sqrt(covariance[0, 0]))
        self.x = torch.as_tensor(grid.axes[0], device=device())
        self.log_p = torch.as_tensor(log_p, device=device())
        self.cumulative = torch.cumsum(self.log_p.exp(), 0) * grid.cell_volume / mass  # at the cells' right edges

    def __call__(self, means: Array, deviations: Array) -> Array:
        """Return the measure (n,) for means and deviations (n,); inf where it is, or can't be seen."""
        if self.measure == "frechet":
            return np.hypot(means - self.mean, deviations - self.deviation)
        m, s = (torch.as_tensor(part, device=device())[:, None] for part in (means, deviations))
        rows = max(1, _PAIRS_AT_ONCE // self.x.numel())
        evaluate = self._wasserstein if self.measure == "wasserstein" else self._summed
        values = torch.cat([evaluate(*part) for part in zip(m.split(rows), s.split(rows), strict=True)])
        return np.where(self.sees(means, deviations), values.cpu().numpy(), np.inf)

    def sees(self, means: Array, deviations: Array) -> npt.NDArray[np.bool_]:
        """Tell (n,) whether the grid holds N(μ, σ²) to 1e-3 and its cells are no wider than σ."""
        if self.measure in _ANYWHERE:
            return np.ones(means.shape, dtype=bool)
        from scipy.special import ndtr

        (low, high), step = self.grid.domain[0], self.grid.spacing[0]
        outside = ndtr((low - means) / deviations) + ndtr((means - high) / deviations)
        # Down to σ = one cell the midpoint rule is exact to 1e-8 for a Gaussian; it fails soon below.
        return cast(npt.NDArray[np.bool_], (outside <= MOST_OUTSIDE) & (deviations >= step))

    def _summed(self, m: Tensor, s: Tensor) -> Tensor:
        log_q = (self.x - m).div_(s).square_().mul_(-0.5).sub_(s.log() + 0.5 * np.log(2 * np.pi))
        return cast(Tensor, summed(self.measure, self.log_p, log_q, self.grid.cell_volume, torch, self.order))

    def _wasserstein(self, m: Tensor, s: Tensor) -> Tensor:
        """∫ |F_p − Φ((x − μ)/σ)| dx by the trapezoid rule on the cells' edges."""
        step = self.grid.cell_volume
        cumulative = torch.special.ndtr((self.x + 0.5 * step - m) / s)
        return (self.cumulative - cumulative).abs().sum(-1) * step


def _optima(target: _Target, values: Array, means: Array, deviations: Array) -> tuple[Optimum, ...]:
    """Refine the lowest local minima of `values` (s, m); return the distinct ones, best first."""
    from scipy.ndimage import minimum_filter
    from scipy.optimize import minimize

    def objective(at: Array) -> float:
        return float(target(at[:1], np.exp(at[1:]))[0])

    rows, columns = np.nonzero((values == minimum_filter(values, 3, mode="nearest")) & np.isfinite(values))
    best = np.argsort(values[rows, columns], kind="stable")[:MOST_STARTS]
    found: list[Optimum] = []
    for row, column in zip(rows[best], columns[best], strict=True):
        start = np.array([means[column], np.log(deviations[row])])
        corners = start + np.array([[0.0, 0.0], [0.1 * deviations[row], 0.0], [0.0, 0.1]])
        options = {"initial_simplex": corners, "xatol": 1e-7, "fatol": 1e-12, "maxiter": 400}
        result = minimize(objective, start, method="Nelder-Mead", options=options)
        found.append(Optimum(float(result.x[0]), float(np.exp(result.x[1])), float(result.fun)))
    found.sort(key=lambda optimum: optimum.value)
    return tuple(o for i, o in enumerate(found) if not any(_same(o, better) for better in found[:i]))


def _same(one: Optimum, other: Optimum) -> bool:
    return bool(np.hypot(one.mean - other.mean, one.deviation - other.deviation) < 0.01 * other.deviation)


def _axis(values: npt.ArrayLike, name: str) -> Array:
    axis = np.asarray(values, dtype=np.float64)
    if axis.ndim != 1 or not axis.size or not np.isfinite(axis).all() or (np.diff(axis) <= 0).any():
        raise DataError(f"The {name} must be finite numbers in rising order.")
    return axis


def _line(p: Density, grid: Grid) -> Array:
    if grid.dimension != 1:
        raise DataError(f"A landscape over μ and σ needs a 1-D grid; this one is {grid.dimension}-D.")
    return log_density_on(p, grid)
