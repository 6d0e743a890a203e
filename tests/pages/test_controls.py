"""The control form: what a number keeps, what the form remembers, and what it says of a bad value."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.numbers import numbers


def open_form(model: str, **parameters: str) -> AppTest:
    def script():
        import streamlit as st

        from engine.catalogue import models
        from pages.components.serving import address
        from pages.shared.controls import control_form

        address.begin()
        chosen = models("density")[st.selectbox("Model", list(models("density")), key="model")].Hyperparameters
        given = {"starts": ()} if "starts" in chosen.model_fields else {}
        if st.toggle("Form", True, key="form"):
            st.text(control_form(chosen, key="b", by_hand={"bandwidth": 0.4321}, **given).model_dump_json())
        address.tidy()

    app = AppTest.from_function(script, default_timeout=60)
    app.session_state["model"] = model
    for name, value in parameters.items():
        app.query_params[name.replace("__", ".")] = value
    app.run()
    assert not app.exception
    return app


def choose(app: AppTest, model: str) -> None:
    app.selectbox(key="model").set_value(model).run()
    assert not app.exception


def type_number(app: AppTest, key: str, value: float) -> None:
    numbers(app)[key].set_value(value)
    assert not app.exception


def made(app: AppTest) -> dict:
    return json.loads(app.text[0].value)


@pytest.fixture
def by_hand():
    return open_form("KernelDensity", b__bandwidth="by hand", b__bandwidth__value="0.2573")


def test_a_link_opens_the_exact_number(by_hand):
    assert made(by_hand)["bandwidth"] == 0.2573
    assert by_hand.query_params["b.bandwidth.value"] == "0.2573"


@pytest.mark.parametrize("value", [0.031, 5e-324, 1 / 3, 1e9])
def test_a_number_travels_unrounded_into_form_and_link(by_hand, value):
    type_number(by_hand, "b.bandwidth.value", value)
    assert made(by_hand)["bandwidth"] == value
    assert float(by_hand.query_params["b.bandwidth.value"]) == value


def test_a_number_that_is_the_default_leaves_the_link():
    app = open_form("GaussianMixture")
    type_number(app, "b.max_iterations", 7)
    assert (made(app)["max_iterations"], app.query_params["b.max_iterations"]) == (7, "7")
    type_number(app, "b.max_iterations", 200)
    assert made(app)["max_iterations"] == 200
    assert "b.max_iterations" not in app.query_params


def test_a_number_keeps_its_value_while_it_is_not_drawn():
    app = open_form("GaussianMixture", b__max_iterations="7")
    app.toggle(key="form").set_value(False).run()
    assert "b.max_iterations" not in app.query_params
    app.toggle(key="form").set_value(True).run()
    assert (made(app)["max_iterations"], app.query_params["b.max_iterations"]) == (7, "7")


def test_a_link_is_read_once(by_hand):
    by_hand.query_params["b.bandwidth.value"] = "9"
    by_hand.run()
    assert made(by_hand)["bandwidth"] == 0.2573
    assert by_hand.query_params["b.bandwidth.value"] == "0.2573"


@pytest.mark.parametrize("nonsense", ["", "abc", "nan", "inf", "1e999"])
def test_no_number_in_a_link_leaves_the_default(nonsense):
    assert made(open_form("NearestNeighbours", b__k=nonsense))["k"] == 10


def test_a_number_out_of_bounds_in_a_link_gets_its_sentence_at_the_control_and_stays():
    app = open_form("NearestNeighbours", b__k="0")
    assert any("K should be greater than or equal to 1; it was 0." in text.value for text in app.markdown)
    assert made(app)["k"] == 10
    assert app.query_params["b.k"] == "0"
    app = open_form("NearestNeighbours", b__k="2.5")
    assert any("K should be a whole number; it was 2.5." in text.value for text in app.markdown)
    app = open_form("KernelDensity", b__bandwidth="by hand", b__bandwidth__value="-3")
    assert any("Bandwidth should be greater than 0; it was −3.0." in text.value for text in app.markdown)
    assert made(app)["bandwidth"] == "scott"


def test_a_model_switched_away_and_back_is_as_it_was_and_so_is_the_link(by_hand):
    by_hand.selectbox(key="b.kernel").set_value("cosine").run()
    choose(by_hand, "Histogram")
    assert not [name for name in by_hand.query_params if name.startswith("b.")]
    choose(by_hand, "AdaptiveKernelDensity")  # has a bandwidth and a kernel of its own
    by_hand.selectbox(key="b.kernel").set_value("epanechnikov").run()
    by_hand.selectbox(key="b.bandwidth").set_value("silverman").run()
    choose(by_hand, "KernelDensity")
    assert (made(by_hand)["kernel"], made(by_hand)["bandwidth"]) == ("cosine", 0.2573)
    assert by_hand.query_params["b.kernel"] == "cosine"
    assert by_hand.query_params["b.bandwidth.value"] == "0.2573"
    choose(by_hand, "AdaptiveKernelDensity")
    assert (made(by_hand)["kernel"], made(by_hand)["bandwidth"]) == ("epanechnikov", "silverman")


def test_a_number_at_its_default_in_one_model_stays_so_when_another_has_changed_its_own():
    app = open_form("NearestNeighbours")
    choose(app, "AdaptiveKernelDensity")
    type_number(app, "b.k", 5)
    choose(app, "NearestNeighbours")
    assert made(app)["k"] == 10
    choose(app, "AdaptiveKernelDensity")
    assert made(app)["k"] == 5


def test_a_model_shown_for_the_first_time_has_its_own_defaults(by_hand):
    by_hand.selectbox(key="b.kernel").set_value("cosine").run()
    choose(by_hand, "AdaptiveKernelDensity")
    assert (made(by_hand)["kernel"], made(by_hand)["bandwidth"]) == ("gaussian", "scott")
    assert "b.kernel" not in by_hand.query_params
    by_hand.selectbox(key="b.bandwidth").set_value("by hand").run()
    assert made(by_hand)["bandwidth"] == 0.432


def test_taking_over_from_a_rule_starts_at_its_number():
    app = open_form("KernelDensity")
    app.selectbox(key="b.bandwidth").set_value("by hand").run()
    assert made(app)["bandwidth"] == 0.432
