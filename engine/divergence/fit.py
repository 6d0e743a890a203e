"""Fit a Gaussian, or a mixture of a few, to a target by minimising a divergence, one visible iteration at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, Self, cast

import numpy as np
import numpy.typing as npt

from engine.density.kernel import KernelDensity
from engine.divergence.measures import HasLogProb
from engine.divergence.optimiser import Batch
from engine.divergence.options import FitOptions
from engine.divergence.problem import Problem
from engine.divergence.targets import MixtureTarget
from engine.grid import Array, Domain
from engine.model import DataError, Evaluates, Metrics, Model, Samples


@dataclass(frozen=True, eq=False)
class FitState:
    """Hold a fit after some iteration; cheap to keep all of, so that a run can be scrubbed and its path drawn.

    `weights` (K,), `means` (K, d) and `covariances` (K, d, d) in data units are the fit with the lowest objective so
    far; `divergence` is that objective in the unit of `MEASURES`, `gradient_norm` that of its gradient in
    standardised parameters, `mass_outside` the part of q beyond the window. `all_means` (S, K, d) are every start's.
    """

    iteration: int
    weights: Array
    means: Array
    covariances: Array
    divergence: float
    gradient_norm: float
    mass_outside: float
    all_means: Array = field(default_factory=lambda: np.empty((0, 1, 1)))

    @property
    def mixture(self) -> MixtureTarget:
        """The fit q as a distribution, which can be evaluated, drawn from and outlined by ellipses."""
        return MixtureTarget(self.weights / self.weights.sum(), self.means, self.covariances)


class DivergenceFit(Model, Evaluates, Samples):
    """Find the q, a Gaussian or a mixture of K, least far from a target p; every step is one optimiser iteration.

    The target is anything with `log_prob`, and with `domain`, `sample` or a window that shows where it lies; or it is
    points (n, d), and then p is their kernel density estimate. By quadrature, p is tabulated once on a grid and
    BFGS follows the objective's gradient (torch autograd) from all starts at once. From samples, the KL divergence is
    minimised on one sample of p, the maximum-likelihood fit; the reverse KL divergence by Adam on fresh draws of q,
    reparametrised, which needs the gradient of log p: in closed form for `MixtureTarget`, else interpolated.

    After each step `weights` (K,), `means` (K, d), `covariances` (K, d, d), `divergence`, `gradient_norm`,
    `mass_outside` and `iteration` describe the best of the starts. Source: Minka 2005, Divergence measures and
    message passing.
    """

    name = "Divergence fit"
    idea = "Move a Gaussian until it is as near to the target as it can be, by the divergence of your choice."
    equation = r"q^* = \arg\min_{q \in \mathcal{Q}} D(p, q)"
    source = "Minka 2005, Divergence measures and message passing"
    state_names = (
        "weights",
        "means",
        "covariances",
        "divergence",
        "gradient_norm",
        "mass_outside",
        "iteration",
    )

    Hyperparameters = FitOptions

    hyperparameters: FitOptions
    weights: Array
    means: Array
    covariances: Array
    divergence: float
    gradient_norm: float
    mass_outside: float
    iteration: int

    def __init__(self, **hyperparameters: Any) -> None:
        super().__init__(**hyperparameters)
        self.all_means: Array = np.empty((0, 1, 1))

    def fit(self, data: npt.ArrayLike | HasLogProb, domain: Domain | None = None) -> Self:
        """Run all of `steps` and return the model."""
        for _ in self.steps(data, domain):
            pass
        return self

    def steps(self, data: npt.ArrayLike | HasLogProb, domain: Domain | None = None) -> Iterator[Metrics]:
        """Yield the start (iteration 0), then one optimiser iteration each, until no start improves.

        `data` is a target or points (n, d), `domain` a window that shows where the target lies if it does not say.
        Metrics: `iteration`, `divergence` (unit as in `MEASURES`), `gradient_norm`, `mass_outside`. Raises DataError
        for a target without its mass on the window, where every fit is infinitely far, on misplaced starts, and when
        the result has left the window or is narrower than a cell; HyperparameterError for an objective that samples
        can't estimate.
        """
        problem = self.problem(data, domain)
        means = self._starts(problem)
        self.dimension = means.shape[2]
        for iteration, batch in enumerate(problem.iterate(means, varied=not self.hyperparameters.starts)):
            best = self._record(iteration, problem, batch)
            yield {name: getattr(self, name) for name in ("iteration", "divergence", "gradient_norm", "mass_outside")}
        fault = problem.fault(batch.theta[best : best + 1])
        if fault:
            raise DataError(fault)

    def log_prob(self, x: npt.ArrayLike) -> Array:
        """Return log q (n,) float32 in nats at x (n, d)."""
        points = self._check_query(x)
        return self.snapshot().mixture.log_prob(points)

    def sample(self, n: int, seed: int = 0) -> Array:
        """Draw n points (n, d) float32 from q; the same seed repeats the draw."""
        return self.snapshot().mixture.sample(n, seed)

    def ellipses(self, scale: float = 2.0, vertices: int = 65) -> Array:
        """Return closed outlines (K, vertices, 2), `scale` standard deviations from each mean; DataError in 1-D."""
        return self.snapshot().mixture.ellipses(scale, vertices)

    @property
    def mean(self) -> Array:
        """Mean (d,) of q in data units."""
        return self.snapshot().mixture.mean

    @property
    def covariance(self) -> Array:
        """Covariance (d, d) of q in squared data units; a mixture's is that of the whole."""
        return self.snapshot().mixture.covariance

    @property
    def n_parameters(self) -> int | None:
        """Count q's free parameters: K − 1 weights, K means, and covariances as their shape allows."""
        if self.dimension is None:
            return None
        d = self.dimension
        each = d + {"full": d * (d + 1) // 2, "diagonal": d, "spherical": 1}[self.hyperparameters.covariance]
        return self.hyperparameters.n_components * (each + 1) - 1

    def problem(self, data: npt.ArrayLike | HasLogProb, domain: Domain | None = None) -> Problem:
        """Return what `steps` solves, to be solved from other starts as well; arguments and errors as there."""
        options = self.hyperparameters
        if hasattr(data, "log_prob"):
            return Problem(cast(HasLogProb, data), options, domain)
        points = self._check_data(cast(npt.ArrayLike, data), 2)
        return Problem(KernelDensity().fit(points), options, domain, points)

    def snapshot(self) -> FitState:
        """Return the current iteration, to be given to `restore` later; raise DataError before the first."""
        self._check_query(np.empty((0, self.dimension or 1)))
        return FitState(**{field.name: getattr(self, field.name) for field in fields(FitState)})

    def restore(self, state: FitState) -> Self:
        """Become the fit of `state`; a run of `steps` under way goes on from where it was, not from here."""
        vars(self).update(vars(state), dimension=state.means.shape[1])
        return self

    def _starts(self, problem: Problem) -> Array:
        """Return starting means (S, K, d): one start placed by hand, or `n_starts` drawn."""
        options = self.hyperparameters
        if not options.starts:
            return problem.draw_starts(options.n_starts)
        means = problem.draw_starts(1)
        k, d = means.shape[1:]
        if len(options.starts) > k:
            raise DataError(f"{len(options.starts)} means are placed by hand and there are only {k} components.")
        if any(len(start) != d for start in options.starts):
            raise DataError(f"The target is {d}-D, so each mean placed by hand needs {d} numbers.")
        means[0, : len(options.starts)] = options.starts
        return means

    def _record(self, iteration: int, problem: Problem, batch: Batch) -> int:
        """Keep the best start's fit in data units; return its number."""
        best = int(batch.values.nan_to_num(nan=np.inf).argmin())
        weights, means, covariances = problem.family.outward(batch.theta)
        state = FitState(
            iteration,
            weights[best],
            means[best],
            covariances[best],
            float(problem.objective.report(float(batch.values[best]))),
            float(batch.gradients[best].norm()),
            float(problem.mass_outside(batch.theta[best : best + 1])[0]),
            means,
        )
        self.restore(state)
        return best
