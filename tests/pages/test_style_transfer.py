"""The style-transfer lab and side by side without a browser: every tab, live and pretrained, and its links."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from engine.data import load_images
from engine.data.handwriting import as_mnist, decode_digit, encode_digit
from engine.evaluation.classifier import Classifier
from engine.latent.vae import VAE
from pages.components import digit_pad
from pages.shared.grid_picture import CELL, HEAD, MARGIN, abreast, labelled
from pages.shared.images import picker as image_picker
from pages.style_transfer.tabs import accuracy as style_accuracy
from tests.browser.conftest import ROOT
from tests.pages.reading import words


def opened(page="style_transfer", **query):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.run()
    app.switch_page(f"pages/{page}/lab.py")
    for name, value in query.items():
        app.session_state[name.replace("__", ".")] = value
    return app.run()


def drawing():
    picture = np.zeros((digit_pad.SIDE, digit_pad.SIDE), np.uint8)
    picture[20:90, 50:60] = 255
    return picture


def test_styles_of_random_digits_are_transferred():
    app = opened()
    assert not app.exception
    assert "its own label outlined" in words(app)
    app.selectbox(key="style.label").set_value(4).run()
    assert not app.exception


@pytest.mark.parametrize(
    ("tab", "says"),
    [
        ("Sliders", "the code of the sliders"),
        ("Manifolds", "One grid of codes under each label"),
        ("Where the styles lie", "saying it again in the code"),
    ],
)
@pytest.mark.parametrize("data", ["mnist", "fashion_mnist"])
def test_every_tab_has_something_to_show(tab, says, data):
    app = opened(style__tab=tab, style__model__data=data)
    assert not app.exception
    assert says in words(app)


@pytest.mark.parametrize("tab", ["Grid", "Sliders", "Manifolds", "Where the styles lie"])
def test_a_run_that_has_not_begun_has_a_panel_and_says_so(tab):
    app = opened(style__tab=tab, style__model__source="Train here")
    assert not app.exception
    assert "Press Play" in words(app)
    assert any(button.key == "style.panel.play_arrow" for button in app.button)


def test_chosen_images_are_picked_one_by_one():
    app = opened(style__way="Chosen images")
    assert not app.exception
    assert "its own label outlined" in words(app)
    app.button(key="style.picks.mnist.clear").click().run()
    assert "each lends its style to a row" in words(app)
    app.button(key="style.picks.mnist.more").click().run()
    app.selectbox(key="style.picks.mnist.class").set_value(3).run()
    assert not app.exception


def test_a_pick_is_put_back_and_the_oldest_goes():
    assert image_picker._toggled([1, 2, 3], 2, 3) == [1, 3]
    assert image_picker._toggled([1, 2, 3], 4, 3) == [2, 3, 4]


def test_pages_of_images_come_round_and_have_gaps_at_their_end():
    _, held_out = load_images("mnist")
    threes = np.flatnonzero(held_out.labels == 3)
    pages = [image_picker._shelf(held_out, 3, page) for page in range(-(-len(threes) // 40))]
    seen = np.concatenate([page.ravel() for page in pages])
    assert sorted(seen[seen >= 0]) == threes.tolist()
    assert np.array_equal(image_picker._shelf(held_out, 3, len(pages)), pages[0])
    assert (held_out.labels[image_picker._shelf(held_out, "any", 2)] == np.arange(10)).all()


def test_ones_own_digit_is_asked_for_and_then_used():
    app = opened(style__way="A digit of my own")
    assert "Write a digit" in words(app)
    code = encode_digit(as_mnist(drawing() / 255))
    app.session_state["style.digit.code"], app.session_state["style.digit.drawing"] = code, drawing().tobytes()
    app.run()
    assert not app.exception
    assert "its own label outlined" in words(app)
    assert app.query_params["style.digit"] in (code, [code])


def test_a_linked_digit_is_shown_and_a_damaged_link_is_said():
    code = encode_digit(as_mnist(drawing() / 255))
    text, picture = digit_pad._from_link(code)
    assert text == code
    shown = np.frombuffer(picture, np.uint8).reshape(digit_pad.SIDE, digit_pad.SIDE)
    assert np.array_equal(shown[::4, ::4], np.rint(decode_digit(code) * 255))
    app = AppTest.from_function(_pad, default_timeout=30)
    app.query_params["digit"] = code[:-5]
    app.run()
    assert "damaged" in app.toast[0].value
    assert "digit" not in app.query_params


def _pad():
    from pages.components.digit_pad import digit_pad

    digit_pad("digit")


def test_the_share_of_right_labels_is_measured(monkeypatch):
    few, _ = load_images("mnist")
    few = replace(few, images=few.images[:3000], labels=few.labels[:3000])
    quick = Classifier(epochs=2).fit(few)
    monkeypatch.setattr(style_accuracy, "reader", lambda data: quick)
    style_accuracy._own.clear()
    style_accuracy._shipped.clear()
    style_accuracy._of_snapshot.clear()
    app = opened(style__tab="How well it holds")
    assert not app.exception
    assert "real held-out images it reads" in words(app)
    assert float(app.metric[0].value.split()[0]) > 85
    rows = next(block.value for block in app.markdown if "Latent dimensions" in block.value).splitlines()[2:]
    shares = {row.split("|")[1].strip() + row.split("|")[2]: float(row.split("|")[3].split("±")[0]) for row in rows}
    assert shares["2 1 "] > shares["8 1 "] + 3  # the label leaks into more dimensions
    for remembered in (style_accuracy._own, style_accuracy._shipped, style_accuracy._of_snapshot):
        remembered.clear()


def test_a_kept_picture_has_names_and_marks():
    grid = np.arange(56 * 84, dtype=np.uint32).reshape(56, 84).astype(np.uint8)
    kept = labelled(grid, ["a", "b c", "d"], [(1, 2)], "epoch 3")
    assert kept.shape == (4 * 28 + 2 * HEAD + 2 * MARGIN, 6 * 28 + 2 * MARGIN, 3)
    inside = kept[-MARGIN - 1, MARGIN + 2 * CELL + 5]
    assert tuple(inside) == (0xE6, 0x9F, 0x00)
    cell = kept[-MARGIN - 2 * CELL + 10 : -MARGIN - CELL, MARGIN : MARGIN + CELL, 0]
    assert np.array_equal(cell[::2, ::2], grid[5:28, :28])
    assert len(np.unique(kept[MARGIN : MARGIN + 2 * HEAD])) > 2  # something is written above
    Image.fromarray(kept)
    assert abreast([grid[:28, :28], grid[:28, 28:56]]).shape == (32, 64)


@pytest.mark.parametrize("other", ["vae_mnist_20", "train PCA", "lab"])
def test_any_two_models_stand_side_by_side(other):
    app = opened("latent", latent__tab="Side by side", versus__b__mnist=other)
    assert not app.exception
    if other.startswith("train"):
        assert "nothing to compare yet" in words(app)
    else:
        assert "from the same seed" in words(app)


def test_both_sides_can_be_trained_here():
    app = opened(
        "latent", latent__tab="Side by side", versus__a__mnist="train VAE", versus__b__mnist="train Autoencoder"
    )
    assert not app.exception
    assert app.button(key="versus.play").label == "Play both"
    first, second = (app.session_state[f"versus.{side}.run"] for side in "ab")
    assert (first.request.model, second.request.model) == ("latent/VAE", "latent/Autoencoder")
    assert VAE.__name__ in first.request.model


def test_a_grid_of_chosen_seeds_forms_in_a_run_of_its_own_that_other_seeds_end():
    app = opened()
    app.button(key="style.form.watch").click().run()
    assert not app.exception
    run = app.session_state["style.form.run"]
    (view,) = run.request.views
    assert view.arguments["x"].shape == (8, 28, 28)
    assert run.wait(60, until=lambda run: run.latest or run.over)
    app.run()
    assert "The same training again." in words(app)
    assert not any(button.key == "style.form.watch" for button in app.button)
    app.slider(key="style.seed").set_value(1).run()
    assert not app.exception
    assert not run.holds_worker
    assert not run.history
    assert not app.session_state["style.form.run"].holds_worker
    assert app.button(key="style.form.watch")
    assert "The same training again." not in words(app)


def test_a_formation_is_cancelled():
    app = opened()
    app.button(key="style.form.watch").click().run()
    run = app.session_state["style.form.run"]
    assert run.holds_worker
    app.button(key="style.form.cancel").click().run()
    assert not app.exception
    assert not run.holds_worker
    assert app.button(key="style.form.watch")


def test_a_run_of_ones_own_keeps_the_grid_from_its_start_on():
    app = opened(style__model__source="Train here")
    run = app.session_state["style.model.run"]
    first = run.request.views[-1]
    assert first.name.startswith("styles_")
    app.slider(key="style.seed").set_value(1).run()
    assert app.session_state["style.model.run"] is run
    names = [view.name for view in run.request.views]
    assert names[-1].startswith("styles_")
    assert first.name not in names
    assert "styles" in names  # what every history keeps
    run.step(2)
    assert run.wait(60, until=lambda run: run.latest and run.latest.step == 2)
    run.pause()
    app.run()
    assert not app.exception
    assert names[-1] in run.latest.views
    assert not any(button.key == "style.form.watch" for button in app.button)
    app.slider(key="style.seed").set_value(0).run()  # not among what it keeps
    app.button(key="style.form.watch").click().run()
    assert not app.exception
    assert run.request.views[-1].name == first.name
    run.stop()


def test_what_the_model_has_read_is_told_to_one_that_begins_anew():
    app = opened(style__way="A digit of my own")
    app.session_state["style.digit.code"] = encode_digit(as_mnist(drawing() / 255))
    app.session_state["style.digit.drawing"] = drawing().tobytes()
    app.run()
    assert "The model reads" in words(app)
    app.button(key="style.form.watch").click().run()
    assert not app.exception
    label = app.session_state["style.own"]
    (view,) = app.session_state["style.form.run"].request.views
    assert view.arguments["labels"].tolist() == [label]
    app.session_state["style.form.run"].stop()
