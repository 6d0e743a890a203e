"""Find points that a density calls unlikely, and measure how well it finds planted ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.grid import Array, Domain
from engine.model import DataError, as_points

Mask = npt.NDArray[np.bool_]
ATTEMPTS = 50  # batches of candidates before planting gives up


@dataclass(frozen=True)
class Detection:
    """Hold how well low log-density marks outliers.

    `roc_auc` is the probability that a random outlier has a lower density than a random inlier, ties counting half.
    `precision` is the share of outliers among the marked points (None if none is marked), `recall` the share of
    outliers that are marked, both at `quantile`.
    """

    roc_auc: float
    roc_auc_standard_error: float
    precision: float | None
    recall: float
    quantile: float


def outlier_mask(log_densities: npt.ArrayLike, quantile: float) -> tuple[Mask, float]:
    """Mark the least likely points: return a mask (n,) and the threshold in nats.

    The threshold is the ⌈quantile · n⌉-th smallest log-density; points at or below it are marked, so that equals are
    treated equally. At quantile 0 nothing is marked and the threshold is −inf.
    Raises DataError for a quantile outside [0, 1], no points, or NaN.
    """
    values = _log_densities(log_densities)
    if not 0 <= quantile <= 1:
        raise DataError(f"The quantile must lie between 0 and 1; it was {quantile}.")
    count = int(np.ceil(quantile * len(values) - 1e-9))
    if count == 0:
        return np.zeros(len(values), dtype=bool), -np.inf
    threshold = np.partition(values, count - 1)[count - 1]
    return values <= threshold, float(threshold)


def plant_outliers(x: npt.ArrayLike, domain: Domain, n: int, seed: int = 0) -> tuple[Array, Mask]:
    """Add n points, uniform over the domain but away from the data; return all (m + n, d) and which were planted.

    "Away" means at least 5 % of the domain's mean width from every data point, else a planted point could not be told
    from the data. The same seed repeats the points. Raises DataError if n < 1 or the data leaves no room.
    """
    from scipy.spatial import cKDTree

    data = as_points(x, len(domain))
    if n < 1:
        raise DataError(f"The number of planted outliers must be at least 1; it was {n}.")
    low, high = np.asarray(domain, dtype=np.float64).T
    min_distance = 0.05 * float(np.mean(high - low))
    tree, rng = cKDTree(data), np.random.default_rng(seed)
    planted = np.zeros((0, len(domain)))
    for _ in range(ATTEMPTS):
        candidates = rng.uniform(low, high, (max(4 * n, 100), len(domain)))
        distance, _ = tree.query(candidates)
        planted = np.concatenate([planted, candidates[distance >= min_distance]])
        if len(planted) >= n:
            is_outlier = np.repeat([False, True], [len(data), n])
            return np.concatenate([data, planted[:n]]), is_outlier
    raise DataError("The data fills the domain, so there is no room for outliers.")


def detection(log_densities: npt.ArrayLike, is_outlier: npt.ArrayLike, quantile: float = 0.05) -> Detection:
    """Measure how well low log-densities (n,) single out the outliers (n,) marked True.

    With A the area under the ROC curve, its standard error is √[(A(1−A) + (m−1)(Q₁−A²) + (k−1)(Q₂−A²)) / mk] for m
    outliers and k inliers, Q₁ = A/(2−A), Q₂ = 2A²/(1+A) (Hanley and McNeil, 1982, "The meaning and use of the area
    under a receiver operating characteristic (ROC) curve"). It is 0 at A = 1, where it says little.
    Raises DataError for NaN, other shapes, or without at least one outlier and one inlier.
    """
    values, truth = _log_densities(log_densities), np.asarray(is_outlier, dtype=bool)
    if truth.shape != values.shape:
        raise DataError(f"There are {len(values)} log-densities and outlier marks of shape {truth.shape}.")
    m, k = int(truth.sum()), int((~truth).sum())
    if not m or not k:
        raise DataError("Detection needs at least one outlier and one other point.")
    area = _roc_auc(values[truth], values[~truth])
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (area * (1 - area) + (m - 1) * (q1 - area**2) + (k - 1) * (q2 - area**2)) / (m * k)
    marked, _ = outlier_mask(values, quantile)
    hits, n_marked = int((marked & truth).sum()), int(marked.sum())
    return Detection(
        roc_auc=area,
        roc_auc_standard_error=float(np.sqrt(max(variance, 0.0))),
        precision=hits / n_marked if n_marked else None,
        recall=hits / m,
        quantile=quantile,
    )


def _roc_auc(outliers: Array, inliers: Array) -> float:
    """Return the share of (outlier, inlier) pairs in the right order, ties counting half (Mann and Whitney's U)."""
    ordered = np.sort(inliers)
    higher = len(ordered) - np.searchsorted(ordered, outliers, side="right")
    not_lower = len(ordered) - np.searchsorted(ordered, outliers, side="left")
    return float((higher + not_lower).sum() / (2 * len(outliers) * len(ordered)))


def _log_densities(values: npt.ArrayLike) -> Array:
    log_densities = np.asarray(values, dtype=np.float64).ravel()
    if not len(log_densities) or np.isnan(log_densities).any():
        raise DataError("Outliers need at least one log-density, and none may be NaN.")
    return log_densities
