"""Tables of numbers from outside: CSV files, pasted rows and .npy files.

Nothing that comes in is evaluated or unpickled. What can't be read is refused in one sentence that says where.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from engine.data.delimited import Rows, decimal_mark, decode, is_text, numbers_of, split_rows
from engine.data.npy import MAGIC, read_npy_array
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

    `column_names` (c,) come from the header if the table `is_named`, else they are "column 1", "column 2", ...;
    `notes` are sentences for the page about how the input was understood (a header, a column of text left out).
    """

    values: Array
    column_names: tuple[str, ...]
    notes: tuple[str, ...] = ()
    is_named: bool = False

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


def read_file(data: bytes, name: str = "") -> Table:
    """Read a .npy file, known by its first bytes or its `name`, else CSV."""
    return read_npy(data) if data.startswith(MAGIC) or name.lower().endswith(".npy") else read_csv(data)


def read_csv(data: bytes | str) -> Table:
    """Read rows of numbers separated by semicolons, tabs, bars, commas or blanks, with or without a header.

    The first row is a header if none of its cells is a number, or if it alone is in quotes. A comma is a decimal mark
    or separates thousands, whichever reads more cells as numbers; 12 % is 0.12. Empty lines and comments (# and text)
    are skipped; "", NA, null and Excel's errors (#N/A, #DIV/0!) are missing values; a column of text or dates is left
    out, with a note. A row in a message is a line of the file.
    Raises DataError for a file over MAX_BYTES, MAX_ROWS or MAX_COLUMNS, and for cells and rows that can't be read.
    """
    return _table(_split(data))


def read_paste(text: str) -> Table:
    """Read pasted rows as `read_csv` does; a single row of more than two numbers is one column of them."""
    rows = _split(text)
    if len(rows.cells) > 1 or len(rows.cells[0]) < 3:
        return _table(rows)
    cells = [[cell] for cell in rows.cells[0]]
    column = replace(rows, cells=cells, lines=list(range(1, len(cells) + 1)))
    return _table(column, f"The {len(cells)} cells of the one row were read as one column.")


def read_npy(data: bytes) -> Table:
    """Read a NumPy .npy file with a numeric array (n,) or (n, columns), which is never unpickled.

    Raises DataError for anything else, and for a file over MAX_BYTES, MAX_ROWS or MAX_COLUMNS.
    """
    _check_size(data)
    values, notes = read_npy_array(data, MAX_ROWS, MAX_COLUMNS)
    _refuse_large(values, range(1, len(values) + 1), range(values.shape[1]))
    return Table(values, _names([""] * values.shape[1]), notes)


def write_csv(x: npt.ArrayLike, labels: npt.ArrayLike | None = None) -> str:
    """Return points (n, d) as CSV text with a header (x, y and label), each number in its shortest exact form.

    A masked value is written as nan, which `read_csv` reads as missing.
    """
    points = np.ma.filled(np.ma.masked_array(x, dtype=np.result_type(np.ma.asarray(x), np.float16)), np.nan)
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


def _split(data: bytes | str) -> Rows:
    _check_size(data)
    return split_rows(decode(data) if isinstance(data, bytes) else data)


def _table(rows: Rows, *notes: str) -> Table:
    """Turn rows into numbers, leaving out columns of text; refuse rows that differ in length and cells of text."""
    decimal = decimal_mark(rows)
    has_header = rows.is_quoted or is_text(numbers_of(rows.cells[0], decimal))
    header = rows.cells[0] if has_header else [""] * len(rows.cells[0])
    cells, lines = rows.cells[has_header:], rows.lines[has_header:]
    _check_shape(cells, lines, len(header), "the header" if has_header else "the first row")
    texts = list(zip(*cells, strict=True))
    if len(texts) > 1 and not header[-1] and not any(texts[-1]):
        texts.pop()  # a separator at each line's end
    columns = [numbers_of(column, decimal) for column in texts]
    has_numbers = any(x is not None and x == x for column in columns for x in column)
    kept = [i for i, column in enumerate(columns) if not (has_numbers and is_text(column))]
    mistakes = sorted((row, i) for i in kept for row, value in enumerate(columns[i]) if value is None)
    _refuse([f"Row {lines[row]}, column {i + 1}: {_short(texts[i][row])!r} is not a number." for row, i in mistakes])
    values = np.array([columns[i] for i in kept], np.float64).T
    _refuse_large(values, lines, kept)
    if rows.comments:
        notes += (f"{rows.comments:,} line{'' if rows.comments == 1 else 's'} with # in front left out as comments.",)
    if has_header:
        notes += ("The first row was read as column names.",)
    for i in sorted(set(range(len(columns))).difference(kept)):
        name, text = f" ({header[i]})" if header[i] else "", _short(texts[i][columns[i].index(None)])
        notes += (f"Column {i + 1}{name} holds text, such as {text}, and was left out.",)
    for mark in ",%" if decimal == "." else ",.%":
        pairs = (pair for i in kept for pair in zip(texts[i], columns[i], strict=True))
        example = next((f"{text} was read as {x:.15g}." for text, x in pairs if mark in text and x == x), None)
        notes += () if example is None else (example,)
    names = _names(header)
    return Table(values, tuple(names[i] for i in kept), tuple(dict.fromkeys(notes)), has_header)


def _check_shape(cells: list[list[str]], lines: list[int], width: int, first: str) -> None:
    if not cells:
        raise DataError("There is no row of numbers.")
    if len(cells) > MAX_ROWS:
        raise DataError(f"There are more than {MAX_ROWS:,} rows.")
    if width > MAX_COLUMNS:
        raise DataError(f"There are {width:,} columns; up to {MAX_COLUMNS} can be loaded.")
    _refuse(
        [
            f"Row {line} has {len(row)} cell{'' if len(row) == 1 else 's'} and {first} has {width}."
            for line, row in zip(lines, cells, strict=True)
            if len(row) != width
        ]
    )


def _refuse(mistakes: list[str]) -> None:
    """Raise DataError with the first few mistakes and the number of the others."""
    if mistakes:
        others = len(mistakes) - SHOWN
        raise DataError(" ".join(mistakes[:SHOWN]) + (f" …and {others} more." if others > 0 else ""))


def _refuse_large(values: Array, rows: Sequence[int], columns: Sequence[int]) -> None:
    large = np.argwhere(np.abs(values) > MAX_MAGNITUDE).tolist()
    _refuse([f"Row {rows[i]}, column {columns[j] + 1}: the number is beyond ±{MAX_MAGNITUDE:g}." for i, j in large])


def _short(cell: str) -> str:
    return cell if len(cell) <= 20 else cell[:20] + "…"


def _names(header: Sequence[str]) -> tuple[str, ...]:
    return tuple(" ".join(name.split()) or f"column {i + 1}" for i, name in enumerate(header))
