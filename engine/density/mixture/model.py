"""A mixture of Gaussians, fitted by expectation-maximisation one visible iteration at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Annotated, Any, Literal, Self

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field

from engine import model
from engine.data.frame import Frame
from engine.density.mixture.em import Constraint, Covariance, ExpectationMaximisation, Mixtures
from engine.density.mixture.selection import components_curve, count_parameters
from engine.density.mixture.start import placed_means, random_means, spread_means
from engine.density.mixture.state import MixtureState
from engine.device import device
from engine.grid import Array
from engine.model import DataError, Evaluates, Metrics, Model, Samples, SelectionCurve, as_points


class GaussianMixture(Model, Evaluates, Samples):
    """Fit a weighted sum of K Gaussians; every step is one EM iteration.

    After each step the attributes `weights` (K,), `means` (K, d), `covariances` (K, d, d), `iteration`,
    `log_likelihood` and `collapsed` (K,) describe the current iteration, and `log_likelihoods` all up to it.

    A component that shrinks onto a point would drive the likelihood to infinity. Here no variance goes under
    `regularisation` times the data's own (per axis, so the floor has no units), as an exact constraint on the M-step:
    EM stays monotone and the likelihood finite. Nothing is moved or re-seeded; a component at the floor, or with less
    than a tenth of a point, counts as collapsed and `collapse_note` says so.

    Source: Dempster, Laird and Rubin 1977, Maximum likelihood from incomplete data via the EM algorithm; Hathaway
    1985, A constrained formulation of maximum-likelihood estimation for normal mixture distributions.
    """

    name = "Gaussian mixture"
    idea = "A few Gaussian clouds share the points: each point is divided among them, then each moves to its share."
    equation = r"p(x) = \sum_{k=1}^{K} w_k\, \mathcal{N}(x;\, \mu_k, \Sigma_k)"
    source = "Dempster, Laird and Rubin 1977, Maximum likelihood from incomplete data via the EM algorithm"
    state_names = ("weights", "means", "covariances", "iteration", "log_likelihood", "collapsed")

    class Hyperparameters(model.Hyperparameters):
        """Choices of a Gaussian mixture."""

        n_components: Annotated[int, Field(ge=1, le=50)] | Literal["bic", "aic"] = Field(
            3, description="Number K of Gaussians, or the K with the lowest BIC or AIC."
        )
        covariance: Covariance = Field(
            "full", description="Shape of the Gaussians: any ellipse, axis-aligned, a circle, or one ellipse for all."
        )
        start: Literal["k-means++", "random", "by hand"] = Field(
            "k-means++", description="Where the means begin: spread out, at random points, or where you put them."
        )
        starts: tuple[tuple[float, ...], ...] = Field(
            (),
            description="Means placed by hand; k-means++ adds those that are missing.",
            json_schema_extra={"control": "pad"},
        )
        max_iterations: int = Field(200, ge=1, le=10_000, description="EM stops after this many iterations.")
        tolerance: float = Field(
            1e-6, ge=0, le=0.1, description="EM stops when an iteration gains fewer nats per point than this."
        )
        # Under 1e-6 the rounding of Θ Φ, about 1e-16 over the floor, would show as losses of over 1e-9 nats.
        regularisation: float = Field(
            1e-6, ge=1e-6, le=0.1, description="Smallest variance, as a fraction of the data's along each axis."
        )
        seed: int = Field(0, ge=0, le=2**32 - 1, description="Seed of the start.")

    hyperparameters: Hyperparameters
    means: Array
    covariances: Array
    iteration: int
    log_likelihood: float
    collapsed: npt.NDArray[np.bool_]

    def __init__(self, **hyperparameters: Any) -> None:
        super().__init__(**hyperparameters)
        self.weights: Array = np.empty(0)
        self.log_likelihoods: list[float] = []

    def steps(self, data: npt.ArrayLike) -> Iterator[Metrics]:
        """Yield the start (iteration 0), then one EM iteration each, until it gains less than `tolerance`.

        Metrics: `iteration`, `log_likelihood` (mean, nats per point), `collapsed` (number of components).
        Raises DataError on fewer points than components, on points all the same, and on misplaced starts.
        """
        points, frame, constraint = self._prepare(data)
        means = self._starting_means(points, frame, self._choose_n_components(points, frame, constraint))
        em = ExpectationMaximisation(points, constraint)
        start = em.start(means[None], np.array([len(means)]))
        self.log_likelihoods = []
        for iteration, (mixtures, mean) in enumerate(em.iterate(start)):
            gained = self._record(iteration, mixtures, float(mean) - frame.log_volume, frame, len(points))
            yield {
                "iteration": iteration,
                "log_likelihood": self.log_likelihood,
                "collapsed": int(self.collapsed.sum()),
            }
            if iteration == self.hyperparameters.max_iterations or gained < self.hyperparameters.tolerance:
                return

    def log_prob(self, x: npt.ArrayLike) -> Array:
        """Return log-densities (n,) float32 in nats at x (n, d)."""
        return self.snapshot().log_prob(self._check_query(x))

    def responsibilities(self, x: npt.ArrayLike) -> Array:
        """Return each component's share (n, K) float32 of each of x (n, d); rows sum to 1."""
        return self.snapshot().responsibilities(self._check_query(x))

    def sample(self, n: int, seed: int = 0) -> Array:
        """Draw n points (n, d) float32: choose a component by weight, then a point from its Gaussian."""
        return self.snapshot().sample(n, seed)

    def ellipses(self, scale: float = 2.0, vertices: int = 65) -> Array:
        """Return closed outlines (K, vertices, 2) of the components, `scale` standard deviations from each mean.

        Raises DataError unless the mixture is 2-D.
        """
        return self.snapshot().ellipses(scale, vertices)

    @property
    def n_parameters(self) -> int | None:
        """Count the free parameters: K − 1 weights, K means, and covariances as their type allows."""
        if not len(self.weights):
            return None
        n_components, dimension = self.means.shape
        return count_parameters(n_components, dimension, self.hyperparameters.covariance)

    def bic(self, x: npt.ArrayLike) -> float:
        """Return the Bayesian information criterion −2 log L + p log n on x (n, d); lower is better."""
        log_density = self.log_prob(x).astype(np.float64)
        return float(-2 * log_density.sum() + (self.n_parameters or 0) * np.log(len(log_density)))

    def aic(self, x: npt.ArrayLike) -> float:
        """Return Akaike's information criterion −2 log L + 2 p on x (n, d); lower is better."""
        return float(-2 * self.log_prob(x).astype(np.float64).sum() + 2 * (self.n_parameters or 0))

    def selection_curve(self, data: npt.ArrayLike) -> SelectionCurve:
        """Return BIC and AIC (−2 log L + penalty, nats) for K = 1 … 12 with this covariance type."""
        points, frame, constraint = self._prepare(data)
        return components_curve(points, frame.log_volume, constraint, self.hyperparameters.seed)

    def snapshot(self) -> MixtureState:
        """Return the current iteration, to be given to `restore` later; raise DataError before the first."""
        if not len(self.weights):
            raise DataError(f"{self.name} has not been fitted yet; call fit(data) first.")
        return MixtureState(**{field.name: getattr(self, field.name) for field in fields(MixtureState)})

    def restore(self, state: MixtureState) -> Self:
        """Become the model of `state`; a run of `steps` under way goes on from where it was, not from here."""
        vars(self).update(vars(state), dimension=state.means.shape[1])
        return self

    def relabelled(self, permutation: Sequence[int]) -> GaussianMixture:
        """Return a model with the components in another order: it scores the same, so labels can't be learnt.

        Raises DataError unless `permutation` names each of 0 … K − 1 once.
        """
        return GaussianMixture(**self.hyperparameters.model_dump()).restore(self.snapshot().relabelled(permutation))

    @property
    def collapse_note(self) -> str | None:
        """Say in one sentence which components have collapsed and what helps; None if none has."""
        return self.snapshot().collapse_note if len(self.weights) else None

    def _prepare(self, data: npt.ArrayLike) -> tuple[Array, Frame, Constraint]:
        """Return the points standardised (n, d), how they were, and what the M-step may choose."""
        points = as_points(data)
        if len(points) < 2:
            raise DataError(
                f"{self.name} needs at least 2 points; there {'is' if len(points) else 'are'} {len(points)}."
            )
        frame = Frame.of(points)
        aspect = torch.as_tensor(frame.scale**2 / np.mean(frame.scale**2), device=device())
        options = self.hyperparameters
        return frame.inward(points), frame, Constraint(options.covariance, options.regularisation, aspect)

    def _choose_n_components(self, points: Array, frame: Frame, constraint: Constraint) -> int:
        asked = self.hyperparameters.n_components
        if isinstance(asked, int):
            if asked > len(points):
                raise DataError(f"{asked} components need at least {asked} points; there are {len(points)}.")
            return asked
        curve = components_curve(points, frame.log_volume, constraint, self.hyperparameters.seed)
        return int(curve.best[asked.upper()])

    def _starting_means(self, points: Array, frame: Frame, count: int) -> Array:
        """Return starting means (K, d) in standardised coordinates."""
        rng = np.random.default_rng(self.hyperparameters.seed)
        if self.hyperparameters.start == "random":
            return random_means(points, count, rng)
        if self.hyperparameters.start == "by hand":
            return spread_means(points, count, rng, placed_means(self.hyperparameters.starts, frame, count))
        return spread_means(points, count, rng)

    def _record(self, iteration: int, mixtures: Mixtures, log_likelihood: float, frame: Frame, n: int) -> float:
        """Keep one iteration in data units; return how many nats per point it gained."""
        gained = log_likelihood - self.log_likelihoods[-1] if self.log_likelihoods else np.inf
        weights, means, covariances, at_floor = (
            array[0].cpu().numpy()
            for array in (mixtures.weights, mixtures.means, mixtures.covariances, mixtures.at_floor)
        )
        self.restore(
            MixtureState(
                iteration,
                weights,
                frame.outward(means),
                frame.outward_covariances(covariances),
                log_likelihood,
                at_floor | (weights < 0.1 / n),
            )
        )
        self.log_likelihoods.append(log_likelihood)
        return gained
