"""Checkpoints: a folder with a model's weights, the snapshots of its training and a manifest; nothing is pickled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy.typing as npt

from engine.model import DataError, HyperparameterError, Model
from engine.training.checkpoints.manifest import (
    VIEWS,
    WEIGHTS,
    Manifest,
    Record,
    describe,
    read_checked,
    read_manifest,
    write_manifest,
)
from engine.training.checkpoints.packing import pack_arrays, pack_views, unpack_arrays, unpack_views
from engine.training.names import PACKAGES, find_model, model_path
from engine.training.snapshot import Snapshot, Views


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
    *,
    compact: bool = False,
) -> Manifest:
    """Write `model`, trained on the data set named `data`, and its snapshots to `folder`, which may exist.

    Everything comes back exactly, 64-bit views in 32 bits. If `compact`, float32 matrices come back rounded to half
    precision, and grey pictures as WebP shows them: see `packing`.

    Raises DataError where the model is not fitted, or `extras` is not JSON.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    files = {WEIGHTS: pack_arrays(model.state(), compact)}
    if any(snapshot.views for snapshot in snapshots):
        files[VIEWS] = pack_views(snapshots, compact)
    path = model_path(type(model))
    try:
        manifest = Manifest(
            model=path,
            family=path.partition("/")[0] if "/" in path else "",
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
    weights = unpack_arrays(read_checked(folder, WEIGHTS, manifest.files[WEIGHTS]), WEIGHTS)
    model = _revive(model_class, manifest, weights)
    records = [record.model_dump() for record in manifest.snapshots]
    views: list[Views] = [{} for _ in records]
    if VIEWS in manifest.files:
        views = unpack_views(read_checked(folder, VIEWS, manifest.files[VIEWS]), len(records), VIEWS)
    snapshots = tuple(Snapshot(**record, views=theirs) for record, theirs in zip(records, views, strict=True))
    return Checkpoint(model, manifest, snapshots)


def _revive(model_class: type[Model], manifest: Manifest, weights: dict[str, npt.NDArray[Any]]) -> Model:
    try:
        return model_class(**manifest.hyperparameters).load_state(weights)
    except (DataError, HyperparameterError):
        raise
    except Exception as error:  # torch and NumPy have many words for a shape that does not fit
        raise DataError(f"The weights do not fit this {model_class.__name__}: {error}.") from error
