"""How far a generator's distribution is from the data's: KL, JS and W₁ with errors, and the modes it covers.

Both samples have the same size, and both are blurred by one narrow Gaussian, so that a generator on a curve, or on a
single point, has a density too; by the data-processing inequality the blurred divergences are never larger.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import numpy as np

from engine.adversarial.modes import coverage, modes_of
from engine.data import preset as find_preset
from engine.divergence.integrands import LOG_2
from engine.divergence.samples import Neighbourhood, log_ratios
from engine.divergence.wasserstein import Estimate, wasserstein_distance
from engine.grid import Array
from engine.model import DataError

MEASURES = ("kl", "kl_error", "js", "js_error", "w1", "w1_error", "modes", "n_modes", "high_quality")
SAMPLE = 2000  # points a side
NEIGHBOURS = 5
BLUR = 0.02  # of the data's standard deviation
FEWEST, GROUPS, GROUP = 8, 16, 62  # pairings for W₁: their number, and the points a side of each
_LARGEST_RATIO = 30.0  # nats; of an error, where the estimate itself is far from the truth
_FARTHEST = 1e9  # blurs from the data's mean
FRESH_SEED = 2**20 + 7  # draws real points that no training has seen


class Generates(Protocol):
    """What is asked of a model: new points."""

    def sample(self, n: int, seed: int = 0) -> Array: ...  # noqa: D102


def measures(
    model: Generates, x: Array | None = None, preset: str | None = None, noise: float | None = None, seed: int = 0
) -> Array:
    """Return the figures (9,) float32 in the order of `MEASURES`: nats, nats, data units; each error is standard.

    The real side is drawn afresh from the `preset` at `noise` where there is one, else it is x (n, 2). Where there
    are no known modes, `modes`, `n_modes` and `high_quality` are 0. Raises DataError without data, or for fewer than
    16 points.
    """
    real = real_points(x, preset, noise)
    fake = np.asarray(model.sample(max(len(real), SAMPLE), seed=seed), np.float64)
    kl, js = neighbour_divergences(real, fake[: len(real)])
    w1 = wasserstein(real, fake)
    modes = modes_of(preset, noise)
    found = coverage(fake, modes) if modes else None
    figures = [part for estimate in (kl, js, w1) for part in (float(estimate), estimate.standard_error)]
    figures += [found.covered, found.n_modes, found.high_quality] if found else [0, 0, 0]
    return np.array(figures, np.float32)


def real_points(x: Array | None, preset: str | None = None, noise: float | None = None) -> Array:
    """Return real points (n, 2) float64, n ≤ 2000 shuffled: from the preset, unseen by any training, or of x."""
    if preset is not None:
        return _fresh(preset, noise)
    if x is None or len(x) < 2 * FEWEST:
        raise DataError(f"To compare distributions takes at least {2 * FEWEST} real points.")
    return np.random.default_rng(0).permutation(np.asarray(x, np.float64))[:SAMPLE]


def neighbour_divergences(real: Array, fake: Array) -> tuple[Estimate, Estimate]:
    """Return KL(real‖fake) and their JS divergence in nats, of samples (n, 2) and (m, 2), blurred alike.

    The log-ratio of densities at a point comes from the distances to its 5th neighbours in both samples
    (`engine.divergence.samples`). KL is its mean over the real points; it errs to the small side where the densities
    are far apart. JS is the variational form, which noise in the ratio r makes smaller by ½ σ(r) σ(−r) Var r, to
    second order; that much is added back, as Var r ≈ 2/k is known. Standard errors are of first order: they hold the
    sampling of both sides, and no bias.
    """
    scale = BLUR * real.std(axis=0).mean()
    centre, limit = real.mean(axis=0), _FARTHEST * scale
    near = np.clip(fake, centre - limit, centre + limit)  # farther away, the blur would be lost in rounding
    q = near + scale * np.random.default_rng(1).standard_normal(near.shape)
    at_p, at_q = log_ratios(_neighbourhood(real.tobytes(), scale), q, NEIGHBOURS)
    method = f"{NEIGHBOURS} nearest neighbours"
    # KL in its variational form is E_p r + 1 − E_q e^r: one more point of q changes it by its own e^r.
    kl = Estimate(at_p.mean(), method, _error(at_p, np.exp(np.minimum(at_q, _LARGEST_RATIO))))
    noise = 2 / (NEIGHBOURS - 0.5)  # 2 ψ'(k): of the logarithms of two k-th neighbours' volumes
    terms = [0.5 * (LOG_2 - np.logaddexp(0, -r) + 0.5 * noise * _slope(r)) for r in (at_p, -at_q)]
    js = np.clip(terms[0].mean() + terms[1].mean(), 0.0, LOG_2)
    return kl, Estimate(js, method, _error(*terms))


def wasserstein(real: Array, fake: Array) -> Estimate:
    """Return W₁ in data units: the mean of exact pairings of up to 62 points a side, corrected for their number.

    Two samples of one distribution are some way apart too. That distance f, measured between groups of real points,
    is taken off in squares, W₁² ≈ w² − f²: exact where both distributions are one, and, as the plain distance is,
    where they are far apart (a chance displacement ε across a long way δ adds only ε²/2δ).
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
    return Estimate(root, "assignment", min(spread / (2 * root), spread**0.5) if root else spread**0.5)


def _error(*terms: Array) -> float:
    return float(sum(part.var() / len(part) for part in terms) ** 0.5)


def _slope(r: Array) -> Array:
    """Return σ(r) σ(−r), the slope of the logistic function."""
    return 0.25 / np.square(np.cosh(0.5 * np.clip(r, -600, 600)))


@lru_cache(maxsize=8)
def _fresh(preset: str, noise: float | None) -> Array:
    points = find_preset(preset).sample(SAMPLE, FRESH_SEED, noise).astype(np.float64)
    points.setflags(write=False)
    return points


@lru_cache(maxsize=8)
def _neighbourhood(real: bytes, scale: float) -> Neighbourhood:
    """Return real points, blurred, with their neighbours; cached, as the real points stay."""
    points = np.frombuffer(real).reshape(-1, 2)
    return Neighbourhood(points + scale * np.random.default_rng(0).standard_normal(points.shape), NEIGHBOURS)


@lru_cache(maxsize=8)
def _floor(real: bytes, size: int) -> tuple[float, float]:
    """Return the mean W₁ between groups of real points with its standard error; cached, as the real points stay."""
    groups = np.frombuffer(real).reshape(-1, size, 2)
    pairs = np.array([_pairing(groups[i], groups[j]) for i in range(len(groups)) for j in range(i)])
    return float(pairs.mean()), float(pairs.std(ddof=1) / np.sqrt(len(groups)))


def _pairing(a: Array, b: Array) -> float:
    return float(wasserstein_distance(a, b))
