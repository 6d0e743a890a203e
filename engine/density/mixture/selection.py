"""How many components: BIC and AIC against K, with all candidates fitted side by side."""

from __future__ import annotations

from itertools import islice

import numpy as np
import numpy.typing as npt

from engine.density.mixture.em import Constraint, Covariance, ExpectationMaximisation, Mixtures
from engine.density.mixture.start import spread_means
from engine.grid import Array
from engine.model import SelectionCurve

_LARGEST = 12  # components
_RESTARTS = 3
_ITERATIONS = 60
_ENOUGH = 4000  # points; more are used only to polish what these have found
_POLISH = 4  # iterations over all points
_SETTLED = 1e-5  # nats per point an iteration
_COLLAPSED = (
    "Where a component has collapsed onto equal points (grey), the score says only how small a variance is allowed: "
    "such a K is counted only if every K collapses."
)


def count_parameters(components: int, dimension: int, covariance: Covariance) -> int:
    """Count free parameters: K − 1 weights, K means, and covariances as their type allows."""
    symmetric = dimension * (dimension + 1) // 2
    each = {"full": symmetric, "diagonal": dimension, "spherical": 1, "tied": 0}[covariance]
    shared = symmetric if covariance == "tied" else 0
    return components - 1 + components * (dimension + each) + shared


def components_curve(points: Array, log_volume: float, constraint: Constraint, seed: int) -> SelectionCurve:
    """Return BIC = −2 log L + p log n and AIC = −2 log L + 2 p for K = 1 … 12 on standardised `points` (n, d).

    Each K is the best of three starts, one with nothing at the floor if there is one; a K that always collapses is
    shown but not chosen, since its likelihood says only how low the floor is. K stops where the mixture would have as
    many parameters as there are points. `log_volume` turns the likelihood into data units.

    Source: Schwarz 1978, Estimating the dimension of a model; Akaike 1974, A new look at the statistical model
    identification.
    """
    n, dimension = points.shape
    all_counts = np.array([count_parameters(k, dimension, constraint.kind) for k in range(1, _LARGEST + 1)])
    parameters = all_counts[: max(1, int((all_counts < n).sum()))]
    sizes = 1.0 + np.arange(len(parameters))

    reached, collapsed = _best_log_likelihoods(points, sizes, constraint, seed)
    log_likelihood = n * (reached - log_volume)
    scores = {
        "BIC": -2 * log_likelihood + parameters * np.log(n),
        "AIC": -2 * log_likelihood + 2 * parameters,
    }
    excluded = collapsed & ~collapsed.all()
    handicap = np.where(excluded, np.inf, 0.0)
    best = {name: float(sizes[(score + handicap).argmin()]) for name, score in scores.items()}
    note = _COLLAPSED if collapsed.any() else ""
    return SelectionCurve("n_components", sizes, scores, best, "nats", minimise=True, excluded=excluded, note=note)


def _best_log_likelihoods(
    points: Array, sizes: Array, constraint: Constraint, seed: int
) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Return the mean log-likelihood that EM reaches for each of `sizes` (m,), and which only ever collapse (m,)."""
    rng = np.random.default_rng(seed)
    some = points if len(points) <= _ENOUGH else rng.choice(points, _ENOUGH, replace=False)
    # The first k means of a k-means++ start are a start for k components, so one start serves every size.
    means = np.stack([spread_means(some, len(sizes), rng) for _ in range(_RESTARTS)]).repeat(len(sizes), axis=0)
    em = ExpectationMaximisation(some, constraint)
    mixtures, reached = _run(em, em.start(means, np.tile(sizes, _RESTARTS)), _ITERATIONS)
    collapsed = mixtures.at_floor.any(1).cpu().numpy()
    sound = np.where(collapsed, -np.inf, reached).reshape(_RESTARTS, -1)
    winners = sound.argmax(axis=0) * len(sizes) + np.arange(len(sizes))
    if len(some) == len(points):
        return reached[winners], collapsed[winners]
    return _run(ExpectationMaximisation(points, constraint), mixtures[winners], _POLISH)[1], collapsed[winners]


def _run(em: ExpectationMaximisation, start: Mixtures, iterations: int) -> tuple[Mixtures, Array]:
    """Iterate until all mixtures have settled or `iterations` are done; return them, their log-likelihoods (B,)."""
    mixtures, reached = start, np.full(len(start.weights), -np.inf)
    for mixtures, log_likelihoods in islice(em.iterate(start), iterations + 1):  # noqa: B007 the last is the result
        before, reached = reached, log_likelihoods.cpu().numpy()
        if (reached - before < _SETTLED).all():
            break
    return mixtures, reached
