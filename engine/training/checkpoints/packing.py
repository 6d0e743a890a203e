"""The views of many snapshots as few bytes, and weights as safetensors: plain arrays and pictures, never a pickle."""

from __future__ import annotations

import io
import lzma
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from safetensors import SafetensorError
from safetensors.numpy import load, save

from engine.model import DataError
from engine.training.snapshot import Snapshot, Views

MAX_VIEWS_BYTES = 512 * 2**20  # unpacked
# 64-bit numbers become 32-bit ones: a picture does not need more.
NARROW = {np.dtype(np.float64): np.float32, np.dtype(np.int64): np.int32}
WEBP = ".webp"  # ends the name of a view that is kept as a WebP file
QUALITY = 75  # of a WebP picture: off by 3 grey levels of 255 (root mean square), which nobody sees in blurred digits
LEAST_SIDE = 28  # of what is taken for a picture
HALF_LIMIT = 6e4  # the largest float16 is 65,504


def pack_arrays(arrays: Mapping[str, npt.NDArray[Any]], compact: bool = False) -> bytes:
    """Return arrays as safetensors, which takes memory in C order for granted; the shape () stays ().

    Matrices in float32 are kept in half precision if `compact`.
    """
    chosen = {name: _halved(array) if compact else array for name, array in arrays.items()}
    return save({name: np.asarray(array, order="C") for name, array in chosen.items()})


def unpack_arrays(content: bytes, name: str) -> dict[str, npt.NDArray[Any]]:
    """Return what `pack_arrays` packed, half precision as float32: a file's precision, which nobody computes in.

    Raises DataError, naming the file `name`, for anything else.
    """
    try:
        arrays = load(content)
    except (SafetensorError, KeyError, ValueError, TypeError):
        raise DataError(f"{name} is damaged or foreign: it is not a safetensors file.") from None
    return {key: array.astype(np.float32) if array.dtype == np.float16 else array for key, array in arrays.items()}


def pack_views(snapshots: Sequence[Snapshot], compact: bool = False) -> bytes:
    """Pack the views of all `snapshots`, uint8 arrays as differences from the snapshot before, then xz.

    If `compact`, grey pictures, which are uint8 arrays (h, w) of at least 28 × 28, become WebP of quality 75, and
    float32 arrays of two dimensions or more float16. 42 VAE manifolds of 420 × 420 (7.4 MB) take 2.2 MB as
    differences, 3.0 MB as lossless WebP and 0.8 MB so.
    """
    arrays: Views = {}
    before: Views = {}
    for index, snapshot in enumerate(snapshots):
        for name, view in snapshot.views.items():
            if compact and view.dtype == np.uint8 and view.ndim == 2 and min(view.shape) >= LEAST_SIDE:
                arrays[f"{index}/{name}{WEBP}"] = _webp(view)
                continue
            packed = view - before[name] if _follows(view, before.get(name)) else view
            arrays[f"{index}/{name}"] = packed.astype(NARROW.get(view.dtype, view.dtype))
        before = {**before, **snapshot.views}
    return lzma.compress(pack_arrays(arrays, compact))


def unpack_views(content: bytes, n_snapshots: int, name: str) -> list[Views]:
    """Return the views of each snapshot; raise DataError, naming the file `name`, for damaged or foreign bytes."""
    views: list[Views] = [{} for _ in range(n_snapshots)]
    unpacked = _decompress(content, name)
    for key, view in unpack_arrays(unpacked, name).items():
        index, _, view_name = key.partition("/")
        if not (index.isdecimal() and int(index) < n_snapshots):
            raise DataError(f"{name} holds a view of a snapshot that the manifest does not name.")
        views[int(index)][view_name] = view
    left, before = MAX_VIEWS_BYTES - len(unpacked), Views()
    for theirs in views:
        for view_name, view in theirs.items():
            if view_name.endswith(WEBP):
                theirs[view_name] = _pixels(view, left, name)
                left -= theirs[view_name].size
            elif _follows(view, before.get(view_name)):
                theirs[view_name] = view + before[view_name]
        before = {**before, **theirs}
    return [{view_name.removesuffix(WEBP): view for view_name, view in theirs.items()} for theirs in views]


def _halved(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a matrix of float32 in half precision where its numbers fit, anything else as it is."""
    if array.dtype == np.float32 and array.ndim > 1 and (np.abs(array) < HALF_LIMIT).all():
        return array.astype(np.float16)
    return array


def _webp(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the bytes of a WebP file of a grey picture (h, w)."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "webp", quality=QUALITY, method=6)  # 6: the slowest, and smallest
    return np.frombuffer(file.getvalue(), np.uint8)


def _pixels(file: npt.NDArray[Any], most: int, name: str) -> npt.NDArray[np.uint8]:
    """Return the grey picture (h, w) in the bytes of a WebP file.

    Raises DataError if it is none, and for one of more than `most` pixels.
    """
    try:
        with Image.open(io.BytesIO(file.tobytes()), formats=["WEBP"]) as picture:
            if picture.width * picture.height > most:
                raise DataError(f"{name} holds more than {MAX_VIEWS_BYTES // 2**20} MiB.")
            return np.array(picture.convert("L"))
    except DataError:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise DataError(f"{name} is damaged: one of its pictures is not WebP.") from None


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
