"""The data controls and the pad together: presets, starts placed by hand, drawings, uploads and links."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.data import decode_points, encode_points
from pages.components.drawing_pad import MARKER
from pages.shared.points.data_source import PRESETS, step_of
from pages.shared.points.share import points_code, points_csv

TWO_MOONS = ((-1.75, 2.75), (-2.0, 2.5))
STARTS, *_ = decode_points(encode_points([[0.5, 0.25], [1.0, -0.5]], None, TWO_MOONS))  # where a pad puts them


def source(**parameters: str) -> AppTest:
    def script():
        import streamlit as st

        from pages.shared.points.data_source import data_source

        data = data_source("pad", markers=True)
        st.session_state["found"] = data

    app = AppTest.from_function(script, default_timeout=20)
    for name, value in parameters.items():
        app.query_params[f"pad.{name}"] = value
    return checked(app.run())


def checked(app: AppTest) -> AppTest:
    assert not app.exception, [error.message for error in app.exception]
    return app


def draw(app: AppTest, rows: np.ndarray) -> AppTest:
    """Add wire points (n, 3) to the pad as a person's stroke does."""
    content = app.session_state["pad.pad.drawing"]
    points = np.concatenate([content.points, np.asarray(rows, np.float64)])
    app.session_state["pad.pad.drawing"] = replace(content, points=points, sequence=content.sequence + 1)
    return checked(app.run())


def mark(app: AppTest) -> AppTest:
    return draw(app, np.column_stack([STARTS, np.full(2, MARKER)]))


def test_a_preset_with_starts_stays_the_preset_and_its_link_opens_the_very_same():
    here = mark(source(n="100")).session_state["found"]
    assert here.name == "two_moons"
    assert here.preset is not None
    np.testing.assert_array_equal(here.markers, STARTS)
    app = mark(source(n="100"))
    assert "pad.points" not in app.query_params
    there = source(n="100", starts=app.query_params["pad.starts"]).session_state["found"]
    assert (there.name, len(there.x)) == ("two_moons", 100)
    np.testing.assert_array_equal(there.markers, here.markers)
    np.testing.assert_array_equal(there.x, here.x)


@pytest.mark.parametrize(("slider", "value"), [("n", 250), ("noise", 0.2), ("seed", 7)])
def test_sliders_keep_the_starts(slider, value):
    app = mark(source())
    before = app.session_state["found"]
    app.slider(key=f"pad.{slider}").set_value(value).run()
    found = checked(app).session_state["found"]
    assert not np.array_equal(found.x, before.x)
    np.testing.assert_array_equal(found.markers, before.markers)


def test_another_dimension_has_no_use_for_the_starts():
    app = mark(source())
    app.selectbox(key="pad.data").set_value("exponential").run()
    assert checked(app).session_state["found"].markers.shape == (0, 1)
    assert "pad.starts" not in app.query_params


def test_starts_outside_another_preset_are_left_behind():
    app = draw(source(data="8 Gaussians"), [[-3.0, 0.0, MARKER], [0.5, 0.5, MARKER]])
    assert len(app.session_state["found"].markers) == 2
    app.selectbox(key="pad.data").set_value("two_moons").run()
    np.testing.assert_allclose(checked(app).session_state["found"].markers, [[0.5, 0.5]], atol=1e-3)


@pytest.mark.parametrize("text", ["v1AAAA", "nonsense", "v1" + "A" * 99_999])
def test_starts_that_cannot_be_read_are_ignored_with_a_sentence(text):
    app = source(starts=text)
    assert "starts could not be read" in app.warning[0].value
    assert app.session_state["found"].name == "two_moons"
    assert "pad.starts" not in app.query_params


def test_a_code_of_unknown_classes_is_refused_with_a_sentence():
    text = encode_points(STARTS, [3, 3], TWO_MOONS)
    app = source(data="Drawn or uploaded", points=text)
    assert "points could not be read" in app.warning[0].value


def test_drawing_on_a_preset_makes_the_points_ones_own_and_a_preset_can_be_chosen_again():
    app = draw(source(), [[0.0, 2.0, 0]])
    assert app.session_state["found"].name == "drawn"
    assert len(app.session_state["found"].x) == 501
    app.selectbox(key="pad.data").set_value("two_moons").run()
    found = checked(app).session_state["found"]
    assert (found.name, len(found.x)) == ("two_moons", 500)


def test_a_preset_can_be_chosen_again_once_its_points_were_wiped_off():
    app = draw(source(), [[0.0, 2.0, 0]])
    content = app.session_state["pad.pad.drawing"]
    app.session_state["pad.pad.drawing"] = replace(content, points=np.empty((0, 3)), sequence=content.sequence + 1)
    checked(app.run())
    assert "pad.points" not in app.query_params
    app.selectbox(key="pad.data").set_value("two_moons").run()
    assert len(checked(app).session_state["found"].x) == 500


def test_each_preset_starts_at_its_own_noise():
    app = source()
    app.slider(key="pad.noise").set_value(0.05).run()
    for name in ("spiral", "exponential", "two_moons"):
        app.selectbox(key="pad.data").set_value(name).run()
    assert checked(app).session_state["found"].noise == 0.1


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_the_noise_slider_can_stand_at_the_usual_noise(preset):
    low, high = preset.noise_bounds
    places = (preset.noise - low) / step_of(preset)
    assert places == pytest.approx(round(places), abs=1e-9)
    assert 50 <= (high - low) / step_of(preset) <= 300


