"""Targets p for a fit: mixtures of Gaussians placed by hand or by a preset whose modes a slider parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import cast

import numpy as np
import numpy.typing as npt

from engine.density.mixture.state import MixtureState
from engine.grid import Array, Domain
from engine.model import DataError, as_points

_REACH = 5.0  # standard deviations around each component: beyond them lies less than 1e-6 of its mass
_LARGEST = 1e15  # of means and standard deviations: squares must fit float32
_SUM_TOLERANCE = 1e-6  # by which weights may miss 1


class MixtureTarget:
    """Describe a mixture of Gaussians p(x) = Σₖ wₖ N(x; μₖ, Σₖ) in one or two dimensions, which is never changed.

    `weights` (K,), `means` (K, d) and `covariances` (K, d, d) are copied; in 1-D (K,) means and variances do. Raises
    DataError with one sentence for weights that are negative or do not sum to 1 within 1e-6, for covariances that are
    asymmetric or not positive definite, and for shapes that do not fit.
    """

    def __init__(self, weights: npt.ArrayLike, means: npt.ArrayLike, covariances: npt.ArrayLike) -> None:
        self.weights, self.means, self.covariances = _check(weights, means, covariances)

    @property
    def dimension(self) -> int:
        """Number of dimensions, 1 or 2."""
        return int(self.means.shape[1])

    @property
    def mean(self) -> Array:
        """Mean (d,) of the whole mixture."""
        return cast(Array, self.weights @ self.means)

    @property
    def covariance(self) -> Array:
        """Covariance (d, d) of the whole mixture."""
        centred = self.means - self.mean
        spread = self.covariances + centred[:, :, None] * centred[:, None, :]
        return cast(Array, np.tensordot(self.weights, spread, 1))

    @cached_property
    def domain(self) -> Domain:
        """The window, square in 2-D, that reaches five standard deviations from the mean of every component."""
        reach = _REACH * np.sqrt(np.diagonal(self.covariances, axis1=1, axis2=2))
        low, high = (self.means - reach).min(axis=0), (self.means + reach).max(axis=0)
        half = 0.5 * (high - low).max()
        return tuple((float(middle - half), float(middle + half)) for middle in 0.5 * (low + high))

    def log_prob(self, x: npt.ArrayLike) -> Array:
        """Return log-densities (n,) float32 in nats at points x (n, d)."""
        return self._state.log_prob(as_points(x, self.dimension))

    def sample(self, n: int, seed: int = 0) -> Array:
        """Draw n points (n, d) float32; the same seed repeats the draw."""
        return self._state.sample(n, seed)

    def ellipses(self, scale: float = 2.0, vertices: int = 65) -> Array:
        """Return closed outlines (K, vertices, 2), `scale` standard deviations from each mean; DataError in 1-D."""
        return self._state.ellipses(scale, vertices)

    @cached_property
    def _state(self) -> MixtureState:
        """The density estimator of the same form, which knows how to evaluate, draw and outline itself."""
        nowhere = np.zeros(len(self.weights), dtype=bool)
        # torch wants arrays that it could write to.
        return MixtureState(0, self.weights.copy(), self.means, self.covariances, np.nan, nowhere)


def two_mode_target(separation: float = 1.0) -> MixtureTarget:
    """Return a narrow light mode and a broad heavy one; `separation` 1 gives Raffel's own distance between them.

    (Raffel, 2018, "GANs and Divergence Minimization"; the parameters are recovered from its figures.)
    """
    covariances = [[[0.5, 0.1], [0.1, 0.5]], [[1.0, 1.0], [1.0, 2.0]]]
    return _parted(separation, [0.2, 0.8], [[-2.5, 2.5], [0.5, -0.7]], covariances)


def separated_target(
    separation: float = 4.0, weight: float = 0.5, deviation: float = 1.0, dimension: int = 2
) -> MixtureTarget:
    """Return two round Gaussians whose means lie `separation` (data units) apart along x, the left one of `weight`.

    Raises DataError for a separation below 0, a weight beyond 0 to 1 or a deviation that is not above 0.
    """
    if not (0 <= weight <= 1 and deviation > 0 and dimension in (1, 2)):
        raise DataError("A weight lies between 0 and 1, a deviation above 0, and a target in one or two dimensions.")
    means = np.zeros((2, dimension))
    means[:, 0] = -0.5, 0.5
    # Both modes move alike, whatever their weights, so that a slider moves them smoothly.
    return _parted(separation, [weight, 1 - weight], means, np.tile(deviation**2 * np.eye(dimension), (2, 1, 1)), 0.0)


def three_modes(separation: float = 1.0) -> MixtureTarget:
    """Return three modes of unlike shape and weight at the corners of a triangle."""
    covariances = [[[0.6, 0.35], [0.35, 0.6]], [[0.6, -0.35], [-0.35, 0.6]], [[0.9, 0.0], [0.0, 0.25]]]
    return _parted(separation, [0.3, 0.3, 0.4], [[-2.2, -1.2], [2.2, -1.2], [0.0, 2.0]], covariances)


def ring(separation: float = 1.0, n_modes: int = 8) -> MixtureTarget:
    """Return `n_modes` equal round modes on a circle of radius 3 · `separation`."""
    angle = 2 * np.pi / n_modes * np.arange(n_modes)
    means = 3 * np.column_stack([np.cos(angle), np.sin(angle)])
    return _parted(separation, np.full(n_modes, 1 / n_modes), means, np.tile(0.3 * np.eye(2), (n_modes, 1, 1)))


def boomerang(separation: float = 1.0, n_parts: int = 9) -> MixtureTarget:
    """Return a bent ridge: `n_parts` Gaussians along a parabola, each stretched along it."""
    u = np.linspace(-1, 1, n_parts)
    means = np.column_stack([3 * u, 2.4 * u**2 - 1.2])
    slope = np.column_stack([np.full(n_parts, 3.0), 4.8 * u]) * (2 / (n_parts - 1))
    weights = np.exp(-0.5 * (u / 0.7) ** 2)
    covariances = 0.12 * np.eye(2) + 0.5 * slope[:, :, None] * slope[:, None, :]
    return _parted(separation, weights / weights.sum(), means, covariances)


def narrow_and_broad(separation: float = 1.0) -> MixtureTarget:
    """Return, on a line, a narrow mode beside a broad one of the same weight."""
    return _parted(separation, [0.5, 0.5], [[-2.0], [2.0]], [[[0.16]], [[1.0]]])


def _equal_modes(separation: float = 1.0) -> MixtureTarget:
    return separated_target(5 * separation)


def _modes_on_a_line(separation: float = 1.0) -> MixtureTarget:
    return separated_target(5 * separation, 0.6, dimension=1)


# Name → factory that takes `separation`, ≥ 0, which scales the distances between the modes; 1 is the preset's own.
PRESETS: Mapping[str, Callable[[float], MixtureTarget]] = {
    "Two modes": two_mode_target,
    "Two equal modes": _equal_modes,
    "Three modes": three_modes,
    "Ring": ring,
    "Boomerang": boomerang,
    "Two modes, 1-D": _modes_on_a_line,
    "Narrow and broad, 1-D": narrow_and_broad,
}


def _parted(
    separation: float,
    weights: npt.ArrayLike,
    means: npt.ArrayLike,
    covariances: npt.ArrayLike,
    centre: float | None = None,
) -> MixtureTarget:
    """Return the mixture with its means moved away from their weighted mean, or from `centre`, by a factor."""
    if not 0 <= separation < _LARGEST:
        raise DataError(f"The separation of the modes must be a finite number from 0 up; it was {separation:g}.")
    target = MixtureTarget(weights, means, covariances)
    fixed = target.mean if centre is None else centre
    return MixtureTarget(target.weights, fixed + separation * (target.means - fixed), covariances)


def _check(weights: npt.ArrayLike, means: npt.ArrayLike, covariances: npt.ArrayLike) -> tuple[Array, Array, Array]:
    """Return copies (K,), (K, d), (K, d, d) float64 that cannot be written to, or raise DataError with a sentence."""
    try:
        w, m, c = (np.array(value, dtype=np.float64) for value in (weights, means, covariances))
    except (TypeError, ValueError):
        raise DataError("Weights, means and covariances must be numbers, one entry a component.") from None
    if m.ndim == 1 and m.shape == c.shape:
        m, c = m[:, None], c[:, None, None]
    k, d = m.shape if m.ndim == 2 else (0, 0)
    if not k or d not in (1, 2) or w.shape != (k,) or c.shape != (k, d, d):
        raise DataError(
            "A mixture of K Gaussians needs K weights, K means and K covariances in one or two dimensions; "
            f"these have shapes {w.shape}, {m.shape} and {c.shape}."
        )
    if not all((np.abs(value) < _LARGEST).all() for value in (w, m, np.sqrt(np.abs(c)))):
        raise DataError("Weights, means and covariances must be finite and below 1e15 data units.")
    if (w < 0).any():
        raise DataError(f"Weight {int(np.argmax(w < 0)) + 1} is negative; weights are probabilities.")
    if abs(w.sum() - 1) > _SUM_TOLERANCE:
        raise DataError(f"The weights sum to {w.sum():.7g} and must sum to 1.")
    scale = np.sqrt(np.abs(np.diagonal(c, axis1=1, axis2=2)))
    size = scale[:, :, None] * scale[:, None, :]
    lopsided = (np.abs(c - c.mT) > 1e-6 * size).any(axis=(1, 2))
    if lopsided.any():
        raise DataError(f"Covariance {int(np.argmax(lopsided)) + 1} is not symmetric.")
    # Correlations, so that no unit matters; where a variance is 0 so is its row, which then is singular. One within
    # 1e-12 of ±1 leaves no digits of the determinant.
    correlations = np.divide(c, size, out=np.zeros_like(c), where=size > 0)
    singular = (np.linalg.eigvalsh(correlations) < 1e-12).any(axis=1)
    if singular.any():
        raise DataError(f"Covariance {int(np.argmax(singular)) + 1} is singular or not positive definite.")
    checked = w / w.sum(), m, 0.5 * (c + c.mT)
    for array in checked:
        array.setflags(write=False)
    return checked
