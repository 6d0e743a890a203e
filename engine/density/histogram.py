"""The histogram: count points in bins."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from engine import model
from engine.density.bandwidth import require_scale, require_spread
from engine.grid import Array, Grid
from engine.model import DataError, Evaluates, Metrics, Model, Samples, SelectionCurve, as_sample, check_count

MOST_BINS = 250_000
CANDIDATES = np.geomspace(0.1, 3, 40)  # times Scott's bin width
CRITERION = "leave-one-out risk"


class Histogram(Model, Evaluates, Samples):
    """Estimate a density by counting points in bins of equal size.

    p(x) = N(bin of x) / (n V), V the bin's length or area. A width by hand holds for both axes; the rules give each
    axis its own:

    - Scott: 3.49 s n^{−1/(d+2)}, s the standard deviation (Scott 1979, On optimal and data-based histograms);
    - Freedman-Diaconis: 2 IQR n^{−1/(d+2)} (Freedman and Diaconis 1981, On the histogram as a density estimator);
      Scott's where the quartiles coincide;
    - leave-one-out: Scott's widths times the factor that minimises the risk J = 2/((n−1)V) − (n+1)/(n²(n−1)V) Σ N²,
      an unbiased estimate of ∫(p − truth)² up to a constant (Rudemo 1982, Empirical choice of histograms and kernel
      density estimators). No width is below the smallest gap in the data: there the risk of rounded data only falls.

    The bins are centred on the range of the data. Where all values are whole numbers, a rule's width is rounded to a
    whole number and the edges lie halfway between, so that every bin holds as many of them. After `fit`: `bin_width`
    (d,), `edges` (one array an axis), `counts` (bins_x,) or (bins_x, bins_y).
    """

    name = "Histogram"
    idea = "Cut the space into bins and count the points in each."
    equation = r"p(x) = \frac{N_{b(x)}}{n V}"
    source = (
        "Pearson (1895), Contributions to the mathematical theory of evolution II; Scott (1979) for the bin width"
    )
    state_names = ("bin_width", "low", "high", "counts")

    class Hyperparameters(model.Hyperparameters):
        """Choose the bins' width."""

        bin_width: Annotated[float, Field(gt=0, le=1e9)] | Literal["scott", "freedman-diaconis", "leave-one-out"] = (
            Field("scott", description="Width of a bin in data units, or the rule that sets it.")
        )

    hyperparameters: Hyperparameters
    bin_width: Array  # (d,)
    low: Array  # (d,), the first edge along each axis
    high: Array  # (d,), the last
    counts: Array

    def steps(self, data: npt.ArrayLike) -> Iterator[Metrics]:
        """Choose the bins and count, in one step; yields the mean log-likelihood of the data and the number of bins.

        Raises DataError for points a rule finds no spread in, and for more than 250,000 bins.
        """
        points = self._check_data(data)
        self.bin_width = self._choose_width(points)
        self.low, self.high, bins = _lay_bins(points, self.bin_width)
        self.counts = _count(points, self.low, self.high, bins)
        filled = self.counts[self.counts > 0]
        log_likelihood = float(filled @ np.log(filled / (len(points) * self.bin_volume)) / len(points))
        yield {"log_likelihood": log_likelihood, "bins": self.counts.size}

    def log_prob(self, x: npt.ArrayLike) -> Array:
        """Return log p(x), float32 (n,) in nats; −inf in empty bins and outside. The last edge belongs to its bin."""
        queries = self._check_query(x)
        inside = ((queries >= self.low) & (queries <= self.high)).all(axis=1)
        index = _bin_index(np.clip(queries, self.low, self.high), self.low, self.high, self.counts.shape)
        with np.errstate(divide="ignore"):
            return np.log(np.where(inside, self.density[tuple(index.T)], 0.0)).astype(np.float32)

    def density_on(self, grid: Grid) -> Array:
        """Return p at the cell centres, float32 of the grid's shape."""
        self._check_query([[0.0] * grid.dimension])
        return super().density_on(grid)

    def sample(self, n: int, seed: int = 0) -> Array:
        """Draw n points (n, d) float32: a bin by its count, then uniform in the bin."""
        self._check_query(np.empty((0, self.dimension or 1)))
        n, generator = check_count(n), np.random.default_rng(seed)
        chosen = generator.choice(self.counts.size, size=n, p=self.counts.ravel() / self.counts.sum())
        corner = np.column_stack(np.unravel_index(chosen, self.counts.shape))
        side = (self.high - self.low) / self.counts.shape
        return as_sample(self.low + (corner + generator.uniform(size=corner.shape)) * side, side)

    def selection_curve(self, data: npt.ArrayLike) -> SelectionCurve:
        """Return the leave-one-out risk of `data` against the bin width; in 2-D the square root of the bin's area."""
        points = model.as_points(data)
        require_scale(points)
        widths = _candidate_widths(points)
        risks = np.array([_leave_one_out_risk(points, width) for width in widths])
        values = np.prod(widths, axis=1) ** (1 / points.shape[1])
        best = float(values[int(np.argmin(risks))])
        unit = "per unit of length" if points.shape[1] == 1 else "per unit of area"
        return SelectionCurve("bin_width", values, {CRITERION: risks}, {CRITERION: best}, unit, True)

    @property
    def edges(self) -> tuple[Array, ...]:
        """Bin edges along each axis, (bins + 1,)."""
        axes = zip(self.low, self.high, self.counts.shape, strict=True)
        return tuple(np.linspace(low, high, bins + 1) for low, high, bins in axes)

    @property
    def bin_volume(self) -> float:
        """Length or area of a bin."""
        return float(np.prod((self.high - self.low) / self.counts.shape))

    @property
    def density(self) -> Array:
        """Density in every bin, of the counts' shape."""
        return self.counts / (self.counts.sum() * self.bin_volume)

    @property
    def density_error(self) -> Array:
        """Standard error of the density in every bin where counts are Poisson: √N / (n V)."""
        return np.sqrt(self.counts) / (self.counts.sum() * self.bin_volume)

    def density_error_on(self, grid: Grid) -> Array:
        """Return the standard error of the density at the cell centres of a grid, 0 outside the bins."""
        points = self._check_query(grid.points)
        inside = ((points >= self.low) & (points <= self.high)).all(axis=1)
        index = _bin_index(np.clip(points, self.low, self.high), self.low, self.high, self.counts.shape)
        return np.where(inside, self.density_error[tuple(index.T)], 0.0).reshape(grid.shape).astype(np.float32)

    @property
    def n_parameters(self) -> int:
        """Count the bins but one: their shares sum to 1."""
        return int(self.counts.size) - 1

    def _choose_width(self, points: Array) -> Array:
        require_scale(points)
        choice = self.hyperparameters.bin_width
        if not isinstance(choice, str):
            return np.full(points.shape[1], float(choice))
        if choice == "leave-one-out":
            widths = _candidate_widths(points)
            return widths[int(np.argmin([_leave_one_out_risk(points, width) for width in widths]))]
        return _whole(points, _scott(points) if choice == "scott" else _freedman_diaconis(points))


