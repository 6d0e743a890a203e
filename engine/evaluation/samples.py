"""Measures between two samples: estimates from nearest neighbours, each with what is known of its error.

At a point the k-th nearest neighbour in a sample of n is at a distance ρ, where a density of about k / (n V_d ρ^d)
puts it; so the log-ratio of two densities is log p/q ≈ log(m ν^d / (n ρ^d)), ν the distance in the other sample.
A point is no neighbour of its own, and neither is a point of the other sample at the very same place: of a continuous
distribution that is the same draw, given twice, and to count it on one side only would tell a sample from itself.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.evaluation.glossary import LOG_2, MEASURES, check_order
from engine.evaluation.wasserstein import Estimate, between_samples, moments_of_sample, squared_frechet_distance
from engine.grid import Array
from engine.model import DataError, HyperparameterError, as_points

Terms = tuple[Array, Array]  # at the points of p (n,) and at those of q (m,): their means add up to a measure

_LIMIT = 300.0  # of a log-ratio in nats, so that squares of ratios fit float64


def divergences(
    p: npt.ArrayLike,
    q: npt.ArrayLike,
    k: int = 10,
    order: float = 0.5,
    *,
    n_projections: int = 128,
    seed: int = 0,
) -> dict[str, Estimate]:
    """Estimate every measure between samples p (n, d) and q (m, d), by its name in `MEASURES`.

    Both KL divergences are means of the log-ratio of densities over a sample, which converge to the truth (Wang,
    Kulkarni and Verdú, 2009, "Divergence estimation for multidimensional densities via k-nearest-neighbor distances";
    Pérez-Cruz, 2008, "Kullback-Leibler divergence estimation of continuous distributions"), from below where p and q
    are far apart. The bounded measures and the α-divergence put the log-ratio into their variational form, where any
    ratio but the true one gives less, so they err to the small side, less so with a larger `k` (Nguyen, Wainwright
    and Jordan, 2010, "Estimating divergence functionals and the likelihood ratio by convex risk minimization").
    No measure leaves its range: what comes out below 0 or above the highest value is put at that end, so that of
    something near 0 the estimates err to the large side on average, by up to 0.4 standard errors.

    Standard errors are of first order (see `_mean`), of the value before that, and hold no bias; the Fréchet distance
    and the square root of something near 0 have none. Raises DataError for unlike dimensions, fewer than k + 1
    points, more than k points on one another, and ratios beyond e^300; HyperparameterError for k < 1, and as
    `wasserstein_distance` does.
    """
    check_order(order)
    at_p, at_q = log_ratios(p, q, k)
    method = f"{k} nearest neighbours"
    frechet = squared_frechet_distance(*moments_of_sample(p), *moments_of_sample(q)) ** 0.5
    forward = _mean(_alpha(at_p, at_q, 1), method, float(at_p.mean()))
    reverse = _mean(_alpha(at_p, at_q, 0), method, float(-at_q.mean()))
    jeffreys = _mean(_jeffreys(at_p, at_q), method, float(forward + reverse))
    js = _mean(_js(at_p, at_q), method)
    found = {
        "kl": forward,
        "reverse_kl": reverse,
        "jeffreys": jeffreys,
        "js": js,
        "js_distance": _root(js),
        "total_variation": _mean(_best_event(at_p, at_q), method),
        "hellinger": _root(_mean(_squared_hellinger(at_p, at_q), method)),
        "alpha": forward if order == 1 else reverse if order == 0 else _mean(_alpha(at_p, at_q, order), method),
        "wasserstein": between_samples(as_points(p), as_points(q), n_projections, seed),
        "frechet": Estimate(frechet, "means and covariances"),
    }
    return {name: _admissible(name, estimate) for name, estimate in found.items()}


class Neighbourhood:
    """Hold a sample (n, d), a tree to find neighbours in it, and how far from each point its own k-th is (n,)."""

    def __init__(self, points: Array, k: int) -> None:
        from scipy.spatial import cKDTree

        self.points, self.k, self._tree = points, k, cKDTree(points)
        self.spacings = self._distances(points, k + 1)  # the nearest of all is the point itself

    def spacings_at(self, points: Array) -> tuple[Array, Array]:
        """Return how far points (m, d) of another sample are from their k-th nearest here (m,), and of how many.

        A point of this sample at the very same place is left out, and then there is one fewer (m,).
        """
        nearest, kth, next_one = self._tree.query(points, [1, self.k, self.k + 1])[0].T
        twin = nearest == 0
        return np.where(twin, next_one, kth), len(self.points) - twin

    def _distances(self, points: Array, k: int) -> Array:
        distances: Array = self._tree.query(points, [k])[0][:, 0]
        return distances


def log_ratios(p: npt.ArrayLike | Neighbourhood, q: npt.ArrayLike, k: int = 10) -> tuple[Array, Array]:
    """Estimate log p/q in nats at the points of sample p (n,) and of sample q (m,); raises as `divergences` does.

    A p that is compared many times may be its `Neighbourhood` for the same k.
    """
    x, y = p.points if isinstance(p, Neighbourhood) else as_points(p), as_points(q)
    if k < 1:
        raise HyperparameterError({"k": f"The number of neighbours must be 1 or more; it was {k}."})
    if x.shape[1] != y.shape[1]:
        raise DataError(f"One sample is {x.shape[1]}-D and the other {y.shape[1]}-D.")
    if min(len(x), len(y)) <= k:
        raise DataError(
            f"With {k} neighbours each sample needs at least {k + 1} points; one has {min(len(x), len(y))}."
        )
    of_p, of_q = p if isinstance(p, Neighbourhood) else Neighbourhood(x, k), Neighbourhood(y, k)
    at_p, at_q = _log_ratio(of_p, of_q), -_log_ratio(of_q, of_p)
    if not (np.abs(np.concatenate([at_p, at_q])) < _LIMIT).all():
        raise DataError("The samples are so far apart that one density is beyond e^300 times the other.")
    return at_p, at_q


def _log_ratio(own: Neighbourhood, other: Neighbourhood) -> Array:
    """Return log(m ν^d / ((n − 1) ρ^d)) (n,) at the points of `own` (n, d), for the m others in `other`."""
    near_own, (near_other, others) = own.spacings, other.spacings_at(own.points)
    if not np.isfinite(near_own + near_other).all():
        raise DataError("The points are so far apart that their distances overflow; choose other units.")
    stacked = int(np.count_nonzero((near_own == 0) | (near_other == 0)))
    if stacked:
        raise DataError(
            f"{stacked} points have {own.k} or more others at the very same place, where no density can be estimated."
        )
    n, d = own.points.shape
    return np.log(others / (n - 1)) + d * (np.log(near_other) - np.log(near_own))


def _js(at_p: Array, at_q: Array) -> Terms:
    """½ E_p log(2p / (p + q)) + ½ E_q log(2q / (p + q))."""
    return 0.5 * (LOG_2 - np.logaddexp(0, -at_p)), 0.5 * (LOG_2 - np.logaddexp(0, at_q))


def _best_event(at_p: Array, at_q: Array) -> Terms:
    """P(A) − Q(A) of the event A where p exceeds q."""
    return 1.0 * (at_p > 0), -1.0 * (at_q > 0)


def _alpha(at_p: Array, at_q: Array, order: float) -> Terms:
    """(1 − α E_p (q/p)^(1−α) − (1 − α) E_q (p/q)^α) / (α (1 − α)), at α = 1 E_p log(p/q) + 1 − E_q p/q."""
    return (
        at_p if order == 1 else -np.expm1((order - 1) * at_p) / (1 - order),
        -at_q if order == 0 else -np.expm1(order * at_q) / order,
    )


def _squared_hellinger(at_p: Array, at_q: Array) -> Terms:
    """1 − ½ E_p √(q/p) − ½ E_q √(p/q), a quarter of the α-divergence at ½."""
    terms_p, terms_q = _alpha(at_p, at_q, 0.5)
    return terms_p / 4, terms_q / 4


def _jeffreys(at_p: Array, at_q: Array) -> Terms:
    """Both KL divergences in the form of `_alpha`."""
    (forward_p, forward_q), (reverse_p, reverse_q) = _alpha(at_p, at_q, 1), _alpha(at_p, at_q, 0)
    return forward_p + reverse_p, forward_q + reverse_q


def _mean(terms: Terms, method: str, value: float | None = None) -> Estimate:
    """Return the sum of both terms' means, or another `value` of the same limit, with its standard error.

    The terms of a variational form are, but for a constant, what the measure changes by with one more point in a
    sample (its influence function), so their variances give the error of any estimate that is exact to first order.
    """
    total = float(sum(part.mean() for part in terms))
    variance = float(sum(part.var() / part.size for part in terms))
    return Estimate(total if value is None else value, method, variance**0.5)


def _admissible(name: str, estimate: Estimate) -> Estimate:
    """Return the estimate, moved into the range of its measure if sampling has left it."""
    value = min(max(float(estimate), 0.0), MEASURES[name].highest)
    return Estimate(value, estimate.method, estimate.standard_error)


def _root(squared: Estimate) -> Estimate:
    """Return the square root; the error goes through its slope 1 / (2 √v), unless v is within two errors of 0."""
    value = max(float(squared), 0.0) ** 0.5
    error = squared.standard_error
    return Estimate(
        value, squared.method, error / (2 * value) if error is not None and 2 * error < value**2 else None
    )
