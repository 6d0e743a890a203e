"""Mean log-likelihood of points a model has not seen, with its standard error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from engine.grid import Array
from engine.model import DataError, Evaluates, as_points


class Estimator(Protocol):
    """A model that is fitted and then asked for log-densities."""

    def fit(self, data: npt.ArrayLike) -> Self:
        """Estimate from data (n, d)."""

    def log_prob(self, x: npt.ArrayLike) -> Array:
        """Return log-densities (n,) in nats."""


@dataclass(frozen=True)
class Score:
    """Hold the mean log-density of `n` points in nats a point.

    `n_zero` of them have density 0, which makes the mean −inf. `standard_error` is s/√n, or None where there is none:
    with a single point, or with an infinite log-density.
    """

    mean: float
    standard_error: float | None
    n: int
    n_zero: int


def held_out_log_likelihood(model: Evaluates, x: npt.ArrayLike) -> Score:
    """Return the mean of log p(x) over points x (n, d) that the model was not fitted to, in nats a point.

    Raises DataError if there are no points, or if a log-density is not a number.
    """
    if not np.size(x):
        raise DataError("There are no held-out points to score.")
    return _score(model.log_prob(x))


def cross_validated_log_likelihood(
    make: Callable[[], Estimator], data: npt.ArrayLike, folds: int = 5, seed: int = 0
) -> Score:
    """Return the mean log-likelihood of data (n, d) where each point is scored by a model fitted without it.

    `make` returns a fresh model; the points are dealt to `folds` parts by `seed`. The standard error takes the scores
    as independent, although models of different folds share data. Raises DataError for fewer than 2 folds or fewer
    points than folds, and passes on what the model raises. (Stone, 1974, "Cross-validatory choice and assessment of
    statistical predictions".)
    """
    points = as_points(data)
    if not 2 <= folds <= len(points):
        raise DataError(f"Cross-validation needs 2 to {len(points)} folds for {len(points)} points; it was {folds}.")
    log_densities = np.empty(len(points))
    for held_out in np.array_split(np.random.default_rng(seed).permutation(len(points)), folds):
        model = make().fit(np.delete(points, held_out, axis=0))
        log_densities[held_out] = model.log_prob(points[held_out])
    return _score(log_densities)


def _score(log_densities: Array) -> Score:
    values = np.asarray(log_densities, dtype=np.float64)
    n_zero = int(np.count_nonzero(values == -np.inf))
    if np.isnan(values).any() or (n_zero and (values == np.inf).any()):
        raise DataError("The mean log-likelihood does not exist: some log-densities are not numbers or cancel out.")
    finite = bool(np.isfinite(values).all())
    n = len(values)
    return Score(
        mean=float(values.mean()),
        standard_error=float(values.std(ddof=1) / np.sqrt(n)) if finite and n > 1 else None,
        n=n,
        n_zero=n_zero,
    )
