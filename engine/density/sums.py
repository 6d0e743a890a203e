"""The exact log-density of a kernel sum, in chunks that fit in the cache."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.density.kernels import Kernel
from engine.device import device
from engine.grid import Array

PAIRS_AT_ONCE = 1 << 18  # of a query with a data point: 2 MB in float64


def log_kernel_sum(kernel: Kernel, queries: Array, points: Array, scales: Array | None = None) -> Tensor:
    """Return log (1/n) Σᵢ K((q − xᵢ)/λᵢ) / λᵢᵈ, float64 (m,), at queries (m, d), for points (n, d), scales λ (n,)."""
    n, d = points.shape
    q, x = torch.as_tensor(queries, device=device()), torch.as_tensor(points, device=device())
    inverse = None if scales is None else torch.as_tensor(1 / scales, device=device())
    sums = []
    for part in q.split(max(1, PAIRS_AT_ONCE // n)):
        r = _distances(part, x)
        sums.append(kernel.log_sum(r) if inverse is None else kernel.log_sum(r * inverse, inverse**d))
    return torch.cat(sums) - np.log(n) - kernel.log_volume(d)


def _distances(queries: Tensor, points: Tensor) -> Tensor:
    """Return the distances (m, n), from differences: products would lose the small ones."""
    x = queries[:, :1] - points[:, 0]
    if points.shape[1] == 1:
        return x.abs_()
    y = queries[:, 1:] - points[:, 1]
    return x.mul_(x).addcmul_(y, y).sqrt_()