def test_pasted_rows_go_on_the_pad():
    app = source()
    app.text_area(key="pad.pad.text").set_value("x y\n0.5 1\n0.7 2\nnan 3").run()
    assert not [button for button in app.button if "Use these" in button.label]
    app.checkbox(key="pad.pad.drop").check().run()
    app.button(key="pad.pad.use").click().run()
    found = checked(app).session_state["found"]
    assert (found.name, found.dimension) == ("drawn", 2)
    np.testing.assert_allclose(found.x, [[0.5, 1.0], [0.7, 2.0]], atol=1e-3)


def test_more_points_than_a_link_holds_are_said_to_need_a_file():
    app = draw(source(), np.zeros((200, 3)))
    assert any("too many for a link" in caption.value and "file" in caption.value for caption in app.caption)
    name = app.query_params["pad.points"]
    assert name.startswith("aside-")
    elsewhere = source(data="Drawn or uploaded", points=name)
    assert "open their file again" in elsewhere.warning[0].value
    assert len(elsewhere.session_state["found"].x) == 0


RNG = np.random.default_rng(0)
FILES = {
    "an outlier": np.append(RNG.standard_normal(299), 1e6)[:, None],
    "counts": RNG.poisson(4, 500).astype(float)[:, None],
    "Julian dates": 2459000.5 + 0.1 * RNG.standard_normal((300, 1)),
    "Unix times": 1.7e9 + np.arange(300.0)[:, None],
    "a plane": np.column_stack([2459000.5 + 0.1 * RNG.standard_normal(300), RNG.standard_normal(300)]),
}


def paste(app: AppTest, x: np.ndarray) -> AppTest:
    app.text_area(key="pad.pad.text").set_value("\n".join(",".join(map(repr, row)) for row in x.tolist())).run()
    app.button(key="pad.pad.use").click().run()
    return checked(app)


@pytest.mark.parametrize("act", [draw, paste])
def test_a_browser_that_has_not_heard_of_a_persons_own_points_does_not_undo_them(act):
    app = act(source(), np.array([[0.0, 2.0, 0]])) if act is draw else act(source(), np.arange(8.0).reshape(4, 2))
    count = len(app.session_state["found"].x)
    assert count in (501, 4)
    for _ in range(2):
        for name in ("pad.data", "pad.points"):
            app.query_params.pop(name)
        app.selectbox(key="pad.data").set_value("two_moons").run()
        found = checked(app).session_state["found"]
        assert (found.name, len(found.x)) == ("drawn", count)
    app.run()
    app.selectbox(key="pad.data").set_value("two_moons").run()
    assert checked(app).session_state["found"].name == "two_moons"


@pytest.mark.parametrize("name", FILES)
def test_a_files_numbers_are_what_models_learn_from(name):
    app = paste(source(), FILES[name])
    np.testing.assert_array_equal(app.session_state["found"].x, FILES[name])
    assert any("The link rounds these points" in caption.value for caption in app.caption)
    assert "pad.points" in app.query_params

    content = app.session_state["pad.pad.drawing"]  # a person draws on top; the browser sends all points back
    app = draw(app, [[*content.points[0, :2], 0]])
    assert len(app.session_state["found"].x) == len(FILES[name]) + 1
    np.testing.assert_array_equal(app.session_state["found"].x[:-1], FILES[name])


def test_whoever_opens_a_link_has_its_points():
    text = paste(source(), FILES["a plane"]).query_params["pad.points"]
    app = source(data="Drawn or uploaded", points=text)
    np.testing.assert_array_equal(app.session_state["found"].x, decode_points(text)[0])
    assert not any("rounds" in caption.value for caption in app.caption)
    assert app.query_params["pad.points"] == text


@pytest.mark.parametrize("name", FILES)
def test_the_code_on_the_page_has_the_same_points(name, tmp_path, monkeypatch):
    found = paste(source(), FILES[name]).session_state["found"]
    (tmp_path / "drawn.csv").write_bytes(points_csv(found))
    monkeypatch.chdir(tmp_path)
    scope: dict = {}
    exec(points_code(found), scope)
    np.testing.assert_array_equal(scope["x"], found.x)
    np.testing.assert_array_equal(scope["labels"], found.labels)


def test_back_brings_a_files_points_back_as_they_were():
    app = paste(source(), FILES["counts"])
    before = app.query_params["pad.points"]
    app = paste(app, FILES["a plane"])
    state = app.session_state._state.filtered_state.values()  # in which a component's value has any attribute, None
    memory = next(one for one in state if getattr(one, "texts", None) is not None)
    memory.texts["pad.points"] = before if isinstance(before, str) else before[0]  # what Back makes it believe
    np.testing.assert_array_equal(checked(app.run()).session_state["found"].x, FILES["counts"])


def test_an_address_that_has_not_heard_of_the_drawing_yet_is_told_again():
    app = draw(source(), np.array([[0.5, 0.5, 0]]))
    assert app.query_params["pad.data"]
    del app.query_params["pad.data"]  # what the browser asks for before the last answer has come
    checked(app.run())
    assert app.query_params["pad.data"] in ("Drawn or uploaded", ["Drawn or uploaded"])
