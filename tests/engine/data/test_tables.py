"""Tables: what is understood, what is refused and in which words, and that no input gets past either."""

import pickle
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import read_csv, read_npy, read_paste, write_csv
from engine.data.tables import MAX_BYTES, MAX_ROWS
from engine.model import DataError


def npy(array, **options):
    file = BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "1.5,2\n-3,4e-1\n",
        "x,y\n1.5,2\n-3,0.4",
        '"x","y"\n"1.5","2"\n"-3","0.4"\n',
        "\ufeffx;y\r\n1,5;2\r\n-3;0,4\r\n",
        "1.5;2\n-3;.4",
        "1,5\t2\n-3\t0,4\n",
        "1.5 2\n -3   0.4 \n",
        "1.5, 2\n-3, 0.4",
        "# a comment\n\n  \nx y\n1.5 2\n# another\n-3 +0.4\n\n",
        "1.5,2,\r-3,0.4,\r",
        "x,y,\n1.5,2,\n-3,0.4,\n",
        "größe,maß\n1.5,2\n-3,0.4".encode("latin-1"),
        "größe,maß\n1.5,2\n-3,0.4".encode("utf-16"),
        "\ufeffx,y\n1.5,2\n-3,0.4".encode(),
    ],
)
def test_ways_to_write_the_same_table(text):
    np.testing.assert_array_equal(read_csv(text).points(), [[1.5, 2], [-3, 0.4]])


def test_headers():
    assert read_csv("height,weight\n1,2").column_names == ("height", "weight")
    assert read_csv("größe,maß\n1,2".encode("latin-1")).column_names == ("größe", "maß")
    assert read_csv('"a,b",c\n1,2').column_names == ("a,b", "c")
    assert read_csv(",y\n1,2").column_names == ("column 1", "y")
    assert read_csv("1,2\n3,4").column_names == ("column 1", "column 2")
    # A header of numbers can be told only by its quotes.
    quoted = read_csv('"2019","2020"\n1,2\n3,4')
    assert quoted.column_names == ("2019", "2020")
    assert len(quoted.values) == 2
    assert len(read_csv("2019,2020\n1,2\n3,4").values) == 3
    assert len(read_csv('"1","2"\n"3","4"').values) == 2
    assert quoted.notes == ("The first row was read as column names.",)
    # A first row with a number in it is data, so a mistyped cell is not swallowed as a header.
    with pytest.raises(DataError, match=r"Row 1, column 2: 'o2' is not a number\."):
        read_csv("1,o2\n3,4")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x,y\n1,2\n3,abc\n", "Row 3, column 2: 'abc' is not a number."),
        ("# note\n\n1,2\n3,1_000\n", "Row 4, column 2: '1_000' is not a number."),
        ("1,2\n" + "a,b\n1,2\n" * 7, "Row 2, column 1: 'a' is not a number. Row 2, column 2: 'b' is not a number. "
         "Row 4, column 1: 'a' is not a number. …and 11 more."),
        ("1,2\n3\n4,5,6\n", "Row 2 has 1 cell and the first row has 2. Row 3 has 3 cells and the first row has 2."),
        ("x,y\n1,2\n3\n", "Row 3 has 1 cell and the header has 2."),
        ("", "There is no row of numbers."),
        ("\n \n# only this\n", "Every line begins with #, as a comment does."),
        ("x,y\n", "There is no row of numbers."),
        ("1,2\n1e300,3\n", "Row 2, column 1: the number is beyond ±1e+15."),
        ("1,2\n1e999,3\n", "Row 2, column 1: the number is beyond ±1e+15."),
        ("1\n" * (MAX_ROWS + 1), "There are more than 50,000 rows."),
        ("1,2\n" * (MAX_ROWS + 2), "There are more than 50,000 rows."),
        (",".join("1" * 101) + "\n", "There are 101 columns; up to 100 can be loaded."),
        ("1" * (MAX_BYTES + 1), "The data is larger than 5 MB."),
        ("1,2\n__import__('os').getcwd(),2\n", "Row 2, column 1: \"__import__('os').get…\" is not a number."),
    ],
)  # fmt: skip
def test_refusals_say_where(text, sentence):
    with pytest.raises(DataError) as error:
        read_csv(text)
    assert str(error.value) == sentence


def test_the_largest_table_is_read():
    assert len(read_csv("x,y\n" + "1,2\n" * MAX_ROWS).values) == MAX_ROWS


def test_non_finite_rows_are_counted_and_dropped_on_consent_only():
    table = read_csv("x,y,z\n1,2,3\nnan,2,3\n4,-inf,3\n5,,3\n6,NA,3\n8,9,null\n")
    assert np.isnan(table.values).any(axis=1).sum() == 5
    assert not np.isinf(table.values).any()
    with pytest.raises(DataError, match=r"^4 of 6 rows hold a missing, NaN or infinite value; agree to drop them"):
        table.points((0, 1))
    np.testing.assert_array_equal(table.points((0, 1), drop_non_finite=True), [[1, 2], [8, 9]])
    with pytest.raises(DataError, match=r"^1 of 6 rows holds"):
        table.points((2,))
    with pytest.raises(DataError, match="No row is left"):
        read_csv("nan\nnan").points(drop_non_finite=True)


