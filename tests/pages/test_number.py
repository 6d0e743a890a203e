"""A number's widget in Python: what it takes over from the browser, and when Python's own comes first."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.components import number as module


def page():
    import streamlit as st

    from pages.components.number import number

    st.session_state["found"] = number("N", "n", default=2, kind=int, bounds=(1, 50))


@pytest.fixture
def receive(monkeypatch):
    """Return what passes the browser's message to Python, and the session that it finds."""
    session = {"n": 3, "number.n": module._Known(3, revision=2, sequence=10)}
    monkeypatch.setattr(module.st, "session_state", session)

    def pass_on(message, kind=int):
        session["n.number"] = {"number": message}
        module._receive("n", kind, None)
        return session["n"]

    return pass_on


def test_a_message_of_the_browser_counts(receive):
    assert receive({"value": 4, "revision": 2, "sequence": 11}) == 4


@pytest.mark.parametrize(("revision", "sequence"), [(1, 11), (2, 10), (2, 9), (3, 11)])
def test_a_message_that_something_newer_has_overtaken_does_not(receive, revision, sequence):
    assert receive({"value": 4, "revision": revision, "sequence": sequence}) == 3


@pytest.mark.parametrize("value", [None, "4", True, float("nan"), float("inf"), [4]])
def test_nonsense_is_dropped(receive, value):
    assert receive({"value": value, "revision": 2, "sequence": 11}) == 3


@pytest.mark.parametrize(("value", "kept"), [(4.0, 4), (4.5, 4.5), (-1, -1)])
def test_a_whole_number_is_an_int_and_whatever_else_was_typed_stays(receive, value, kept):
    found = receive({"value": value, "revision": 2, "sequence": 11})
    assert found == kept
    assert type(found) is type(kept)


def test_python_can_set_a_number_and_raises_the_revision_by_it():
    app = AppTest.from_function(page, default_timeout=30).run()
    assert app.session_state["found"] == 2
    before = app.session_state["number.n"].revision
    app.run()
    assert app.session_state["number.n"].revision == before
    app.session_state["n"] = 7
    app.run()
    assert app.session_state["found"] == 7
    assert app.session_state["number.n"].revision == before + 1


def test_a_number_set_before_it_is_first_drawn_comes_before_the_address():
    app = AppTest.from_function(page, default_timeout=30)
    app.session_state["n"] = 7
    app.query_params["n"] = "9"
    app.run()
    assert app.session_state["found"] == 7
    assert app.query_params["n"] == "7"


def test_deleting_a_number_brings_its_default_back_and_not_the_address():
    app = AppTest.from_function(page, default_timeout=30)
    app.query_params["n"] = "9"
    app.run()
    assert app.session_state["found"] == 9
    del app.session_state["n"]
    app.run()
    assert app.session_state["found"] == 2
    assert "n" not in app.query_params


def test_back_and_forward_bring_the_number_of_their_address():
    app = AppTest.from_function(page, default_timeout=30).run()
    kept = app.session_state._state.filtered_state
    memory = next(value for name, value in kept.items() if name.startswith("address."))
    for text, value in (("9", 9), ("", 2), ("31", 31)):
        memory.texts["n"] = text  # as address.begin does then
        app.run()
        assert app.session_state["found"] == value
        assert app.query_params.get("n", "") == text
