"""The density lab as Streamlit runs it, without a browser."""

import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.catalogue import models
from engine.data import decode_points, encode_points, load_points
from engine.density import GaussianMixture
from engine.grid import Grid
from pages.density.model_card import View, _iteration
from pages.shared.points.data_source import DataSet
from pages.shared.points.fitting import Recipe, fit
from pages.shared.points.share import grid_npz, snippet
from tests.pages.numbers import numbers

ROOT = Path(__file__).parents[2]


def lab(**parameters) -> AppTest:
    app = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name.replace("__", ".")] = value
    app.run()
    app.switch_page("pages/density/lab.py")
    for name, value in parameters.items():  # a page switch clears the address, which a visitor's link does not
        app.query_params[name.replace("__", ".")] = value
    app.run()
    assert not app.exception, [error.message for error in app.exception]
    return app


def table(app: AppTest) -> str:
    return next(text.value for text in app.markdown if "Held-out" in text.value)


def test_the_home_page_shows_and_the_lab_opens_on_three_estimators():
    app = lab()
    assert [app.selectbox(key=slot).value for slot in "abc"] == ["Histogram", "KernelDensity", "GaussianMixture"]
    shown = table(app)
    assert "reverse KL" in shown
    assert re.search("−\\d\\.\\d{3}\u00a0±\u00a0\\d\\.\\d{3}", shown)  # never broken between two lines
    assert not re.search("-\\d", shown)


@pytest.mark.parametrize("model", models("density"))
@pytest.mark.parametrize("data", ["two_moons", "normal"])
def test_every_estimator_in_one_and_two_dimensions(model, data):
    app = lab()
    app.selectbox(key="density.data").set_value(data)
    app.segmented_control(key="views").set_value(1)
    app.selectbox(key="a").set_value(model).run()
    assert not app.exception
    assert models("density")[model].name in table(app)


@pytest.mark.parametrize("tab", ["EM", "Convergence", "Outliers", "Sampling"])
@pytest.mark.parametrize("data", ["two_moons", "bimodal"])
def test_every_tab_in_one_and_two_dimensions(tab, data):
    app = lab()
    app.session_state["density.tab"] = tab
    app.selectbox(key="density.data").set_value(data).run()
    assert not app.exception
    assert not app.error


def test_a_link_opens_the_same_state():
    app = lab(
        density__data="Annulus", density__n="900", views="2", a="Kernel density estimate", a__kernel="epanechnikov"
    )
    assert app.selectbox(key="density.data").value == "annulus"
    assert app.slider(key="density.n").value == 900
    assert app.segmented_control(key="views").value == 2
    assert app.selectbox(key="a").value == "KernelDensity"
    assert app.selectbox(key="a.kernel").value == "epanechnikov"


def test_a_link_carries_drawn_points():
    x = np.random.default_rng(0).uniform(-3, 3, (40, 2))
    app = lab(density__data="Drawn or uploaded", density__points=encode_points(x, None, ((-4, 4), (-4, 4))))
    content = app.session_state["density.pad.drawing"]
    np.testing.assert_allclose(content.points[:, :2], x, atol=8 / 8190 + 1e-6)
    assert "cross-validation" in " ".join(caption.value for caption in app.caption)


def test_a_damaged_link_gets_a_sentence():
    app = lab(density__data="Drawn or uploaded", density__points="v1AAAA")
    assert "could not be read" in app.warning[0].value


def test_a_value_out_of_bounds_gets_a_sentence_at_its_control():
    app = lab()
    app.selectbox(key="b.bandwidth").set_value("by hand").run()
    numbers(app)["b.bandwidth.value"].set_value(-2.0)
    assert not app.exception
    assert any("Bandwidth" in text.value and "−2" in text.value for text in app.markdown)


def test_taking_over_by_hand_starts_from_what_the_rule_chose():
    app = lab()
    app.selectbox(key="b.bandwidth").set_value("by hand").run()
    assert numbers(app)["b.bandwidth.value"].value == pytest.approx(0.25, abs=0.1)


def test_em_is_drawn_at_every_iteration_that_is_asked_for():
    fitted = fit(Recipe.of("density", "GaussianMixture", GaussianMixture.Hyperparameters()), preset("two_moons").x)
    last = len(fitted.history) - 1
    assert last > 3
    data = preset("two_moons")
    for step in (0, 2, last):
        figure = _iteration(fitted, data, data.x, View(300), step)
        assert figure["layout"]["meta"]["caption"].startswith(f"EM iteration {step} of {last}: log-likelihood")
        outlines = [trace["x"] for trace in figure["data"] if trace.get("mode") == "lines"]
        model = fitted.recipe.make().restore(fitted.history[step])
        np.testing.assert_allclose(outlines, model.ellipses()[:, :, 0], rtol=1e-5)
    surface = _iteration(fitted, data, data.x, View(300, surface=True), 1)
    assert surface["data"][0]["type"] == "surface"


def test_em_stands_at_the_iteration_that_the_address_says():
    app = lab(**{"c.iteration": "2"})
    figures = [one.proto for one in app.get("bidi_component") if one.proto.component_name == "timeline"]
    assert [json.loads(one.json)["step"] for one in figures] == [2]


def test_an_empty_pad_gets_a_sentence():
    app = lab(density__data="Drawn or uploaded")
    assert not app.exception
    assert all("point" in info.value for info in app.info[:3])
    assert len(app.info) >= 3


def drawn(n):
    x = np.random.default_rng(1).uniform(-3, 3, (n, 2))
    x, *_ = decode_points(encode_points(x, None, ((-4.0, 4.0), (-4.0, 4.0))))  # as the pad draws them
    return DataSet("drawn", x, np.zeros(n, np.uint8), np.empty((0, 2)), ((-4.0, 4.0), (-4.0, 4.0)), None)


def preset(name):
    points = load_points(name, n=150, noise=None, seed=2)
    labels = np.zeros(150, np.uint8) if points.labels is None else points.labels
    return DataSet(name, points.x, labels, np.empty((0, 2)), points.domain, points, 0.1, 2)


@pytest.mark.parametrize("model", models("density"))
@pytest.mark.parametrize("data", [preset("two_moons"), drawn(80)], ids=["preset", "drawn"])
def test_the_snippet_makes_the_same_fit(model, data, capsys):
    if data.preset is not None:
        data = DataSet(
            data.name, load_points("two_moons", n=150, noise=0.1, seed=2).x, *list(vars(data).values())[2:]
        )
    recipe = Recipe.of("density", model, models("density")[model].Hyperparameters())
    names: dict = {}
    exec(snippet(recipe, data), names)
    here = recipe.make().fit(data.x).log_prob(data.x)
    np.testing.assert_allclose(names["model"].log_prob(data.x), here, atol=0.05)
    assert float(capsys.readouterr().out) == pytest.approx(float(here.mean()), abs=0.01)


def test_the_grid_file_holds_density_axes_and_recipe():
    recipe = Recipe.of("density", "KernelDensity", models("density")["KernelDensity"].Hyperparameters(bandwidth=0.5))
    grid = Grid.over(((-1, 1), (-2, 2)), 8)
    with np.load(io.BytesIO(grid_npz(np.ones((8, 8), np.float32), grid, recipe)), allow_pickle=False) as file:
        assert file["density"].shape == (8, 8)
        np.testing.assert_array_equal(file["y"], grid.axes[1])
        assert json.loads(str(file["manifest"]))["hyperparameters"]["bandwidth"] == 0.5
