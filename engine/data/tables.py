"""Tables of numbers from outside: CSV files, pasted rows and .npy files.

Nothing that comes in is evaluated or unpickled. What can't be read is refused in one sentence that says where.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.data.delimited import Row, decode, is_header, read_column, split_rows
from engine.data.npy import read_npy_array
from engine.grid import Array
from engine.model import DataError

MAX_BYTES = 5_000_000
MAX_ROWS = 50_000
MAX_COLUMNS = 100
MAX_MAGNITUDE = 1e15  # beyond it squares and float32 run out of range, so such a number is refused
SHOWN = 3  # mistakes told one by one


@dataclass(frozen=True, eq=False)
class Table:
    """Hold numbers (n, c) float64, where missing, NaN and infinite cells are all NaN.

    `column_names` (c,) come from the header, or are "column 1", "column 2", ...; `notes` are sentences for the page
    about how the input was understood (a header, a column of text left out).
    """

    values: Array
    column_names: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def non_finite_rows(self) -> int:
        """Number of rows with a missing, NaN or infinite value in any column."""
        return int(np.count_nonzero(np.isnan(self.values).any(axis=1)))

    def points(self, columns: Sequence[int] | None = None, drop_non_finite: bool = False) -> Array:
        """Return one or two chosen columns as points (n, d) float64; None takes all of a table with one or two.

        Raises DataError if more than two columns leave a choice, and if rows of the chosen columns hold NaN or
        infinite values and the caller has not agreed to drop them with `drop_non_finite`.
        """
        count = self.values.shape[1]
        if columns is None:
            if count > 2:
                raise DataError(f"The table has {count} columns ({', '.join(self.column_names)}); choose one or two.")
            columns = range(count)
        if len(columns) not in (1, 2) or not all(0 <= column < count for column in columns):
            raise DataError(f"Choose one or two of the table's {count} columns.")
        chosen = self.values[:, list(columns)]
        finite = np.isfinite(chosen).all(axis=1)
        bad = len(chosen) - int(np.count_nonzero(finite))
        if bad and not drop_non_finite:
            hold, them = ("holds", "it") if bad == 1 else ("hold", "them")
            raise DataError(
                f"{bad} of {len(chosen)} rows {hold} a missing, NaN or infinite value; agree to drop {them} to go on."
            )
        if not finite.any():
            raise DataError("No row is left after dropping those with missing, NaN or infinite values.")
        return chosen[finite]


def read_csv(data: bytes | str) -> Table:
    """Read rows of numbers separated by semicolons, tabs, commas or spaces, with or without a header.

    The first row is a header if none of its cells is a number, or if it alone is in quotes. With a separator other
    than the comma, "1,5" is one and a half. Empty lines and lines that start with # are skipped; "", NA and null are
    missing values; a column of text beside at least two columns of numbers is left out, with a note. A row in a
    message is a line of the file. Text is UTF-8, or UTF-16 with its byte order mark, else Latin-1.
    Raises DataError for a file over MAX_BYTES, MAX_ROWS or MAX_COLUMNS, and for cells and rows that can't be read.
    """
    _check_size(data)
    rows, separator = split_rows(decode(data) if isinstance(data, bytes) else data, MAX_ROWS)
    names = None
    if is_header(rows, separator):
        names, rows = rows[0].cells, rows[1:]
    if not rows:
        raise DataError("There is no row of numbers.")
    if len(rows) > MAX_ROWS:
        raise DataError(f"There are more than {MAX_ROWS:,} rows.")
    return _table(*_rectangle(names, rows), separator)


def read_paste(text: str) -> Table:
    """Read pasted rows as `read_csv` does; a single row of more than two numbers is one column of them."""
    _check_size(text)
    rows, _ = split_rows(text, MAX_ROWS)
    cells = rows[0].cells
    if len(rows) > 1 or len(cells) < 3:
        return read_csv(text)
    table = read_csv("\n".join(cells))
    return Table(table.values, table.column_names, (*table.notes, "One row was read as one column of numbers."))


def read_npy(data: bytes) -> Table:
    """Read a NumPy .npy file with a numeric array (n,) or (n, columns), which is never unpickled.

    Raises DataError for anything else, and for a file over MAX_BYTES, MAX_ROWS or MAX_COLUMNS.
    """
    _check_size(data)
    values = read_npy_array(data, MAX_ROWS, MAX_COLUMNS)
    values[np.isinf(values)] = np.nan
    _refuse_large(values, range(1, len(values) + 1))
    return Table(values, _default_names(values.shape[1]))


def write_csv(x: npt.ArrayLike, labels: npt.ArrayLike | None = None) -> str:
    """Return points (n, d) as CSV text with a header (x, y and label), each number in its shortest exact form."""
    points = np.asarray(x)
    points = points[:, None] if points.ndim == 1 else points
    names = ["x", "y"][: points.shape[1]]
    columns = [points.astype(str)]
    if labels is not None:
        names.append("label")
        columns.append(np.asarray(labels)[:, None].astype(str))
    rows = [names, *np.concatenate(columns, axis=1).tolist()]
    return "".join(",".join(row) + "\n" for row in rows)


def _check_size(data: bytes | str) -> None:
    if len(data) > MAX_BYTES:
        raise DataError(f"The data is larger than {MAX_BYTES // 1_000_000} MB.")


def _rectangle(names: list[str] | None, rows: list[Row]) -> tuple[tuple[str, ...] | None, list[Row]]:
    """Drop the empty last column that a separator at each line's end makes; refuse rows of different lengths."""
    width = len(names if names is not None else rows[0].cells)
    if width > 1 and not (names and names[-1]) and all(len(row.cells) == width and not row.cells[-1] for row in rows):
        width -= 1
        rows = [Row(row.number, row.cells[:width], row.quoted) for row in rows]
        names = names[:width] if names is not None else None
    if width > MAX_COLUMNS:
        raise DataError(f"There are {width:,} columns; up to {MAX_COLUMNS} can be loaded.")
    first = "the first row" if names is None else "the header"
    _refuse(
        [
            f"Row {row.number} has {len(row.cells)} cell{'' if len(row.cells) == 1 else 's'} and {first} has {width}."
            for row in rows
            if len(row.cells) != width
        ]
    )
    return None if names is None else tuple(name or f"column {i + 1}" for i, name in enumerate(names)), rows


