"""Time an EM iteration against scikit-learn's, both from one start on the same points."""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable
from itertools import islice

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture as Peer

from engine.density.mixture.model import GaussianMixture
from engine.device import device
from engine.grid import Array

ITERATIONS = 20
REPEATS = 7
N_COMPONENTS = 8
SIZES = (1_000, 10_000, 100_000)


def run() -> str:
    """Return a Markdown table of ms per EM iteration (full covariance, d = 2, K = 8), with 1 and with 2 threads."""
    before = torch.get_num_threads()
    rows = [
        "| n | threads | ours, ms/iteration | scikit-learn, ms/iteration | ratio | relative difference of log L |",
        "|--:|--:|--:|--:|--:|--:|",
    ]
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            rows += [_compare(n, threads) for n in SIZES]
    finally:
        torch.set_num_threads(before)
    note = f"Medians of {REPEATS} interleaved runs of {ITERATIONS} iterations on {device().type}, all in float64."
    return "\n".join([*rows, "", note])


def _compare(n: int, threads: int) -> str:
    points = _clouds(n)
    model, start = _start(points)
    peer = Peer(
        N_COMPONENTS,
        means_init=start.means,
        weights_init=start.weights,
        precisions_init=np.linalg.inv(start.covariances),
        reg_covar=0,
        tol=0,
        max_iter=ITERATIONS,
    )
    ours, theirs = [], []
    for _ in range(REPEATS):
        ours.append(_time(lambda: next(islice(model.steps(points), ITERATIONS, None))))
        theirs.append(_time(lambda: _quietly(peer.fit, points)))
    mine, other = statistics.median(ours) / ITERATIONS, statistics.median(theirs) / ITERATIONS
    difference = abs(model.log_likelihood / peer.score(points) - 1)
    return f"| {n:,} | {threads} | {mine:.2f} | {other:.2f} | {other / mine:.1f}× | {difference:.0e} |"


def _start(points: Array) -> tuple[GaussianMixture, GaussianMixture]:
    """Return a model to time, and one that stands at the very start the timed one will take."""
    rng = np.random.default_rng(1)
    placed = tuple(map(tuple, points[rng.choice(len(points), N_COMPONENTS, replace=False)].tolist()))
    options = {"n_components": N_COMPONENTS, "start": "by hand", "starts": placed, "tolerance": 0.0}
    start = GaussianMixture(**options)
    next(start.steps(points))
    return GaussianMixture(**options), start


def _clouds(n: int) -> Array:
    rng = np.random.default_rng(0)
    centres = 3 * rng.normal(size=(N_COMPONENTS, 2))
    return centres[rng.integers(N_COMPONENTS, size=n)] + rng.normal(size=(n, 2))


def _time(work: Callable[[], object]) -> float:
    """Return how long `work` takes, in milliseconds."""
    began = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - began)


def _quietly(fit: Callable[[Array], object], points: Array) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fit(points)


if __name__ == "__main__":
    print(run())
