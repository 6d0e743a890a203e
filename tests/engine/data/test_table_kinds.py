"""The kinds of files and pasted rows that people have: each is read rightly, or refused with its cause."""

import gzip
import zipfile
from io import BytesIO

import numpy as np
import pytest

from engine.data.tables import read_csv, read_file, read_npy, read_paste, write_csv
from engine.model import DataError

nan = np.nan
UNCLOSED = "opens a quote that is not closed at its end, or is longer than 131,072 characters."


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("1,5; 2,5; 3,5", [1.5, 2.5, 3.5]),
        ("1,5\t2,5\t3,5", [1.5, 2.5, 3.5]),
        ("1,5 2,5 3,5", [1.5, 2.5, 3.5]),
        ("1.234,5; 2,5; 3", [1234.5, 2.5, 3]),
        ("1,234\t0.5\t3", [1234, 0.5, 3]),
        ("1.5, 2.5, 3.5", [1.5, 2.5, 3.5]),
        ("1, 2, 3", [1, 2, 3]),
        ("1;#N/A;3", [1, nan, 3]),
    ],
)
def test_a_pasted_row_is_a_column_and_the_note_says_so(text, column):
    table = read_paste(text)
    np.testing.assert_array_equal(table.values[:, 0], column)
    assert f"The {len(column)} cells of the one row were read as one column." in table.notes


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x;y\n1,5;2\n-3;0,4\n", [[1.5, 2], [-3, 0.4]]),
        ("x\ty\n1,5\t2\n-3\t,4\n", [[1.5, 2], [-3, 0.4]]),
        ("1,5 2\n-3 0,4\n", [[1.5, 2], [-3, 0.4]]),
        ("height in cm\n1,5\n2,5\n", [[1.5], [2.5]]),
        ("height in cm\n1\n2\n", [[1], [2]]),
        ("1,5\n2,5\n", [[1, 5], [2, 5]]),  # commas separate, as in CSV
        ("1,5;2E-1\n2;1e3\n", [[1.5, 0.2], [2, 1000]]),
        # Thousands: a comma beside decimal points, a point beside decimal commas, and neither alone.
        ("1,234\t0.5\n1,234,567.5\t7\n", [[1234, 0.5], [1234567.5, 7]]),
        ("1.234,5;2\n1.234;0,5\n", [[1234.5, 2], [1234, 0.5]]),
        ('"1,234",0.5\n"5,678",2\n', [[1234, 0.5], [5678, 2]]),
        ('"1,5","2,25"\n"0,5","2"\n', [[1.5, 2.25], [0.5, 2]]),
        ("1,234;0,567\n2,345;1,5\n", [[1.234, 0.567], [2.345, 1.5]]),
        ("1.234;2.345\n", [[1.234, 2.345]]),
        ("1'234.5;2\n3;4\n", [[1234.5, 2], [3, 4]]),
        ("1\u202f234,5;2\n3;4\n", [[1234.5, 2], [3, 4]]),
        # Excel's errors are missing values, and a column may be called #.
        ("x,y\n#N/A,4\n#DIV/0!,7\n3,#VALUE!\n", [[nan, 4], [nan, 7], [3, nan]]),
        ("#REF!\t4\n#NAME?\t7\n3\t#NUM!\n#NULL!\t1\n", [[nan, 4], [nan, 7], [3, nan], [nan, 1]]),
        ("#N/A 4\n3 5\n", [[nan, 4], [3, 5]]),
        ("#,x,y\n1,2,3\n4,5,6\n", [[1, 2, 3], [4, 5, 6]]),
        ("# x,y\n1,2\n#note\n3,4\n#\n", [[1, 2], [3, 4]]),
        # The first line of Excel's that names the separator.
        ("sep=;\nx;y\n1,5;2\n", [[1.5, 2]]),
        ("sep=,\n1,5\n2,5\n", [[1, 5], [2, 5]]),
        ('sep="\n1,5\n2,5\n', [[1.5], [2.5]]),  # a quote separates nothing: a header
        ("sep=~\n1,5~2\n", [[1.5, 2]]),
        # Text and dates beside numbers.
        ("day,x\n2024-01-31,5\n2024-02-01,6\n", [[5], [6]]),
        ("31.01.2024;1,5\n01.02.2024;2,5\n", [[1.5], [2.5]]),
        ("2024-01-31 12:30 5.2\n2024-01-31 12:35 5.3\n", [[5.2], [5.3]]),
        ("01/31/2024\t7\n02/01/2024\t8\n", [[7], [8]]),
        # Signs.
        ("x,y\n5%,2\n12.5 %,4\n", [[0.05, 2], [0.125, 4]]),
        ("x;y\n€ 5,50;2 €\n-€1.234,00;$4\n", [[5.5, 2], [-1234, 4]]),
        ("−1,5;2\n", [[-1.5, 2]]),
        # Quotes, line breaks and blanks.
        ('"height\nin cm",y\n1,2\n', [[1, 2]]),
        ('name,x,y\n"a\n\nb",1,2\n', [[1, 2]]),
        ('"1" , 2\n"3" ,"4"\n', [[1, 2], [3, 4]]),
        ("1|2\r3|4\r", [[1, 2], [3, 4]]),
        ("1\xa0;2\n", [[1, 2]]),
        # Encodings.
        ("größe;€\n1,5;2\n".encode("cp1252"), [[1.5, 2]]),
        ("größe;€\n1,5;2\n".encode("utf-16-le"), [[1.5, 2]]),
        ("größe;€\n1,5;2\n".encode("utf-16-be"), [[1.5, 2]]),
        ("größe;€\n1,5;2\n".encode("utf-16"), [[1.5, 2]]),
        ("größe;€\n1,5;2\n".encode("utf-8-sig"), [[1.5, 2]]),
    ],
)
def test_what_is_read_and_how(text, values):
    np.testing.assert_array_equal(read_csv(text).values, values)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("1,5;2\n", "1,5 was read as 1.5."),
        ("1,234;2,345\n", "1,234 was read as 1.234."),
        ("1,234\t0.5\n", "1,234 was read as 1234."),
        ("0,5;1.234\n", "1.234 was read as 1234."),
        ("5%\n", "5% was read as 0.05."),
        ("#made by me\n1,2\n", "1 line with # in front left out as comments."),
        ("day,x\n2024-01-31,5\n", "Column 1 (day) holds text, such as 2024-01-31, and was left out."),
    ],
)
def test_what_could_be_meant_otherwise_is_said(text, note):
    assert note in read_csv(text).notes


