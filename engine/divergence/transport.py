"""Distances of a fit that ask how far mass has to travel, for many fits at once: S values from θ (S, P)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.device import device
from engine.divergence.family import Family
from engine.divergence.table import Table
from engine.grid import Array

N_DIRECTIONS = 16
_FINENESS = 2  # points at which cumulative distribution functions are compared, for every cell along an axis


class SlicedDistance:
    """Average ∫ |F_p − F_q| over directions: the sliced Wasserstein-1 distance; exact on a line.

    A projected Gaussian is Gaussian, so F_q is a sum of error functions. (Rabin, Peyré, Delon and Bernot, 2011,
    "Wasserstein barycenter and its application to texture mixing".)
    """

    leaves, needs_cells, finest = False, False, 0.0

    def __init__(self, table: Table, family: Family) -> None:
        directions = _directions(table.grid.dimension)
        line = np.stack([_line(direction, table) for direction in directions])
        masses = table.log_p.exp().cpu().numpy()
        cumulative = [_cumulative(table.grid.points @ u, masses, t) for u, t in zip(directions, line, strict=True)]
        self._family, self._unit = family, float(table.frame.scale.mean())
        scaled = directions * table.frame.scale / self._unit
        self._directions, self._p = (torch.as_tensor(a, device=device()) for a in (scaled, np.stack(cumulative)))
        self._line = torch.as_tensor((line - (directions @ table.frame.centre)[:, None]) / self._unit).to(self._p)
        self.per_start = self._p.numel() * family.n_components

    def __call__(self, theta: Tensor) -> Tensor:
        """Return the distances (S,), in units of the target's mean standard deviation."""
        q = self._family.unpack(theta)
        means = q.means @ self._directions.T  # (S, K, D)
        deviations = (self._directions @ q.factors()).square().sum(-1).sqrt()
        z = (self._line - means[..., None]) / deviations[..., None]
        weights = q.log_weights.exp()[..., None, None]
        gap = (weights * torch.special.ndtr(z)).sum(1) - self._p
        return (_absolute_means(gap).sum(-1) * (self._line[:, 1] - self._line[:, 0])).mean(-1)

    def report(self, value: Any) -> Any:
        """Return the distance in data units."""
        return value * self._unit


class FrechetDistance:
    """Compare means and covariances alone: W₂² = ‖δ‖² + tr Σ_p + tr Σ_q − 2 tr √(√Σ_p Σ_q √Σ_p).

    (Dowson and Landau, 1982, "The Fréchet distance between multivariate normal distributions".)
    """

    leaves, needs_cells, finest = False, False, 0.0

    def __init__(self, table: Table, family: Family) -> None:
        self._family, self._unit = family, float(table.frame.scale.mean())
        self._scale = torch.as_tensor(table.frame.scale / self._unit, device=device())
        self._covariance = torch.as_tensor(table.covariance / self._unit**2, device=device())
        self.per_start = 1

    def __call__(self, theta: Tensor) -> Tensor:
        """Return the squared distances (S,), in units of the target's mean standard deviation."""
        q = self._family.unpack(theta)
        weights, means = q.log_weights.exp()[..., None], q.means * self._scale
        mean = (weights * means).sum(1)
        factors = self._scale[:, None] * q.factors()
        centred = means - mean[:, None]
        covariance = (weights[..., None] * (factors @ factors.mT + centred[..., None] * centred[..., None, :])).sum(1)
        product = (self._covariance * covariance).sum((-2, -1))  # tr Σ_p Σ_q
        if mean.shape[1] == 2:
            # A 2×2 matrix has (tr √M)² = tr M + 2 √det M.
            determinants = torch.linalg.det(covariance) * torch.linalg.det(self._covariance)
            product = product + 2 * determinants.sqrt()
        traces = covariance.diagonal(dim1=-2, dim2=-1).sum(-1) + self._covariance.trace()
        return mean.square().sum(-1) + traces - 2 * product.sqrt()

    def report(self, value: Any) -> Any:
        """Return the distance W₂ in data units."""
        return np.sqrt(np.maximum(value, 0.0)) * self._unit


def _absolute_means(values: Tensor) -> Tensor:
    """Return the means of |f| between neighbours of `values` (…, T), f being linear between them: (…, T − 1).

    That is (|a| + |b|) / 2, and (a² + b²) / (2 (|a| + |b|)) where the sign changes. Unlike a sum of |values| it has
    a continuous gradient, without which no quasi-Newton method would come to rest.
    """
    a, b = values[..., :-1], values[..., 1:]
    total = (a.abs() + b.abs()).clamp(min=1e-300)
    return 0.5 * (total + 2 * (a * b).clamp(max=0.0) / total)


def _directions(dimension: int) -> Array:
    """Return unit vectors (D, d), equally spaced over half a circle and none along an axis, or the one of a line."""
    if dimension == 1:
        return np.ones((1, 1))
    angle = np.pi / N_DIRECTIONS * (np.arange(N_DIRECTIONS) + 0.5)
    return np.column_stack([np.cos(angle), np.sin(angle)])


def _line(direction: Array, table: Table) -> Array:
    """Return points (T,) along a direction, from end to end of the projected window."""
    bounds = np.array(table.grid.domain) * direction[:, None]
    return np.linspace(bounds.min(axis=1).sum(), bounds.max(axis=1).sum(), _FINENESS * max(table.grid.cells))


def _cumulative(positions: Array, masses: Array, line: Array) -> Array:
    """Return the share of `masses` (C,) below each point of `line` (T,), half an atom counted at its own."""
    order = np.argsort(positions)
    sorted_masses = masses[order] / masses.sum()
    return np.interp(line, positions[order], np.cumsum(sorted_masses) - 0.5 * sorted_masses, 0.0, 1.0)
