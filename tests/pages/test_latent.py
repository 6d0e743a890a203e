"""The latent lab without a browser: what they open on, every tab, what is not there yet."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from pages.widgets import digit_pad, latent_space, training_panel
from tests.browser.conftest import ROOT


def opened(page):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.run()
    return app.switch_page(f"pages/{page}.py").run()


@pytest.fixture
def lab():
    return opened("latent")


def words(app):
    return " ".join(block.value for kind in (app.markdown, app.caption, app.info) for block in kind)


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
    app.query_params["tab"] = tab
    app.run()
    app.switch_page("pages/latent.py").run()
    app.session_state["tab"] = tab
    app.run()
    assert not app.exception
    assert says in words(app)


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
    lab.session_state["tab"] = "Walk"
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
    assert "The default is used instead." in words(lab)


def test_the_snippet_is_python_that_trains_the_same_model(lab):
    code = next(block.value for block in lab.code if "VAE(" in block.value)
    assert "VAE(epochs=30)" in code
    scope: dict = {}
    exec(code.replace("epochs=30", "epochs=1").replace(".fit(train)", ".fit(train.images[:256])"), scope)
    assert scope["z"].shape == (10, 2) if "z" in scope else True


class _Run:
    """A run in some state, as the panel reads it."""

    def __init__(self, **state):
        self.__dict__ = {"status": "paused", "place": 0, "latest": None, "device": None, "reason": None, **state}


def test_the_status_line_says_the_place_in_the_queue():
    assert "place 3" in training_panel.status_line(_Run(status="queued", place=3))
    assert "press Play" in training_panel.status_line(_Run()).replace("Press", "press")
