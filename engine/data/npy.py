"""Read a NumPy .npy file whose header is not to be believed."""

from __future__ import annotations

import math
import tokenize
from io import BytesIO

import numpy as np

from engine.grid import Array
from engine.model import DataError

MAGIC = b"\x93NUMPY"  # what a .npy file begins with


def read_npy_array(data: bytes, max_rows: int, max_columns: int) -> tuple[Array, tuple[str, ...]]:
    """Return the numbers (n, c) float64 of a .npy file, NaN for infinite ones, and notes; a flat array is one column.

    The header is parsed as a literal and compared with the file's length before any array is made; object arrays are
    refused, so nothing is ever unpickled. Raises DataError with one sentence otherwise.
    """
    if data.startswith(b"PK"):
        raise DataError("This is an .npz or zip archive; save the one array with numpy.save as .npy.")
    shape, is_fortran, dtype, start = _header(data)
    if dtype.kind not in "iuf":
        kind = f"records ({', '.join(dtype.names)})" if dtype.names else dtype.name
        raise DataError(f"The array must hold plain numbers; this one holds {kind}.")
    if len(shape) not in (1, 2) or math.prod(shape) == 0:
        raise DataError(f"The array must have shape (n,) or (n, columns) and not be empty; its shape is {shape}.")
    rows, columns = shape if len(shape) == 2 else (shape[0], 1)
    if rows > max_rows or columns > max_columns:
        raise DataError(
            f"The array has shape {shape}; up to {max_rows:,} rows and {max_columns} columns can be loaded."
        )
    if len(data) - start < math.prod(shape) * dtype.itemsize:
        raise DataError("The file is cut off: its header promises more numbers than follow.")
    array = np.frombuffer(data, dtype, math.prod(shape), start).reshape(
        (rows, columns), order="F" if is_fortran else "C"
    )
    with np.errstate(over="ignore", invalid="ignore"):
        values = array.astype(
            np.float64
        )  # a finite number that does not fit becomes infinite, and is refused as such
        rounded = bool((np.isfinite(array) & (values != array)).any())
    values[~np.isfinite(array)] = np.nan
    return values, (f"The numbers were rounded from {dtype.name} to float64.",) * rounded


def _header(data: bytes) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    """Return the promised shape, whether columns come first, the dtype and where the numbers begin."""
    file = BytesIO(data)
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    try:
        version = np.lib.format.read_magic(file)
        shape, is_fortran, dtype = readers[version](file)
    # What numpy's literal parser raises for text that is no header.
    except (ValueError, KeyError, TypeError, SyntaxError, MemoryError, RecursionError, tokenize.TokenError):
        raise DataError("This is not a NumPy .npy file of plain numbers.") from None
    if any(type(length) is not int or length < 0 for length in shape):  # True is an integer to numpy
        raise DataError("This is not a NumPy .npy file of plain numbers.")
    return shape, is_fortran, dtype, file.tell()
