"""Kernel sums on a grid from binned data: n points cost O(n), however many each of them reaches.

Every point is shared linearly among the nodes around it; the sum over nodes is then two matrix products (Gaussian) or
a convolution by FFT (any kernel). Jones and Lotwick (1984), A remark on algorithm AS 176: kernel density estimation
using the fast Fourier transform; Wand (1994), Fast computation of multivariate kernel estimators.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy.signal import fftconvolve
from torch import Tensor
from torch.nn.functional import threshold

from engine.density.kernels import KERNELS, Kernel
from engine.device import device
from engine.grid import Array, Grid

NODES_PER_BANDWIDTH = 7  # δ/h = 1/7: the relative L1 error is at most 0.05 (δ/h)² = 1e-3, of isolated points
MANY_POINTS, NODES_FOR_MANY = 50_000, 5  # kernels that overlap average the error out
NODES_TO_CONVOLVE = 12  # per bandwidth, where that is
MOST_NODES_PER_CELL = 6  # or fewer
FAINTEST = 1e-17  # a Gaussian under this share of its peak is 0: products of two stay clear of float32's denormals
POINTS_AT_ONCE = 1 << 15  # their coordinates fit in the cache


@dataclass(frozen=True)
class Nodes:
    """Describe equally spaced nodes: low, low + spacing, … along each dimension."""

    low: tuple[float, ...]
    spacing: tuple[float, ...]
    cells: tuple[int, ...]

    def axis(self, k: int) -> Array:
        """Return the nodes' positions along dimension k."""
        return self.low[k] + self.spacing[k] * np.arange(self.cells[k])


def share_among_nodes(points: Array, nodes: Nodes) -> Tensor:
    """Return linear-binning weights, float64 (cells_y, cells_x) or (cells,), that sum to the number of points inside.

    A point between two nodes gives each the share 1 − distance/spacing, in 2-D the product over x and y. Points
    outside the nodes are left out.
    """
    d, width = points.shape[1], nodes.cells[0]
    low, per_spacing, last = (
        torch.as_tensor(v, dtype=torch.float64, device=device())[:, None]
        for v in (nodes.low, np.reciprocal(nodes.spacing), np.array(nodes.cells) - 1)
    )
    corners = torch.tensor([0, 1, width, width + 1][: 2**d], device=device())[:, None]
    weights = torch.zeros(math.prod(nodes.cells), dtype=torch.float64, device=device())
    for part in torch.as_tensor(points, device=device()).split(POINTS_AT_ONCE):
        position = (part.T - low) * per_spacing
        inside = ((position >= 0) & (position < last)).all(dim=0)
        if not inside.all():
            position = position[:, inside]
        corner = position.floor()
        index = (corner[0] if d == 1 else corner[0] + width * corner[1]).long()
        t = position - corner
        if d == 1:
            shares = torch.cat([1 - t, t])
        else:
            x, y, xy = t[0], t[1], t[0] * t[1]
            shares = torch.stack([1 - x - y + xy, x - xy, y - xy, xy])
        weights.index_add_(0, (index + corners).flatten(), shares.flatten())
    return weights.view(tuple(reversed(nodes.cells)))


def nodes_within_reach(n: int, bandwidth: float, grid: Grid) -> Nodes:
    """Lay nodes for n points, 7 or 5 per `bandwidth`, over all from which a Gaussian kernel reaches the grid."""
    density = NODES_PER_BANDWIDTH if n < MANY_POINTS else NODES_FOR_MANY
    reach = KERNELS["gaussian"].reach * bandwidth
    low = tuple(axis[0] - reach for axis in grid.axes)
    lengths = [axis[-1] - axis[0] + 2 * reach for axis in grid.axes]
    intervals = [math.ceil(min(length / bandwidth, 1e9) * density) for length in lengths]
    spacing = tuple(length / n for length, n in zip(lengths, intervals, strict=True))
    return Nodes(low, spacing, tuple(n + 1 for n in intervals))


def _extent(points: Array) -> list[tuple[float, float]]:
    """Return the lowest and the highest coordinate along each axis (torch finds them ten times faster than NumPy)."""
    low, high = torch.as_tensor(points).aminmax(dim=0)
    return list(zip(low.tolist(), high.tolist(), strict=True))


