"""How far a generator's distribution is from the data's: KL, JS and W₁ with errors, and the modes it covers.

Both samples have the same size, and both are blurred by one narrow Gaussian, so that a generator on a curve, or on a
single point, has a density too; by the data-processing inequality the blurred divergences are never larger. The KL
divergence is a lower bound where generated points are missing near real ones (`engine.evaluation.neighbours`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.data import preset as find_preset
from engine.evaluation.modes import coverage, modes_of
from engine.evaluation.neighbours import Cloud, compare
from engine.evaluation.wasserstein import Estimate, between_samples
from engine.grid import Array
from engine.model import DataError

# "kl_is_bound" is 1 where "kl" is a lower bound, whose error is 0.
MEASURES = ("kl", "kl_error", "js", "js_error", "w1", "w1_error", "modes", "n_modes", "high_quality", "kl_is_bound")
SAMPLE = 2000  # points a side
BLUR = 0.02  # of the data's standard deviation
FEWEST, GROUPS, GROUP = 8, 16, 62  # pairings for W₁: their number, and the points a side of each
_FARTHEST = 1e9  # blurs from the data's mean
FRESH_SEED = 2**20 + 7  # draws real points that no training has seen


class Generates(Protocol):
    """What is asked of a model: new points."""

    def sample(self, n: int, seed: int = 0) -> Array: ...  # noqa: D102


def measures(
    model: Generates, x: Array | None = None, preset: str | None = None, noise: float | None = None, seed: int = 0
) -> Array:
    """Return the figures (10,) float32 in the order of `MEASURES`: nats, nats, data units; each error is standard.

    The real side is drawn afresh from the `preset` at `noise` where there is one, else it is x (n, 2). Where there
    are no known modes, `modes`, `n_modes` and `high_quality` are 0. Raises DataError without data, or for fewer than
    16 points.
    """
    real = real_points(x, preset, noise)
    draw = lambda offset: np.asarray(model.sample(max(len(real), SAMPLE), seed=seed + offset), np.float64)  # noqa: E731
    fake = draw(0)
    kl, js = neighbour_divergences(real, fake[: len(real)], lambda: draw(1))
    w1 = wasserstein(real, fake)
    modes = modes_of(preset, noise)
    found = coverage(fake, modes) if modes else None
    figures = [part for estimate in (kl, js, w1) for part in (float(estimate), estimate.standard_error or 0.0)]
    figures += [found.covered, found.n_modes, found.high_quality] if found else [0, 0, 0]
    return np.array([*figures, kl.standard_error is None], np.float32)


def named(figures: npt.ArrayLike) -> dict[str, float]:
    """Return figures (10,) of `measures` by name.

    The 9 of runs kept from before have a KL that can be far too small; it becomes a bound, two errors below.
    """
    values = np.asarray(figures, np.float64).tolist()
    if len(values) == len(MEASURES) - 1:
        values = [max(values[0] - 2 * values[1], 0.0), 0.0, *values[2:], 1.0]
    return dict(zip(MEASURES, values, strict=True))


def real_points(x: Array | None, preset: str | None = None, noise: float | None = None) -> Array:
    """Return real points (n, 2) float64, n ≤ 2000 shuffled: from the preset, unseen by any training, or of x."""
    if preset is not None:
        return _fresh(preset, noise)
    if x is None or len(x) < 2 * FEWEST:
        raise DataError(f"To compare distributions takes at least {2 * FEWEST} real points.")
    return np.random.default_rng(0).permutation(np.asarray(x, np.float64))[:SAMPLE]


def neighbour_divergences(real: Array, fake: Array, fresh: Callable[[], Array]) -> tuple[Estimate, Estimate]:
    """Return KL(real‖fake), or a bound of it, and their JS divergence in nats, of samples (n, 2) and (m, 2).

    Both are blurred alike. `fresh` draws more of the second; see `engine.evaluation.neighbours.compare`.
    """
    scale = BLUR * real.std(axis=0).mean()
    centre, limit = real.mean(axis=0), _FARTHEST * scale

    def blurred(points: Array, seed: int) -> Array:
        near = np.clip(points, centre - limit, centre + limit)  # farther away, the blur would be lost in rounding
        return near + scale * np.random.default_rng(seed).standard_normal(near.shape)

    return compare(_cloud(real.tobytes(), scale), Cloud(blurred(fake, 1)), lambda: blurred(fresh(), 2))


def wasserstein(real: Array, fake: Array) -> Estimate:
    """Return W₁ in data units: the mean of exact pairings of up to 62 points a side, corrected for their number.

    Two samples of one distribution are some way apart too, so the mean pairing w is too long on average. How far
    apart, f, is measured between groups of real points and taken off in squares, W₁² ≈ w² − f²: right where both
    distributions are one, and too much where they are not (of two far apart, only a chance displacement across the
    way lengthens it). The truth lies between, so the error holds half of what was taken off beside the scatter.
    """
    n = min(len(real), len(fake))
    size = min(GROUP, n // FEWEST)
    count = min(GROUPS, n // size)
    groups = [points[: count * size].reshape(count, size, 2) for points in (real, fake)]
    found = np.array([_pairing(a, b) for a, b in zip(*groups, strict=True)])
    apart, apart_error = _floor(groups[0].tobytes(), size)
    value, error = found.mean(), found.std(ddof=1) / np.sqrt(count)
    square, spread = max(value**2 - apart**2, 0.0), 2 * np.hypot(value * error, apart * apart_error)
    root = square**0.5
    # Near 0 the root has no slope; there it is known to within the root of its square's error.
    scatter = min(spread / (2 * root), spread**0.5) if root else spread**0.5
    return Estimate(root, "assignment", float(np.hypot(scatter, 0.5 * (value - root))))


@lru_cache(maxsize=8)
def _fresh(preset: str, noise: float | None) -> Array:
    points = find_preset(preset).sample(SAMPLE, FRESH_SEED, noise).astype(np.float64)
    points.setflags(write=False)
    return points


@lru_cache(maxsize=8)
def _cloud(real: bytes, scale: float) -> Cloud:
    """Return real points, blurred, with their neighbours; cached, as the real points stay."""
    points = np.frombuffer(real).reshape(-1, 2)
    return Cloud(points + scale * np.random.default_rng(0).standard_normal(points.shape))


@lru_cache(maxsize=8)
def _floor(real: bytes, size: int) -> tuple[float, float]:
    """Return the mean W₁ between groups of real points with its standard error; cached, as the real points stay."""
    groups = np.frombuffer(real).reshape(-1, size, 2)
    pairs = np.array([_pairing(groups[i], groups[j]) for i in range(len(groups)) for j in range(i)])
    return float(pairs.mean()), float(pairs.std(ddof=1) / np.sqrt(len(groups)))


def _pairing(a: Array, b: Array) -> float:
    return float(between_samples(a, b))
