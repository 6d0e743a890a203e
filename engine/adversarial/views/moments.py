"""What the symptoms of a game are read from: figures, measures and generated points along its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from engine.evaluation.sample_distances import named
from engine.grid import Array

Mask = npt.NDArray[np.bool_]


class Moment(Protocol):
    """What is read of a snapshot."""

    @property
    def step(self) -> int: ...  # noqa: D102
    @property
    def averages(self) -> Mapping[str, float]: ...  # noqa: D102
    @property
    def views(self) -> Mapping[str, npt.NDArray[Any]]: ...  # noqa: D102


def series(snapshots: Sequence[Moment], name: str) -> Array | None:
    """Return a figure's averages at all snapshots, or None where one has none."""
    values = [snapshot.averages.get(name) for snapshot in snapshots]
    return None if None in values else np.array(values, np.float64)


def running_mean(values: Array, count: int) -> Array:
    """Return at each place the mean of the last `count` values, of fewer at the start."""
    sums = np.concatenate([np.zeros(count), np.cumsum(values)])
    return (sums[count:] - sums[:-count]) / np.minimum(np.arange(1, len(values) + 1), count)


def measures_of(snapshots: Sequence[Moment]) -> dict[str, Array] | None:
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


def clouds_of(snapshots: Sequence[Moment]) -> list[Array] | None:
    """Return the generated points (m, 2) of all snapshots, or None where one has none."""
    clouds = [snapshot.views.get("generated") for snapshot in snapshots]
    if any(cloud is None or cloud.ndim != 2 for cloud in clouds):
        return None
    return [np.asarray(cloud, np.float64) for cloud in clouds]


def spreads_of(clouds: Sequence[Array]) -> Array:
    """Return the standard deviation of each cloud (m, 2), both axes together."""
    return np.sqrt([cloud.var(axis=0).sum() for cloud in clouds])
