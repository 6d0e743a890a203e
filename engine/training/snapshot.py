"""Snapshots: what a training looked like after one of its steps, small enough to keep all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Views = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Hold one moment of a training.

    `step` counts units of work from 1, `epoch` passes over the data, `seconds` the time spent in steps (pauses and
    pictures left out). `metrics` are this step's figures; `averages` their means over all steps since the snapshot
    before, which is what a curve should show. `views` are the pictures asked for, by name.
    """

    step: int
    epoch: float
    seconds: float
    metrics: dict[str, float]
    averages: dict[str, float]
    views: Views = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """Bytes of the views' arrays."""
        return sum(view.nbytes for view in self.views.values())

    def same_as(self, other: Snapshot) -> bool:
        """Tell whether two snapshots agree in everything except the time they took."""
        return (
            (self.step, self.epoch, self.metrics, self.averages)
            == (other.step, other.epoch, other.metrics, other.averages)
            and self.views.keys() == other.views.keys()
            and all(np.array_equal(view, other.views[name], equal_nan=True) for name, view in self.views.items())
        )


@dataclass(frozen=True)
class DataPart:
    """Name a part of a run's data, so that a view can ask for it without sending it: the `first` rows of a field."""

    split: Literal["train", "held_out"] = "held_out"
    field: Literal["x", "labels"] = "x"
    first: int | None = None


@dataclass(frozen=True)
class View:
    """Name a picture to take of a model: a function of this engine and its keyword arguments.

    `function` is "package.module:name"; it is called as function(model, **arguments) and returns one array. An
    argument may be a `DataPart`. The name is imported where the model is, so that views travel to a worker process.

    A dear one is taken seldom: with a `growth` of 1.2, at scheduled snapshots whose step is at least 1.2 times that
    of its last picture. The snapshots between carry that picture on, and the view "<name>.step" says of which step
    it is.
    """

    name: str
    function: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    growth: float | None = None
