"""Objectives estimated from samples, not by quadrature: KL by maximum likelihood, reverse KL reparametrised."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.density.mixture.em import features
from engine.device import device
from engine.divergence.family import Family, Gaussians
from engine.divergence.measures import HasLogProb
from engine.divergence.table import Table
from engine.divergence.targets import MixtureTarget
from engine.grid import Array
from engine.model import DataError

LogDensity = Callable[[Tensor], Tensor]  # standardised points (…, d) → log-densities (…) in nats


class Likelihood:
    """Estimate KL(p‖q) by the mean of log p − log q over `points` (n, d) drawn from p, always the same ones.

    The fit that minimises it is the one of maximum likelihood on these points. (Akaike, 1973, "Information theory
    and an extension of the maximum likelihood principle".)
    """

    leaves, needs_cells, finest = False, True, 0.0

    def __init__(self, target: HasLogProb, points: Array, table: Table, family: Family) -> None:
        assert target.log_prob is not None  # what has been tabulated has a density
        self._family, self._phi = family, features(table.frame.inward(points))
        self._mean_log_p = float(np.mean(target.log_prob(points), dtype=np.float64)) + table.frame.log_volume
        if not math.isfinite(self._mean_log_p):
            raise DataError("The target's density is 0 at one of the points drawn from it.")
        self.per_start = len(points) * family.n_components

    def __call__(self, theta: Tensor) -> Tensor:
        """Return estimates (S,) in nats; that of a good fit can be below 0, as an estimate may."""
        return self._mean_log_p - self._family.log_density(theta, self._phi).mean(1)

    def report(self, value: Any) -> Any:
        """Return the estimate as it is."""
        return value


class Reparametrised:
    """Estimate KL(q‖p) = E_z[log q(μ + Lz) − log p(μ + Lz)] from fresh z ~ N(0, I) in every call.

    All starts and components see the same z; a mixture's expectation is the weighted sum of its components' own.
    log q is differentiated through its argument alone: the rest of its gradient has mean 0 and is only noise.

    Source: Kingma and Welling 2014, Auto-encoding variational Bayes; Roeder, Wu and Duvenaud 2017, Sticking the
    landing.
    """

    leaves, needs_cells, finest = True, False, 0.0

    def __init__(self, log_p: LogDensity, family: Family, batch_size: int, seed: int) -> None:
        self._log_p, self._family, self.batch_size = log_p, family, batch_size
        self._generator = torch.Generator(device()).manual_seed(seed)
        self.per_start = 1  # starts have to share their noise, so they are never parted

    def __call__(self, theta: Tensor) -> Tensor:
        """Return estimates (S,) in nats."""
        q = self._family.unpack(theta)
        shape = (self.batch_size, self._family.dimension)
        noise = torch.randn(shape, generator=self._generator, dtype=theta.dtype, device=theta.device)
        x = q.means[:, :, None] + noise @ q.factors().mT  # (S, K, batch, d)
        log_q = log_density_at(q.natural_parameters().detach(), x.flatten(1, 2)).unflatten(1, x.shape[1:3])
        return (q.log_weights.exp() * (log_q - self._log_p(x)).mean(2)).sum(1)

    def report(self, value: Any) -> Any:
        """Return the estimate as it is."""
        return value


def log_density_at(natural: Tensor, x: Tensor) -> Tensor:
    """Return log-densities (S, n) of mixtures of `natural` parameters (S, K, F), each at its own points (S, n, d)."""
    i, j = torch.triu_indices(x.shape[-1], x.shape[-1])
    phi = torch.cat([torch.ones_like(x[..., :1]), x, x[..., i] * x[..., j]], -1)
    return torch.logsumexp(phi @ natural.mT, -1)


def differentiable(target: HasLogProb, table: Table) -> LogDensity:
    """Return the target's standardised log-density as torch can differentiate it: exact for a mixture of Gaussians.

    That of any other target is interpolated between the cell centres by cubic convolution; beyond the window it falls
    off like that of N(0, I), in units of the target's deviations. Raises DataError where it is 0 in a cell.

    Source: Keys 1981, Cubic convolution interpolation for digital image processing.
    """
    if isinstance(target, MixtureTarget):
        means, covariances = table.frame.inward(target.means), table.frame.inward_covariances(target.covariances)
        natural = Gaussians.of(target.weights, means, covariances).natural_parameters()
        return lambda x: log_density_at(natural, x.reshape(1, -1, x.shape[-1])).reshape(x.shape[:-1])
    if table.has_empty_cells:
        raise DataError("The target's density is 0 in part of the window, so its reverse KL divergence is infinite.")
    image = (table.log_p - table.log_cell).reshape(
        1, 1, *((1,) if table.grid.dimension == 1 else ()), *table.grid.shape
    )
    bounds = table.frame.inward(np.array(table.grid.domain).T)
    low, high = (torch.as_tensor(bound, device=device()) for bound in bounds)

    def interpolate(x: Tensor) -> Tensor:
        place = 2 * (x - low) / (high - low) - 1  # −1 and 1 at the window's edges
        beyond = (place.abs() - 1).clamp(min=0.0) * (0.5 * (high - low))
        if place.shape[-1] == 1:
            place = torch.cat([place, torch.zeros_like(place)], -1)
        where = place.reshape(1, 1, -1, 2)
        cubic = torch.nn.functional.grid_sample(image, where, "bicubic", "border", align_corners=False)
        return cubic.reshape(x.shape[:-1]) - (beyond + 0.5 * beyond.square()).sum(-1)

    return interpolate
