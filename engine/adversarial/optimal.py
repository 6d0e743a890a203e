"""The optimal discriminator D* = p/(p + q) against a generator as it stands, and how far the real one is from it.

Goodfellow et al. (2014), "Generative adversarial nets", proposition 1. The generator's density q is unknown, so it is
estimated from many samples by Gaussian kernels as wide as a cell of the picture; the data's density p is blurred by
the same kernel, exactly where a preset knows it, so that D* is ½ wherever p = q.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from engine.data import preset as find_preset
from engine.density import KernelDensity
from engine.density.binning import gaussian_factor
from engine.grid import Array, Domain, Grid
from engine.model import DataError

SAMPLE = 20_000  # generated points
FINE_CELLS = 320  # along each axis, where an exact density is evaluated before it is blurred
REACH = 10  # of these cells, beyond any draw, where there is density worth counting
WIDER = 0.1  # of the domain's width, by which that reaches beyond it: mass outside blurs in


class Discriminates(Protocol):
    """What is asked of a model: new points, and what its discriminator says of points."""

    hyperparameters: Any

    @property
    def objective(self) -> Any: ...  # noqa: D102
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
    seen = (p + q) * Grid.over(domain, cells).cell_volume * SAMPLE >= 1
    return _optimum(p, q, seen, _smoothing(model))


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
    weight = p + q
    gap = np.abs(found - _optimum(p, q, weight > 0, _smoothing(model)))
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
    density = _exact(preset, noise, domain)
    if density is None:
        return None
    grid, fine = Grid.over(domain, cells), _fine_grid(domain)
    width = np.full(1, max(grid.spacing))
    across, up = (
        gaussian_factor(axis, centres, width).double().cpu().numpy()
        for axis, centres in zip(grid.axes, fine.axes, strict=True)
    )
    blurred: Array = up @ density @ across.T * fine.cell_volume
    blurred.setflags(write=False)
    return blurred


@lru_cache(maxsize=4)
def _exact(preset: str, noise: float | None, domain: Domain) -> Array | None:
    """Return a preset's exact density on the fine grid, left at 0 in cells that no draw of 20,000 comes near.

    Some densities are sums over a curve, and two seconds a grid; nearly all of it is empty.
    """
    shape, fine = find_preset(preset), _fine_grid(domain)
    log_prob = shape.log_prob(noise)
    if log_prob is None:
        return None
    from scipy.ndimage import maximum_filter

    x = shape.sample(SAMPLE, seed=2, noise=noise)
    edges = [np.linspace(low, high, FINE_CELLS + 1) for low, high in fine.domain]
    drawn = np.histogram2d(x[:, 1], x[:, 0], bins=edges[::-1])[0]
    near = maximum_filter(drawn, 2 * REACH + 1) > 0
    density = np.zeros(fine.shape)
    density[near] = np.exp(np.asarray(log_prob(fine.points[near.ravel()]), np.float64))
    return density


def _fine_grid(domain: Domain) -> Grid:
    margins = [WIDER * (high - low) for low, high in domain]
    wider = tuple((low - m, high + m) for (low, high), m in zip(domain, margins, strict=True))
    return Grid.over(wider, FINE_CELLS)


def _optimum(p: Array, q: Array, seen: npt.NDArray[np.bool_], smoothing: float) -> Array:
    """Return (1 − α) p/(p + q) where `seen`, and half of its highest value elsewhere."""
    ratio = np.divide(p, p + q, out=np.full(p.shape, 0.5), where=seen)
    return ((1 - smoothing) * ratio).astype(np.float32)


def _smoothing(model: Discriminates) -> float:
    return float(model.hyperparameters.label_smoothing) if model.objective.smooths else 0.0
