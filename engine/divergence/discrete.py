"""Measures between two discrete distributions, and the events whose probabilities total variation compares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.divergence.gaussians import frechet_distance
from engine.divergence.quadrature import all_measures
from engine.divergence.wasserstein import wasserstein_distance
from engine.grid import Array, Grid
from engine.model import DataError

MOST_OUTCOMES = 12  # 4096 events


@dataclass(frozen=True, eq=False)
class Events:
    """Hold all 2ⁿ events of n outcomes with their probabilities under p and q.

    `members` (2ⁿ, n) bool says which outcomes an event has: event i has outcome j where bit j of i is set. `p`, `q`
    and `gap` = |P(A) − Q(A)| are (2ⁿ,). `best` is the index of the smallest event A with the greatest P(A) − Q(A),
    which is {j: p_j > q_j}; its complement has the same gap.
    """

    members: npt.NDArray[np.bool_]
    p: Array
    q: Array
    gap: Array
    best: int


def divergences(p: npt.ArrayLike, q: npt.ArrayLike, order: float = 0.5) -> dict[str, float]:
    """Return every measure between probability vectors p and q (n,), by its name in `MEASURES`.

    Divergences are in nats; the Wasserstein and the Fréchet distance take outcome j to lie at j = 0 … n − 1. Raises
    DataError for probabilities that are negative, not finite or do not sum to 1 within 1e-6, and for vectors of
    unlike lengths; HyperparameterError for an `order` of the α-divergence that is not in 0 to 1.
    """
    with np.errstate(divide="ignore"):
        log_p, log_q = (np.log(probabilities) for probabilities in _pair(p, q))
    outcomes = Grid.over(((-0.5, log_p.size - 0.5),), log_p.size)  # cells of length 1, centred on the outcomes
    return all_measures(log_p, log_q, outcomes.cell_volume, order) | {
        "wasserstein": float(wasserstein_distance(log_p, log_q, outcomes)),
        "frechet": frechet_distance(log_p, log_q, outcomes),
    }


def events(p: npt.ArrayLike, q: npt.ArrayLike) -> Events:
    """Return all events with their probabilities; the greatest gap is total variation, ½ Σ |p − q|.

    Raises DataError as `divergences` does, and for more than 12 outcomes.
    (Scheffé, 1947, "A useful convergence theorem for probability distributions".)
    """
    p, q = _pair(p, q)
    if p.size > MOST_OUTCOMES:
        raise DataError(f"All events are listed for up to {MOST_OUTCOMES} outcomes; there are {p.size}.")
    members = (np.arange(1 << p.size)[:, None] >> np.arange(p.size) & 1).astype(bool)
    in_p, in_q = members @ p, members @ q
    # An outcome with p = q adds nothing but rounding, and adds to the index: argmax takes the event without it.
    best = int(np.argmax(np.round(in_p - in_q, 12)))
    return Events(members, in_p, in_q, np.abs(in_p - in_q), best)


def _pair(p: npt.ArrayLike, q: npt.ArrayLike) -> tuple[Array, Array]:
    first, second = _probabilities(p), _probabilities(q)
    if first.size != second.size:
        raise DataError(f"One distribution has {first.size} outcomes and the other {second.size}.")
    return first, second


def _probabilities(values: npt.ArrayLike) -> Array:
    """Return a float64 vector (n,) that sums to 1; raise DataError if `values` are no probabilities."""
    try:
        vector = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError("Probabilities must be numbers.") from None
    if vector.ndim != 1 or not vector.size:
        raise DataError(f"Probabilities need one row with a number for each outcome; the shape was {vector.shape}.")
    if not np.isfinite(vector).all():
        raise DataError("A probability is NaN or infinite.")
    if (vector < 0).any():
        raise DataError(f"A probability is negative: {vector.min():g}.")
    if abs(vector.sum() - 1) > 1e-6:
        raise DataError(f"The probabilities must sum to 1; they sum to {vector.sum():g}.")
    return vector / vector.sum()
