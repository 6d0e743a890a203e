"""Time a fit by quadrature side by side with scipy's BFGS on the same grid and with a plain Adam loop in torch."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from scipy.optimize import minimize

from engine.divergence.fit import DivergenceFit
from engine.divergence.optima import all_optima
from engine.divergence.targets import two_mode_target
from engine.grid import Array, Grid

OBJECTIVES = ("kl", "reverse_kl", "js")
START = (1.5, 1.5)
STARTS = 64
REPEATS = 9
PEER_REPEATS = 3  # the Adam loop takes seconds
RATE, MOST_STEPS = 0.02, 5_000
CLOSE = 1e-6  # relative difference of values that counts as the same optimum

Path = Iterator[tuple[float, float]]  # seconds so far, value


def run() -> str:
    """Return a Markdown table: Raffel's target, full covariance, from one start and from 64 as one batch; medians.

    All work on one grid of 64 × 64 cells in float64 with one thread, as the server does. Ours and scipy's are timed
    until they stop by themselves, the Adam loop until it is within 1e-6 (relative) of the worse of their values.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        rows = [_row(objective) for objective in OBJECTIVES]
    finally:
        torch.set_num_threads(threads)
    head = (
        "| objective | one fit, ms | 64 starts as one batch, ms | 64 / 1 | scipy BFGS, ms | Adam, ms | "
        "scipy / ours | Adam / ours | value: ours, scipy |"
    )
    return "\n".join([head, "|:--|--:|--:|--:|--:|--:|--:|--:|--:|", *rows])


def _row(objective: str) -> str:
    fit = DivergenceFit(objective=objective, starts=(START,))
    problem = fit.problem(two_mode_target())
    grid = problem.table.grid
    log_p = problem.table.log_p.cpu().numpy() - np.log(grid.cell_volume)
    first = np.array([*START, *_log_cholesky(0.25 * np.diag(np.diagonal(problem.table.covariance)))])
    one, batch = [], []
    for _ in range(REPEATS):
        one.append(_milliseconds(lambda: fit.fit(two_mode_target())))
        batch.append(_milliseconds(lambda: all_optima(two_mode_target(), objective, STARTS)))
    scipys = [_scipy(objective, log_p, grid, first) for _ in range(PEER_REPEATS)]
    adams = [list(_adam(objective, log_p, grid, first)) for _ in range(PEER_REPEATS)]
    ours = fit.divergence
    aim = max(ours, scipys[0][1]) * (1 + CLOSE)
    adam = statistics.median(next((1e3 * t for t, value in path if value <= aim), np.inf) for path in adams)
    scipy = statistics.median(time for time, _ in scipys)
    mine, many = statistics.median(one), statistics.median(batch)
    return (
        f"| {objective} | {mine:.0f} | {many:.0f} | {many / mine:.1f} | {scipy:.0f} | {adam:.0f} | "
        f"{scipy / mine:.1f} | {adam / mine:.0f} | {ours:.6f}, {scipys[0][1]:.6f} |"
    )


def _scipy(objective: str, log_p: Array, grid: Grid, first: Array) -> tuple[float, float]:
    """Return milliseconds and value of scipy's BFGS with numerical gradients."""
    points, p = grid.points, np.exp(log_p)

    def value(theta: Array) -> float:
        factor = np.array([[np.exp(theta[2]), 0.0], [theta[3], np.exp(theta[4])]])
        z = np.linalg.solve(factor, (points - theta[:2]).T)
        log_q = -0.5 * (z**2).sum(axis=0) - np.log(2 * np.pi) - theta[2] - theta[4]
        q = np.exp(log_q)
        if objective == "kl":
            cells = p * (log_p - log_q)
        elif objective == "reverse_kl":
            cells = q * (log_q - log_p)
        else:
            log_m = np.logaddexp(log_p, log_q) - np.log(2)
            cells = 0.5 * p * (log_p - log_m) + 0.5 * q * (log_q - log_m)
        return float(cells.sum() * grid.cell_volume)

    began = time.perf_counter()
    found = minimize(value, first, method="BFGS")
    return 1e3 * (time.perf_counter() - began), float(found.fun)


def _adam(objective: str, log_p: Array, grid: Grid, first: Array) -> Path:
    """Yield seconds and value after each step of a plain loop with torch's autograd and Adam."""
    points, target = torch.as_tensor(grid.points), torch.as_tensor(log_p)
    theta = torch.tensor(first, requires_grad=True)
    optimiser = torch.optim.Adam([theta], lr=RATE)
    began = time.perf_counter()
    for _ in range(MOST_STEPS):
        optimiser.zero_grad()
        factor = torch.stack([theta[2].exp(), torch.zeros_like(theta[0]), theta[3], theta[4].exp()]).reshape(2, 2)
        log_q = torch.distributions.MultivariateNormal(theta[:2], scale_tril=factor).log_prob(points)
        if objective == "kl":
            cells = target.exp() * (target - log_q)
        elif objective == "reverse_kl":
            cells = log_q.exp() * (log_q - target)
        else:
            log_m = torch.logaddexp(target, log_q) - np.log(2)
            cells = 0.5 * target.exp() * (target - log_m) + 0.5 * log_q.exp() * (log_q - log_m)
        value = cells.sum() * grid.cell_volume
        value.backward()
        optimiser.step()
        yield time.perf_counter() - began, value.item()


def _log_cholesky(covariance: Array) -> Array:
    factor = np.linalg.cholesky(covariance)
    return np.array([np.log(factor[0, 0]), factor[1, 0], np.log(factor[1, 1])])


def _milliseconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return 1e3 * (time.perf_counter() - began)


if __name__ == "__main__":
    print(run())
