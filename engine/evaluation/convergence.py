"""How fast an estimate approaches the truth as the sample grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from engine.adaptive import cells_around, integrate
from engine.grid import Array, Domain, Grid
from engine.model import DataError

CELLS = (120, 240, 480, 960)  # along each axis of the plane's grids, of which no finer one is taken than is needed
MOST = 40  # points of a sample in a cell of the line
_DETAIL = 1e-5  # of the mass, to which both densities are resolved on a line: what lies between two edges counts
_ACCURACY = 0.02  # relative, of an integral

LogProb = Callable[[npt.ArrayLike], Array]


class GridEstimator(Protocol):
    """A model that is fitted and then asked for its density: at points of a line, or on a grid of the plane."""

    def fit(self, data: npt.ArrayLike) -> Self:
        """Estimate from data (n, d)."""

    def log_prob(self, x: npt.ArrayLike) -> Array:
        """Return log-densities (n,) in nats."""

    def density_on(self, grid: Grid) -> Array:
        """Return the density at every cell centre."""


SquaredError = Callable[[GridEstimator, Array], float]  # a fitted model, the data it was fitted to → ∫ (p̂ − p)²


@dataclass(frozen=True, eq=False)
class Convergence:
    """Hold the mean integrated squared error ∫ (p̂ − p)² of each estimator at each sample size, so far.

    `errors` and `standard_errors` map a name to (sizes,) values, NaN where nothing is measured yet (a standard error
    needs two repeats). `slopes` are least-squares slopes of log error on log n, for names measured at two sizes or
    more. `reference_slope` is −4/(4 + d), the best rate for a density with two derivatives (Stone, 1980, "Optimal
    rates of convergence for nonparametric estimators"). `failures` maps a name to the sentence of its last refusal.
    `done` of `total` fits are made.
    """

    sizes: npt.NDArray[np.int64]
    errors: Mapping[str, Array]
    standard_errors: Mapping[str, Array]
    slopes: Mapping[str, float]
    reference_slope: float
    done: int
    total: int
    failures: Mapping[str, str] = field(default_factory=dict)


def convergence(
    make: Mapping[str, Callable[[], GridEstimator]],
    sample: Callable[[int, int], Array],
    log_prob: Callable[[npt.ArrayLike], Array],
    domain: Domain,
    sizes: Sequence[int] = (50, 100, 200, 400, 800, 1600),
    repeats: int = 3,
    seed: int = 0,
) -> Convergence:
    """Measure every estimator's mean integrated squared error at every sample size; see `convergence_steps`."""
    *_, last = convergence_steps(make, sample, log_prob, domain, sizes, repeats, seed)
    return last


def convergence_steps(
    make: Mapping[str, Callable[[], GridEstimator]],
    sample: Callable[[int, int], Array],
    log_prob: Callable[[npt.ArrayLike], Array],
    domain: Domain,
    sizes: Sequence[int] = (50, 100, 200, 400, 800, 1600),
    repeats: int = 3,
    seed: int = 0,
) -> Iterator[Convergence]:
    """Yield the curve as it grows, once after every fit; the last one is complete.

    `make` maps a name to a factory of fresh models, `sample(n, seed)` draws training points (n, d), and `log_prob` is
    the truth in nats. All estimators see the same samples, and each size and repeat has its own. An estimator that
    refuses a sample (DataError) leaves a gap and its sentence in `failures`.
    Raises DataError without estimators, without sizes, and for sizes or repeats below 1.
    """
    if not make or not sizes or min(sizes) < 1 or repeats < 1:
        raise DataError("Convergence needs an estimator, and at least one sample size and one repeat, all positive.")
    squared_error = _on_a_line(log_prob, domain) if len(domain) == 1 else _in_the_plane(log_prob, domain)
    measured = {name: np.full((len(sizes), repeats), np.nan) for name in make}
    failures: dict[str, str] = {}
    total, done = len(sizes) * repeats * len(make), 0
    for row, n in enumerate(sizes):
        for repeat in range(repeats):
            data = sample(n, _seed(seed, row, repeat))
            for name, factory in make.items():
                try:
                    measured[name][row, repeat] = squared_error(factory().fit(data), data)
                except DataError as error:
                    failures[name] = str(error)
                done += 1
                yield _summary(sizes, measured, len(domain), done, total, failures)


def _on_a_line(log_prob: LogProb, domain: Domain) -> SquaredError:
    """Return what integrates (p̂ − p)² over an interval, on cells as small as the gap between two edges needs."""
    columns = np.array([0.0, _DETAIL, _DETAIL]), np.array([_ACCURACY, 0.0, 0.0])

    def squared_error(model: GridEstimator, data: Array) -> float:
        def values(x: Array) -> Array:
            p, q = (np.exp(np.asarray(log(x), np.float64)) for log in (log_prob, model.log_prob))
            return np.stack([(q - p) ** 2, p, q], axis=1)

        ends = np.array([[np.min(data)], [np.max(data)]])  # an edge of a fit is often at an end of the data
        points = np.concatenate([data.reshape(-1, 1), np.repeat(ends, MOST + 1, axis=0)])
        return float(integrate(values, cells_around(points, domain, MOST), *columns).value[0])

    return squared_error


def _in_the_plane(log_prob: LogProb, domain: Domain) -> SquaredError:
    """Return what sums (p̂ − p)² over the cells of grids, each twice as fine as the last, until the sum settles."""

    @cache
    def truth(cells: int) -> tuple[Grid, Array]:
        grid = Grid.over(domain, cells)
        return grid, np.exp(np.asarray(log_prob(grid.points), dtype=np.float64)).reshape(grid.shape)

    def squared_error(model: GridEstimator, _: Array) -> float:
        total = np.nan
        for cells in CELLS:
            grid, p = truth(cells)
            coarser, total = total, grid.integrate((model.density_on(grid) - p) ** 2)
            if abs(total - coarser) <= _ACCURACY * total:
                break
        return total

    return squared_error


def _seed(seed: int, row: int, repeat: int) -> int:
    """Return a seed of its own for each size and repeat, so that their samples are independent."""
    return int(np.random.SeedSequence([seed, row, repeat]).generate_state(1)[0])


def _summary(
    sizes: Sequence[int],
    measured: Mapping[str, Array],
    dimension: int,
    done: int,
    total: int,
    failures: Mapping[str, str],
) -> Convergence:
    sizes_array = np.asarray(sizes, dtype=np.int64)
    statistics = {name: _mean_and_error(values) for name, values in measured.items()}
    slopes = {name: _slope(sizes_array, mean) for name, (mean, _) in statistics.items()}
    return Convergence(
        sizes=sizes_array,
        errors={name: mean for name, (mean, _) in statistics.items()},
        standard_errors={name: error for name, (_, error) in statistics.items()},
        slopes={name: slope for name, slope in slopes.items() if slope is not None},
        reference_slope=-4 / (4 + dimension),
        done=done,
        total=total,
        failures=dict(failures),
    )


def _mean_and_error(values: Array) -> tuple[Array, Array]:
    """Return the mean and its standard error over the repeats measured so far, each (sizes,), NaN where too few."""
    measured = np.isfinite(values)
    count = measured.sum(axis=1)
    mean = np.where(count > 0, np.where(measured, values, 0).sum(axis=1) / np.maximum(count, 1), np.nan)
    squares = np.where(measured, (values - mean[:, None]) ** 2, 0).sum(axis=1)
    variance = squares / np.maximum(count - 1, 1)
    return mean, np.where(count > 1, np.sqrt(variance / np.maximum(count, 1)), np.nan)


def _slope(sizes: npt.NDArray[np.int64], errors: Array) -> float | None:
    """Return the least-squares slope of log error on log n, or None with fewer than two distinct sizes measured."""
    use = np.isfinite(errors) & (np.nan_to_num(errors) > 0)
    if len(np.unique(sizes[use])) < 2:
        return None
    log_n, log_error = np.log(sizes[use]), np.log(errors[use])
    centred = log_n - log_n.mean()
    return float(centred @ log_error / (centred @ centred))
