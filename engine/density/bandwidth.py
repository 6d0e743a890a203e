"""How wide the kernel: rules of thumb that scale with the data, and likelihood cross-validation with its curve."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from torch import Tensor

from engine.density.kernels import Kernel
from engine.device import device
from engine.grid import Array
from engine.model import DataError, SelectionCurve

FARTHEST = 1e100  # queries beyond are taken for it: their squares do not overflow
LARGEST, SMALLEST = 1e15, 1e-15  # powers of which float32 holds, as densities in the plane
SUBSET = 1000  # points whose pairs are compared in cross-validation
CANDIDATES = np.geomspace(0.02, 4, 40)  # times Silverman's bandwidth
CRITERION = "leave-one-out log-likelihood"
_COPIES = (
    "Each point is left out together with all that equal it: kept in, equal points would drive the bandwidth to 0, "
    "and score higher than shown."
)


def scott_factor(n: int, d: int) -> float:
    """Return n^(−1/(d+4)); Scott (1992), Multivariate Density Estimation."""
    return n ** (-1 / (d + 4))


def silverman_factor(n: int, d: int) -> float:
    """Return (n(d+2)/4)^(−1/(d+4)); Silverman (1986), Density Estimation for Statistics and Data Analysis."""
    return (n * (d + 2) / 4) ** (-1 / (d + 4))


RULES = {"scott": scott_factor, "silverman": silverman_factor}


def require_scale(points: Array) -> None:
    """Raise DataError for no points, and for points whose densities float32 can't hold."""
    if not len(points):
        raise DataError("There are no points to choose a bandwidth from.")
    if np.abs(points).max() > LARGEST:
        raise DataError(f"The data holds values beyond {LARGEST:.0e}; divide it by a constant first.")


def origin(points: Array) -> Array:
    """Return the median (d,) of points (n, d): from there differences lose nothing, however far out the data are."""
    return np.median(points, axis=0)


def require_spread(points: Array, advice: str) -> None:
    """Raise DataError with `advice` unless at least two points (n, d) differ enough for float32 densities."""
    extent = np.ptp(points, axis=0).max()
    if extent < SMALLEST:
        same = "There is only one point" if len(points) == 1 else "All points are the same"
        tiny = f"The data's extent is {extent:.1e}; multiply it by a constant first."
        raise DataError(tiny if extent > 0 else f"{same}, so no rule can find a width; {advice}.")


def spread(points: Array) -> float:
    """Return the standard deviation √(tr S / d) of points (n, d) over all dimensions, S their sample covariance.

    Raises DataError where there is none: one point, or copies of one.
    """
    require_spread(points, "choose the bandwidth by hand")
    scale = np.ptp(points, axis=0).max()  # so that squares of tiny data do not underflow
    return float(scale * np.sqrt(np.var((points - origin(points)) / scale, axis=0, ddof=1).mean()))


def covariance_shape(points: Array, covariance: Literal["isotropic", "full"]) -> Array:
    """Return L (d, d) with L Lᵀ = S / det(S)^{1/d}, the sample covariance's shape without its size; isotropic: 1.

    Raises DataError for points on a line, where det S is 0.
    """
    d = points.shape[1]
    if d == 1 or covariance == "isotropic":
        return np.eye(d)
    scale = np.ptp(points, axis=0)
    correlation = np.cov((points / scale).T) if scale.min() > 0 else np.zeros((d, d))
    if np.linalg.det(correlation) <= 1e-12 * correlation[0, 0] * correlation[1, 1]:
        raise DataError("The points lie on one line, which has no full covariance; choose the isotropic one.")
    factor = np.linalg.cholesky(correlation) * scale[:, None]
    return factor / np.sqrt(np.prod(np.diag(factor)))


def unstretch(points: Array, cholesky: Array) -> Array:
    """Return L⁻¹ x for points x (n, d): in these coordinates the kernel is round."""
    return np.linalg.solve(cholesky, points.T).T


