"""What a fit minimises, for many fits at once: S values from θ (S, P), differentiable by torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal, Protocol

import numpy as np
import torch
from torch import Tensor

from engine.device import device
from engine.divergence import integrands
from engine.divergence.family import Family
from engine.divergence.table import Table
from engine.divergence.transport import FrechetDistance, SlicedDistance
from engine.model import DataError

ObjectiveName = Literal[
    "kl", "reverse_kl", "jeffreys", "js", "total_variation", "hellinger", "alpha", "wasserstein", "frechet"
]
_LEAST = 1e-12  # of a fit's mass beyond the window: less is rounding
_INTEGRANDS: Mapping[str, Callable[..., Tensor]] = {
    "kl": integrands.kl,
    "reverse_kl": integrands.reverse_kl,
    "jeffreys": integrands.jeffreys,
    "js": integrands.js,
    "total_variation": integrands.total_variation,
    "hellinger": integrands.squared_hellinger,
    "alpha": integrands.alpha,
}


class Objective(Protocol):
    """Map θ (S, P) to S values; `report` gives them in the unit of `MEASURES`.

    `leaves` says that the value is wrong once q leaves the grid, `needs_cells` that it is wrong once q is narrower
    than a cell, `finest` below which relative change it is only noise, and `per_start` on how many elements one
    start's evaluation works.
    """

    leaves: bool
    needs_cells: bool
    finest: float
    per_start: int

    def __call__(self, theta: Tensor) -> Tensor:
        """Return values (S,), of order 1 whatever the data's units."""

    def report(self, value: Any) -> Any:
        """Return the measure in its own unit, for a value or an array of values."""


def make_objectives(name: ObjectiveName, table: Table, family: Family, order: float = 0.5) -> list[Objective]:
    """Return the objective on every second cell, where that is fine enough, and the objective on all cells.

    Raises DataError as `make_objective` does.
    """
    tables = (table.coarser(), table)
    return [make_objective(name, table, family, order) for table in tables if table is not None]


def make_objective(name: ObjectiveName, table: Table, family: Family, order: float = 0.5) -> Objective:
    """Return the objective of a name in `MEASURES`; `order` is the α of the α-divergence.

    Raises DataError where every fit is infinitely far from a target that is 0 somewhere on the window.
    """
    if name == "wasserstein":
        return SlicedDistance(table, family)
    if name == "frechet":
        return FrechetDistance(table, family)
    if table.has_empty_cells and (name in ("reverse_kl", "jeffreys") or (name == "alpha" and order == 0)):
        raise DataError(
            "The target's density is 0 in part of the window, where every Gaussian has mass, so this divergence is "
            "infinite for every fit; choose another objective or a target with tails."
        )
    return Quadrature(name, table, family, order)


class Quadrature:
    """Sum an integrand over all cells and over one outcome more, "outside the window".

    With that outcome p and q are complete distributions, and the sum of q log(q/p) does not fall to 0 when no mass of
    q is left on the cells. While little of q lies outside, p has there what is missing on the cells, which makes the
    sum a lower bound of the true divergence (data processing inequality); the more has left, the less p is taken to
    have, down to its least cell, so that leaving never pays. Nor does falling between the cells' centres.
    """

    def __init__(self, name: str, table: Table, family: Family, order: float) -> None:
        integrand = _INTEGRANDS[name]
        self._integrand = partial(integrand, order=order) if name == "alpha" else integrand
        self._table, self._family, self._root = table, family, name == "hellinger"
        log_masses = torch.tensor([table.log_rest, min(table.log_least, table.log_rest)], dtype=torch.float64)
        self._log_rest, self._log_least = log_masses.to(device())
        self._least = max(math.exp(table.log_rest), _LEAST)
        # KL(p‖q) sees q where p is, and no integral of q.
        self.leaves = name != "kl"
        self.needs_cells = True
        # The sum of |p − q| has a kink wherever the two cross in a cell's centre.
        self.finest = 1e-5 if name == "total_variation" else 0.0
        self.per_start = table.log_p.numel() * family.n_components

    def __call__(self, theta: Tensor) -> Tensor:
        """Return the divergences (S,) in nats, total variations, or squared Hellinger distances."""
        log_q = self._family.log_density(theta, self._table.phi, self._table.log_cell)
        inside = self._integrand(self._table.log_p, log_q, torch).sum(-1)
        if not self.leaves:
            return inside
        outside = (1 - log_q.exp().sum(-1)).clamp(min=self._least)
        log_rest = torch.lerp(self._log_rest, self._log_least, outside)
        return inside + self._integrand(log_rest, outside.log(), torch)

    def report(self, value: Any) -> Any:
        """Return the measure: rounding may leave a tiny negative sum, and Hellinger's is a root."""
        value = np.maximum(value, 0.0)
        return np.sqrt(value) if self._root else value
