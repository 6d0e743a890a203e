"""The four data sets of GAN Lab (Kahng et al., 2019, "GAN Lab: Understanding complex deep generative models").

They lie in the unit square, as there, so that a GAN trained on them can be compared with what people know.
"""

from __future__ import annotations

import numpy as np

from engine.data.curves import LOG_2PI, NOISE, blur, log_blurred_nodes
from engine.data.gaussians import draw_gaussian_mixture, log_gaussian_mixture
from engine.data.preset import Labels, Preset, square
from engine.data.regions import log_blurred_interval
from engine.grid import Array

RING_CENTRE, RING_AXES = np.array([0.5, 0.45]), np.array([0.3, 0.25])
LINE_START, LINE_END = np.array([0.8, 0.6]), np.array([0.05, 0.9])
PAIR = np.array([[0.3, 0.7], [0.7, 0.4]])
PAIR_DEVIATIONS = np.array([[0.1, 0.1], [0.05, 0.2]])
TRIPLE = np.array([[0.35, 0.75], [0.75, 0.6], [0.45, 0.35]])
DOMAIN = square(0.5, 0.5, 0.75)


def _ring(angle: Array) -> Array:
    return RING_CENTRE + RING_AXES * np.column_stack([np.cos(angle), np.sin(angle)])


def _draw_ring(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, None]:
    return blur(rng, _ring(rng.uniform(0, 2 * np.pi, n)), noise), None


def _log_ring(x: Array, noise: float) -> Array:
    # The trapezium rule converges geometrically on a closed curve; here its nodes lie at most σ/3 apart.
    count = int(6 * np.pi * RING_AXES.max() / noise)
    return log_blurred_nodes(x, _ring(np.arange(count) * 2 * np.pi / count), np.full(count, 1 / count), noise)


def _draw_line(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, None]:
    return blur(rng, LINE_START + rng.uniform(size=(n, 1)) * (LINE_END - LINE_START), noise), None


def _log_line(x: Array, noise: float) -> Array:
    """A Gaussian across the segment times a blurred uniform along it."""
    length = float(np.hypot(*(LINE_END - LINE_START)))
    direction = (LINE_END - LINE_START) / length
    along = (x - LINE_START) @ direction
    across = (x - LINE_START) @ np.array([-direction[1], direction[0]])
    log_across = -0.5 * (across / noise) ** 2 - 0.5 * LOG_2PI - np.log(noise)
    return log_across + log_blurred_interval(along, 0, length, noise) - np.log(length)


def _draw_pair(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, Labels]:
    return draw_gaussian_mixture(rng, n, PAIR, noise * PAIR_DEVIATIONS)


def _log_pair(x: Array, noise: float) -> Array:
    return log_gaussian_mixture(x, PAIR, noise * PAIR_DEVIATIONS)


def _draw_triple(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, None]:
    return draw_gaussian_mixture(rng, n, TRIPLE, noise)[0], None


def _log_triple(x: Array, noise: float) -> Array:
    return log_gaussian_mixture(x, TRIPLE, noise)


GAN_LAB = (
    Preset(
        name="gan_lab_ring",
        title="GAN Lab: ring",
        description="An ellipse with half axes 0.3 and 0.25.",
        domain=DOMAIN,
        noise=0.025,
        noise_bounds=(0.01, 0.1),
        noise_label=NOISE,
        draw=_draw_ring,
        log_density=_log_ring,
    ),
    Preset(
        name="gan_lab_line",
        title="GAN Lab: line",
        description="A falling segment of a straight line.",
        domain=DOMAIN,
        noise=0.01,
        noise_bounds=(0.005, 0.1),
        noise_label=NOISE,
        draw=_draw_line,
        log_density=_log_line,
    ),
    Preset(
        name="gan_lab_gaussians",
        title="GAN Lab: Gaussians",
        description="A round and a tall Gaussian, GAN Lab's start preset.",
        domain=DOMAIN,
        noise=1.0,
        noise_bounds=(0.2, 1.5),
        noise_label="Spread (multiple of GAN Lab's σ)",
        draw=_draw_pair,
        log_density=_log_pair,
    ),
    Preset(
        name="gan_lab_disjoint",
        title="GAN Lab: disjoint",
        description="Three small Gaussians far apart.",
        domain=DOMAIN,
        noise=0.025,
        noise_bounds=(0.01, 0.1),
        noise_label="Standard deviation σ of each (data units)",
        draw=_draw_triple,
        log_density=_log_triple,
    ),
)