def test_nothing_is_said_where_nothing_is_open():
    assert read_csv("1.5,2\n3,4\n").notes == ()


def zipped():
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (zipped(), "This is a zip archive or an Excel workbook (.xlsx), not a CSV file; save its table as CSV."),
        (gzip.compress(b"1,2\n3,4\n", mtime=0), "This is a gzip archive, not a CSV file; save its table as CSV."),
        (
            b"\xd0\xcf\x11\xe0" + bytes(512),
            "This is an Excel workbook (.xls), not a CSV file; save its table as CSV.",
        ),
        (b"1,2\n3,\x004\n", r"This is not plain text: line 2 holds the control character '\x00'."),
        (b'1,2\n"3,4\n5,6\n', f"A cell from row 2 on {UNCLOSED}"),
        (b'1,2\n"3"x,4\n', f"A cell from row 2 on {UNCLOSED}"),
        (b"1,2\n" + b"x" * 200_000, f"A cell from row 2 on {UNCLOSED}"),
        (b"#1,2\n#3,4\n", "Every line begins with #, as a comment does."),
        (b"1,5;2\n0.5;3\n1,7;3\n", "Row 2, column 1: '0.5' is not a number."),
        (b"1,23,456;2\n0,5;1\n", "Row 1, column 1: '1,23,456' is not a number."),
        (b"9007199254740993,1\n", "Row 1, column 1: the number is beyond ±1e+15."),
    ],
)
def test_what_is_refused_and_why(data, sentence):
    with pytest.raises(DataError) as error:
        read_file(data, "data.csv")
    assert str(error.value) == sentence


def npy(array, **options):
    file = BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


@pytest.mark.parametrize("name", ["A.NPY", "a.npy", "a.csv", ""])
def test_a_npy_file_is_known_by_its_content(name):
    np.testing.assert_array_equal(read_file(npy(np.array([[1.5, 2]])), name).values, [[1.5, 2]])


def test_a_csv_file_that_is_called_npy_is_told_so():
    with pytest.raises(DataError, match=r"This is not a NumPy \.npy file"):
        read_file(b"1,2\n", "A.NPY")


@pytest.mark.parametrize("shape", ["(True, 2)", "(2, True)", "(True,)", "(2.0,)", "(-1,)", "2", "None"])
def test_a_npy_shape_that_is_none(shape):
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}\n".encode()
    with pytest.raises(DataError, match=r"not a NumPy \.npy file"):
        read_npy(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(16))


def test_npy_numbers_are_exact_or_refused_or_said_to_be_rounded():
    whole = np.array([[2**49, -1], [0, 3]])
    np.testing.assert_array_equal(read_npy(npy(whole)).values, whole)
    np.testing.assert_array_equal(read_npy(npy(np.array([0.1], np.float16))).values[0, 0], float(np.float16(0.1)))
    with pytest.raises(DataError, match="beyond"):
        read_npy(npy(np.array([2**53 + 1])))
    third = np.array([np.longdouble(1) / 3, np.longdouble(0.5)])
    table = read_npy(npy(third))
    np.testing.assert_array_equal(table.values[:, 0], third.astype(np.float64))
    rounded = bool((third != third.astype(np.float64)).any())  # where long double is longer than double
    assert table.notes == ((f"The numbers were rounded from {third.dtype.name} to float64.",) if rounded else ())
    assert read_npy(npy(third[1:])).notes == ()


def test_a_long_double_that_no_double_holds_is_refused_and_not_taken_for_missing():
    large = np.longdouble(10) ** np.array([400, 1]) if np.finfo(np.longdouble).maxexp > 1024 else np.array([1e300, 1])
    with pytest.raises(DataError, match="Row 1, column 1: the number is beyond"):
        read_npy(npy(large))


def test_a_masked_value_is_written_as_missing():
    x = np.ma.masked_array([[1.5, 2], [3, 4]], [[False, True], [False, False]])
    np.testing.assert_array_equal(read_csv(write_csv(x)).values, [[1.5, nan], [3, 4]])
