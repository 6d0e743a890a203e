"""A target tabulated once: the log-masses of the cells of a window that also holds the tails of any sensible fit."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol, cast

import numpy as np
import torch
from torch import Tensor

from engine.data.frame import Frame
from engine.density.mixture.em import features
from engine.device import device
from engine.divergence.measures import HasLogProb, log_density_on
from engine.grid import Array, Domain, Grid
from engine.model import DataError

LEAST_MASS = 0.99  # of the target on the window
_COARSE = 2  # a first look, for the moments alone, has so many times fewer cells along each axis
_TAILS = 5.0  # standard deviations of the target around its mean: no sensible fit has mass beyond
_DRAWN = 2_000  # points that show where a target without a domain lies
_LINE = 8  # a line has so many times more cells than an axis of the plane: it can afford to
_AGREEMENT = 1e-4  # of the target's mass and standardised moments on a coarser grid with those on the finer
_MOST_OUTSIDE = 1e-6  # mass of the target taken to lie beyond the window


class _Draws(Protocol):
    def sample(self, n: int, seed: int) -> Array: ...


@dataclass(frozen=True, eq=False)
class Table:
    """Hold a target's log-masses `log_p` (C,) on a grid's cells, −inf where it has none.

    `phi` (F, C) are the features of the standardised cell centres (see `Frame`), `mean` (d,) and `covariance` (d, d)
    the target's in data units.
    """

    grid: Grid
    frame: Frame
    phi: Tensor
    log_p: Tensor
    mean: Array
    covariance: Array

    @cached_property
    def log_cell(self) -> float:
        """Add this to a standardised log-density to have the log-mass of a cell."""
        return math.log(self.grid.cell_volume) - self.frame.log_volume

    @cached_property
    def log_least(self) -> float:
        """The log-mass of the cell that has least, of those that have any."""
        return float(self.log_p[self.log_p > -math.inf].min())

    @cached_property
    def log_rest(self) -> float:
        """The target's log-mass beyond the window, at most log 1e-6 and no less than `log_least`."""
        beyond = 1 - float(self.log_p.exp().sum())
        return min(max(self.log_least, math.log(max(beyond, 1e-300))), math.log(_MOST_OUTSIDE))

    def coarser(self) -> Table | None:
        """Return the table of every second cell along each axis, or None where that would change its moments.

        The midpoint rule is exact to rounding for a density that is smooth on the scale of a cell, so that most fits
        can run on a quarter of the cells and be finished on all of them.
        """
        if any(n % 2 for n in self.grid.cells):
            return None
        every_second = tuple(slice(None, None, 2) for _ in self.grid.cells)
        log_p = self.log_p.reshape(self.grid.shape)[every_second].flatten() + len(self.grid.cells) * math.log(2)
        # A cell's centre stays where it is and the cell grows by half its side all round.
        domain = tuple(
            (low - 0.5 * step, high - 0.5 * step)
            for (low, high), step in zip(self.grid.domain, self.grid.spacing, strict=True)
        )
        phi = self.phi.reshape(-1, *self.grid.shape)[(slice(None), *every_second)].flatten(1).contiguous()
        # Mass alone would not do: the errors of two modes of one target can cancel in it.
        if float((phi @ log_p.exp() - self.phi @ self.log_p.exp()).abs().max()) > _AGREEMENT:
            return None
        return replace(self, grid=Grid(domain, tuple(n // 2 for n in self.grid.cells)), phi=phi, log_p=log_p)

    @property
    def has_empty_cells(self) -> bool:
        """Tell whether the target's density is exactly 0 somewhere on the window."""
        return bool((self.log_p == -math.inf).any())

    def draw(self, n: int, rng: np.random.Generator, power: float = 1.0) -> Array:
        """Draw n points (n, d) from the cells' masses to a `power`: below 1, light modes are drawn more often."""
        chances = (power * self.log_p).exp().cpu().numpy()
        cells = rng.choice(len(chances), size=n, p=chances / chances.sum())
        jitter = rng.uniform(-0.5, 0.5, (n, self.grid.dimension))
        return cast(Array, self.grid.points[cells] + jitter * self.grid.spacing)


def tabulate(target: HasLogProb, cells: int, domain: Domain | None = None, seed: int = 0) -> Table:
    """Evaluate `target` on about `cells` cells along each axis of its `domain`, or of the one given.

    The window is widened to five standard deviations of the target around its mean. Raises DataError for a target of
    which no domain is known, with less than 99 % of its mass on the window, or with more than 101 %, which no density
    has unless it is narrower than a cell.
    """
    first = window(target, domain, seed)
    cells *= _LINE if len(first) == 1 else 1
    mean, covariance, _, _ = _moments(target, Grid.over(first, max(8, cells // _COARSE)))
    reach = _TAILS * np.sqrt(np.diagonal(covariance))
    wide = tuple(
        (min(low, float(m - r)), max(high, float(m + r)))
        for (low, high), m, r in zip(first, mean, reach, strict=True)
    )
    grid = Grid.over(wide, cells)
    mean, covariance, log_density, mass = _moments(target, grid)
    if not LEAST_MASS <= mass <= 2 - LEAST_MASS:
        raise DataError(
            f"The window holds {mass:.3g} of the target's mass instead of 1; it must be wider, its cells finer, or "
            "the target normalised."
        )
    frame = Frame(mean, np.sqrt(np.diagonal(covariance)))
    log_p = torch.as_tensor(log_density.ravel() + math.log(grid.cell_volume), device=device())
    return Table(grid, frame, features(frame.inward(grid.points)), log_p, mean, covariance)


def window(target: Any, domain: Domain | None = None, seed: int = 0) -> Domain:
    """Return `domain` if given, else the target's own, else a box around points drawn from it, with a margin."""
    chosen = domain if domain is not None else getattr(target, "domain", None)
    if chosen is None:
        if not hasattr(target, "sample"):
            raise DataError("The target has no domain and can't be sampled; pass domain=((low, high), ...).")
        points = np.asarray(cast(_Draws, target).sample(_DRAWN, seed), dtype=np.float64)
        low, high = points.min(axis=0), points.max(axis=0)
        margin = 0.25 * (high - low)
        chosen = tuple(zip(low - margin, high + margin, strict=True))
    box = tuple((float(low), float(high)) for low, high in chosen)
    if len(box) not in (1, 2) or not all(np.isfinite(high - low) and low < high for low, high in box):
        raise DataError("A domain is one or two pairs (low, high) of finite numbers with low below high.")
    return box


def _moments(target: HasLogProb, grid: Grid) -> tuple[Array, Array, Array, float]:
    """Return mean (d,) and covariance (d, d) on a grid, the log-density there, and its mass."""
    log_density = log_density_on(target, grid)
    masses = np.exp(log_density).ravel() * grid.cell_volume
    mass = float(masses.sum())
    if not mass > 0:
        raise DataError("The target has no mass on the window, so there is nothing to fit.")
    mean = masses @ grid.points / mass
    centred = grid.points - mean
    covariance = (masses * centred.T) @ centred / mass
    # All mass on one cell leaves no variance; half a cell keeps the window open, and the mass tells the rest.
    return mean, covariance + np.diag(np.square(grid.spacing)) * (np.diagonal(covariance) == 0), log_density, mass