def _table(names: tuple[str, ...] | None, rows: list[Row], separator: str | None) -> Table:
    """Turn rows of one length into numbers, leaving out columns of text; refuse cells that are no numbers."""
    columns = [read_column(list(cells), separator) for cells in zip(*(row.cells for row in rows), strict=True)]
    notes = [] if names is None else ["The first row was read as column names."]
    names = names or _default_names(len(columns))
    kept = [i for i, column in enumerate(columns) if column.n_numbers or not column.mistakes]
    if len(kept) < 2:
        kept = list(range(len(columns)))  # with so little left, the text is more likely a mistake
    notes += [f"Column {i + 1} ({names[i]}) holds text and was left out." for i in range(len(names)) if i not in kept]
    mistakes = sorted((row, i) for i in kept for row in columns[i].mistakes)
    _refuse([_not_a_number(rows[row].number, i, rows[row].cells[i]) for row, i in mistakes])
    values = np.column_stack([columns[i].values for i in kept])
    _refuse_large(values, [row.number for row in rows], kept)
    return Table(values, tuple(names[i] for i in kept), tuple(notes))


def _refuse(mistakes: list[str]) -> None:
    """Raise DataError with the first few mistakes and the number of the others."""
    if mistakes:
        others = len(mistakes) - SHOWN
        raise DataError(" ".join(mistakes[:SHOWN]) + (f" …and {others} more." if others > 0 else ""))


def _refuse_large(values: Array, row_numbers: Sequence[int], columns: Sequence[int] | None = None) -> None:
    large = np.argwhere(np.abs(np.nan_to_num(values)) > MAX_MAGNITUDE).tolist()
    columns = range(values.shape[1]) if columns is None else columns
    _refuse(
        [
            f"Row {row_numbers[row]}, column {columns[column] + 1}: the number is beyond ±{MAX_MAGNITUDE:g}."
            for row, column in large
        ]
    )


def _not_a_number(row: int, column: int, cell: str) -> str:
    shown = cell if len(cell) <= 20 else cell[:20] + "…"
    return f"Row {row}, column {column + 1}: {shown!r} is not a number."


def _default_names(count: int) -> tuple[str, ...]:
    return tuple(f"column {i + 1}" for i in range(count))
