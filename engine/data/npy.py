"""Read a NumPy .npy file whose header is not to be believed."""

from __future__ import annotations

import math
import tokenize
from io import BytesIO

import numpy as np

from engine.grid import Array
from engine.model import DataError


def read_npy_array(data: bytes, max_rows: int, max_columns: int) -> Array:
    """Return the numbers (n, c) float64 of a .npy file; a flat array is one column.

    The header is parsed as a literal and compared with the file's length before any array is made; object arrays are
    refused, so nothing is ever unpickled. Raises DataError with one sentence otherwise.
    """
    if data[:2] == b"PK":
        raise DataError("This is an .npz or zip archive; save the one array with numpy.save as .npy.")
    shape, dtype, header_length = _header(data)
    if dtype.kind not in "iuf":
        raise DataError(f"The array must hold plain numbers; this one holds {dtype.name or 'records'}.")
    if len(shape) not in (1, 2) or math.prod(shape) == 0:
        raise DataError(f"The array must have shape (n,) or (n, columns) and not be empty; its shape is {shape}.")
    rows, columns = shape if len(shape) == 2 else (shape[0], 1)
    if rows > max_rows or columns > max_columns:
        raise DataError(
            f"The array has shape {shape}; up to {max_rows:,} rows and {max_columns} columns can be loaded."
        )
    if len(data) - header_length < math.prod(shape) * dtype.itemsize:
        raise DataError("The file is cut off: its header promises more numbers than follow.")
    with np.errstate(over="ignore", invalid="ignore"):  # what does not fit becomes infinite, and is counted later
        return np.load(BytesIO(data), allow_pickle=False).astype(np.float64).reshape(rows, columns)


def _header(data: bytes) -> tuple[tuple[int, ...], np.dtype, int]:
    """Return the promised shape, the dtype and the header's length in bytes."""
    file = BytesIO(data)
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    try:
        version = np.lib.format.read_magic(file)
        shape, _, dtype = readers[version](file)
    # What numpy's literal parser raises for text that is no header.
    except (ValueError, KeyError, TypeError, SyntaxError, MemoryError, RecursionError, tokenize.TokenError):
        raise DataError("This is not a NumPy .npy file of plain numbers.") from None
    if any(length < 0 for length in shape):
        raise DataError("This is not a NumPy .npy file of plain numbers.")
    return shape, dtype, file.tell()
