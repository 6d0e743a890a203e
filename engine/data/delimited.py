"""Turn delimited text into rows of cells and cells into numbers, remembering where each stood."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

import numpy as np

from engine.grid import Array
from engine.model import DataError

MAX_CELL = 100  # characters
MISSING = {"", "na", "n/a", "null"}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?(nan|inf|infinity)", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Row:
    """Hold the cells of one line and its number in the file, from 1."""

    number: int
    cells: list[str]
    quoted: bool  # whether every cell stood in quotes


@dataclass(frozen=True, eq=False)
class Column:
    """Hold a column's values (n,), NaN where a cell is missing or no number, and the rows whose cell is no number."""

    values: Array
    mistakes: list[int]
    n_numbers: int


def decode(data: bytes) -> str:
    """Return text from UTF-8, from UTF-16 with a byte order mark, else from Latin-1, which reads anything."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def split_rows(text: str, max_rows: int) -> tuple[list[Row], str | None]:
    """Return the rows that are neither empty nor comments, and their separator, None for spaces.

    Raises DataError without any row, and for more than max_rows and a header.
    """
    numbered = enumerate(re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")), start=1)
    lines = [(number, line) for number, line in numbered if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        raise DataError("There is no row of numbers.")
    if len(lines) > max_rows + 1:
        raise DataError(f"There are more than {max_rows:,} rows.")
    separator = _separator([line for _, line in lines[:20]])
    return [_row(number, line, separator) for number, line in lines], separator


def is_header(rows: list[Row], separator: str | None) -> bool:
    """Tell whether the first row names columns: none of its cells is a number, or it alone is in quotes."""
    present = [cell for cell in rows[0].cells if not is_missing(cell)]
    if present and not any(parse(cell, separator) is not None for cell in present):
        return True
    return rows[0].quoted and len(rows) > 1 and not rows[1].quoted


def read_column(cells: list[str], separator: str | None) -> Column:
    """Turn cells into numbers; a number too large for a float becomes NaN as infinity does."""
    numbers = [parse(cell, separator) for cell in cells]
    values = np.array([np.nan if number is None else number for number in numbers])
    values[np.isinf(values)] = np.nan
    mistakes = [i for i, number in enumerate(numbers) if number is None and not is_missing(cells[i])]
    return Column(values, mistakes, sum(number is not None for number in numbers))


def is_missing(cell: str) -> bool:
    """Tell whether a cell stands for a value that was not recorded."""
    return cell.lower() in MISSING


def parse(cell: str, separator: str | None) -> float | None:
    """Return the cell's number, or None if it is none; a comma is a decimal comma unless it separates cells."""
    if separator != ",":
        cell = cell.replace(",", ".")
    return float(cell) if len(cell) <= MAX_CELL and NUMBER.fullmatch(cell) else None


def _separator(lines: list[str]) -> str | None:
    """Choose the first of semicolon, tab and comma that stands outside quotes in most lines; None means spaces."""
    bare = [re.sub(r'"[^"]*"', "", line) for line in lines]
    for separator in ";\t,":
        if 2 * sum(separator in line for line in bare) > len(bare):
            return separator
    return None


def _row(number: int, line: str, separator: str | None) -> Row:
    if '"' not in line:
        cells = line.split(separator)
        return Row(number, [cell.strip() for cell in cells], False)
    try:
        cells = next(csv.reader([line.strip(" ")], delimiter=separator or " ", skipinitialspace=True))
    except csv.Error:  # a cell of more than 128 kB
        cells = [line]
    return Row(number, [cell.strip() for cell in cells], line.count('"') == 2 * len(cells))
