"""Uploads and pasted rows: what was read reaches the figures as it stands in the file, names included."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.points.upload import literal


def source() -> AppTest:
    def script():
        import streamlit as st

        from pages.shared.points.data_source import data_source

        st.session_state["found"] = data_source("lab")

    return checked(AppTest.from_function(script, default_timeout=20).run())


def checked(app: AppTest) -> AppTest:
    assert not app.exception, [error.message for error in app.exception]
    return app


def paste(app: AppTest, text: str) -> AppTest:
    app.text_area(key="lab.pad.text").set_value(text).run()
    return checked(app.button(key="lab.pad.use").click().run())


@pytest.mark.parametrize(
    ("text", "names", "first"),
    [
        ("height;weight\n1,5;2\n2,5;3\n", ("height", "weight"), [1.5, 2]),
        ("day,height\n2024-01-31,5\n2024-02-01,6\n", ("height",), [5]),
        ("1,2\n3,4\n", (), [1, 2]),
        ("a b c\n1 2 3\n4 5 6\n", ("a", "b"), [1, 2]),
        ("1 2 3\n4 5 6\n", ("column 1", "column 2"), [1, 2]),
    ],
)
def test_the_names_of_the_columns_come_with_their_points(text, names, first):
    found = paste(source(), text).session_state["found"]
    assert found.names == names
    np.testing.assert_array_equal(found.x[0], first)


def test_the_names_go_with_their_points():
    app = paste(source(), "height;weight\n1,5;2\n2,5;3\n")
    app.selectbox(key="lab.data").set_value("exponential").run()
    assert checked(app).session_state["found"].names == ()
    app.selectbox(key="lab.data").set_value("drawn").run()
    assert checked(app).session_state["found"].names == ()
    assert paste(app, "rain\n1\n2\n").session_state["found"].names == ("rain",)


def test_a_pasted_row_of_decimal_commas_is_one_column_as_the_note_says():
    app = source()
    app.text_area(key="lab.pad.text").set_value("1,5; 2,5; 3,5").run()
    notes = " ".join(caption.value for caption in app.caption)
    assert literal("The 3 cells of the one row were read as one column. 1,5 was read as 1.5.") in notes
    checked(app.button(key="lab.pad.use").click().run())
    np.testing.assert_array_equal(app.session_state["found"].x, [[1.5], [2.5], [3.5]])


def test_what_a_file_says_is_shown_as_it_stands():
    app = source()
    app.text_area(key="lab.pad.text").set_value("x,y\n1,2\n3,*b*").run()
    assert [error.value for error in app.error] == [r"Row 3\, column 2\: \'\*b\*\' is not a number\."]
