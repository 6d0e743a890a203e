"""The data's density and a generator's on one grid of the plane, blurred by the same narrow Gaussian.

A generator's density is unknown, so it is counted from many samples, on a grid finer than the picture's; the data's
is evaluated there where a preset knows it. Both then go through the same kernel, as wide as a cell of the picture.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from engine.data import preset as find_preset
from engine.density.binning import Nodes, gaussian_factor, share_among_nodes
from engine.grid import Array, Domain, Grid
from engine.model import DataError

SAMPLE = 20_000  # generated points
FINE_CELLS = 320  # along each axis
REACH = 10  # of these cells, beyond any draw, where there is density worth counting
WIDER = 0.1  # of the domain's width, by which they reach beyond it: mass outside blurs in


class Generates(Protocol):
    """What is asked of a model: its weights, and new points."""

    def state(self) -> Mapping[str, npt.NDArray]: ...  # noqa: D102
    def sample(self, n: int, seed: int = 0) -> Array: ...  # noqa: D102


def densities(
    model: Generates,
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
    if preset is not None:
        p = _of_preset(preset, noise, domain, cells)
    elif x is not None and len(x):
        p = _blurred(_shares(x, domain), domain, cells, shared=True)
    else:
        raise DataError("The optimal discriminator needs a preset, or the real points.")
    return p, _blurred(_generated(model, domain, seed), domain, cells, shared=True)


def _generated(model: Generates, domain: Domain, seed: int) -> Array:
    """Return the shares of generated points in the fine cells, as `_shares` does.

    They are drawn anew only for another model, or for other weights than those of the last call.
    """
    global _newest
    asked, state = (domain, seed), model.state()
    if _newest is not None and _newest.model() is model and _newest.asked == asked and _same(_newest.state, state):
        return _newest.shares
    shares = _shares(model.sample(SAMPLE, seed=seed), domain)
    _newest = _Newest(weakref.ref(model), asked, state, shares)
    return shares


class _Newest(NamedTuple):
    """Remember the shares of the model that was asked for last, which two views of one snapshot have in common."""

    model: Callable[[], Any]
    asked: tuple[Domain, int]
    state: Mapping[str, npt.NDArray]
    shares: Array


_newest: _Newest | None = None


def _same(a: Mapping[str, npt.NDArray], b: Mapping[str, npt.NDArray]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(part, b[name]) for name, part in a.items())


def _shares(x: Array, domain: Domain) -> Array:
    """Return the shares of points x (n, 2) that are in the cells of the fine grid, each shared by four."""
    fine = _fine_grid(domain)
    low = tuple(float(axis[0]) for axis in fine.axes)
    return share_among_nodes(x, Nodes(low, fine.spacing, fine.cells)).cpu().numpy() / len(x)


@lru_cache(maxsize=8)
def _of_preset(preset: str, noise: float | None, domain: Domain, cells: int) -> Array:
    """Return a preset's blurred density at the centres of a grid (cells, cells): exact, or counted from draws."""
    masses = _exact(preset, noise, domain)
    shared = masses is None
    if masses is None:
        masses = _shares(find_preset(preset).sample(SAMPLE, seed=1, noise=noise), domain)
    density = _blurred(masses, domain, cells, shared)
    density.setflags(write=False)
    return density


def _blurred(masses: Array, domain: Domain, cells: int, shared: bool) -> Array:
    """Return the density (cells, cells) of masses in the fine cells, blurred by a Gaussian one cell wide."""
    across, up = _factors(domain, cells, shared)
    blurred: Array = up @ masses @ across.T
    return blurred


@lru_cache(maxsize=8)
def _factors(domain: Domain, cells: int, shared: bool) -> list[Array]:
    """Return along x and y the weights (cells, FINE_CELLS) of fine cells in the blurred density at every cell."""
    grid, fine = Grid.over(domain, cells), _fine_grid(domain)
    width = max(grid.spacing)
    # To share a point among nodes δ apart widens it by a variance of δ²/6 on average, which the kernel takes back.
    widths = [np.sqrt(width**2 - (step**2 / 6 if shared else 0)) for step in fine.spacing]
    axes = zip(grid.axes, fine.axes, widths, strict=True)
    return [gaussian_factor(at, nodes, np.full(1, h)).double().cpu().numpy() for at, nodes, h in axes]


@lru_cache(maxsize=4)
def _exact(preset: str, noise: float | None, domain: Domain) -> Array | None:
    """Return a preset's masses in the fine cells, or None where it has no density.

    They are left at 0 in cells that no draw of 20,000 comes near: some densities are sums over a curve, and two
    seconds a grid; nearly all of it is empty.
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
    masses = np.zeros(fine.shape)
    masses[near] = np.exp(np.asarray(log_prob(fine.points[near.ravel()]), np.float64)) * fine.cell_volume
    return masses


def _fine_grid(domain: Domain) -> Grid:
    margins = [WIDER * (high - low) for low, high in domain]
    wider = tuple((low - m, high + m) for (low, high), m in zip(domain, margins, strict=True))
    return Grid.over(wider, FINE_CELLS)
