"""Uniform distributions over a region, with sharp or blurred edges: annulus, checkerboard and parallel lines."""

from __future__ import annotations

import numpy as np

from engine.data.preset import Preset, square
from engine.grid import Array

INNER, OUTER = 1.0, 2.0
ANNULUS_AREA = np.pi * (OUTER**2 - INNER**2)
EDGES = np.array([-4.0, -2.0, 0.0, 2.0])  # lower edges of the checkerboard's columns and rows
SIDE = 2.0
CHECKERBOARD_AREA = 32.0
LINES, HALF_LENGTH = np.array([-1.0, 1.0]), 1.0  # the x of two vertical segments, and how far up and down they go


def log_blurred_interval(x: Array, low: float, high: float, noise: float) -> Array:
    """Return log[Φ((high − x)/σ) − Φ((low − x)/σ)] of x (any shape): the interval's indicator blurred by N(0, σ²).

    With σ = 0 that is 0 inside and −∞ outside. Divided by the length it is the density of a blurred uniform.
    """
    if noise == 0:
        return np.where((x >= low) & (x <= high), 0.0, -np.inf)
    from scipy.special import log_ndtr

    lower, upper = (low - x) / noise, (high - x) / noise
    # Φ(u) − Φ(l) = Φ(−l) − Φ(−u): taken in the lower tail, where the difference keeps its digits.
    lower, upper = np.where(lower > 0, -upper, lower), np.where(lower > 0, -lower, upper)
    log_upper = log_ndtr(upper)
    return log_upper + np.log1p(-np.exp(log_ndtr(lower) - log_upper))


def _draw_annulus(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, None]:
    angle = rng.uniform(0, 2 * np.pi, n)
    radius = np.sqrt(rng.uniform(INNER**2, OUTER**2, n))  # area, not radius, is uniform
    sharp = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return sharp + noise * rng.standard_normal((n, 2)), None


def _log_annulus(x: Array, noise: float) -> Array:
    """p = 1/area · ∫ ρ/σ² e^(−(r−ρ)²/2σ²) i0e(rρ/σ²) dρ between the radii, by Gauss-Legendre where it is not tiny."""
    radius = np.hypot(*x.T)
    if noise == 0:
        return np.where((radius >= INNER) & (radius <= OUTER), -np.log(ANNULUS_AREA), -np.inf)
    from scipy.special import i0e

    nodes, weights = np.polynomial.legendre.leggauss(64)
    nearest = radius - np.clip(radius, INNER, OUTER)
    # Farther than `reach` the Gaussian is below e^−40 of its value at the nearest radius of the annulus.
    reach = np.sqrt(nearest**2 + 80 * noise**2)
    low, high = np.maximum(radius - reach, INNER), np.minimum(radius + reach, OUTER)
    half_width = 0.5 * np.maximum(high - low, 0)
    rho = low[:, None] + half_width[:, None] * (nodes + 1)
    exponent = 0.5 * (((radius[:, None] - rho) / noise) ** 2 - ((nearest / noise) ** 2)[:, None])
    values = rho / noise**2 * np.exp(-exponent) * i0e(radius[:, None] * rho / noise**2)
    integral = np.maximum(half_width * (values @ weights), 1e-300)
    return np.log(integral) - 0.5 * (nearest / noise) ** 2 - np.log(ANNULUS_AREA)


def _draw_checkerboard(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, None]:
    column, pair = rng.integers(4, size=n), rng.integers(2, size=n)
    corner = np.column_stack([EDGES[column], EDGES[2 * pair + column % 2]])
    return corner + rng.uniform(0, SIDE, (n, 2)) + noise * rng.standard_normal((n, 2)), None


def _log_checkerboard(x: Array, noise: float) -> Array:
    """p = 1/area · Σ over the squares with i + j even of their blurred columns i times rows j."""
    columns, rows = (log_blurred_interval(axis[:, None] - EDGES, 0, SIDE, noise) for axis in x.T)
    even, odd = np.array([0, 2]), np.array([1, 3])
    log_even = np.logaddexp.reduce(columns[:, even], axis=1) + np.logaddexp.reduce(rows[:, even], axis=1)
    log_odd = np.logaddexp.reduce(columns[:, odd], axis=1) + np.logaddexp.reduce(rows[:, odd], axis=1)
    # Squares share no edge, only corners: with sharp edges a corner point would count twice.
    overlap = 0.0 if noise == 0 else np.inf
    return np.minimum(np.logaddexp(log_even, log_odd), overlap) - np.log(CHECKERBOARD_AREA)


def _draw_lines(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, None]:
    sharp = np.column_stack([rng.choice(LINES, n), rng.uniform(-HALF_LENGTH, HALF_LENGTH, n)])
    return sharp + noise * rng.standard_normal((n, 2)), None


def _log_lines(x: Array, noise: float) -> Array:
    """Two Gaussians across the segments times a blurred uniform along them."""
    log_across = np.logaddexp.reduce(-0.5 * ((x[:, :1] - LINES) / noise) ** 2, axis=1)
    log_along = log_blurred_interval(x[:, 1], -HALF_LENGTH, HALF_LENGTH, noise)
    return log_across + log_along - np.log(len(LINES) * 2 * HALF_LENGTH * noise) - 0.5 * np.log(2 * np.pi)


REGIONS = (
    Preset(
        name="annulus",
        title="Annulus",
        description="Uniform between two circles of radius 1 and 2.",
        domain=square(0, 0, 3),
        noise=0.0,
        noise_bounds=(0.0, 0.3),
        noise_label="Blur σ of the edges (data units)",
        draw=_draw_annulus,
        log_density=_log_annulus,
        points=900,
    ),
    Preset(
        name="checkerboard",
        title="Checkerboard",
        description="Uniform on eight squares of side 2.",
        domain=square(0, 0, 5),
        noise=0.0,
        noise_bounds=(0.0, 0.5),
        noise_label="Blur σ of the edges (data units)",
        draw=_draw_checkerboard,
        log_density=_log_checkerboard,
    ),
    Preset(
        name="parallel_lines",
        title="Parallel lines",
        description="Two vertical segments, 2 apart.",
        domain=square(0, 0, 2),
        noise=0.02,
        noise_bounds=(0.01, 0.3),
        noise_label="Blur σ of the lines (data units)",
        draw=_draw_lines,
        log_density=_log_lines,
    ),
)