def test_columns_are_chosen():
    assert read_csv("1\n2\n3").points().shape == (3, 1)
    table = read_csv("a,b,c\n1,2,3\n4,5,6")
    with pytest.raises(DataError, match=r"has 3 columns \(a, b, c\); choose one or two"):
        table.points()
    np.testing.assert_array_equal(table.points((2, 0)), [[3, 1], [6, 4]])
    for columns in [(0, 1, 2), (), (0, 3), (-1,)]:
        with pytest.raises(DataError, match="Choose one or two of the table's 3 columns"):
            table.points(columns)


def test_a_column_of_text_beside_numbers_is_left_out_with_a_note():
    iris = read_csv("length,species,width\n5.1,setosa,3.5\n4.9,virginica,3.0\n")
    assert iris.column_names == ("length", "width")
    np.testing.assert_array_equal(iris.points(), [[5.1, 3.5], [4.9, 3.0]])
    assert "Column 2 (species) holds text, such as setosa, and was left out." in iris.notes
    assert read_csv("5.1;setosa\n4.9;virginica\n").notes == (
        "Column 2 holds text, such as setosa, and was left out.",
    )
    with pytest.raises(DataError, match="'setosa' is not a number"):
        read_csv("setosa,length\nsetosa,\nvirginica,\n")


def test_paste():
    classic = read_paste("3 5 4 4 4 4 5 6 5 4")
    np.testing.assert_array_equal(classic.points()[:, 0], [3, 5, 4, 4, 4, 4, 5, 6, 5, 4])
    assert classic.notes == ("The 10 cells of the one row were read as one column.",)
    assert read_paste("3, 5, 4").values.shape == (3, 1)
    assert read_paste("1, 2").values.shape == (1, 2)
    assert read_paste("1 2\n3 4").values.shape == (2, 2)
    assert read_paste("0;1,5;3").values[1, 0] == 1.5
    with pytest.raises(DataError, match="is not a number"):
        read_paste("3 5 four 4")


@pytest.mark.parametrize("dtype", ["<f8", ">f4", "<i2", "|u1", "<f2"])
def test_npy_of_numbers(dtype):
    values = np.array([[1, 2], [3, 4], [5, 6]])
    for array in (values, np.asfortranarray(values), values[:, 0]):
        expected = array if array.ndim == 2 else array[:, None]
        np.testing.assert_array_equal(read_npy(npy(array.astype(dtype))).points(), expected)


def test_npy_counts_non_finite_rows():
    table = read_npy(npy(np.array([[1.0, np.nan], [np.inf, 2.0], [3.0, 4.0]])))
    assert np.isnan(table.values).any(axis=1).sum() == 2
    assert not np.isinf(table.values).any()


class Bomb:
    def __reduce__(self):
        return pytest.fail, ("a pickle was opened",)


def claims(shape, length=16):
    header = repr({"descr": "<f8", "fortran_order": False, "shape": shape}).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(length)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not a NumPy .npy file"),
        (b"1,2\n3,4\n", "not a NumPy .npy file"),
        (pickle.dumps(Bomb()), "not a NumPy .npy file"),
        (npy(np.array([Bomb()]), allow_pickle=True), "this one holds object"),
        (npy(np.array(["a"])), "this one holds str"),
        (npy(np.array([1j])), "this one holds complex128"),
        (npy(np.array([(1, 2)], dtype=[("a", "i4"), ("b", "i4")])), r"this one holds records \(a, b\)"),
        (npy(np.zeros((2, 2, 2))), r"its shape is \(2, 2, 2\)"),
        (npy(np.zeros(())), r"its shape is \(\)"),
        (npy(np.zeros((0, 2))), "not be empty"),
        (npy(np.zeros((MAX_ROWS + 1, 1))), "up to 50,000 rows"),
        (npy(np.zeros((1, 101))), "100 columns"),
        (npy(np.full(3, 1e30)), r"Row 1, column 1: the number is beyond .* Row 3, column 1: [^.]*\.$"),
        (claims((10**12,)), "up to 50,000 rows"),
        (claims((40_000, 100)), "cut off"),
        (claims((-1, -2)), "not a NumPy .npy file"),
        (claims((10**9, 0)), "not be empty"),
        (claims(((1,),)), "not a NumPy .npy file"),
        (b"\x93NUMPY\x03\x00" + bytes(100), "not a NumPy .npy file"),
        (b"PK\x03\x04", ".npz or zip archive"),
        (bytes(MAX_BYTES + 1), "larger than 5 MB"),
    ],
)  # fmt: skip
def test_npy_refusals(data, sentence):
    with pytest.raises(DataError, match=sentence):
        read_npy(data)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(*[st.floats(-1e15, 1e15, width=64)] * 2), min_size=1, max_size=20),
    st.sampled_from(["f4", "f8"]),
)
def test_csv_round_trip_is_exact(rows, dtype):
    x = np.array(rows, dtype=dtype).clip(-9e14, 9e14)
    back = read_csv(write_csv(x)).values
    np.testing.assert_array_equal(back.astype(dtype), x)


def test_csv_carries_labels():
    text = write_csv(np.array([[0.1, 2], [3, 4]], dtype=np.float32), [0, 1])
    assert text == "x,y,label\n0.1,2.0,0\n3.0,4.0,1\n"
    assert write_csv([1.5, 2.0]) == "x\n1.5\n2.0\n"
