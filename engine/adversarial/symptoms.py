"""What of a game's history shows that something goes wrong: where it is plain, where it is clear of it by a margin.

Between the two lies a band in which what was said before still holds (`engine.adversarial.diagnosis`). All looks
back only: entry k of anything here depends on the snapshots up to k.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from engine.adversarial.measures import named
from engine.grid import Array

Mask = npt.NDArray[np.bool_]

# Each a pair: what shows it plainly, and what is clear of it.
IMPERFECT = (0.05, 0.1)  # how far from 1 and 0 the mean scores of real and generated points are, of a near-perfect D
VANISHED = (0.1, 0.2)  # of the generator's largest gradient norm so far
BLOWN_UP = (100.0, 30.0)  # times the typical size so far
FAR = (5.0, 4.0)  # times the distance from the data at which the generated points began
COVERED = (0.75, 0.85)  # share of the modes below which the rest counts as lost
SHRUNK = (0.15, 0.25)  # of the largest spread that the generated points have had
CROSSINGS = (4, 3)  # of the mean of an oscillation's window
SWING = (0.4, 0.3)  # of the points' spread, the amplitude (standard deviation) that counts
STEADY = (0.7, 0.5)  # of the first half's amplitude that the second half's has: it does not die out

ON_MODES = 0.5  # share of samples of high quality: before, the generator has not arrived yet
PULSE = 30  # snapshots within which a collapsed cloud that swells, on its way to the next place, shrinks again
LESS = "Smaller learning rates often help."


class Moment(Protocol):
    """What is read of a snapshot."""

    @property
    def step(self) -> int: ...  # noqa: D102
    @property
    def averages(self) -> Mapping[str, float]: ...  # noqa: D102
    @property
    def views(self) -> Mapping[str, npt.NDArray[Any]]: ...  # noqa: D102


@dataclass(frozen=True, eq=False)
class Symptom:
    """Tell at which snapshots (n,) it is `plain` and at which it is `gone`, and the `sentence` at one of them.

    It is over when it has been gone for `calm` snapshots in a row.
    """

    plain: Mask
    gone: Mask
    sentence: Callable[[int], str]
    calm: int = 5


def diverging_gradient(snapshots: Sequence[Moment], player: str, recent: int) -> Symptom | None:
    """Look for a gradient norm of the `player` many times the median up to `recent` snapshots ago."""
    norms = _series(snapshots, f"{player}_gradient")
    if norms is None or len(norms) <= recent:
        return None
    typical = np.full(len(norms), np.inf)
    typical[recent:] = [np.median(norms[: k - recent + 1]) for k in range(recent, len(norms))]
    times = np.divide(norms, typical, out=np.zeros_like(norms), where=typical > 0)
    return Symptom(
        times > BLOWN_UP[0],
        times < BLOWN_UP[1],
        lambda k: f"The game diverges: the {player}'s gradient is {times[k]:,.0f} times its usual size. {LESS}",
    )


def diverging_distance(snapshots: Sequence[Moment]) -> Symptom | None:
    """Look for generated points much farther from the data, in W₁, than where they began."""
    taken = _measures(snapshots)
    if taken is None:
        return None
    w1 = taken["w1"]
    first = w1[np.isfinite(w1)][0]
    return Symptom(
        w1 > FAR[0] * first,
        w1 < FAR[1] * first,
        lambda k: f"The game diverges: W₁ from the data has grown from {first:.2g} to {w1[k]:.2g}. {LESS}",
    )


def vanishing_gradient(snapshots: Sequence[Moment], recent: int) -> Symptom | None:
    """Look for a near-perfect discriminator that leaves the generator next to no gradient, on average of `recent`."""
    real, fake = _series(snapshots, "real_score"), _series(snapshots, "fake_score")
    norms = _series(snapshots, "generator_gradient")
    if real is None or fake is None or norms is None:
        return None
    off = np.maximum(np.abs(real - 1), np.abs(fake))
    largest = np.maximum.accumulate(norms)
    usual = _running_mean(norms, recent)
    return Symptom(
        (off < IMPERFECT[0]) & (usual < VANISHED[0] * largest),
        (off > IMPERFECT[1]) | (usual > VANISHED[1] * largest),
        lambda k: (
            f"Vanishing gradient: D tells real from generated near perfectly ({real[k]:.2f} against {fake[k]:.2f}), "
            f"and G's gradient is down to {100 * norms[k] / largest[k]:.1g} % of its largest, so that G hardly moves."
        ),
    )


def lost_modes(snapshots: Sequence[Moment]) -> Symptom | None:
    """Look for a generator that has arrived at the data and has too few of its modes.

    A cloud on its way from one mode to the next lies on none: that ends nothing.
    """
    taken = _measures(snapshots)
    if taken is None:
        return None
    modes, n_modes, quality = taken["modes"], taken["n_modes"], taken["high_quality"]
    return Symptom(
        (n_modes > 1) & (quality >= ON_MODES) & (modes < COVERED[0] * n_modes),
        modes >= COVERED[1] * n_modes,
        lambda k: (
            f"Mode collapse{'' if modes[k] < COVERED[0] * n_modes[k] else ', perhaps over'}: the generator covers "
            f"{modes[k]:.0f} of {n_modes[k]:.0f} modes, with "
            f"{100 * quality[k]:.0f} % of its samples within 3σ of one."
        ),
    )


def shrunk_spread(snapshots: Sequence[Moment]) -> Symptom | None:
    """Look for generated points that have shrunk, unless they are on all modes that there are.

    A collapsed cloud pulses: it swells while it moves, and shrinks where it arrives.
    """
    spreads, taken = _spreads(snapshots), _measures(snapshots)
    if spreads is None:
        return None
    share = spreads / np.maximum.accumulate(np.maximum(spreads, np.finfo(float).tiny))
    on_all = np.zeros(len(spreads), bool)
    if taken is not None:
        on_all = taken["high_quality"] >= ON_MODES
        on_all &= (taken["n_modes"] > 1) & (taken["modes"] >= COVERED[0] * taken["n_modes"])
    return Symptom(
        (share <= SHRUNK[0]) & ~on_all,
        (share > SHRUNK[1]) | on_all,
        lambda k: (
            f"Mode collapse: the generated points have shrunk to {100 * share[max(0, k - PULSE) : k + 1].min():.0f} "
            f"% of their largest spread; just now it is {100 * share[k]:.0f} %."
        ),
        calm=PULSE,
    )


def oscillation(snapshots: Sequence[Moment], window: int) -> Symptom | None:
    """Look for generated points that swing to and fro in the last `window` snapshots, and do not settle."""
    found = _swings(snapshots, window)
    if found is None:
        return None
    plain, gone, reach, crossings = found
    return Symptom(
        plain,
        gone,
        lambda k: (
            f"Oscillation: the generated points swing to and fro by {_reach(reach[k])} and do not settle "
            f"({crossings[k]} changes of side since iteration {snapshots[k - window + 1].step:,})."
        ),
    )


def restless_crowd(snapshots: Sequence[Moment], window: int) -> Symptom | None:
    """Look for an oscillation of points that have too few of the modes: a crowd that hops."""
    found, taken = _swings(snapshots, window), _measures(snapshots)
    if found is None or taken is None:
        return None
    plain, gone, reach, _ = found
    modes, n_modes = taken["modes"], taken["n_modes"]
    return Symptom(
        plain & (n_modes > 1) & (modes < COVERED[0] * n_modes),
        gone | (modes >= COVERED[1] * n_modes),
        lambda k: (
            f"Mode collapse: the generated points crowd together and move to and fro by {_reach(reach[k])}; just now "
            f"they cover {modes[k]:.0f} of {n_modes[k]:.0f} modes."
        ),
    )


def _reach(deviation: float) -> str:
    """Write the amplitude of a sine of this standard deviation."""
    return f"±{math.sqrt(2) * deviation:.2g} data units"


def _swings(snapshots: Sequence[Moment], window: int) -> tuple[Mask, Mask, Array, npt.NDArray[np.int_]] | None:
    """Return, at each snapshot, of the `window` that ends there: both masks, the deviation, the changes of side."""
    clouds = _clouds(snapshots)
    if clouds is None or len(clouds) < window:
        return None
    means = np.array([cloud.mean(axis=0) for cloud in clouds])
    paths = sliding_window_view(means, window, axis=0)  # (n - window + 1, 2, window)
    centred = paths - paths.mean(axis=2, keepdims=True)
    axes = np.linalg.eigh(centred @ centred.swapaxes(1, 2))[1][:, :, -1]  # on which the mean moves most
    swing = np.einsum("nd,ndt->nt", axes, centred)
    crossings = np.count_nonzero(np.diff(np.sign(swing), axis=1), axis=1)
    half = window // 2
    first, second, reach = swing[:, :half].std(axis=1), swing[:, half:].std(axis=1), swing.std(axis=1)
    spread = np.median(sliding_window_view(_spreads_of(clouds), window), axis=1)
    plain, gone = (
        (crossings >= CROSSINGS[how]) & (second >= STEADY[how] * first) & (reach >= SWING[how] * spread)
        for how in (0, 1)
    )
    early = np.zeros(window - 1)
    return (
        np.concatenate([early > 0, plain]),
        np.concatenate([early > 0, ~gone]),
        np.concatenate([early, reach]),
        np.concatenate([early.astype(int), crossings]),
    )


def _series(snapshots: Sequence[Moment], name: str) -> Array | None:
    """Return a figure's averages at all snapshots, or None where one has none."""
    values = [snapshot.averages.get(name) for snapshot in snapshots]
    return None if None in values else np.array(values, np.float64)


