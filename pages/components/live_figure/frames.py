"""The painted arrays of a live figure as raw numbers, beside the JSON of a message or in a file for each frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from pages.components.serving.files import FILES

Frame = Mapping[str, Any]  # name, traces (numbers), data (a change of each), as Plotly has them


class Arrays:
    """Collect arrays as raw float32, which the browser reads without decoding; JSON keeps their place and shape.

    Numbers that float32 would run together, such as dates, are sent less a `shift` that JSON has, too.
    """

    def __init__(self, start: str = "start") -> None:
        self.bytes: list[bytes] = []
        self.length = 0
        self._start = start  # the JSON's name for a place
        self._starts: dict[bytes, int] = {}  # a history repeats a picture that is taken seldom

    def place(self, value: Any) -> Any:
        """Return what JSON says of an array of numbers, or the list that something else is."""
        array = np.asarray(value)
        if array.ndim == 0 or array.dtype.kind not in "fiu":
            return array.tolist()
        shift = _shift(array)
        numbers = (array - shift).astype("<f4").tobytes()
        if numbers not in self._starts:
            self._starts[numbers], self.length = self.length, self.length + array.size
            self.bytes.append(numbers)
        return {self._start: self._starts[numbers], "shape": array.shape} | ({"shift": shift} if shift else {})


def _shift(array: npt.NDArray[Any]) -> float:
    """Return what to subtract so that float32 tells the numbers apart, 0 where it does so anyway."""
    if array.dtype == np.float32 or not array.size:
        return 0.0
    low, high = float(np.fmin.reduce(array, axis=None)), float(np.fmax.reduce(array, axis=None))
    farthest = max(abs(low), abs(high))
    return low if np.isfinite(farthest) and np.finfo(np.float32).eps * farthest > 1e-4 * (high - low) else 0.0


def frame_as_file(frame: Frame) -> dict[str, Any]:
    """Publish the arrays of a frame and return the frame with their `file` and the place `at` which each begins."""
    arrays = Arrays("at")
    data = orjson.Fragment(orjson.dumps(frame["data"], default=arrays.place))
    return {**frame, "data": data, "file": FILES.publish(b"".join(arrays.bytes), "bin")}


def without_framed(traces: Mapping[str, Frame], frames: Sequence[Frame]) -> dict[str, Any]:
    """Return the traces, by number, without what every frame says anew."""
    said: list[set[tuple[int, str]]] = [
        {(number, name) for number, part in zip(frame["traces"], frame["data"], strict=True) for name in part}
        for frame in frames
    ]
    always = set.intersection(*said) if said else set()
    return {
        number: {name: value for name, value in trace.items() if (int(number), name) not in always}
        for number, trace in traces.items()
    }
