"""The control form: handles beside exact numbers, what it remembers, and what it says of a bad value."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from streamlit.testing.v1 import AppTest

from pages.widgets.handle import REACH, round_numbers


def open_form(model: str, **parameters: str) -> AppTest:
    def script():
        import streamlit as st

        from engine.catalogue import models
        from pages.widgets.controls import control_form

        chosen = models("density")[st.selectbox("Model", list(models("density")), key="model")].Hyperparameters
        given = {"starts": ()} if "starts" in chosen.model_fields else {}
        st.text(control_form(chosen, key="b", by_hand={"bandwidth": 0.4321}, **given).model_dump_json())

    app = AppTest.from_function(script)
    app.session_state["model"] = model
    for name, value in parameters.items():
        app.query_params[name.replace("__", ".")] = value
    app.run()
    assert not app.exception
    return app


def choose(app: AppTest, model: str) -> None:
    app.selectbox(key="model").set_value(model).run()
    assert not app.exception


def made(app: AppTest) -> dict:
    return json.loads(app.text[0].value)


@pytest.fixture
def by_hand():
    return open_form("KernelDensity", b__bandwidth="by hand", b__bandwidth__value="0.2573")


def test_a_link_opens_the_exact_number_and_the_handle_stands_near_it(by_hand):
    assert made(by_hand)["bandwidth"] == 0.2573
    assert by_hand.select_slider(key="b.bandwidth.value.handle").value == pytest.approx(0.2573, rel=0.05)


def test_dragging_the_handle_sets_the_number_in_form_and_link(by_hand):
    handle = by_hand.select_slider(key="b.bandwidth.value.handle")
    handle.set_value(float(handle.options[-10])).run()
    assert made(by_hand)["bandwidth"] == float(handle.options[-10]) > 1
    assert by_hand.number_input(key="b.bandwidth.value").value == float(handle.options[-10])
    assert by_hand.query_params["b.bandwidth.value"] == handle.options[-10]


def test_the_scale_stays_under_the_hand_and_follows_a_number_that_leaves_it(by_hand):
    before = by_hand.select_slider(key="b.bandwidth.value.handle").options
    by_hand.number_input(key="b.bandwidth.value").set_value(1.1).run()
    assert by_hand.select_slider(key="b.bandwidth.value.handle").options == before
    by_hand.number_input(key="b.bandwidth.value").set_value(500.0).run()
    assert by_hand.select_slider(key="b.bandwidth.value.handle").value == pytest.approx(500, rel=0.05)


@pytest.mark.parametrize("value", [1e-6, 0.03, 2.57, 4e8])
def test_a_press_of_plus_changes_a_number_by_about_a_twentieth(by_hand, value):
    by_hand.number_input(key="b.bandwidth.value").set_value(value).run()
    assert 0.03 < by_hand.number_input(key="b.bandwidth.value").step / value < 0.07


@pytest.mark.parametrize(("kind", "about", "bounds"), [(float, 0.3, (5e-324, 1e9)), (int, 3, (1, 50))])
def test_round_numbers_reach_far_in_even_ratios_and_keep_the_bounds(kind, about, bounds):
    numbers = round_numbers(kind, about, bounds)
    assert numbers[0] == pytest.approx(max(bounds[0], about / REACH), rel=0.05)
    assert numbers[-1] == pytest.approx(min(bounds[1], about * REACH), rel=0.05)
    assert all(1 < later / earlier <= (2 if kind is int else 1.15) for earlier, later in pairwise(numbers))


def test_a_number_out_of_bounds_in_a_link_gets_its_sentence_at_the_control():
    app = open_form("NearestNeighbours", b__k="0")
    assert any("K should be greater than or equal to 1; it was 0." in text.value for text in app.markdown)
    assert made(app)["k"] == 10
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


def test_taking_over_from_a_rule_starts_at_its_number():
    app = open_form("KernelDensity")
    app.selectbox(key="b.bandwidth").set_value("by hand").run()
    assert made(app)["bandwidth"] == 0.432
