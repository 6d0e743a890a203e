"""Split the text of a table into cells and read cells as numbers.

The csv module of the standard library splits. Ours is what neither it nor pandas or clevercsv does: to tell decimal
commas from commas between cells or thousands, and to name the line and the cause where the input is no table.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.model import DataError

SIGNATURES = {
    b"PK\x03\x04": "a zip archive or an Excel workbook (.xlsx)",
    b"\xd0\xcf\x11\xe0": "an Excel workbook (.xls)",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
}
ERROR = r"#(?:N/?A|NV|[A-ZÀ-Ý¡/0-9]+[!?])"  # of Excel, such as #N/A, #DIV/0! and #NAME?
MISSING = re.compile(rf"(?i:|na|n/a|<na>|null|none|[+-]?(?:nan|inf|infinity)|[-.?])|{ERROR}")
COMMENT = re.compile(rf"\s*(?!{ERROR}(?:[\s,;|]|$)|#\s*[,;\t|])#")  # neither an error nor a column called #
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
ABSENT = "\x1f"  # as a separator: a character that no text holds
BETWEEN = {".": ",", ",": "."}  # decimal mark → what then separates thousands
NUMBER = {
    mark: re.compile(
        rf"(?:[$€£¥] *)?([+-]?)(?:[$€£¥] *)?((?:[1-9]\d{{0,2}}(?:\{between}\d{{3}})+|\d+)(?:\{mark}\d*)?|\{mark}\d+)"
        r"(e[+-]?\d+)?(?: *([$€£¥%]))?",
        re.IGNORECASE | re.ASCII,
    )
    for mark, between in BETWEEN.items()
}
PLAIN = {mark: rf"[+-]?\d+(?:\{mark}\d+)?(?:[eE][+-]?\d+)?" for mark in BETWEEN}
PLAIN_LINES = {mark: re.compile(rf"{plain}(?:\n{plain})*", re.ASCII) for mark, plain in PLAIN.items()}


@dataclass(frozen=True)
class Rows:
    """Hold the cells of each row and the line of the file, from 1, on which it ends.

    `separator` is None for blanks and ABSENT for one column; `is_quoted` tells that the first row alone is in quotes;
    `comments` lines were left out.
    """

    cells: list[list[str]]
    lines: list[int]
    separator: str | None = None
    is_quoted: bool = False
    comments: int = 0


def decode(data: bytes) -> str:
    """Return text from UTF-8, from UTF-16 with a byte order mark or without, else from Windows-1252.

    Raises DataError that names the format of a file that is known to be no text.
    """
    for signature, kind in SIGNATURES.items():
        if data.startswith(signature):
            raise DataError(f"This is {kind}, not a CSV file; save its table as CSV.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    for other, zero, encoding in ((0, 1, "utf-16-le"), (1, 0, "utf-16-be")):
        if 0 not in data[other::2] and 4 * data[zero::2].count(0) > len(data):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def split_rows(text: str) -> Rows:
    """Return the rows that are neither empty nor comments; a first line such as `sep=;` names the separator.

    Raises DataError without any row, for a character that no text holds and for a quote that is not closed.
    """
    text = re.sub(r"\r\n?", "\n", text.removeprefix("\ufeff").rstrip("\x1a"))
    text = re.sub(r"−(?=[\d.,$€£¥])", "-", text)  # a minus sign
    text = re.sub(r"(?<=\d)['’\u00a0\u2009\u202f](?=\d{3}(?!\d))", "", text)  # between thousands
    lines = re.sub(r"[\u00a0\u2009\u202f]", " ", text).split("\n")
    if found := CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise DataError(f"This is not plain text: line {line} holds the control character {found[0]!r}.")
    given = re.fullmatch(r'"?sep=(\t|[^\s\w"#.+-])"? *', lines[0], re.IGNORECASE)
    kept = ["" if COMMENT.match(line) else line for line in (["", *lines[1:]] if given else lines)]
    comments = sum(map(bool, map(COMMENT.match, lines)))
    if not any(map(str.strip, kept)):
        raise DataError("Every line begins with #, as a comment does." if comments else "There is no row of numbers.")
    separator = given[1] if given else _separator("\n".join(kept))
    if separator is None:
        kept = [re.sub(r"[ \t]+", "\t", line.strip()) for line in kept]
    ended = (re.sub(r'" +(?=[;\t|,]|$)', '"', line) + "\n" if line.strip() else "\n" for line in kept)
    reader = csv.reader(ended, delimiter=separator or "\t", skipinitialspace=True, strict=True)
    cells, numbers = [], [0]
    try:
        for row in reader:
            if row:
                cells.append(list(map(str.strip, row)))
                numbers.append(reader.line_num)
    except csv.Error:
        raise DataError(
            f"A cell from row {numbers[-1] + 1} on opens a quote that is not closed at its end, "
            f"or is longer than {csv.field_size_limit():,} characters."
        ) from None
    quoted = [kept[line - 1].count('"') == 2 * len(row) for line, row in zip(numbers[1:3], cells, strict=False)]
    return Rows(cells, numbers[1:], separator, any(cells[0]) and quoted == [True, False], comments)


def _separator(text: str) -> str | None:
    """Choose the first of semicolon, tab, bar and comma that stands outside quotes in most lines, None for blanks.

    Commas are decimal marks, as in "1,5 2,5", where blanks make numbers of all rows, and commas do not or the first
    row has none.
    """
    bare = re.sub(r'(?m)(?:^|(?<=[;\t|, ]))"[^"]*"', "0", text)
    lines = [line for line in bare.split("\n") if line.strip()][:20]
    most = [separator for separator in ";\t|," if 2 * sum(separator in line for line in lines) > len(lines)]
    rows = lines[1:] or lines  # the first may be a header
    by_commas = "," in lines[0] and _all_numbers(rows, ",", ".")
    if most and not (most == [","] and not by_commas and _all_numbers(rows, None, ",")):
        return most[0]
    return None if any(len(line.split()) > 1 for line in rows) else ABSENT


def _all_numbers(lines: list[str], separator: str | None, decimal: str) -> bool:
    return all(number(cell.strip(), decimal) is not None for line in lines for cell in line.split(separator))


def decimal_mark(rows: Rows) -> str:
    """Return the mark, point or comma, by which more cells are numbers.

    Where both do as well, a comma in a cell is a decimal comma, or separates thousands if commas separate cells.
    """
    if not any("," in cell for row in rows.cells for cell in row):
        return "."
    marked = [cell for row in rows.cells for cell in row if "," in cell or "." in cell]
    point, comma = (sum(map(bool, map(NUMBER[mark].fullmatch, marked))) for mark in ".,")
    return "." if point > comma or (point == comma and rows.separator == ",") else ","


def numbers_of(column: Sequence[str], decimal: str) -> list[float | None]:
    """Return `number` of each cell, all at once where they are plain."""
    text = "\n".join(column)
    if PLAIN_LINES[decimal].fullmatch(text):
        return list(map(float, text.replace(",", ".").split("\n")))
    return [number(cell, decimal) for cell in column]


def number(cell: str, decimal: str) -> float | None:
    """Return the cell's number, 0.12 for 12 %, NaN for a missing or infinite value; None for what is no number."""
    found = NUMBER[decimal].fullmatch(cell)
    if found is None:
        return float("nan") if MISSING.fullmatch(cell) else None
    sign, digits, exponent, unit = found.groups()
    digits = digits.replace(BETWEEN[decimal], "").replace(",", ".")
    return float(f"{sign}{digits}{exponent or ('e-2' if unit == '%' else '')}")


def is_text(numbers: Sequence[float | None]) -> bool:
    """Tell whether cells, read as numbers, hold something and no number: a header, a column of text."""
    return None in numbers and all(value is None or value != value for value in numbers)