def _scott(points: Array) -> Array:
    for k, axis in enumerate("xy"[: points.shape[1]]):
        if points.shape[1] > 1 and np.ptp(points, axis=0).any() and not np.ptp(points[:, k]):
            raise DataError(
                f"Nothing varies along {axis}, so no rule can find a width; choose the bin width by hand."
            )
        require_spread(points[:, k : k + 1], "choose the bin width by hand")
    n, d = points.shape
    return 3.49 * points.std(axis=0, ddof=1) * n ** (-1 / (d + 2))


def _freedman_diaconis(points: Array) -> Array:
    n, d = points.shape
    quartiles = np.quantile(points, [0.25, 0.75], axis=0)
    width = 2 * (quartiles[1] - quartiles[0]) * n ** (-1 / (d + 2))
    return np.where(width > 0, width, _scott(points))


def _are_whole(points: Array) -> bool:
    return bool(np.all(points == np.rint(points)))


def _whole(points: Array, width: Array) -> Array:
    """Round widths (..., d) to whole numbers where all the data are."""
    return np.maximum(1.0, np.rint(width)) if _are_whole(points) else width


def _lay_bins(points: Array, width: Array) -> tuple[Array, Array, tuple[int, ...]]:
    """Return the first and last edge along each axis (d,), and the number of bins along each."""
    half = 0.5 if _are_whole(points) else 0.0
    first, last = points.min(axis=0) - half, points.max(axis=0) + half
    exact = (last - first) / width
    total = float(np.prod(np.maximum(exact, 1.0)))
    if total > MOST_BINS:
        enough = float((total / MOST_BINS) ** (1 / len(width)) * width.max() * 1.01)
        raise DataError(
            f"A bin width of {width.min():.3g} makes more than {MOST_BINS:,} bins; a width of {enough:.3g} works."
        )
    bins = np.maximum(1.0, np.ceil(exact * (1 - 1e-12)))
    overhang = (bins * width - (last - first)) / 2
    if half:  # keep the edges halfway between whole numbers
        overhang = np.floor(overhang)
    low = np.minimum(first - overhang, first)
    return low, np.maximum(low + bins * width, last), tuple(int(b) for b in bins)


def _bin_index(points: Array, low: Array, high: Array, bins: tuple[int, ...]) -> npt.NDArray[np.int64]:
    """Return the bin (n, d) of points between low and high; the last edge belongs to the last bin."""
    position = (points - low) / (high - low) * bins
    return np.minimum(position.astype(np.int64), np.array(bins) - 1)


def _count(points: Array, low: Array, high: Array, bins: tuple[int, ...]) -> Array:
    flat = np.ravel_multi_index(tuple(_bin_index(points, low, high, bins).T), bins)
    return np.bincount(flat, minlength=math.prod(bins)).astype(np.float64).reshape(bins)


def _candidate_widths(points: Array) -> Array:
    """Return bin widths to try (m, d), narrow to wide, with at most MOST_BINS bins."""
    scott = _scott(points)
    gaps = np.array([np.diff(np.unique(column)).min() for column in points.T])
    widths = _whole(points, np.maximum(CANDIDATES[:, None] * scott, gaps))
    extent = np.maximum(np.ptp(points, axis=0) / widths, 1.0) + 2.0
    few = np.prod(extent, axis=1) <= MOST_BINS
    return np.unique(widths[few], axis=0) if few.any() else widths[-1:]


def _leave_one_out_risk(points: Array, width: Array) -> float:
    """Return J for bins of `width` (d,) over points (n, d)."""
    n = len(points)
    low, high, bins = _lay_bins(points, width)
    volume = float(np.prod((high - low) / bins))
    squares = float(np.sum(_count(points, low, high, bins) ** 2))
    return 2 / ((n - 1) * volume) - (n + 1) / (n**2 * (n - 1) * volume) * squares