def choose_bandwidth(choice: float | str, kernel: Kernel, points: Array, p: float = 2) -> float:
    """Return the bandwidth for points (n, d): `choice` itself, a rule's, or the cross-validated one in the p-norm.

    A rule gives the Gaussian's bandwidth, its factor times the spread; another kernel takes the one of equal standard
    deviation. Raises DataError where a rule finds no spread, or the bandwidth is too small for float32.
    """
    require_scale(points)
    n, d = points.shape
    if not isinstance(choice, str):
        bandwidth = float(choice)
    elif choice == "cross-validation":
        bandwidth = likelihood_curve(kernel, points, p).best[CRITERION]
    else:
        bandwidth = kernel.bandwidth_like_gaussian(RULES[choice](n, d) * spread(points), d)
    if bandwidth < SMALLEST:
        raise DataError(f"A bandwidth of {bandwidth:.1e} is too small to compute with; choose a wider one.")
    return bandwidth


def likelihood_curve(kernel: Kernel, points: Array, p: float = 2) -> SelectionCurve:
    """Score bandwidths by the mean log density of each point under the estimate from all the others.

        (1/n) Σᵢ log p₋ᵢ(xᵢ),   p₋ᵢ(xᵢ) = Σ_{j: xⱼ ≠ xᵢ} K_h(xᵢ − xⱼ) / #{j: xⱼ ≠ xᵢ}

    Copies of a point are left out with it: kept in, they would drive h to 0 wherever data are rounded (Scott and
    Factor 1981, Monte Carlo Study of Three Data-Based Nonparametric Probability Density Estimators). With a kernel of
    bounded support the score is −∞ until h spans the loneliest point's gap. Of more than 1,000 points a fixed random
    subset of m is compared, and its bandwidths are scaled by (m/n)^{1/(d+4)}. `p` is the norm: 2, or inf for cubes.

    Habbema, Hermans and van den Broek (1974), A stepwise discriminant analysis program using density estimation;
    Duin (1976), On the choice of smoothing parameters for Parzen estimators.
    """
    n, d = points.shape
    width = kernel.bandwidth_like_gaussian(silverman_factor(n, d) * spread(points), d)
    if n > SUBSET:
        points = points[np.random.default_rng(0).choice(n, SUBSET, replace=False)]
        require_spread(points, "choose the bandwidth by hand")
    shrink = (len(points) / n) ** (1 / (d + 4))

    x = torch.as_tensor(points, device=device())
    distances = torch.cdist(x, x, p=p, compute_mode="donot_use_mm_for_euclid_dist")
    distances.masked_fill_(distances == 0, torch.inf)
    candidates = width * CANDIDATES
    if kernel.log_profile is None:
        loneliest = float(distances.min(dim=1).values.max()) / kernel.reach
        candidates = np.geomspace(candidates[0], max(candidates[-1], 1.1 * loneliest * shrink), len(candidates))
    scores = leave_one_out(kernel, distances, candidates / shrink, d)
    best = float(candidates[int(np.argmax(scores))])
    copies = len(points) - len(np.unique(points, axis=0))
    return SelectionCurve(
        "bandwidth", candidates, {CRITERION: scores}, {CRITERION: best}, "nats per point", False,
        note=_COPIES if copies else "",
    )  # fmt: skip


def leave_one_out(kernel: Kernel, distances: Tensor, bandwidths: Array, d: int) -> Array:
    """Return the mean leave-one-out log density at each bandwidth (m,) from distances (n, n), infinite = left out."""
    others = torch.isfinite(distances).sum(dim=1).log()
    sums = [kernel.log_sum(distances / h) - others for h in bandwidths]  # the pairs are many, the candidates few
    return torch.stack(sums).mean(dim=1).cpu().numpy() - kernel.log_volume(d) - d * np.log(bandwidths)
