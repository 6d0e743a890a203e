"""What a latent-variable model learns from: images (n, 28, 28) or points (n, 2), with labels where there are any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.data import Images, Points
from engine.data.frame import Frame
from engine.device import device
from engine.grid import Array
from engine.model import DataError, as_points, as_sample, refuse_masked

Data = npt.ArrayLike | Images | Points
Kind = Literal["images", "points"]
IMAGE = (28, 28)


@dataclass(frozen=True, eq=False)
class Space:
    """Describe the data a model was fitted to, and map it to the rows of numbers its network sees and back.

    `shape` is that of one example, (28, 28) or (2,); `frame` standardises points and leaves images as they are;
    `n_classes` is the number of labels, 0 where there are none.
    """

    shape: tuple[int, ...]
    frame: Frame
    n_classes: int

    @property
    def kind(self) -> Kind:
        """Whether the examples are images or points."""
        return "images" if len(self.shape) == 2 else "points"

    @property
    def size(self) -> int:
        """Numbers in one example: 784 or 2."""
        return int(np.prod(self.shape))

    def read(self, data: Data) -> Array:
        """Return `data` as (n, *shape), points float64 or images float32; raise DataError for another kind."""
        examples = _array(data)
        if examples.shape[1:] != self.shape:
            raise DataError(f"The model was fitted to {self.kind}, and this array has shape {examples.shape}.")
        return examples

    def inward(self, examples: Array) -> Tensor:
        """Return examples (n, *shape) as standardised float32 rows (n, size) on the device."""
        rows = self.frame.inward(examples.reshape(-1, self.size))
        return torch.as_tensor(rows, dtype=torch.float32).to(device())

    def outward(self, rows: Tensor) -> Array:
        """Return rows (n, size) as examples (n, *shape): pixels float32, cut off at 0 and 1, or points."""
        examples = self.frame.outward(rows.cpu().numpy()).reshape(-1, *self.shape)
        if self.kind == "images":
            return examples.astype(np.float32).clip(0, 1)
        return as_sample(examples, self.frame.scale)

    def read_labels(self, labels: npt.ArrayLike | None, n: int) -> Tensor:
        """Return n labels, or one for all, as one-hot rows (n, n_classes) float32 on the device.

        Raises DataError where labels are missing, unknown, or of another number than the examples.
        """
        if labels is None:
            raise DataError("This model is conditional: it needs a label for every example.")
        refuse_masked(labels)
        given = np.asarray(labels)
        if not np.issubdtype(given.dtype, np.integer) or given.ndim > 1:
            raise DataError("Labels must be whole numbers, one for every example.")
        if given.ndim == 1 and len(given) != n:
            raise DataError(f"There are {n} examples and {len(given)} labels; give one label for each.")
        if given.size and not 0 <= given.min() <= given.max() < self.n_classes:
            raise DataError(
                f"Labels go from 0 to {self.n_classes - 1}; these go from {given.min()} to {given.max()}."
            )
        indices = torch.as_tensor(np.broadcast_to(given, n).astype(np.int64))
        return torch.nn.functional.one_hot(indices, self.n_classes).float().to(device())

    def state(self) -> dict[str, npt.NDArray]:
        """Return this description as small arrays."""
        return {
            "data.shape": np.array(self.shape),
            "data.centre": np.asarray(self.frame.centre),
            "data.scale": np.asarray(self.frame.scale),
            "data.n_classes": np.array([self.n_classes]),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, npt.NDArray]) -> Self:
        """Return what `state` described; raise DataError if it is not all there."""
        try:
            shape = tuple(int(side) for side in state["data.shape"])
            frame = Frame(np.asarray(state["data.centre"]), np.asarray(state["data.scale"]))
            n_classes = int(state["data.n_classes"][0])
        except (KeyError, IndexError, TypeError, ValueError):
            raise DataError("This state does not say what data the model was fitted to.") from None
        if shape not in (IMAGE, (2,)):
            raise DataError(f"This state belongs to data of shape {shape}, not to images or points.")
        return cls(shape, frame, n_classes)


class OnExamples:
    """Know what data a model was fitted to, once it is."""

    name: ClassVar[str]
    _space: Space | None

    @property
    def space(self) -> Space:
        """The data the model was fitted to; raises DataError before a fit."""
        if self._space is None:
            raise DataError(f"{self.name} has not been fitted yet; call fit(data) first.")
        return self._space

    @property
    def data_kind(self) -> Kind | None:
        """Whether the model was fitted to "images" or "points"; None before a fit."""
        return self._space.kind if self._space else None


@dataclass(frozen=True, eq=False)
class Examples:
    """Hold training data on the device: rows x (n, size), one-hot labels (n, n_classes) or None, and their space."""

    x: Tensor
    labels: Tensor | None
    space: Space

    def __len__(self) -> int:
        return len(self.x)


def read_codes(z: npt.ArrayLike, size: int) -> Array:
    """Return codes z as (n, size) float32; raise DataError for another shape, text, or numbers not finite."""
    refuse_masked(z)
    try:
        codes = np.asarray(z, dtype=np.float32)
    except (TypeError, ValueError):
        raise DataError("Codes must be numbers, one row for each example.") from None
    if codes.ndim != 2 or codes.shape[1] != size:
        raise DataError(f"Codes must have shape (n, {size}); these have shape {codes.shape}.")
    if not np.isfinite(codes).all():
        raise DataError("Some codes are NaN or infinite.")
    return codes


def read_examples(data: Data, labels: npt.ArrayLike | None = None, needs_labels: bool = False) -> Examples:
    """Read images in [0, 1] or points in the plane; labels come from `labels`, else from the data itself.

    Labels are read only where the model `needs_labels`. Raises DataError with one sentence for bad data.
    """
    space, examples = read_space(data)
    if not needs_labels:
        return Examples(space.inward(examples), None, space)
    if labels is None and isinstance(data, Images | Points):
        labels = data.labels
    if labels is None:
        raise DataError("This model is conditional: it needs a label for every example.")
    refuse_masked(labels)
    given = np.asarray(labels)
    n_classes = len(data.class_names) if isinstance(data, Images) else 0
    if np.issubdtype(given.dtype, np.integer) and given.size:
        n_classes = max(n_classes, int(given.max()) + 1)
    if n_classes > 100:
        raise DataError(f"There can be at most 100 labels; the largest label is {given.max()}.")
    space = Space(space.shape, space.frame, n_classes)
    return Examples(space.inward(examples), space.read_labels(given.reshape(-1), len(examples)), space)


def read_space(data: Data) -> tuple[Space, Array]:
    """Return the data's space, without labels, and its examples (n, *shape); raise DataError for fewer than two."""
    examples = _array(data)
    if len(examples) < 2:
        raise DataError(f"There must be at least 2 examples to learn from; there are {len(examples)}.")
    if examples.ndim == 3:
        return Space(IMAGE, Frame(np.zeros(1, np.float32), np.ones(1, np.float32)), 0), examples
    if not np.ptp(examples, axis=0).any():
        raise DataError("All points are the same, so there is nothing to learn.")
    return Space((2,), Frame.of(examples), 0), examples


def _array(data: Data) -> Array:
    """Return images (n, 28, 28) float32 or points (n, 2) float64."""
    if isinstance(data, Images | Points):
        data = data.images if isinstance(data, Images) else data.x
    refuse_masked(data)
    try:
        array = np.asarray(data)
        if array.ndim == 3:
            array = array.astype(np.float32, copy=False)
    except (TypeError, ValueError):
        raise DataError("The data must be numbers, images (n, 28, 28) or points (n, 2).") from None
    if array.ndim == 3 and array.shape[1:] == IMAGE:
        if not np.isfinite(array).all():
            raise DataError("Some pixels are NaN or infinite; every pixel must be from 0 to 1.")
        if array.size and not (array.min() >= 0 and array.max() <= 1):
            raise DataError(f"Pixels must be from 0 to 1; these go from {array.min():.9g} to {array.max():.9g}.")
        return array
    if array.ndim == 2 and array.shape[1] == 2:
        return as_points(array)
    raise DataError(
        f"The data must be images of shape (n, 28, 28) or points of shape (n, 2); this array has shape {array.shape}."
    )
