"""A few hundred points as a short piece of URL-safe text, so that a copied link carries a drawing.

The text is "v1" and base64url of zlib of: dimension, bits a label, number of points; the domain; then bit planes.
A coordinate is rounded to one of 2¹² levels across the domain, so it moves by at most 1/8190 of the domain's width.
Along a stroke neighbours lie close, so differences of successive levels are stored (modulo 2¹²; 0, −1, 1, −2, ... as
0, 1, 2, 3, ...). Plane by plane, their high bits are runs of zeros that zlib removes; random points cost 12 bits a
coordinate, no more.
"""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

from engine.data.link_text import broken, pack, unpack
from engine.grid import Array, Domain
from engine.model import DataError, as_points

VERSION = "v1"
BITS = 12
LEVELS = 2**BITS
MAX_LINK_POINTS = 600
MAX_LABEL = 3  # two classes, and 2 for a mean placed by hand
HEADER = struct.Struct("<BBH")
MAX_BYTES = HEADER.size + 4 * 8 + (2 * BITS + 2) * (MAX_LINK_POINTS // 8 + 1)
WHAT = "point code"
BROKEN = broken(WHAT)


def encode_points(x: npt.ArrayLike, labels: npt.ArrayLike | None, domain: Domain) -> str:
    """Return points (n, d), their labels (n,) 0 to 3 if any, and the domain as URL-safe text.

    Raises DataError for more than MAX_LINK_POINTS points and for points outside the domain.
    """
    points = as_points(x, len(domain)) if np.size(x) else np.zeros((0, len(domain)))
    n, d = points.shape
    if n > MAX_LINK_POINTS:
        raise DataError(f"{n:,} points are too many for a link, which holds up to {MAX_LINK_POINTS}; use a file.")
    low, width = _box(domain)
    fraction = (points - low) / width
    outside = int(np.count_nonzero(((fraction < 0) | (fraction > 1)).any(axis=1)))
    if outside:
        raise DataError(f"{outside} of {n} points lie outside the drawn area, which a link can't hold; use a file.")
    levels = np.rint(fraction * (LEVELS - 1)).astype(np.int64)
    marks = _labels(labels, n)
    label_bits = 0 if marks is None else max(1, int(marks.max(initial=0)).bit_length())
    planes = [_planes(_zigzag(np.diff(levels, axis=0, prepend=0)), BITS)]
    if marks is not None:
        planes.append(_planes(marks, label_bits))
    raw = HEADER.pack(d, label_bits, n) + np.asarray(domain, dtype="<f8").tobytes() + b"".join(planes)
    return pack(raw, VERSION)


def decode_points(text: str) -> tuple[Array, npt.NDArray[np.uint8] | None, Domain]:
    """Return points (n, d) float64, labels (n,) uint8 or None, and the domain that `encode_points` put into `text`.

    Raises DataError for anything else; never takes more memory than MAX_LINK_POINTS points need.
    """
    raw = unpack(text, VERSION, MAX_BYTES, WHAT)
    if len(raw) < HEADER.size:
        raise DataError(BROKEN)
    d, label_bits, n = HEADER.unpack_from(raw)
    coordinates = BITS * _plane_bytes(n * d)
    after_domain = HEADER.size + 16 * d
    expected = after_domain + coordinates + label_bits * _plane_bytes(n)
    if d not in (1, 2) or label_bits > 2 or n > MAX_LINK_POINTS or len(raw) != expected:
        raise DataError(BROKEN)
    bounds = np.frombuffer(raw, "<f8", 2 * d, HEADER.size).reshape(d, 2)
    domain = tuple((float(low), float(high)) for low, high in bounds)
    low, width = _box(domain)
    body = np.frombuffer(raw, np.uint8, offset=after_domain)
    levels = np.cumsum(_unzigzag(_from_planes(body[:coordinates], BITS, n * d).reshape(n, d)), axis=0) % LEVELS
    labels = _from_planes(body[coordinates:], label_bits, n).astype(np.uint8) if label_bits else None
    return low + width * (levels / (LEVELS - 1)), labels, domain


def _box(domain: Domain) -> tuple[Array, Array]:
    """Return the domain's lower corner (d,) and widths (d,); raise DataError unless it is a box of sensible size."""
    bounds = np.asarray(domain, dtype=np.float64)
    # Written so that NaN fails the test too.
    if not (np.abs(bounds) <= 1e15).all() or not (bounds[:, 0] < bounds[:, 1]).all():
        raise DataError("The drawn area must run from a smaller to a larger number on each axis.")
    return bounds[:, 0], bounds[:, 1] - bounds[:, 0]


def _labels(labels: npt.ArrayLike | None, n: int) -> npt.NDArray[np.int64] | None:
    if labels is None:
        return None
    marks = np.asarray(labels, dtype=np.int64)
    if marks.shape != (n,):
        raise DataError(f"There are {n} points and labels of shape {marks.shape}; each point needs one label.")
    if ((marks < 0) | (marks > MAX_LABEL)).any():
        raise DataError(f"A link holds labels from 0 to {MAX_LABEL}; use a file for others.")
    return marks


def _zigzag(difference: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Map differences modulo LEVELS to 0 … LEVELS − 1, small ones of either sign to small numbers."""
    wrapped = (difference + LEVELS // 2) % LEVELS - LEVELS // 2
    return np.where(wrapped < 0, -2 * wrapped - 1, 2 * wrapped)


def _unzigzag(code: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.where(code % 2, -(code + 1) // 2, code // 2)


def _plane_bytes(values: int) -> int:
    return (values + 7) // 8


def _planes(values: npt.NDArray[np.int64], bits: int) -> bytes:
    """Return the values' bits, highest plane first, each plane padded to whole bytes."""
    shifts = np.arange(bits - 1, -1, -1)[:, None]
    return np.packbits((values.ravel() >> shifts & 1).astype(np.uint8), axis=1).tobytes()


def _from_planes(data: npt.NDArray[np.uint8], bits: int, count: int) -> npt.NDArray[np.int64]:
    planes = np.unpackbits(data.reshape(bits, -1), axis=1, count=count).astype(np.int64)
    return (planes << np.arange(bits - 1, -1, -1)[:, None]).sum(axis=0)
