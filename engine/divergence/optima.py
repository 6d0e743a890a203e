"""All optima of a divergence, found from many starts at once, and the map of which start leads to which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.divergence.fit import DivergenceFit
from engine.divergence.measures import HasLogProb
from engine.divergence.objectives import ObjectiveName
from engine.divergence.problem import Problem
from engine.divergence.table import window
from engine.divergence.targets import MixtureTarget
from engine.grid import Array, Domain, Grid
from engine.model import DataError, HyperparameterError

NOWHERE = -1  # the number of the optimum of a start that did not settle in the window
_SAME = 0.03  # total variation between two fits that count as one optimum
_TIE = 1e-4  # relative difference of values that count as equally good


@dataclass(frozen=True, eq=False)
class FittedOptimum:
    """Hold a (local) minimum: weights (K,), means (K, d), covariances (K, d, d), and the divergence there.

    `n_starts` ended here; `is_global` marks the lowest value found, of several equals all.
    """

    weights: Array
    means: Array
    covariances: Array
    divergence: float
    n_starts: int
    is_global: bool

    @property
    def mean(self) -> Array:
        """Mean (d,) of the whole in data units."""
        return self.mixture.mean

    @property
    def covariance(self) -> Array:
        """Covariance (d, d) of the whole in squared data units."""
        return self.mixture.covariance

    @property
    def mixture(self) -> MixtureTarget:
        """The optimum as a distribution, which can be evaluated, drawn from and outlined by ellipses."""
        return MixtureTarget(self.weights / self.weights.sum(), self.means, self.covariances)


@dataclass(frozen=True, eq=False)
class Optima:
    """Hold the distinct `optima`, best first, and which of them each start ended in.

    `starts` (S, K, d) are the starting means in data units, `ends` (S,) numbers of optima, −1 for a start that did
    not settle or left the window.
    """

    optima: tuple[FittedOptimum, ...]
    ends: npt.NDArray[np.int64]
    starts: Array


@dataclass(frozen=True, eq=False)
class BasinMap:
    """Hold, for starting means at the cell centres of `grid`, the number of the optimum reached, −1 for none.

    `labels` has `grid.shape`; `optima` are best first.
    """

    optima: tuple[FittedOptimum, ...]
    labels: npt.NDArray[np.int64]
    grid: Grid


def all_optima(
    target: npt.ArrayLike | HasLogProb,
    objective: ObjectiveName = "reverse_kl",
    n_starts: int = 64,
    seed: int = 0,
    domain: Domain | None = None,
    **hyperparameters: Any,
) -> Optima:
    """Fit from `n_starts` drawn starts as one batch and return the distinct optima.

    `hyperparameters` are those of `DivergenceFit`. Two results are one optimum if the total variation between them is
    under 0.03, so that the order of a mixture's components does not matter. Raises DataError and HyperparameterError
    as a fit does, and DataError if no start settles in the window.
    """
    model = DivergenceFit(objective=objective, n_starts=n_starts, seed=seed, **hyperparameters)
    problem = model.problem(target, domain)
    starts = problem.draw_starts(n_starts)
    return Optima(*_solve(problem, starts, varied=True), starts)


def basin_map(
    target: npt.ArrayLike | HasLogProb,
    objective: ObjectiveName = "reverse_kl",
    n_cells: int = 24,
    domain: Domain | None = None,
    **hyperparameters: Any,
) -> BasinMap:
    """Fit one Gaussian from a starting mean in each of n_cells × n_cells cells of the target's domain, as one batch.

    Arguments and errors as in `all_optima`; HyperparameterError for more than one component.
    """
    model = DivergenceFit(objective=objective, **hyperparameters)
    if model.hyperparameters.n_components > 1:
        raise HyperparameterError({"n_components": "A map of basins shows where one mean starts, so it needs one."})
    problem = model.problem(target, domain)
    grid = Grid.over(window(problem.target, domain), n_cells)
    optima, ends = _solve(problem, grid.points[:, None])
    return BasinMap(optima, ends.reshape(grid.shape), grid)


def _solve(
    problem: Problem, starts: Array, *, varied: bool = False
) -> tuple[tuple[FittedOptimum, ...], npt.NDArray[np.int64]]:
    """Return the distinct optima reached from starting means (S, K, d), and which of them each start reached (S,)."""
    if problem.options.estimation != "quadrature":
        raise HyperparameterError({"estimation": "Optima are told apart by quadrature; samples are too noisy."})
    for batch in problem.iterate(starts, varied=varied):  # noqa: B007 the last is the result
        pass
    sound = problem.sound(batch)
    if not sound.any():
        raise DataError("No start has settled in the window; allow more iterations or start nearer to the target.")
    values = problem.objective.report(batch.values.cpu().numpy())
    ends, firsts = _grouped(problem.masses(batch.theta), np.where(sound, values, np.inf))
    weights, means, covariances = (array[firsts] for array in problem.family.outward(batch.theta))
    highest = values[firsts[0]] + _TIE * max(abs(values[firsts[0]]), _TIE)
    counts = np.bincount(ends[ends >= 0], minlength=len(firsts))
    optima = tuple(
        FittedOptimum(w, m, c, float(values[first]), int(count), bool(values[first] <= highest))
        for w, m, c, first, count in zip(weights, means, covariances, firsts, counts, strict=True)
    )
    return optima, ends


def _grouped(masses: Array, values: Array) -> tuple[npt.NDArray[np.int64], list[int]]:
    """Group fits by the total variation between their cell masses (S, C); return group (S,) and best of each.

    Groups are in the order of their best values (S,), inf for those that belong to none.
    """
    ends = np.full(len(values), NOWHERE, dtype=np.int64)
    firsts: list[int] = []
    free = np.isfinite(values)
    while free.any():
        first = int(np.where(free, values, np.inf).argmin())
        alike = free & (0.5 * np.abs(masses - masses[first]).sum(axis=1) < _SAME)
        alike[first] = True
        ends[alike] = len(firsts)
        firsts.append(first)
        free &= ~alike
    return ends, firsts
