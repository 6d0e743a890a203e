"""What a history keeps of a game in the plane: plain arrays from a model, about a millisecond each."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from engine.adversarial.views.optimal import optimal, optimal_gap
from engine.evaluation.sample_distances import measures
from engine.grid import Array, Domain, Grid
from engine.pictures import prior_quantiles

__all__ = ["arrows", "field", "generated", "manifold", "measures", "noise_grid", "optimal", "optimal_gap"]

LOWEST, HIGHEST = 0.02, 0.98  # quantiles of normal noise between which the generator's manifold is drawn


class Plays(Protocol):
    """What is asked of a game of two players."""

    hyperparameters: Any

    @property
    def latent_size(self) -> int: ...
    def discriminate(self, x: Array) -> Array: ...
    def draw_noise(self, n: int, seed: int = 0) -> Array: ...
    def generate(self, z: npt.ArrayLike) -> Array: ...
    def generator_arrows(self, n: int = 60, seed: int = 0) -> Array: ...


def field(model: Plays, domain: Domain, cells: int = 30) -> Array:
    """Return D(x), or the critic's value, at the cell centres of a domain: (cells, cells) float32, rows along y."""
    grid = Grid.over(domain, cells)
    return np.asarray(model.discriminate(grid.points), np.float32).reshape(grid.shape)


def generated(model: Plays, n: int = 300, seed: int = 0) -> Array:
    """Return what the same n draws of noise, `draw_noise(n, seed)`, become: (n, 2) float32, data units."""
    return np.asarray(model.generate(model.draw_noise(n, seed)), np.float32)


def noise_grid(model: Plays, cells: int = 20) -> Array:
    """Return the vertices of a grid in noise space, (cells + 1, cells + 1, 2) float32, that `manifold` maps.

    Normal noise: quantiles of each axis, equally spaced in probability from 0.02 to 0.98, so that all cells hold the
    same share of the noise; uniform noise: the square [−1, 1]². Rows run along the second axis. One dimension is a
    line of cells² + 1 places, (cells² + 1, 1, 2), with 0 beside it; of more than two, these are the first two.
    """
    if model.latent_size == 1:
        line = _axis(model, cells * cells + 1)
        return np.stack([line, np.zeros_like(line)], axis=-1)[:, None].astype(np.float32)
    axis = _axis(model, cells + 1)
    return np.stack(np.meshgrid(axis, axis), axis=-1).astype(np.float32)


def manifold(model: Plays, cells: int = 20) -> Array:
    """Return where the generator takes the vertices of `noise_grid`, of its shape, float32, data units.

    Of more than two noise dimensions it shows the plane of the first two, with the others 0.
    """
    vertices = noise_grid(model, cells)
    z = np.zeros((vertices.shape[0] * vertices.shape[1], model.latent_size), np.float32)
    plane = min(model.latent_size, 2)
    z[:, :plane] = vertices.reshape(-1, 2)[:, :plane]
    return np.asarray(model.generate(z), np.float32).reshape(vertices.shape)


def arrows(model: Plays, n: int = 60, seed: int = 0) -> Array:
    """Return x, y of n generated points and the way the generator's loss sends each, (n, 4) float32, data units."""
    return np.asarray(model.generator_arrows(n, seed), np.float32)


def _axis(model: Plays, n: int) -> Array:
    uniform = model.hyperparameters.noise == "uniform"
    return np.linspace(-1, 1, n) if uniform else prior_quantiles(LOWEST, HIGHEST, n)