def binned_gaussian(points: Array, bandwidth: float, nodes: Nodes, grid: Grid) -> Tensor:
    """Return the sum of round Gaussian kernels divided by n at the centres of `grid`, float32.

    The relative L1 error is about 1e-4 for smooth data and at most 1e-3 for isolated points; 2e-3 for more than
    50,000 points on a lattice wider than the bandwidth, whose errors do not average out.
    """
    weights = share_among_nodes(points, nodes).float()
    # Sharing widens the data a little: a kernel that much narrower makes up for it.
    narrower = [np.full(1, math.sqrt(bandwidth**2 - extra)) for extra in _added_variance(points, nodes)]
    factors = [gaussian_factor(grid.axes[k], nodes.axis(k), h) for k, h in enumerate(narrower)]
    density = factors[0] @ weights if grid.dimension == 1 else factors[1] @ weights @ factors[0].T
    return density / len(points)


def _added_variance(points: Array, nodes: Nodes) -> Array:
    """Return the mean variance (d,) that sharing adds to a point, δ² t(1 − t) at t of the way between nodes."""
    some = points[:: max(1, len(points) // 1000)]
    t = ((some - nodes.low) / nodes.spacing) % 1
    return np.square(nodes.spacing) * np.mean(t * (1 - t), axis=0)


def gaussian_factor(at: Array, centres: Array, bandwidths: Array) -> Tensor:
    """Return N(at; centre, bandwidth²), float32 (len(at), len(centres)); its sums have no negative term to cancel.

    Beyond nine bandwidths, where it is under 1e-17 of its peak, it is 0.
    """
    a, c, h = (torch.as_tensor(v, dtype=torch.float64, device=device()) for v in (at, centres, bandwidths))
    u = ((a[:, None] - c) / h).float()
    shape = u.mul_(u).mul_(-0.5).clamp_(min=math.log(FAINTEST) - 1).exp_()
    return threshold(shape, FAINTEST, 0, inplace=True).mul_((1 / (math.sqrt(2 * math.pi) * h)).float())


def convolved(kernel: Kernel, points: Array, A: Array, grid: Grid) -> Tensor:
    """Return (1/n) Σᵢ K(A⁻¹(x − xᵢ)) / |A| at the centres of `grid`, float32, for any kernel and matrix A (d, d).

    Nodes lie on the cell centres and evenly between them. The relative L1 error is about 1e-3, and 1e-2 for tophat,
    which jumps.
    """
    reach = kernel.reach * np.linalg.norm(A, axis=1)
    narrowest = np.linalg.svd(A, compute_uv=False).min()
    low, spacing, cells, radius, centres = [], [], [], [], []
    for axis, cell, r, (first, last) in zip(grid.axes, grid.spacing, reach, _extent(points), strict=True):
        refine = math.ceil(min(NODES_TO_CONVOLVE * cell / narrowest, MOST_NODES_PER_CELL))
        delta = cell / refine
        before, after = (math.ceil(np.clip(gap, 0, r) / delta) + 1 for gap in (axis[0] - first, last - axis[-1]))
        inner = (len(axis) - 1) * refine + 1
        low.append(axis[0] - before * delta)
        spacing.append(delta)
        cells.append(before + inner + after)
        radius.append(min(math.ceil(r / delta), cells[-1]))
        centres.append(slice(before, before + inner, refine))
    weights = share_among_nodes(points, Nodes(tuple(low), tuple(spacing), tuple(cells))).cpu().numpy()
    image = _image(kernel, A, spacing, radius)
    density = fftconvolve(weights, image, mode="same")[tuple(centres[::-1])].clip(min=0) / len(points)
    return torch.from_numpy(density.astype(np.float32))


def _image(kernel: Kernel, A: Array, spacing: list[float], radius: list[int]) -> Array:
    """Return K(A⁻¹u) / |A| at offsets u of up to `radius` nodes along each axis, float64, rows along y."""
    axes = [delta * np.arange(-r, r + 1) for delta, r in zip(spacing, radius, strict=True)]
    offsets = np.stack(np.meshgrid(*axes), axis=-1)
    distance = torch.from_numpy(np.linalg.norm(offsets @ np.linalg.inv(A).T, axis=-1))
    return kernel.profile(distance).numpy() / (kernel.volumes[len(A) - 1] * np.linalg.det(A))
