"""The optimal discriminator D* = p/(p + q) against a generator as it stands, and how far the real one is from it.

Goodfellow et al. (2014), "Generative adversarial nets", proposition 1. The generator's density q is unknown, so it is
estimated from many samples by Gaussian kernels as wide as a cell of the picture; the data's density p is blurred by
the same kernel, exactly where a preset knows it, so that D* is ½ wherever p = q.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from engine.data import preset as find_preset
from engine.density import KernelDensity
from engine.density.binning import gaussian_factor
from engine.grid import Array, Domain, Grid
from engine.model import DataError

SAMPLE = 20_000  # generated points
FINE_CELLS = 320  # along each axis, where an exact density is evaluated before it is blurred
WIDER = 0.1  # of the domain's width, by which that reaches beyond it: mass outside blurs in


class Discriminates(Protocol):
    """What is asked of a model: new points, and what its discriminator says of points."""

    hyperparameters: Any

    @property
    def gives_probability(self) -> bool: ...  # noqa: D102
    def sample(self, n: int, seed: int = 0) -> Array: ...  # noqa: D102
    def discriminate(self, x: Array) -> Array: ...  # noqa: D102


def optimal(
    model: Discriminates,
    domain: Domain,
    cells: int = 30,
    preset: str | None = None,
    noise: float | None = None,
    x: Array | None = None,
    seed: int = 0,
) -> Array:
    """Return D* (cells, cells) float32 at the cell centres, rows along y, between 0 and 1.

    p is that of the `preset` at `noise` or, without one, that of points x (n, 2). One-sided label smoothing α lowers
    it to (1 − α) p/(p + q). A cell in which neither would have one point in 20,000 says nothing, and shows half of
    its highest value. Raises DataError for a critic, which has no such optimum, and without data.
    """
    if not model.gives_probability:
        raise DataError("This game's critic is no probability, so there is no optimal discriminator p/(p + q).")
    p, q = densities(model, domain, cells, preset, noise, x, seed)
    return _optimum(p, q, Grid.over(domain, cells), _smoothing(model))


def optimal_gap(
    model: Discriminates,
    domain: Domain,
    cells: int = 60,
    preset: str | None = None,
    noise: float | None = None,
    x: Array | None = None,
    seed: int = 0,
) -> Array:
    """Return the mean of |D − D*| under ½ (p + q), shape () float32, between 0 and 1; arguments as in `optimal`.

    Raises DataError as `optimal` does.
    """
    if not model.gives_probability:
        raise DataError("This game's critic is no probability, so there is no optimal discriminator p/(p + q).")
    p, q = densities(model, domain, cells, preset, noise, x, seed)
    grid = Grid.over(domain, cells)
    found = np.asarray(model.discriminate(grid.points), np.float64).reshape(grid.shape)
    gap = np.abs(found - _optimum(p, q, grid, _smoothing(model)))
    weight = p + q
    total = float(weight.sum())
    return np.array((gap * weight).sum() / total if total > 0 else 0.0, np.float32)


def densities(
    model: Discriminates,
    domain: Domain,
    cells: int,
    preset: str | None = None,
    noise: float | None = None,
    x: Array | None = None,
    seed: int = 0,
) -> tuple[Array, Array]:
    """Return p and q (cells, cells) at the cell centres, both blurred by a Gaussian one cell wide.

    Raises DataError without data.
    """
    grid = Grid.over(domain, cells)
    return _data_density(grid, preset, noise, x), kernel_density(model.sample(SAMPLE, seed=seed), grid)


def kernel_density(x: Array, grid: Grid) -> Array:
    """Return the Gaussian kernel estimate (cells, cells) of points x (n, 2), its bandwidth one cell of `grid`."""
    return KernelDensity(bandwidth=max(grid.spacing)).fit(np.clip(x, -1e9, 1e9)).density_on(grid)


def _data_density(grid: Grid, preset: str | None, noise: float | None, x: Array | None) -> Array:
    exact = _blurred(preset, noise, grid.domain, grid.cells[0]) if preset is not None else None
    if exact is not None:
        return exact
    if preset is not None:
        x = find_preset(preset).sample(SAMPLE, seed=1, noise=noise)  # no density, as many points as one wants
    if x is None or not len(x):
        raise DataError("The optimal discriminator needs a preset, or the real points.")
    return kernel_density(x, grid)


@lru_cache(maxsize=8)
def _blurred(preset: str, noise: float | None, domain: Domain, cells: int) -> Array | None:
    """Return a preset's exact density, blurred, at the centres of a grid (cells, cells); None where it has none."""
    log_prob = find_preset(preset).log_prob(noise)
    if log_prob is None:
        return None
    grid = Grid.over(domain, cells)
    margins = [WIDER * (high - low) for low, high in domain]
    fine = Grid.over(tuple((low - m, high + m) for (low, high), m in zip(domain, margins, strict=True)), FINE_CELLS)
    density = np.exp(np.asarray(log_prob(fine.points), np.float64)).reshape(fine.shape)
    width = np.full(1, max(grid.spacing))
    across, up = (
        gaussian_factor(axis, centres, width).double().cpu().numpy()
        for axis, centres in zip(grid.axes, fine.axes, strict=True)
    )
    blurred = up @ density @ across.T * fine.cell_volume
    blurred.setflags(write=False)
    return blurred


def _optimum(p: Array, q: Array, grid: Grid, smoothing: float) -> Array:
    total = p + q
    seen = total * grid.cell_volume * SAMPLE >= 1
    ratio = np.divide(p, total, out=np.full(grid.shape, 0.5), where=seen)
    return ((1 - smoothing) * ratio).astype(np.float32)


def _smoothing(model: Discriminates) -> float:
    return float(getattr(model.hyperparameters, "label_smoothing", 0.0))
