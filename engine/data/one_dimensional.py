"""Shapes on a line: normal, exponential, uniform, bimodal and the classic integer sample."""

from __future__ import annotations

import numpy as np

from engine.data.gaussians import draw_gaussian_mixture, log_gaussian_mixture
from engine.data.preset import Labels, Preset
from engine.data.regions import log_blurred_interval
from engine.grid import Array

CLASSIC_SAMPLE = np.array([3, 5, 4, 4, 4, 4, 5, 6, 5, 4], dtype=float)
PEAKS = np.array([[-2.0], [2.0]])


def _draw_normal(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, None]:
    return noise * rng.standard_normal((n, 1)), None


def _log_normal(x: Array, noise: float) -> Array:
    return log_gaussian_mixture(x, np.zeros((1, 1)), noise)


def _draw_exponential(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, None]:
    return rng.exponential(noise, (n, 1)), None


def _log_exponential(x: Array, noise: float) -> Array:
    return np.where(x[:, 0] >= 0, -x[:, 0] / noise - np.log(noise), -np.inf)


def _draw_uniform(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, None]:
    return rng.uniform(size=(n, 1)) + noise * rng.standard_normal((n, 1)), None


def _log_uniform(x: Array, noise: float) -> Array:
    return log_blurred_interval(x[:, 0], 0, 1, noise)


def _draw_bimodal(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, Labels]:
    return draw_gaussian_mixture(rng, n, PEAKS, noise)


def _log_bimodal(x: Array, noise: float) -> Array:
    return log_gaussian_mixture(x, PEAKS, noise)


def _draw_integers(rng: np.random.Generator, n: int, noise: float) -> tuple[Array, None]:
    further = rng.choice(CLASSIC_SAMPLE, max(n - len(CLASSIC_SAMPLE), 0))
    values = np.concatenate([CLASSIC_SAMPLE, further])[:n, None]
    return values + noise * rng.standard_normal((n, 1)), None


def _log_integers(x: Array, noise: float) -> Array:
    """Jitter turns the discrete distribution into a mixture of Gaussians, one around each value of the sample."""
    return log_gaussian_mixture(x, CLASSIC_SAMPLE[:, None], noise)


ONE_DIMENSIONAL = (
    Preset(
        name="normal",
        title="Normal",
        description="A normal distribution around 0.",
        domain=((-5.0, 5.0),),
        noise=1.0,
        noise_bounds=(0.1, 1.5),
        noise_label="Standard deviation σ (data units)",
        draw=_draw_normal,
        log_density=_log_normal,
    ),
    Preset(
        name="exponential",
        title="Exponential",
        description="Waiting times: a steep start at 0 and a long tail.",
        domain=((-1.0, 9.0),),
        noise=1.0,
        noise_bounds=(0.2, 1.5),
        noise_label="Mean 1/λ (data units)",
        draw=_draw_exponential,
        log_density=_log_exponential,
    ),
    Preset(
        name="uniform",
        title="Uniform",
        description="Uniform between 0 and 1.",
        domain=((-1.0, 2.0),),
        noise=0.0,
        noise_bounds=(0.0, 0.3),
        noise_label="Blur σ of the edges (data units)",
        draw=_draw_uniform,
        log_density=_log_uniform,
    ),
    Preset(
        name="bimodal",
        title="Bimodal",
        description="Two equal normal distributions around −2 and 2.",
        domain=((-6.0, 6.0),),
        noise=0.6,
        noise_bounds=(0.1, 1.5),
        noise_label="Standard deviation σ of each (data units)",
        draw=_draw_bimodal,
        log_density=_log_bimodal,
    ),
    Preset(
        name="integers",
        title="Integers",
        description="3 5 4 4 4 4 5 6 5 4, then draws from these ten; discrete: there is no density without jitter.",
        domain=((0.0, 9.0),),
        noise=0.0,
        noise_bounds=(0.0, 0.5),
        noise_label="Jitter σ (data units)",
        draw=_draw_integers,
        log_density=_log_integers,
        discrete_without_noise=True,
        points=len(CLASSIC_SAMPLE),
    ),
)