def _running_mean(values: Array, count: int) -> Array:
    """Return at each place the mean of the last `count` values, of fewer at the start."""
    sums = np.concatenate([np.zeros(count), np.cumsum(values)])
    return (sums[count:] - sums[:-count]) / np.minimum(np.arange(1, len(values) + 1), count)


def _measures(snapshots: Sequence[Moment]) -> dict[str, Array] | None:
    """Return the measures by name, each (n,): what was measured last at each snapshot, NaN before the first.

    None where there is no measure at all.
    """
    rows = [snapshot.views.get("measures") for snapshot in snapshots]
    last = np.cumsum([row is not None for row in rows]) - 1
    taken = [named(row) for row in rows if row is not None]
    if not taken:
        return None
    return {
        name: np.where(last >= 0, np.array([one[name] for one in taken])[np.maximum(last, 0)], np.nan)
        for name in taken[0]
    }


def _clouds(snapshots: Sequence[Moment]) -> list[Array] | None:
    clouds = [snapshot.views.get("generated") for snapshot in snapshots]
    if any(cloud is None or cloud.ndim != 2 for cloud in clouds):
        return None
    return [np.asarray(cloud, np.float64) for cloud in clouds]


def _spreads(snapshots: Sequence[Moment]) -> Array | None:
    """Return the standard deviation of the generated points at each snapshot, both axes together."""
    clouds = _clouds(snapshots)
    return None if clouds is None else _spreads_of(clouds)


def _spreads_of(clouds: Sequence[Array]) -> Array:
    return np.sqrt([cloud.var(axis=0).sum() for cloud in clouds])
