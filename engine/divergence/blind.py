"""Two pairs of distributions at which divergences are blind: they say "different", and not by how much.

Parallel lines (Arjovsky, Chintala and Bottou, 2017, "Wasserstein GAN", example 1) and a sum of coins that becomes
normal: only a distance that knows how far apart places are sees them approach.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.divergence.quadrature import summed
from engine.evaluation.glossary import MEASURES, check_order
from engine.grid import Array
from engine.model import DataError, HyperparameterError

MOST_COINS = 10_000
_REACH = 10.0  # standard deviations, beyond which a Gaussian has 1e-23 of its mass
_NODES = 256  # of the Gauss-Legendre rule: exact to 1e-10 for every measure and every distance


@dataclass(frozen=True, eq=False)
class CoinSum:
    """Hold the distribution of S = (X₁ + … + X_n) / √n, X_i = ±1 with probability ½, and how far it is from N(0, 1).

    `support` and `pmf` are (n + 1,). `measures` maps names of `MEASURES` to values: as S is discrete and N(0, 1) has
    a density they never overlap, and only `wasserstein` (data units) falls with n. `kolmogorov` is sup |F − Φ|.
    """

    n: int
    support: Array
    pmf: Array
    kolmogorov: float
    measures: Mapping[str, float]


def parallel_lines(theta: npt.ArrayLike, blur: float = 0.0, order: float = 0.5) -> dict[str, Array]:
    """Return every measure, by name, between two vertical unit segments at distances `theta` (t,), as arrays (t,).

    Each segment has its mass spread evenly; with `blur` σ > 0 (data units) both are blurred by N(0, σ² I). Sharp
    lines that do not coincide have KL = ∞, JS = log 2 and TV = 1 however near they are, and W₁ = |θ|. Blurred ones
    differ along x alone, where they are N(0, σ²) and N(θ, σ²): the measures are integrals over x, by quadrature.
    Raises DataError for distances or a blur that are not finite or a blur below 0; HyperparameterError for an
    `order` of the α-divergence that is not in 0 to 1.
    """
    distances = np.abs(np.asarray(theta, dtype=np.float64)).ravel()
    if not np.isfinite(distances).all():
        raise DataError("A distance between the lines is NaN or infinite.")
    if not (np.isfinite(blur) and blur >= 0):
        raise DataError(f"The blur must be 0 or more; it was {blur}.")
    moved = {"wasserstein": distances, "frechet": distances}
    if blur:
        return _blurred(distances / blur, order) | moved
    return {name: np.where(distances > 0, top, 0.0) for name, top in _disjoint(order).items()} | moved


def coin_sum(n: int, order: float = 0.5) -> CoinSum:
    """Return the distribution of the standardised sum of n fair ±1 coins, beside the N(0, 1) it converges to.

    W₁ = ∫ |F − Φ| is exact: F is constant between neighbouring places, and ∫ Φ = xΦ + φ. Raises HyperparameterError
    unless n is between 1 and 10 000 and `order` between 0 and 1. (De Moivre, 1738, "The doctrine of chances".)
    """
    if not 1 <= n <= MOST_COINS:
        raise HyperparameterError({"n": f"The number of coins must be between 1 and {MOST_COINS}; it was {n}."})
    from scipy.special import gammaln, ndtr

    heads = np.arange(n + 1)
    support = (2 * heads - n) / np.sqrt(n)
    pmf = np.exp(gammaln(n + 1) - gammaln(heads + 1) - gammaln(n - heads + 1) - n * np.log(2))
    pmf /= pmf.sum()
    cumulative = np.minimum(np.cumsum(pmf)[:-1], 1.0)  # F between a place and the next
    normal = ndtr(support)
    # Left of the first place F is 0, and right of the last 1, where Φ leaves as much by symmetry.
    wasserstein = 2 * _normal_integral(support[:1])[0] + _steps_from_normal(support, cumulative).sum()
    jumps = np.abs(np.concatenate([normal[1:] - cumulative, normal[:-1] - cumulative, normal[:1]]))
    measures = _disjoint(order) | {"wasserstein": float(wasserstein), "frechet": 0.0}  # mean 0, variance 1: no news
    return CoinSum(n, support, pmf, float(jumps.max()), measures)


def _disjoint(order: float) -> dict[str, float]:
    """Return what every divergence is between distributions that share no mass: the greatest it can be."""
    check_order(order)
    greatest = {name: measure.highest for name, measure in MEASURES.items() if name not in ("wasserstein", "frechet")}
    return greatest | {"alpha": 1 / (order * (1 - order)) if 0 < order < 1 else np.inf}


def _blurred(ratio: Array, order: float) -> dict[str, Array]:
    """Return the divergences between N(0, 1) and N(t, 1) for t (n,) = θ/σ.

    Mirroring x at t/2 swaps p and q, so the left half of the integral with p and q in their places, plus that with
    the places changed, is all of it; and no kink of |p − q| lies within.
    """
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    half_length = 0.5 * (np.minimum(ratio / 2, _REACH) + _REACH)[:, None]
    x = half_length * (nodes + 1) - _REACH
    log_p, log_q = (-0.5 * np.square(x - centre) - 0.5 * np.log(2 * np.pi) for centre in (0.0, ratio[:, None]))
    both = np.concatenate([log_p, log_q], axis=1), np.concatenate([log_q, log_p], axis=1)
    volumes = np.tile(half_length * weights, 2)
    names = [name for name in MEASURES if name not in ("wasserstein", "frechet")]
    # At t = 0 rounding would leave 1e-9 of a square root.
    return {name: np.where(ratio > 0, summed(name, *both, volumes, order=order), 0.0) for name in names}


def _steps_from_normal(places: Array, levels: Array) -> Array:
    """Return ∫ |c − Φ(x)| dx (n,) between neighbouring `places` (n + 1,) for levels c (n,)."""
    from scipy.special import ndtri

    low, high = places[:-1], places[1:]
    crossing = np.clip(ndtri(levels), low, high)  # Φ is below the level before, above it after
    below = levels * (crossing - low) - (_normal_integral(crossing) - _normal_integral(low))
    above = _normal_integral(high) - _normal_integral(crossing) - levels * (high - crossing)
    return below + above


def _normal_integral(x: Array) -> Array:
    """Return ∫_{−∞}^x Φ = x Φ(x) + φ(x)."""
    from scipy.special import ndtr

    return x * ndtr(x) + np.exp(-0.5 * x**2) / np.sqrt(2 * np.pi)
