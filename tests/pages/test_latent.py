"""The latent and the style-transfer lab without a browser: what they open on, every tab, what is not there yet."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logsumexp
from streamlit.testing.v1 import AppTest

from engine import load_pretrained
from engine.data import load_images
from pages.latent import latent_space
from pages.shared.runs import panel as training_panel
from tests.browser.conftest import ROOT
from tests.pages.reading import words


def opened(page):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.run()
    return app.switch_page(f"pages/{page}/lab.py").run()


@pytest.fixture
def lab():
    return opened("latent")


def test_it_opens_on_a_pretrained_manifold(lab):
    assert not lab.exception
    assert "python -m engine.pretrain vae_mnist" in words(lab)
    assert "1,000 held-out images" in words(lab)


@pytest.mark.parametrize(
    ("tab", "says"),
    [
        ("Reconstruct", "Squared error"),
        ("Walk", "a − b + c"),
        ("Prior samples", "not a generative model"),
        ("ELBO", "Active units"),
        ("Side by side", "the same seed"),
    ],
)
def test_every_tab_has_something_to_show(tab, says):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.query_params["latent.tab"] = tab
    app.run()
    app.switch_page("pages/latent/lab.py").run()
    app.session_state["latent.tab"] = tab
    app.run()
    assert not app.exception
    assert says in words(app)


def test_prior_samples_say_how_far_the_codes_are_from_the_prior(lab):
    """The figure is KL(q(z) ‖ p) of the shipped VAE, here by Monte Carlo over its own held-out codes."""
    lab.session_state["latent.tab"] = "Prior samples"
    lab.run()
    shown = re.search(r"KL\(q\(z\) ‖ p\(z\)\) is ([\d.]+) ± [\d.]+ nats", words(lab))
    means, widths = load_pretrained("vae_mnist").posterior(load_images("mnist")[1].images)
    rng = np.random.default_rng(0)
    which = rng.integers(len(means), size=4000)
    z = means[which] + widths[which] * rng.standard_normal((4000, 2))
    parts = -0.5 * (((z[:, None] - means) / widths) ** 2).sum(axis=2) - np.log(widths).sum(axis=1)
    terms = logsumexp(parts, axis=1) - np.log(len(means)) + 0.5 * (z**2).sum(axis=1)
    assert float(shown[1]) == pytest.approx(terms.mean(), abs=4 * terms.std() / 4000**0.5)


@pytest.mark.parametrize(
    "model", ["PCA", "Autoencoder", "ConvolutionalAutoencoder", "DenoisingAutoencoder", "ConditionalVAE"]
)
def test_every_model_can_be_chosen(lab, model):
    lab.selectbox(key="latent.model").set_value(model).run()
    assert not lab.exception


def test_a_run_that_has_not_begun_says_so(lab):
    lab.segmented_control(key="latent.source").set_value("Train here").run()
    assert not lab.exception
    assert "Press Play" in words(lab)
    lab.session_state["latent.tab"] = "Walk"
    lab.run()
    assert not lab.exception
    assert "Nothing has been learnt yet." in words(lab)


def test_a_run_knows_its_stop_rule_and_device(lab):
    lab.segmented_control(key="latent.source").set_value("Train here").run()
    before = lab.session_state["latent.run"]
    lab.selectbox(key="latent.patience").set_value(2).run()
    assert not lab.exception
    request = lab.session_state["latent.run"].request
    assert request.stop_rule.patience == 2
    assert request.device in ("cpu", "cuda")
    assert before.over  # the run of the other settings has freed its worker


def test_bad_layers_get_a_sentence(lab):
    lab.segmented_control(key="latent.source").set_value("Train here").run()
    lab.text_input(key="latent.form.layers").set_value("many").run()
    assert not lab.exception
    assert "is used instead." in words(lab)


def test_the_snippet_is_python_that_trains_the_same_model(lab):
    code = next(block.value for block in lab.code if "VAE(" in block.value)
    assert "VAE(epochs=30, batch_size=64, learning_rate=0.002)" in code
    scope: dict = {}
    exec(code.replace("epochs=30", "epochs=1").replace(".fit(train)", ".fit(train.images[:256])"), scope)
    assert scope["z"].shape == (10, 2) if "z" in scope else True


PLANE = "Points in the plane"


def trained(app, seconds=60):
    """Wait until the run on points is over, then run the page again."""
    run = app.session_state["latent.points.run"]
    assert run.wait(seconds, until=lambda run: run.over)
    return app.run()


def on_points(model="VAE", **state):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.query_params["latent.data"] = PLANE
    for name, value in state.items():
        app.query_params[name] = value
    app.run()
    app.switch_page("pages/latent/lab.py").run()
    app.session_state["latent.data"] = "points"
    app.session_state["latent.model"] = model
    return app.run()


def test_points_are_learnt_without_being_asked():
    app = on_points()
    assert not app.exception
    app = trained(app)
    assert not app.exception
    assert app.session_state["latent.points.run"].status == "finished"
    assert "The heat map is p(x)" in words(app)
    assert "circles are one, two and three standard deviations" in words(app)
    app.session_state["latent.tab"] = "ELBO"
    app.run()
    assert not app.exception
    assert "the truth itself" in words(app)


@pytest.mark.parametrize("model", ["PCA", "Autoencoder", "DenoisingAutoencoder", "ConditionalVAE"])
def test_every_model_of_points_shows_its_manifold(model):
    app = trained(on_points(model))
    assert not app.exception
    assert app.session_state["latent.points.run"].status == "finished"
    app.session_state["latent.tab"] = "ELBO"
    assert not app.run().exception


def test_other_points_are_another_run_and_the_old_one_ends():
    app = on_points()
    before = app.session_state["latent.points.run"]
    app.selectbox(key="latent.points.data").set_value("circles").run()
    assert not app.exception
    assert before.over
    assert app.session_state["latent.points.run"] is not before
    app.session_state["latent.points.run"].stop()


def test_too_few_points_get_a_sentence():
    app = on_points()
    app.selectbox(key="latent.points.data").set_value("drawn").run()
    few = np.array([[0, 0, 0], [1, 1, 0]], np.float32)
    app.session_state["latent.points.pad.drawing"] = replace(current(app), points=few, placed=few)
    app.run()
    assert not app.exception
    assert "at least 16 points" in words(app)


def current(app):
    return app.session_state["latent.points.pad.drawing"]


def test_points_of_one_class_get_a_sentence_from_the_conditional_model():
    app = on_points("ConditionalVAE")
    app.selectbox(key="latent.points.data").set_value("annulus").run()
    assert not app.exception
    assert "one class" in words(app)


def test_the_snippet_of_points_is_python():
    app = on_points("ConditionalVAE")
    app.session_state["latent.points.run"].stop()
    code = next(block.value for block in app.code if "ConditionalVAE(" in block.value)
    scope: dict = {}
    exec(code.replace("epochs=150", "epochs=1"), scope)
    assert scope["z"].shape == (500, 2)


def test_beta_is_on_a_slider_where_runs_are_shipped(lab):
    lab.session_state["latent.tab"] = "ELBO"
    lab.run()
    slider = next(one for one in lab.select_slider if one.key == "elbo.beta.mnist")
    rows = {row.split("|")[1].strip(" *"): row for row in beta_table(lab)}
    assert set(rows) == {f"{float(option.removeprefix('β = ')):g}" for option in slider.options}
    assert float(rows["4"].split("|")[3]) < float(rows["1"].split("|")[3].strip(" *"))  # a heavier KL term is smaller
    slider.set_value(4.0).run()
    assert not lab.exception
    assert next(row for row in beta_table(lab) if "**4**" in row)
    lab.selectbox(key="latent.data").set_value("fashion_mnist").run()
    assert not lab.exception
    assert "at several β" in words(lab)


def beta_table(app):
    return next(block.value for block in app.markdown if "reconstruction |" in block.value).splitlines()[2:]


@pytest.mark.parametrize(("text", "place"), [("0.5,-1.25", (0.5, -1.25)), ("nan,1", None), ("x", None), ("1", None)])
def test_the_code_of_a_link_is_read_or_ignored(text, place):
    assert latent_space._read(text) == place


class _Run:
    """A run in some state, as the panel reads it."""

    def __init__(self, **state):
        of_none = {"status": "paused", "place": 0, "latest": None, "device": None, "reason": None, "over": False}
        self.__dict__ = {**of_none, **state}


def test_the_status_line_says_the_place_in_the_queue():
    assert "place 3" in training_panel.status_line(_Run(status="queued", place=3))
    assert "is next" in training_panel.status_line(_Run(status="queued", place=1))
    assert training_panel.status_line(_Run(status="queued")) == "Starting."
    assert "press Play" in training_panel.status_line(_Run()).replace("Press", "press")
