"""What a run learns from: a data set by name, or arrays; small to send where it can be, and opened in the worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from engine.data import Images, load_images, load_points
from engine.model import DataError
from engine.training.snapshot import DataPart

MAX_BYTES = 512 * 2**20
AnyArray = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Split:
    """Hold one split: x (n, ...) and labels (n,) or None."""

    x: AnyArray
    labels: AnyArray | None = None
    class_names: tuple[str, ...] = ()

    def for_model(self) -> Images | AnyArray:
        """Return what `model.steps` takes: labelled images (n, h, w) as `Images`, anything else as its array."""
        if self.labels is None or self.x.ndim < 3:
            return self.x
        return Images(self.x, self.labels, self.class_names or tuple(str(k) for k in np.unique(self.labels)))


@dataclass(frozen=True, eq=False)
class Opened:
    """Hold the data of a run, in the process that uses it."""

    train: Split
    held_out: Split

    def part(self, which: DataPart) -> AnyArray:
        """Return the rows that `which` names; raise DataError where there are no labels."""
        split: Split = getattr(self, which.split)
        rows = split.x if which.field == "x" else split.labels
        if rows is None:
            raise DataError("This data has no labels.")
        return rows[: which.first]


@dataclass(frozen=True)
class NamedData:
    """Name a data set: `load_images(**arguments)`, or `load_points(**arguments)`.

    Points are held out by a second draw with the next seed.
    """

    loader: Literal["load_images", "load_points"]
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The data set's name."""
        return str(self.arguments.get("name", "mnist"))

    def open(self) -> Opened:
        """Load it; raise DataError for unknown names and arguments."""
        try:
            if self.loader == "load_images":
                arguments = {key: _hashable(value) for key, value in self.arguments.items()}
                return _images(tuple(sorted(arguments.items())))
            if self.loader == "load_points":
                seed = int(self.arguments.get("seed", 0))
                return Opened(*(_points({**self.arguments, "seed": s}) for s in (seed, seed + 1)))
        except TypeError as error:
            raise DataError(f"{self.loader} does not understand these arguments: {error}.") from None
        raise DataError(f"There is no loader {self.loader!r}.")


@dataclass(frozen=True, eq=False)
class ArrayData:
    """Carry the data itself: x (n, ...) with labels (n,) or None, and rows to hold out (else x stands for them).

    Raises DataError for more than 512 MiB, for labels of another length, and for arrays of objects.
    """

    x: AnyArray
    labels: AnyArray | None = None
    held_out: Split | None = None
    class_names: tuple[str, ...] = ()
    name: str = "drawn"

    def __post_init__(self) -> None:
        arrays = [self.x, self.labels, *((self.held_out.x, self.held_out.labels) if self.held_out else ())]
        arrays = [array for array in arrays if array is not None]
        if not all(isinstance(array, np.ndarray) and array.dtype.kind in "fiub" for array in arrays):
            raise DataError("The data must be arrays of numbers.")
        if sum(array.nbytes for array in arrays if array is not None) > MAX_BYTES:
            raise DataError(f"A run takes at most {MAX_BYTES // 2**20} MiB of data.")
        if self.labels is not None and len(self.labels) != len(self.x):
            raise DataError(f"There are {len(self.labels)} labels for {len(self.x)} rows.")

    def open(self) -> Opened:
        """Return the two splits."""
        train = Split(self.x, self.labels, self.class_names)
        held_out = replace(self.held_out, class_names=self.class_names) if self.held_out else train
        return Opened(train, held_out)


Data = NamedData | ArrayData


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, (list, set, tuple)) else value


# A reset, and the next visitor's run, find the images unpacked.
@lru_cache(maxsize=2)
def _images(arguments: tuple[tuple[str, Any], ...]) -> Opened:
    train, held_out = load_images(**dict(arguments))
    return Opened(*(Split(part.images, part.labels, part.class_names) for part in (train, held_out)))


def _points(arguments: Mapping[str, Any]) -> Split:
    points = load_points(**arguments)
    return Split(points.x, points.labels)
