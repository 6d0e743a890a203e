"""Whether the generated points of a game swing to and fro, rather than arrive: read from the way of their mean.

A game that only makes progress has crossings too: the points overshoot, and then jitter about where they rest. So a
change of side counts where the mean goes far to the one side and then to the other, and it is an oscillation where
such swings do not become smaller.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from engine.adversarial.views.moments import Moment, clouds_of, measures_of, spreads_of
from engine.adversarial.views.symptoms import COVERED, Symptom
from engine.grid import Array

# Each a pair: at least this shows it plainly, and less than that is clear of it.
CHANGES = (4, 3)  # of side within a window
HOPS = (3, 2)  # changes of side of a crowd
SWING = (0.4, 0.3)  # of the points' spread, the amplitude (standard deviation) that counts
STEADY = (0.8, 0.65)  # of the earlier swings' width that the later ones have

SIDE = 0.5  # of a sine's amplitude, beyond which a point lies on a side


@dataclass(frozen=True, eq=False)
class Swings:
    """Hold what is so of the window that ends at each snapshot, each (n,): 0 before the first window is full.

    `deviation` is the mean's from its middle, in data units, and `reach` the same in spreads of the points; `changes`
    are those of side, `steadiness` is how wide the later swings are, of the earlier ones.
    """

    deviation: Array
    reach: Array
    changes: npt.NDArray[np.int_]
    steadiness: Array


def oscillation(snapshots: Sequence[Moment], window: int) -> Symptom | None:
    """Look for generated points that swing to and fro in the last `window` snapshots, no less at their end."""
    found = swings_of(snapshots, window)
    if found is None:
        return None
    return Symptom(
        (found.changes >= CHANGES[0]) & (found.steadiness >= STEADY[0]) & (found.reach >= SWING[0]),
        (found.changes < CHANGES[1]) | (found.steadiness < STEADY[1]) | (found.reach < SWING[1]),
        lambda k: (
            f"Oscillation: the generated points swing to and fro by {_amplitude(found.deviation[k])}, and the swings "
            f"do not shrink ({found.changes[k]} changes of side since iteration {snapshots[k - window + 1].step:,})."
        ),
    )


def restless_crowd(snapshots: Sequence[Moment], window: int) -> Symptom | None:
    """Look for points that have too few of the modes and go to and fro, however far each time: a crowd that hops."""
    found, taken = swings_of(snapshots, window), measures_of(snapshots)
    if found is None or taken is None:
        return None
    modes, n_modes = taken["modes"], taken["n_modes"]
    return Symptom(
        (n_modes > 1) & (modes < COVERED[0] * n_modes) & (found.changes >= HOPS[0]) & (found.reach >= SWING[0]),
        (modes >= COVERED[1] * n_modes) | (found.changes < HOPS[1]) | (found.reach < SWING[1]),
        lambda k: (
            f"Mode collapse: the generated points crowd together and move to and fro by "
            f"{_amplitude(found.deviation[k])}; just now they cover {modes[k]:.0f} of {n_modes[k]:.0f} modes."
        ),
    )


def _amplitude(deviation: float) -> str:
    """Write the amplitude of a sine of this standard deviation."""
    return f"±{math.sqrt(2) * deviation:.2g} data units"


def swings_of(snapshots: Sequence[Moment], window: int) -> Swings | None:
    """Return the swings of the generated points' mean, or None where there are no points, or too few snapshots."""
    clouds = clouds_of(snapshots)
    if clouds is None or len(clouds) < window:
        return None
    ways = _along(sliding_window_view(np.array([cloud.mean(axis=0) for cloud in clouds]), window, axis=0))
    deviation = ways.std(axis=1)
    spread = np.median(sliding_window_view(spreads_of(clouds), window), axis=1)
    changes, steadiness = turns(ways, SIDE * math.sqrt(2) * deviation)
    reach = np.divide(deviation, spread, out=np.full(len(spread), np.inf), where=spread > 0)
    early = window - 1, 0
    return Swings(*(np.pad(values, early) for values in (deviation, reach, changes, steadiness)))


def _along(paths: Array) -> Array:
    """Return ways of a mean (n, 2, t) along the axis on which each moves most, about their middle: (n, t)."""
    centred = paths - paths.mean(axis=2, keepdims=True)
    axes = np.linalg.eigh(centred @ centred.swapaxes(1, 2))[1][:, :, -1]
    return np.einsum("nd,ndt->nt", axes, centred)


def turns(ways: Array, beyond: Array) -> tuple[npt.NDArray[np.int_], Array]:
    """Return how often ways (n, t) change their side, and how wide the later swings are, of the earlier ones.

    A way is on a side from where it is `beyond` (n,) the middle until it is so on the other. A swing reaches from the
    farthest point on one side to that on the next; the ratio of the mean widths of the later and the earlier half,
    the middle one of an odd number being later, is 0 where there are fewer than two swings.
    """
    rows = np.arange(len(ways))[:, None]
    marks = np.where(np.abs(ways) > beyond[:, None], np.sign(ways), 0)
    last = np.maximum.accumulate(np.where(marks != 0, np.arange(ways.shape[1]), 0), axis=1)
    sides = marks[rows, last]  # 0 before the first
    turned = sides[:, 1:] * sides[:, :-1] < 0
    stay = np.concatenate([np.zeros((len(ways), 1), int), np.cumsum(turned, axis=1)], axis=1)
    farthest = np.zeros(ways.shape)
    np.maximum.at(farthest, (rows, stay), sides * ways)
    changes = stay[:, -1]
    widths = np.concatenate([np.zeros((len(ways), 1)), np.cumsum(farthest[:, 1:] + farthest[:, :-1], axis=1)], axis=1)
    half = changes // 2
    earlier, both = (widths[rows[:, 0], upto] for upto in (half, changes))
    means = earlier / np.maximum(half, 1), (both - earlier) / np.maximum(changes - half, 1)
    return changes, np.divide(means[1], means[0], out=np.zeros(len(ways)), where=means[0] > 0)
