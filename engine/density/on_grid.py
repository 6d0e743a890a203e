"""Kernel sums at the cells of a grid: exact where that is quick, else from binned data (engine.density.binning)."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from engine.density.binning import binned_gaussian, convolved, gaussian_factor, nodes_within_reach
from engine.density.kernels import KERNELS, Kernel
from engine.device import device
from engine.grid import Array, Grid

MOST_NODES = 4_000_000  # 32 MB
MOST_PAIRS = 20_000_000  # of a point with a cell it reaches: 0.1 to 0.2 s
PAIRS_AT_ONCE = 1 << 17  # 1 MB in float64
FACTORS_AT_ONCE = 1 << 20  # of an axis position with a point


def kernels_on_grid(kernel: Kernel, points: Array, bandwidth: float, cholesky: Array, grid: Grid) -> Tensor:
    """Return (1/n) Σᵢ K(A⁻¹(x − xᵢ)) / |A| at the centres of `grid`, float32, with A = `bandwidth` · `cholesky`."""
    A = bandwidth * cholesky
    if kernel is KERNELS["gaussian"] and np.array_equal(cholesky, np.eye(grid.dimension)):
        return _round_gaussian(points, bandwidth, grid)
    if len(points) * math.prod(_patch(kernel, A, grid)) <= MOST_PAIRS:
        return patches(kernel, points, np.ones(len(points)), A, grid)
    return convolved(kernel, points, A, grid)


def _round_gaussian(points: Array, bandwidth: float, grid: Grid) -> Tensor:
    """Choose between the exact sum and the binned one, by the multiplications they take."""
    nodes = nodes_within_reach(len(points), bandwidth, grid)
    exact_cost = len(points) * math.prod(grid.cells)
    binned_cost = math.prod(nodes.cells) * grid.cells[-1]
    if exact_cost <= binned_cost or math.prod(nodes.cells) > MOST_NODES:
        return gaussians(points, np.full(len(points), bandwidth), grid)
    return binned_gaussian(points, bandwidth, nodes, grid)


def gaussians(points: Array, bandwidths: Array, grid: Grid) -> Tensor:
    """Return the exact sum of Gaussian kernels with a bandwidth each (n,), divided by n.

    A Gaussian is a product over the axes, so the sum over points is one matrix product.
    """
    density = torch.zeros(grid.shape, device=device())
    step = max(1, FACTORS_AT_ONCE // max(grid.cells))
    for start in range(0, len(points), step):
        x, h = points[start : start + step], bandwidths[start : start + step]
        factors = [gaussian_factor(axis, x[:, k], h) for k, axis in enumerate(grid.axes)]
        density += factors[0].sum(dim=1) if grid.dimension == 1 else factors[1] @ factors[0].T
    return density / len(points)


def patches(kernel: Kernel, points: Array, scales: Array, A: Array, grid: Grid) -> Tensor:
    """Return (1/n) Σᵢ K(A⁻¹(x − xᵢ)/λᵢ) / |λᵢ A| exactly, for scales λ (n,): a point adds to the cells it reaches."""
    order = np.argsort(scales)  # so that points handled together have patches of like size
    points, scales = points[order], scales[order]
    sums = torch.zeros(math.prod(grid.cells), dtype=torch.float64, device=device())
    stop = 0
    while stop < len(points):
        start = stop
        # Scales rise, so a stretch whose widest patch fits is found by fitting the first, then measuring the last.
        stop = start + _that_fit(_patch(kernel, A * scales[start], grid))
        stop = start + _that_fit(_patch(kernel, A * scales[min(stop, len(points)) - 1], grid))
        _add_patches(sums, kernel, points[start:stop], scales[start:stop], A, grid)
    volume = len(points) * kernel.volumes[grid.dimension - 1] * np.linalg.det(A)
    return (sums / volume).float().view(grid.shape)


def _that_fit(patch: tuple[int, ...]) -> int:
    return max(1, PAIRS_AT_ONCE // math.prod(patch))


def _patch(kernel: Kernel, A: Array, grid: Grid) -> tuple[int, ...]:
    """Return how many cells along each axis hold all that the kernel reaches, wherever its centre is; at most all."""
    widths = 2 * kernel.reach * np.linalg.norm(A, axis=1) / grid.spacing
    return tuple(int(min(width + 2, cells)) for width, cells in zip(widths, grid.cells, strict=True))


def _add_patches(sums: Tensor, kernel: Kernel, points: Array, scales: Array, A: Array, grid: Grid) -> None:
    """Add each point's unnormalised kernel, divided by λᵈ, to the flat `sums` over the cells of its patch."""
    d = grid.dimension
    x, inverse = torch.as_tensor(points, device=device()), torch.as_tensor(1 / scales, device=device())
    patch = _patch(kernel, A * scales[-1], grid)
    weight = (inverse**d).view(-1, *(1,) * d)
    index, offsets = torch.zeros_like(weight, dtype=torch.long), []
    for k, axis in enumerate(grid.axes):
        along = [-1, *(1,) * d]
        along[k + 1] = patch[k]
        position = ((x[:, k] - axis[0]) / grid.spacing[k])[:, None]
        whole = patch[k] == grid.cells[k]
        first = torch.zeros_like(position) if whole else torch.ceil(position - patch[k] / 2)
        cell = first + torch.arange(patch[k], device=device())
        inside = (cell >= 0) & (cell < grid.cells[k])
        index = index + (torch.where(inside, cell, 0).long() * math.prod(grid.cells[:k])).view(along)
        weight = weight * inside.view(along)
        offset = (cell - position) * grid.spacing[k] * inverse[:, None]
        offsets.append(offset.float().view(along))
    squares = torch.zeros(1, device=device())
    for row in np.linalg.inv(A):
        squares = squares + (row[0] * offsets[0] + (row[1] * offsets[1] if d == 2 else 0)) ** 2
    sums.index_add_(0, index.flatten(), (kernel.profile(squares.sqrt()) * weight).flatten())
