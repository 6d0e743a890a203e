"""Random tables by other writers come back exactly, and random input gives a table or a sentence, never an error."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.data.tables import Table, read_csv, read_file, read_npy, read_paste
from engine.model import DataError
from tests.engine.data.test_table_kinds import npy

NAMES = st.text(st.sampled_from("abcxyzΩé $*_<&>;,\t|'\n%()²"), min_size=1, max_size=8).filter(
    lambda name: any(character.isalpha() for character in name)
)
MISSING = st.sampled_from(["NA", "nan", "NULL", "#N/A", "#DIV/0!", "#VALUE!", "n/a", "-inf", ""])


@st.composite
def tables(draw: st.DrawFn) -> tuple[np.ndarray, list[str] | None]:
    """Draw values (n, c), each column with a number in it at least, and a name for each column or none."""
    shape = draw(st.integers(1, 12)), draw(st.integers(1, 4))
    offset = draw(st.sampled_from([0.0, 1.0, -1e3, 1e6, 2459000.5, 1e9, 1e12]))
    scale = draw(st.sampled_from([0.0, 1e-6, 1e-3, 1.0, 1e3, 1e6]))
    x = offset + scale * np.random.default_rng(draw(st.integers(0, 2**32))).normal(size=shape)
    if draw(st.booleans()):
        x = np.round(x)
    x[draw(st.lists(st.integers(0, shape[0] - 1), max_size=4)), draw(st.integers(0, shape[1] - 1))] = np.nan
    assume(np.isfinite(x).any(axis=0).all())
    return x, draw(st.none() | st.lists(NAMES, min_size=shape[1], max_size=shape[1]))


def by_csv(draw, x, names, separator, decimal) -> str:
    missing = draw(MISSING.filter(lambda text: bool(text) or separator != " "))
    rows = [[missing if np.isnan(v) else repr(v).replace(".", decimal) for v in row] for row in x.tolist()]
    file = io.StringIO()
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    csv.writer(file, delimiter=separator, quoting=quoting, lineterminator=end).writerows(
        [*([names] if names else []), *rows]
    )
    return file.getvalue()


def by_pandas(draw, x, names, separator, decimal) -> str:
    missing = draw(MISSING.filter(lambda text: bool(text) or separator != " "))
    frame = pd.DataFrame(x, columns=names)
    header = bool(names)
    return frame.to_csv(sep=separator, decimal=decimal, na_rep=missing, index=False, header=header)


def by_numpy(draw, x, names, separator, decimal) -> str:
    file = io.StringIO()
    np.savetxt(file, x, fmt="%.17g", delimiter=separator, header=draw(st.sampled_from(["", "made, by me; today"])))
    return file.getvalue().replace(".", decimal)


@settings(max_examples=300, deadline=None)
@given(
    st.data(),
    tables(),
    st.sampled_from(";\t|, "),
    st.sampled_from(".,"),
    st.sampled_from([by_csv, by_pandas, by_numpy]),
)
def test_what_others_write_is_read_back_exactly(data, table, separator, decimal, write):
    x, names = table
    if decimal == ",":  # where it can't separate cells
        assume(separator != "," and (x.shape[1] > 1 or (names is not None and "," not in names[0])))
        assume(x.shape[1] > 1 or write is not by_numpy)
    assume(separator != " " or "\t" not in "".join(names or []))  # blanks of both kinds separate
    text = write(data.draw, x, names, separator, decimal)
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]))
    back = read_file(text.encode(encoding), "data.csv")
    np.testing.assert_array_equal(back.values, x)
    if names and write is not by_numpy:
        assert back.column_names == tuple(" ".join(name.split()) for name in names)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(*[st.integers(-(10**13), 10**13)] * 2), min_size=1, max_size=8), st.sampled_from("\t;|"))
def test_thousands_of_both_notations_are_read_exactly(rows, separator):
    values = [[float(f"{k / 1000:.3f}") for k in row] for row in rows]
    english = "\n".join(separator.join(f"{k / 1000:,.3f}" for k in row) for row in rows)
    german = english.translate(str.maketrans(",.", ".,"))
    for text in (english, german, english.replace(",", "'"), german.replace(".", "\u202f")):
        np.testing.assert_array_equal(read_csv(text).values, values)


def table_or_sentence(read, data):
    sentence = ""
    try:
        table = read(data)
    except DataError as error:
        sentence = str(error)
    if sentence:
        assert sentence.endswith(".")
        assert len(sentence) < 400
    else:
        assert isinstance(table, Table)
        assert table.values.ndim == 2
        assert table.values.size
        assert table.values.dtype == np.float64
        assert len(table.column_names) == table.values.shape[1]
        assert not np.isinf(table.values).any()


CELLS = st.sampled_from(
    [
        "1",
        "-2.5",
        "1e9",
        "nan",
        "",
        "x",
        '"',
        '"3"',
        ",",
        ";",
        "\t",
        " ",
        "\n",
        "\r\n",
        "#",
        "0,5",
        "#N/A",
        "1.234",
        "%",
        "sep=;\n",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(), st.text(), st.lists(CELLS, max_size=40).map("".join)))
def test_any_text_gives_a_table_or_a_sentence(data):
    table_or_sentence(read_file, data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"))
    if isinstance(data, str):
        table_or_sentence(read_csv, data)
        table_or_sentence(read_paste, data)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=40), st.integers(0, 130), st.integers(0, 255))
def test_any_bytes_give_a_table_or_a_sentence(noise, position, byte):
    table_or_sentence(read_npy, noise)
    table_or_sentence(read_npy, b"\x93NUMPY\x01\x00" + noise)
    valid = bytearray(npy(np.arange(6.0).reshape(3, 2)))
    valid[position] = byte
    table_or_sentence(read_npy, bytes(valid))
