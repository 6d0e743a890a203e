"""Radial kernels: shape, normalisation, spread, exact sampling, and what one point contributes to a density."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from engine.grid import Array

KernelName = Literal["gaussian", "epanechnikov", "tophat", "triangular", "exponential", "cosine"]

FARTHEST = 1e300  # nats: a log-density below is taken for it
FAINTEST = -700.0  # nats: a term so far under the largest adds nothing
OUTLINE_LEVELS = (0.75, 0.5, 0.25)  # of the kernel's peak
OUTLINE_POINTS = 73  # every 5 degrees


@dataclass(frozen=True)
class Kernel:
    """Describe a radial kernel K(u) = k(‖u‖) / V_d on the line (d = 1) and in the plane (d = 2), with k(0) = 1.

    The bandwidth is scikit-learn's: the support's radius where there is one, else the scale in exp(−r²/2), exp(−r).
    """

    profile: Callable[[Tensor], Tensor]  # r → k(r)
    log_profile: Callable[[Tensor], Tensor] | None  # r → log k(r) where k never is 0, so that logs do not underflow
    reach: float  # k is 0 beyond, or below 1e-7 of its peak
    volumes: tuple[float, float]  # V_d = ∫ k(‖u‖) du for d = 1, 2
    variances: tuple[float, float]  # variance of one coordinate of u ~ K for d = 1, 2
    contour: Callable[[float], float]  # level → the r at which k(r) falls below it
    draw_radius: Callable[[np.random.Generator, int, int], Array]  # (generator, n, d) → n draws of ‖u‖

    def log_volume(self, d: int) -> float:
        """Return log V_d."""
        return math.log(self.volumes[d - 1])

    def log_sum(self, r: Tensor, weights: Tensor | None = None) -> Tensor:
        """Return log Σⱼ wⱼ k(rᵢⱼ) (m,) for distances r (m, n) and weights w (n,), or none for all 1."""
        if self.log_profile is None:
            k = self.profile(r)
            return torch.log(k.sum(dim=1) if weights is None else k @ weights)
        terms = self.log_profile(r)
        terms = terms if weights is None else terms + torch.log(weights)
        # torch.logsumexp takes up to five times as long, over exponentials that come out as denormals or 0.
        peak = terms.amax(dim=1, keepdim=True).clamp(min=-FARTHEST)
        return terms.sub_(peak).clamp_(min=FAINTEST).exp_().sum(dim=1).log() + peak[:, 0]

    def bandwidth_like_gaussian(self, bandwidth: float, d: int) -> float:
        """Return the bandwidth that gives this kernel the standard deviation of a Gaussian with `bandwidth`."""
        return bandwidth / math.sqrt(self.variances[d - 1])

    def draw(self, generator: np.random.Generator, n: int, d: int) -> Array:
        """Draw u (n, d) from the kernel: a direction uniform on the sphere times a radius."""
        direction = generator.standard_normal((n, d))
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        return direction * self.draw_radius(generator, n, d)[:, None]


def _cosine(r: Tensor) -> Tensor:
    return torch.where(r < 1, torch.cos(r * (math.pi / 2)), 0.0)


def _cosine_radius(generator: np.random.Generator, n: int, d: int) -> Array:
    """Draw radii by rejection: cos(πr/2) ≤ 1 − r² on [0, 1], and more than 92 % of Epanechnikov draws are kept."""
    kept = np.empty(0)
    while len(kept) < n:
        r = np.sqrt(generator.beta(d / 2, 2, n))
        accept = generator.uniform(size=n) * (1 - r**2) < np.cos(np.pi / 2 * r)
        kept = np.concatenate([kept, r[accept]])
    return kept[:n]


_A = math.pi / 2
KERNELS: dict[KernelName, Kernel] = {
    "gaussian": Kernel(
        profile=lambda r: torch.exp(-0.5 * r * r),
        log_profile=lambda r: -0.5 * r * r,
        reach=6.0,
        volumes=(math.sqrt(2 * math.pi), 2 * math.pi),
        variances=(1.0, 1.0),
        contour=lambda level: math.sqrt(-2 * math.log(level)),
        draw_radius=lambda generator, n, d: np.sqrt(generator.chisquare(d, n)),
    ),
    "epanechnikov": Kernel(
        profile=lambda r: (1 - r * r).clamp(min=0),
        log_profile=None,
        reach=1.0,
        volumes=(4 / 3, math.pi / 2),
        variances=(1 / 5, 1 / 6),
        contour=lambda level: math.sqrt(1 - level),
        draw_radius=lambda generator, n, d: np.sqrt(generator.beta(d / 2, 2, n)),
    ),
    "tophat": Kernel(
        profile=lambda r: (r <= 1).to(r.dtype),
        log_profile=None,
        reach=1.0,
        volumes=(2.0, math.pi),
        variances=(1 / 3, 1 / 4),
        contour=lambda level: 1.0,
        draw_radius=lambda generator, n, d: generator.uniform(size=n) ** (1 / d),
    ),
    "triangular": Kernel(
        profile=lambda r: (1 - r).clamp(min=0),
        log_profile=None,
        reach=1.0,
        volumes=(1.0, math.pi / 3),
        variances=(1 / 6, 3 / 20),
        contour=lambda level: 1 - level,
        draw_radius=lambda generator, n, d: generator.beta(d, 2, n),
    ),
    "exponential": Kernel(
        profile=lambda r: torch.exp(-r),
        log_profile=torch.neg,
        reach=16.0,
        volumes=(2.0, 2 * math.pi),
        variances=(2.0, 3.0),
        contour=lambda level: -math.log(level),
        draw_radius=lambda generator, n, d: generator.gamma(d, 1.0, n),
    ),
    "cosine": Kernel(
        profile=_cosine,
        log_profile=None,
        reach=1.0,
        volumes=(4 / math.pi, 4 - 8 / math.pi),
        # E‖u‖² / d, from the integrals of r² cos(ar) and r³ cos(ar) over [0, 1] with a = π/2
        variances=(1 - 8 / math.pi**2, (1 - 6 / _A**2 + 6 / _A**3) / (1 - 1 / _A) / 2),
        contour=lambda level: math.acos(level) / _A,
        draw_radius=_cosine_radius,
    ),
}


@dataclass(frozen=True)
class KernelShape:
    """Hold what one data point adds to a density: the picture shown when the point is hovered.

    `offsets` (m, d) are polylines relative to the point, for a scale of 1, separated by rows of NaN: in 2-D the
    kernel's contours at 3/4, 1/2 and 1/4 of its peak (its border where it is flat), in 1-D positions along x.
    `heights` (m,) in 1-D is the point's share K_h(offset) / n of the density, None in 2-D.
    `scales` (n,), or (1,) for all alike, multiplies a point's offsets; its 1-D heights are divided by it.
    """

    offsets: Array
    heights: Array | None
    scales: Array


def kernel_shape(
    kernel: Kernel, bandwidth: float, cholesky: Array, n: int, scales: Array | None = None
) -> KernelShape:
    """Return the shape of `kernel` at `bandwidth`, stretched by `cholesky` (d, d) of determinant 1, for n points."""
    scales = np.ones(1) if scales is None else scales
    if len(cholesky) == 1:
        r = np.linspace(-1, 1, 2 * OUTLINE_POINTS - 1) * min(kernel.reach, 5.0)
        k = kernel.profile(torch.from_numpy(np.abs(r))).numpy()
        r, k = np.concatenate([r[:1], r, r[-1:]]), np.concatenate([[0.0], k, [0.0]])  # a flat kernel has walls
        return KernelShape(bandwidth * r[:, None], k / (n * bandwidth * kernel.volumes[0]), scales)
    angle = np.linspace(0, 2 * np.pi, OUTLINE_POINTS)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    radii = dict.fromkeys(kernel.contour(level) for level in OUTLINE_LEVELS)  # in order, each once
    gap = np.full((1, 2), np.nan)
    rings = [part for radius in radii for part in (radius * circle @ cholesky.T, gap)]
    return KernelShape(bandwidth * np.concatenate(rings[:-1]), None, scales)
