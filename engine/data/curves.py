"""Curves blurred by Gaussian noise: moons, circles and a spiral.

A point on the curve is drawn, then moved by N(0, σ²I). The density is therefore the integral of a Gaussian along the
curve, p(x) = ∫ N(x; c(t), σ²I) p(t) dt: a Bessel function for a full circle, a quadrature otherwise.
"""

from __future__ import annotations

import numpy as np

from engine.data.preset import Labels, Preset, square, two_halves
from engine.grid import Array

INNER_RADIUS = 0.5
TURNS_ANGLE = 3 * np.pi  # an arm of the spiral makes one and a half turns, out to radius 3
LOG_2PI = float(np.log(2 * np.pi))


def blur(rng: np.random.Generator, x: Array, noise: float) -> Array:
    """Move each of the points (n, d) by N(0, σ²I)."""
    return x + noise * rng.standard_normal(x.shape)


def log_blurred_nodes(x: Array, nodes: Array, weights: Array, noise: float) -> Array:
    """Return log Σ_k w_k N(x; c_k, σ²I) (n,) of x (n, 2): a quadrature with nodes (K, 2), weights (K,)."""
    log_p = np.empty(len(x))
    rows = max(1, 2_000_000 // len(nodes))  # blocks that fit in the cache, whatever the number of points
    for start in range(0, len(x), rows):
        block = x[start : start + rows]
        square_distance = np.sum(block**2, axis=1)[:, None] + np.sum(nodes**2, axis=1) - 2 * block @ nodes.T
        nearest = square_distance.min(axis=1)
        square_distance -= nearest[:, None]
        square_distance *= -0.5 / noise**2
        sums = np.exp(square_distance, out=square_distance) @ weights
        log_p[start : start + rows] = np.log(sums) - 0.5 * nearest / noise**2
    return log_p - LOG_2PI - 2 * np.log(noise)


# Two moons: scikit-learn's geometry


def _draw_two_moons(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, Labels]:
    labels, angle = two_halves(rng, n), rng.uniform(0, np.pi, n)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    lower = np.column_stack([1 - np.cos(angle), 0.5 - np.sin(angle)])
    return blur(rng, np.where(labels[:, None] == 0, upper, lower), noise), labels


def _log_two_moons(x: Array, noise: float) -> Array:
    upper = _log_half_circle(x[:, 0], x[:, 1], noise)
    lower = _log_half_circle(x[:, 0] - 1, 0.5 - x[:, 1], noise)
    return np.logaddexp(upper, lower) - np.log(2)


def _log_half_circle(x: Array, y: Array, noise: float) -> Array:
    """Return the log-density (n,) of the blurred upper half of the unit circle.

    In polar coordinates (r, φ), with κ = r/σ², p = e^(−(r−1)²/2σ²) / (2πσ²) · 1/π ∫₀^π e^(−κ(1−cos(t−φ))) dt. The
    integrand falls with |t − φ| up to π, so the arc is two monotone pieces, one to each side of the nearest point or,
    below the axis, one from each end.
    """
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    kappa = radius / noise**2
    above = angle >= 0
    left = _log_arc(kappa, np.where(above, 0, np.pi + angle), np.where(above, np.pi - angle, np.pi))
    right = _log_arc(kappa, np.where(above, 0, -angle), np.where(above, angle, np.pi))
    log_arc = np.logaddexp(left, right) - np.log(np.pi)
    return log_arc - 0.5 * ((radius - 1) / noise) ** 2 - LOG_2PI - 2 * np.log(noise)


def _log_arc(kappa: Array, low: Array, high: Array) -> Array:
    """Return log ∫ exp(−κ(1 − cos u)) du over [low, high] ⊂ [0, π], all (n,), by Gauss-Legendre where it matters."""
    nodes, weights = np.polynomial.legendre.leggauss(32)
    # Beyond `reach` the integrand is below e^−40 of its value at `low`.
    reach = np.arccos(np.maximum(np.cos(low) - 40 / np.maximum(kappa, 1e-9), -1))
    width = np.clip(np.minimum(high, reach) - low, 0, None)
    step = 0.5 * width[:, None] * (nodes + 1)
    fall = 2 * np.sin(step / 2) * np.sin(low[:, None] + step / 2)  # cos low − cos u, without cancellation
    relative = 0.5 * width * (np.exp(-kappa[:, None] * fall) @ weights)
    return np.log(np.maximum(relative, 1e-300)) - 2 * kappa * np.sin(low / 2) ** 2


# Circles: half of the points on each of two


def _draw_circles(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, Labels]:
    labels, angle = two_halves(rng, n), rng.uniform(0, 2 * np.pi, n)
    radius = np.where(labels == 0, 1, INNER_RADIUS)
    return blur(rng, np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), noise), labels


def _log_circles(x: Array, noise: float) -> Array:
    """p = ½ Σ_R e^(−(r−R)²/2σ²) e^(−κ) I₀(κ) / (2πσ²) with κ = rR/σ², summed over both radii R."""
    from scipy.special import i0e

    radius, radii = np.hypot(*x.T)[:, None], np.array([1, INNER_RADIUS])
    # i0e is e^(−κ) I₀(κ), and falls only like κ^(−½): its logarithm is safe.
    log_circles = -0.5 * ((radius - radii) / noise) ** 2 + np.log(i0e(radius * radii / noise**2))
    return np.logaddexp.reduce(log_circles, axis=1) - np.log(2) - LOG_2PI - 2 * np.log(noise)


# Spiral: two arms, r = θ/π


def _spiral(angle: Array) -> Array:
    return (angle / np.pi)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])


def _draw_spiral(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, Labels]:
    labels = two_halves(rng, n)
    arm = _spiral(TURNS_ANGLE * np.sqrt(rng.uniform(size=n)))  # the root spreads points evenly along the arm
    return blur(rng, np.where(labels[:, None] == 0, arm, -arm), noise), labels


def _log_spiral(x: Array, noise: float) -> Array:
    arm_length = TURNS_ANGLE**2 / (2 * np.pi)
    position, weights = np.polynomial.legendre.leggauss(int(2 * arm_length / noise) + 32)
    angle = 0.5 * TURNS_ANGLE * (position + 1)
    weights = weights * angle / TURNS_ANGLE  # p(θ) = 2θ/θ_max², times the half length θ_max/2 of the interval
    arm = _spiral(angle)
    return log_blurred_nodes(x, np.concatenate([arm, -arm]), np.concatenate([weights, weights]) / 2, noise)


NOISE = "Noise σ (data units)"

CURVES = (
    Preset(
        name="two_moons",
        title="Two moons",
        description="Two interleaved half circles of radius 1.",
        domain=square(0.5, 0.25, 2.25),
        noise=0.1,
        noise_bounds=(0.02, 0.3),
        noise_label=NOISE,
        draw=_draw_two_moons,
        log_density=_log_two_moons,
    ),
    Preset(
        name="circles",
        title="Circles",
        description="A circle of radius ½ inside a circle of radius 1, half of the points on each.",
        domain=square(0, 0, 2),
        noise=0.05,
        noise_bounds=(0.02, 0.3),
        noise_label=NOISE,
        draw=_draw_circles,
        log_density=_log_circles,
    ),
    Preset(
        name="spiral",
        title="Spiral",
        description="Two spiral arms that make one and a half turns out to radius 3.",
        domain=square(0, 0, 4.5),
        noise=0.1,
        noise_bounds=(0.05, 0.4),
        noise_label=NOISE,
        draw=_draw_spiral,
        log_density=_log_spiral,
    ),
)
