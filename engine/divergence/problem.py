"""One fit as a problem to solve: a tabulated target, a family, an objective, and starts; solved as one batch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from torch import Tensor

from engine.divergence.family import Family
from engine.divergence.measures import HasLogProb
from engine.divergence.objectives import Objective, make_objectives
from engine.divergence.optimiser import Batch, adam, differentiated, quasi_newton
from engine.divergence.options import FitOptions
from engine.divergence.sampled import Likelihood, Reparametrised, differentiable
from engine.divergence.table import Table, tabulate
from engine.grid import Array, Domain
from engine.model import HyperparameterError

MOST_OUTSIDE = 1e-3  # of a fit's mass beyond the window
NARROWEST = 0.6  # cells; the midpoint rule is wrong by 2e-3 of a Gaussian with so small a deviation
_SPREAD = 0.5  # power of the target's density from which starts are drawn: a light mode also gets some
_SIZES = (1.0, 2.0, 0.5)  # deviations of drawn starts, in turn: wide ones cover, narrow ones seek
_FINAL = 64  # so many times more draws for the last estimate of a noisy objective


class Problem:
    """Set up a fit of `target` with `options`; `points` (n, d), where given, are draws of the target.

    Raises DataError as `tabulate` and `make_objectives` do, HyperparameterError for an objective that samples can't
    estimate.
    """

    def __init__(
        self,
        target: HasLogProb,
        options: FitOptions,
        domain: Domain | None = None,
        points: Array | None = None,
    ) -> None:
        self.options, self.target, self._points = options, target, points
        self.rng = np.random.default_rng(options.seed)
        self.table: Table = tabulate(target, options.cells, domain, options.seed)
        self.family = Family(options.covariance, options.n_components, self.table.frame)
        self.stages = self._stages()

    @property
    def objective(self) -> Objective:
        """The objective in full."""
        return self.stages[-1]

    def draw_starts(self, count: int) -> Array:
        """Return starting means (count, K, d) in data units, drawn from the target with its modes levelled."""
        k = self.options.n_components
        return self.table.draw(count * k, self.rng, _SPREAD).reshape(count, k, -1)

    def iterate(self, means: Array, *, varied: bool = False) -> Iterator[Batch]:
        """Yield the starts with `means` (S, K, d), then every iteration; at most `max_iterations` of them.

        Where they are `varied`, every third is twice and every third half as wide as `start_scale` says: which of
        several optima a start ends in depends on its width as much as on its place.
        """
        options = self.options
        sizes = np.resize(_SIZES, len(means)) if varied else np.ones(len(means))
        theta = self.family.start(means, options.start_scale * sizes)
        evaluations = [differentiated(stage, stage.per_start) for stage in self.stages]
        if isinstance(self.objective, Reparametrised):
            noisy, exact = evaluations
            yield from adam(noisy, exact, theta, options.learning_rate, options.max_iterations)
            return
        tolerance = max(options.tolerance, self.objective.finest)
        for iteration, batch in enumerate(quasi_newton(evaluations, theta, tolerance)):
            yield batch
            if iteration == options.max_iterations:
                return

    def masses(self, theta: Tensor) -> Array:
        """Return the masses (S, C) of each fit in the cells."""
        log_q = self.family.log_density(theta.detach(), self.table.phi, self.table.log_cell)
        masses: Array = log_q.exp_().cpu().numpy()
        return masses

    def mass_outside(self, theta: Tensor) -> Array:
        """Return how much of each fit's mass (S,) lies beyond the window, or between the cell centres."""
        return np.maximum(1 - self.masses(theta).sum(axis=1), 0.0)

    def sound(self, batch: Batch) -> npt.NDArray[np.bool_]:
        """Tell which results (S,) have settled, have a value, and can be relied on."""
        settled = (batch.settled & batch.values.isfinite()).cpu().numpy()
        return settled & self._inside(batch.theta) & self._wide(batch.theta)

    def fault(self, theta: Tensor) -> str | None:
        """Say in one sentence why a single result θ (1, P) can't be relied on; None if it can."""
        if not self._wide(theta)[0]:
            return "The fit has become narrower than a cell of the grid; use more cells or fewer components."
        if not self._inside(theta)[0]:
            outside = 100 * float(self.mass_outside(theta)[0])
            return (
                f"{outside:.2g} % of the fit's mass has left the window, where the target is not known; start nearer "
                "to the target or widen its domain."
            )
        return None

    def _inside(self, theta: Tensor) -> npt.NDArray[np.bool_]:
        if not self.objective.leaves:
            return np.ones(len(theta), dtype=bool)
        return np.asarray(self.mass_outside(theta) <= MOST_OUTSIDE)

    def _wide(self, theta: Tensor) -> npt.NDArray[np.bool_]:
        """Tell which fits (S,) have no deviation, of any component in any direction, too small for the cells."""
        if not self.objective.needs_cells:
            return np.ones(len(theta), dtype=bool)
        _, _, covariances = self.family.outward(theta)
        spacing = np.array(self.table.grid.spacing)
        variances = np.linalg.eigvalsh(covariances / np.outer(spacing, spacing))
        return np.asarray((variances > NARROWEST**2).all(axis=(1, 2)))

    def _stages(self) -> list[Objective]:
        options = self.options
        if options.estimation == "quadrature":
            return make_objectives(options.objective, self.table, self.family, options.order)
        if options.objective == "kl":
            return [Likelihood(self.target, self._draws(), self.table, self.family)]
        if options.objective == "reverse_kl":
            log_p = differentiable(self.target, self.table)
            sizes = (options.batch_size, _FINAL * options.batch_size)
            return [Reparametrised(log_p, self.family, size, options.seed) for size in sizes]
        reason = (
            "Only the KL and the reverse KL divergence are estimated from samples; the others need the densities of "
            "both at the same places, so estimate them by quadrature."
        )
        raise HyperparameterError({"estimation": reason})

    def _draws(self) -> Array:
        """Return points of the target: those it was made from, else drawn by itself, else from its table."""
        if self._points is not None:
            return self._points
        if hasattr(self.target, "sample"):
            return np.asarray(self.target.sample(self.options.n_samples, self.options.seed), dtype=np.float64)
        return self.table.draw(self.options.n_samples, self.rng)
