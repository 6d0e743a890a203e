"""Measures between two Gaussians in closed form, and the Fréchet distance between the first two moments of anything.

With δ = μ_q − μ_p; logarithms are natural, so divergences are in nats.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from engine.divergence.measures import Density, log_density_on
from engine.evaluation.glossary import check_order
from engine.evaluation.wasserstein import moments_of_sample, squared_frechet_distance
from engine.grid import Array, Grid
from engine.model import DataError


@dataclass(frozen=True, eq=False)
class Gaussian:
    """Hold N(μ, Σ): mean (d,) and covariance (d, d), float64; in 1-D plain numbers μ and σ² will do.

    Raises DataError, a sentence each, for shapes that do not match, values that are not finite, and a covariance that
    is not symmetric or not positive definite.
    """

    mean: Array
    covariance: Array

    def __post_init__(self) -> None:
        try:
            mean = np.atleast_1d(np.asarray(self.mean, dtype=np.float64))
            covariance = np.atleast_2d(np.asarray(self.covariance, dtype=np.float64))
        except (TypeError, ValueError):
            raise DataError("A mean and a covariance must be numbers.") from None
        if mean.ndim != 1 or covariance.shape != (mean.size, mean.size):
            raise DataError(
                f"A mean of shape {mean.shape} does not go with a covariance of shape {covariance.shape}."
            )
        if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
            raise DataError("A mean or a covariance is NaN or infinite.")
        if not np.allclose(covariance, covariance.T, rtol=1e-6, atol=0):
            raise DataError("A covariance is not symmetric.")
        # Of the correlations, so that the units of the axes do not matter.
        variances = np.diag(covariance)
        scale = np.sqrt(np.outer(variances, variances)) if (variances > 0).all() else np.zeros_like(covariance)
        if not scale.all() or np.linalg.eigvalsh(covariance / scale)[0] < 1e-12:
            raise DataError("A covariance is singular or not positive definite, so the Gaussian has no density.")
        object.__setattr__(self, "mean", mean)
        object.__setattr__(self, "covariance", covariance)


def divergences(p: Gaussian, q: Gaussian, order: float = 0.5) -> dict[str, float]:
    """Return every measure that has a closed form, by its name in `MEASURES`.

    Jensen-Shannon and total variation have none, and the Wasserstein-1 distance has one in 1-D only. Raises DataError
    for Gaussians of unlike dimensions, HyperparameterError for an `order` of the α-divergence that is not in 0 to 1.
    """
    forward, reverse = kl_divergence(p, q), kl_divergence(q, p)
    found = {
        "kl": forward,
        "reverse_kl": reverse,
        "jeffreys": forward + reverse,
        "hellinger": hellinger_distance(p, q),
        "alpha": alpha_divergence(p, q, order),
        "frechet": frechet_distance(p, q),
    }
    return found | ({"wasserstein": wasserstein_distance(p, q)} if p.mean.size == 1 else {})


def kl_divergence(p: Gaussian, q: Gaussian) -> float:
    """Return KL(p‖q) = ½ [tr Σ_q⁻¹Σ_p − d + δᵀΣ_q⁻¹δ − log(|Σ_p| / |Σ_q|)] in nats.

    (Kullback, 1959, "Information theory and statistics".)
    """
    shift = _shift(p, q)
    root = np.linalg.cholesky(q.covariance)
    whitened = np.linalg.solve(root, np.linalg.cholesky(p.covariance))  # Σ_q^(−½) Σ_p^½: its log-determinant is exact
    distance = np.linalg.solve(root, shift)
    trace, log_ratio = np.sum(whitened**2), 2 * np.linalg.slogdet(whitened)[1]
    return max(float(0.5 * (trace - shift.size + distance @ distance - log_ratio)), 0.0)


def alpha_divergence(p: Gaussian, q: Gaussian, order: float = 0.5) -> float:
    """Return the α-divergence (1 − ∫ p^α q^(1−α)) / (α (1 − α)) in nats; KL(q‖p) at α = 0, KL(p‖q) at α = 1.

    Raises HyperparameterError for an `order` that is not between 0 and 1; see `chernoff_divergence`.
    """
    if check_order(order) in (0, 1):
        return kl_divergence(p, q) if order else kl_divergence(q, p)
    return float(-np.expm1(-chernoff_divergence(p, q, order))) / (order * (1 - order))


def hellinger_distance(p: Gaussian, q: Gaussian) -> float:
    """Return H = √(1 − ∫ √(pq)), between 0 and 1; ∫ √(pq) is the Bhattacharyya coefficient."""
    return float(np.sqrt(-np.expm1(-chernoff_divergence(p, q, 0.5))))


def chernoff_divergence(p: Gaussian, q: Gaussian, order: float) -> float:
    """Return −log ∫ p^α q^(1−α) = ½ [α(1−α) δᵀΣ⁻¹δ + log(|Σ| / (|Σ_p|^(1−α) |Σ_q|^α))], Σ = (1−α) Σ_p + α Σ_q.

    (Chernoff, 1952, "A measure of asymptotic efficiency for tests of a hypothesis"; Bhattacharyya, 1943, for α = ½.)
    """
    shift = _shift(p, q)
    mixed = (1 - order) * p.covariance + order * q.covariance
    log_determinants = [np.linalg.slogdet(matrix)[1] for matrix in (mixed, p.covariance, q.covariance)]
    volumes = log_determinants[0] - (1 - order) * log_determinants[1] - order * log_determinants[2]
    return max(float(0.5 * (order * (1 - order) * shift @ np.linalg.solve(mixed, shift) + volumes)), 0.0)


def wasserstein_distance(p: Gaussian, q: Gaussian) -> float:
    """Return W₁ = E|δ + (σ_q − σ_p) Z| with Z ~ N(0, 1), in data units: quantiles are matched with quantiles.

    That is the mean of a folded normal distribution. Raises DataError beyond one dimension, where there is no closed
    form. (Vallender, 1974, "Calculation of the Wasserstein distance between probability distributions
    on the line".)
    """
    shift = _shift(p, q)
    if shift.size != 1:
        raise DataError("The Wasserstein-1 distance between Gaussians has a closed form in one dimension only.")
    from scipy.special import erf

    delta, spread = float(shift[0]), float(np.sqrt(q.covariance[0, 0]) - np.sqrt(p.covariance[0, 0]))
    if spread == 0:
        return abs(delta)
    z = delta / (np.sqrt(2) * abs(spread))
    return float(abs(spread) * np.sqrt(2 / np.pi) * np.exp(-(z**2)) + delta * erf(z))


def frechet_distance(p: Source, q: Source, grid: Grid | None = None) -> float:
    """Return the distance W₂ between Gaussians with the means and covariances of p and q, in data units.

    p and q are Gaussians, samples (n, d) or, with `grid`, densities; see `moments` and `squared_frechet_distance`.
    """
    return float(np.sqrt(squared_frechet_distance(*moments(p, grid), *moments(q, grid))))


Source = Gaussian | Density | npt.ArrayLike


def moments(source: Source, grid: Grid | None = None) -> tuple[Array, Array]:
    """Return mean (d,) and covariance (d, d) of a Gaussian, of a density on `grid`, or of a sample (n, d).

    A density is normalised by its mass on the grid; a sample's covariance is the unbiased one. Raises DataError for a
    density with no mass on the grid, and for a sample of fewer than two points.
    """
    if isinstance(source, Gaussian):
        return source.mean, source.covariance
    if grid is not None:
        points, weights = grid.points, np.exp(log_density_on(cast(Density, source), grid)).ravel()
        if not weights.sum() > 0:
            raise DataError("A density has no mass on the grid, so it has no moments there.")
        weights /= weights.sum()
        mean = weights @ points
        return mean, (weights * (points - mean).T) @ (points - mean)
    return moments_of_sample(cast(npt.ArrayLike, source))


def _shift(p: Gaussian, q: Gaussian) -> Array:
    if p.mean.size != q.mean.size:
        raise DataError(f"One Gaussian is {p.mean.size}-D and the other {q.mean.size}-D.")
    return q.mean - p.mean
