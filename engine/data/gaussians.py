"""Shapes made of Gaussians: alone, in a mixture, or twisted."""

from __future__ import annotations

import numpy as np

from engine.data.preset import Labels, Preset, square
from engine.grid import Array

CORNERS = np.arange(8) * np.pi / 4
EIGHT = 2 * np.column_stack([np.cos(CORNERS), np.sin(CORNERS)])
LATTICE = np.stack(np.meshgrid(np.arange(-4, 5, 2), np.arange(-4, 5, 2)), axis=-1).reshape(-1, 2).astype(float)

BLADES, BLADE_RADIUS, BLADE_LENGTH, TWIST = 5, 2.0, 0.6, 0.6  # TWIST in radians per unit of radius


def log_gaussian_mixture(x: Array, means: Array, deviations: Array | float) -> Array:
    """Return log 1/K Σ_k N(x; μ_k, diag σ_k²) (n,) of x (n, d), means (K, d), deviations alike or scalar."""
    deviations = np.broadcast_to(deviations, means.shape)
    z = (x[:, None, :] - means) / deviations
    log_components = -0.5 * np.sum(z**2, axis=2) - np.sum(np.log(np.sqrt(2 * np.pi) * deviations), axis=1)
    return np.logaddexp.reduce(log_components, axis=1) - np.log(len(means))


def draw_gaussian_mixture(
    rng: np.random.Generator, n: int, means: Array, deviations: Array | float
) -> tuple[Array, Labels]:
    """Draw n points (n, d) from the equal-weight mixture, with the component (n,) each came from."""
    component = rng.integers(len(means), size=n)
    deviations = np.broadcast_to(deviations, means.shape)
    x = means[component] + deviations[component] * rng.standard_normal((n, means.shape[1]))
    return x, component.astype(np.uint8)


def _draw_gaussian(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, None]:
    return noise * rng.standard_normal((n, 2)), None


def _log_gaussian(x: Array, noise: float) -> Array:
    return log_gaussian_mixture(x, np.zeros((1, 2)), noise)


def _draw_correlated(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, None]:
    first, second = rng.standard_normal((2, n))
    return np.column_stack([first, noise * first + np.sqrt(1 - noise**2) * second]), None


def _log_correlated(x: Array, noise: float) -> Array:
    """log p = −(x² − 2ρxy + y²) / (2(1 − ρ²)) − ½ log(1 − ρ²) − log 2π."""
    first, second = x.T
    # y given x is N(ρx, 1 − ρ²), which keeps its digits where the quadratic form would cancel.
    residual = (second - noise * first) ** 2 / (1 - noise**2)
    return -0.5 * (first**2 + residual) - 0.5 * np.log1p(-(noise**2)) - np.log(2 * np.pi)


def _draw_eight(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, None]:
    return draw_gaussian_mixture(rng, n, EIGHT, noise)[0], None


def _log_eight(x: Array, noise: float) -> Array:
    return log_gaussian_mixture(x, EIGHT, noise)


def _draw_lattice(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, None]:
    return draw_gaussian_mixture(rng, n, LATTICE, noise)[0], None


def _log_lattice(x: Array, noise: float) -> Array:
    return log_gaussian_mixture(x, LATTICE, noise)


def _rotate(x: Array, angle: Array) -> Array:
    """Rotate points (..., 2) about the origin by angles (...,)."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([cos * x[..., 0] - sin * x[..., 1], sin * x[..., 0] + cos * x[..., 1]], axis=-1)


def _draw_pinwheel(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, None]:
    blade = [BLADE_RADIUS, 0] + np.array([BLADE_LENGTH, noise]) * rng.standard_normal((n, 2))
    angle = rng.integers(BLADES, size=n) * 2 * np.pi / BLADES
    return _rotate(blade, angle + TWIST * np.hypot(*blade.T)), None


def _log_pinwheel(x: Array, noise: float) -> Array:
    """Untwist and evaluate the Gaussian blades.

    A rotation by an angle that depends on the radius alone keeps areas, so the densities before and after the twist
    are equal. (Johnson et al., 2016, "Composing graphical models with neural networks", let the angle depend on the
    first coordinate, which has no closed form.)
    """
    angle = np.arange(BLADES) * 2 * np.pi / BLADES + TWIST * np.hypot(*x.T)[:, None]
    blades = _rotate(x[:, None, :], -angle).reshape(-1, 2)
    log_blades = log_gaussian_mixture(blades, np.array([[BLADE_RADIUS, 0.0]]), np.array([[BLADE_LENGTH, noise]]))
    return np.logaddexp.reduce(log_blades.reshape(-1, BLADES), axis=1) - np.log(BLADES)


GAUSSIANS = (
    Preset(
        name="gaussian",
        title="Gaussian",
        description="One round normal distribution around the origin.",
        domain=square(0, 0, 4),
        noise=1.0,
        noise_bounds=(0.1, 1.5),
        noise_label="Standard deviation σ (data units)",
        draw=_draw_gaussian,
        log_density=_log_gaussian,
    ),
    Preset(
        name="correlated",
        title="Correlated pair",
        description="Two standard normal variables with correlation ρ.",
        domain=square(0, 0, 4),
        noise=0.8,
        noise_bounds=(-0.99, 0.99),
        noise_label="Correlation ρ (no unit)",
        draw=_draw_correlated,
        log_density=_log_correlated,
    ),
    Preset(
        name="eight_gaussians",
        title="8 Gaussians",
        description="Eight equal Gaussians on a circle of radius 2.",
        domain=square(0, 0, 3.5),
        noise=0.05,
        noise_bounds=(0.02, 0.5),
        noise_label="Standard deviation σ of each (data units)",
        draw=_draw_eight,
        log_density=_log_eight,
    ),
    Preset(
        name="twenty_five_gaussians",
        title="25 Gaussians",
        description="Twenty-five equal Gaussians on a 5 × 5 lattice with spacing 2.",
        domain=square(0, 0, 5.5),
        noise=0.05,
        noise_bounds=(0.02, 0.5),
        noise_label="Standard deviation σ of each (data units)",
        draw=_draw_lattice,
        log_density=_log_lattice,
    ),
    Preset(
        name="pinwheel",
        title="Pinwheel",
        description="Five elongated Gaussians, twisted by an angle that grows with the radius.",
        domain=square(0, 0, 4.5),
        noise=0.15,
        noise_bounds=(0.05, 0.5),
        noise_label="Width σ of a blade (data units)",
        draw=_draw_pinwheel,
        log_density=_log_pinwheel,
    ),
)
