"""The views of many snapshots as few bytes, and weights as safetensors: plain arrays, never a pickle."""

from __future__ import annotations

import lzma
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from engine.model import DataError
from engine.training.snapshot import Snapshot, Views

MAX_VIEWS_BYTES = 512 * 2**20  # unpacked
# 64-bit numbers become 32-bit ones: a picture does not need more.
NARROW = {np.dtype(np.float64): np.float32, np.dtype(np.int64): np.int32}


def pack_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Return arrays as safetensors, which takes memory in C order for granted; the shape () stays ()."""
    return save({name: np.asarray(array, order="C") for name, array in arrays.items()})


def unpack_arrays(content: bytes, name: str) -> dict[str, npt.NDArray[Any]]:
    """Return what `pack_arrays` packed; raise DataError, naming the file `name`, for anything else."""
    try:
        return load(content)
    except (SafetensorError, KeyError, ValueError, TypeError):
        raise DataError(f"{name} is damaged or foreign: it is not a safetensors file.") from None


def pack_views(snapshots: Sequence[Snapshot]) -> bytes:
    """Pack the views of all `snapshots`, uint8 pictures as differences from the snapshot before, then xz.

    20 VAE manifolds of 420 × 420 (3.5 MB) take 1.1 MB so; zlib without the differences needs 1.7 MB.
    """
    arrays: Views = {}
    before: Views = {}
    for index, snapshot in enumerate(snapshots):
        for name, view in snapshot.views.items():
            arrays[f"{index}/{name}"] = view - before[name] if _follows(view, before.get(name)) else view
            arrays[f"{index}/{name}"] = arrays[f"{index}/{name}"].astype(NARROW.get(view.dtype, view.dtype))
        before = {**before, **snapshot.views}
    return lzma.compress(pack_arrays(arrays))


def unpack_views(content: bytes, n_snapshots: int, name: str) -> list[Views]:
    """Return the views of each snapshot; raise DataError, naming the file `name`, for damaged or foreign bytes."""
    views: list[Views] = [{} for _ in range(n_snapshots)]
    for key, view in unpack_arrays(_decompress(content, name), name).items():
        index, _, view_name = key.partition("/")
        if not (index.isdecimal() and int(index) < n_snapshots):
            raise DataError(f"{name} holds a view of a snapshot that the manifest does not name.")
        views[int(index)][view_name] = view
    before: Views = {}
    for theirs in views:
        for view_name, view in theirs.items():
            theirs[view_name] = view + before[view_name] if _follows(view, before.get(view_name)) else view
        before = {**before, **theirs}
    return views


def _follows(view: npt.NDArray[Any], before: npt.NDArray[Any] | None) -> bool:
    """Tell whether `view` is packed as its difference, modulo 256, from the picture before."""
    return before is not None and view.dtype == before.dtype == np.uint8 and view.shape == before.shape


def _decompress(content: bytes, name: str) -> bytes:
    """Unpack at most MAX_VIEWS_BYTES: a small file can claim to hold any amount."""
    unpacker = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=MAX_VIEWS_BYTES)
    try:
        unpacked = unpacker.decompress(content, max_length=MAX_VIEWS_BYTES)
    except lzma.LZMAError:
        raise DataError(f"{name} is damaged: it does not unpack.") from None
    if not unpacker.eof:
        raise DataError(f"{name} is cut short, or holds more than {MAX_VIEWS_BYTES // 2**20} MiB.")
    return unpacked
