"""Time KernelDensity's heat map side by side with KDEpy's FFTKDE and scikit-learn's tree."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from KDEpy import FFTKDE
from sklearn.neighbors import KernelDensity as TreeKDE

from engine.density import KernelDensity
from engine.grid import Array, Grid

SIZES = (1_000, 10_000, 100_000, 1_000_000)
REPEATS = 9
TREE_LIMIT = 10_000  # more points take minutes
CELLS = 200
CHECKED_CELLS = 2_000  # at which a million points are summed exactly


def run() -> str:
    """Return a Markdown table: a 200×200 Gaussian heat map with Scott's bandwidth, one thread, medians of 9.

    The same points (two normal clusters), cell centres and bandwidth for all; the runs alternate.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as the server runs
    try:
        rows = [_row(n) for n in SIZES]
    finally:
        torch.set_num_threads(threads)
    head = "| n | ours, ms | FFTKDE, ms | scikit-learn's tree, ms | FFTKDE / ours | relative L1 error |"
    return "\n".join([head, "|--:|--:|--:|--:|--:|--:|", *rows])


def _row(n: int) -> str:
    points = _points(n)
    model = KernelDensity().fit(points)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.05 * (high - low)
    grid = Grid.over(tuple(zip(low - margin, high + margin, strict=True)), CELLS)
    # FFTKDE wants x to vary slowest.
    peer_points = np.stack(np.meshgrid(*grid.axes, indexing="ij"), axis=-1).reshape(-1, 2)
    peer = FFTKDE(kernel="gaussian", bw=model.bandwidth).fit(points)
    ours, theirs = _alternate([lambda: model.density_on(grid), lambda: peer.evaluate(peer_points)])
    tree = "–"
    if n <= TREE_LIMIT:
        tree_model = TreeKDE(bandwidth=model.bandwidth).fit(points)
        tree = f"{_milliseconds(lambda: tree_model.score_samples(grid.points)):,.0f}"
    error = _relative_error(model, points, grid)
    return f"| {n:,} | {ours:.2f} | {theirs:.1f} | {tree} | {theirs / ours:.1f} | {error:.0e} |"


def _points(n: int) -> Array:
    generator = np.random.default_rng(0)
    centres = np.array([[-1.0, -0.5], [1.0, 0.5]])[generator.integers(2, size=n)]
    return centres + generator.standard_normal((n, 2)) * [0.5, 0.8]


def _alternate(actions: list[Callable[[], object]]) -> list[float]:
    """Return the median time of each action in milliseconds, after one run to warm up."""
    for action in actions:
        action()
    rounds = [[_milliseconds(action) for action in actions] for _ in range(REPEATS)]
    return [statistics.median(times) for times in zip(*rounds, strict=True)]


def _milliseconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return 1e3 * (time.perf_counter() - start)


def _relative_error(model: KernelDensity, points: Array, grid: Grid) -> float:
    """Return Σ|ours − exact| / Σ exact over the cells; for many points over a random 2,000 of them."""
    density = model.density_on(grid).ravel().astype(np.float64)
    chosen = np.arange(len(density))
    if len(points) * len(density) > 1e9:
        chosen = np.random.default_rng(1).choice(len(density), CHECKED_CELLS, replace=False)
    exact = np.exp(model.log_prob(grid.points[chosen]).astype(np.float64))
    return float(np.abs(density[chosen] - exact).sum() / exact.sum())
