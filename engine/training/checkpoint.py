"""Checkpoints: a folder with a model's weights, the snapshots of its training and a manifest; nothing is pickled."""

from __future__ import annotations

import lzma
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from engine.model import DataError, HyperparameterError, Model
from engine.training.manifest import (
    VIEWS,
    WEIGHTS,
    Manifest,
    Record,
    describe,
    read_checked,
    read_manifest,
    write_manifest,
)
from engine.training.names import PACKAGES, find_model, model_path
from engine.training.snapshot import Snapshot

MAX_VIEWS_BYTES = 512 * 2**20  # unpacked
# Pictures of one training resemble each other, so xz, which looks back over all of them, takes well under half of
# what zlib takes, which sees 32 KiB. It unpacks in a fraction of a second.
PRESET = 6
# 64-bit numbers become 32-bit ones: a picture does not need more.
NARROW = {np.dtype(np.float64): np.float32, np.dtype(np.int64): np.int32}

AnyArray = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Hold what a folder held: the model as it was, its manifest, and its snapshots with their views."""

    model: Model
    manifest: Manifest
    snapshots: tuple[Snapshot, ...]


def save_checkpoint(
    folder: str | Path,
    model: Model,
    data: str,
    snapshots: Sequence[Snapshot] = (),
    extras: Mapping[str, Any] | None = None,
) -> Manifest:
    """Write `model`, trained on the data set named `data`, and its snapshots to `folder`, which may exist.

    Raises DataError where the model is not fitted, or `extras` is not JSON.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    files = {WEIGHTS: save(_ordered(model.state()))}
    views = {
        f"{index}/{name}": view.astype(NARROW.get(view.dtype, view.dtype))
        for index, snapshot in enumerate(snapshots)
        for name, view in snapshot.views.items()
    }
    if views:
        files[VIEWS] = lzma.compress(save(_ordered(views)), preset=PRESET)
    path = model_path(type(model))
    try:
        manifest = Manifest(
            model=path,
            family=type(model).__module__.split(".")[1] if "/" in path else "",
            hyperparameters=model.hyperparameters.model_dump(mode="json"),
            data=data,
            seed=getattr(model.hyperparameters, "seed", None),
            torch=version("torch"),
            snapshots=tuple(Record(**{name: getattr(s, name) for name in Record.model_fields}) for s in snapshots),
            files={name: describe(content) for name, content in files.items()},
            extras=dict(extras or {}),
        )
        for name, content in files.items():
            (folder / name).write_bytes(content)
        write_manifest(folder, manifest)
    except (TypeError, ValueError) as error:
        raise DataError(f"This checkpoint can't be written: {error}.") from None
    return manifest


def load_checkpoint(
    folder: str | Path, expected: type[Model] | None = None, packages: tuple[str, ...] = PACKAGES
) -> Checkpoint:
    """Read what `save_checkpoint` wrote, checking sizes, checksums and shapes; nothing in it is ever executed.

    `expected` is the class the model must be of. Raises DataError that says what is damaged, foreign or too new.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    model_class = find_model(manifest.model, packages)
    if expected is not None and not issubclass(model_class, expected):
        raise DataError(f"This checkpoint holds a {model_class.__name__}, not a {expected.__name__}.")
    if WEIGHTS not in manifest.files:
        raise DataError(f"The manifest names no {WEIGHTS}.")
    weights = _unpack(WEIGHTS, read_checked(folder, WEIGHTS, manifest.files[WEIGHTS]))
    views: dict[str, AnyArray] = {}
    if VIEWS in manifest.files:
        views = _unpack(VIEWS, _decompress(read_checked(folder, VIEWS, manifest.files[VIEWS])))
    return Checkpoint(_revive(model_class, manifest, weights), manifest, _snapshots(manifest, views))


def _revive(model_class: type[Model], manifest: Manifest, weights: dict[str, AnyArray]) -> Model:
    try:
        return model_class(**manifest.hyperparameters).load_state(weights)
    except (DataError, HyperparameterError):
        raise
    except Exception as error:  # torch and NumPy have many words for a shape that does not fit
        raise DataError(f"The weights do not fit this {model_class.__name__}: {error}.") from error


def _snapshots(manifest: Manifest, views: dict[str, AnyArray]) -> tuple[Snapshot, ...]:
    by_index: list[dict[str, AnyArray]] = [{} for _ in manifest.snapshots]
    for key, view in views.items():
        index, _, name = key.partition("/")
        if not (index.isdecimal() and int(index) < len(by_index)):
            raise DataError(f"{VIEWS} holds a view of a snapshot that the manifest does not name.")
        by_index[int(index)][name] = view
    return tuple(
        Snapshot(**record.model_dump(), views=views)
        for record, views in zip(manifest.snapshots, by_index, strict=True)
    )


def _ordered(arrays: Mapping[str, AnyArray]) -> dict[str, AnyArray]:
    """Return arrays whose memory runs in C order, which safetensors takes for granted; () stays ()."""
    return {name: np.asarray(array, order="C") for name, array in arrays.items()}


def _unpack(name: str, content: bytes) -> dict[str, AnyArray]:
    try:
        return load(content)
    except (SafetensorError, KeyError, ValueError, TypeError):
        raise DataError(f"{name} is damaged or foreign: it is not a safetensors file.") from None


def _decompress(content: bytes) -> bytes:
    """Unpack at most MAX_VIEWS_BYTES: a small file can claim to hold any amount."""
    unpacker = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=MAX_VIEWS_BYTES)
    try:
        unpacked = unpacker.decompress(content, max_length=MAX_VIEWS_BYTES)
    except lzma.LZMAError:
        raise DataError(f"{VIEWS} is damaged: it does not unpack.") from None
    if not unpacker.eof:
        raise DataError(f"{VIEWS} is cut short, or holds more than {MAX_VIEWS_BYTES // 2**20} MiB.")
    return unpacked
