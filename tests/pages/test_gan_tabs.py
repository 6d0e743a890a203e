"""The GAN lab's Compare and Digits without a browser: what they open on, every view, bad input, live runs."""

import json
import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.adversarial import GAN
from engine.adversarial.views import diagnosis
from engine.data import encode_points
from engine.model import HyperparameterError, check
from engine.plots import images, style
from engine.pretrain import load_pretrained_run, pretrained_names
from engine.recipes import RECIPES
from engine.training import NamedData, Run, Snapshot
from pages.adversarial.compare import pairs as compare_pairs
from pages.adversarial.compare import source as compare_source
from pages.adversarial.compare import tab as compare
from pages.adversarial.digits import manifold as digits_manifold
from pages.adversarial.digits import memory as digits_memory
from pages.adversarial.digits import rebuilt as digits_rebuilt
from pages.adversarial.digits import source as digits_source
from pages.shared.defaults import with_defaults
from pages.shared.runs.visitor_run import Training
from tests.browser.conftest import ROOT
from tests.pages.numbers import number_labelled
from tests.pages.reading import live_texts, message_of, words


def opened(tab, **state):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.query_params["gan.tab"] = tab
    app.run()
    app.switch_page("pages/adversarial/lab.py")
    app.session_state["gan.tab"] = tab
    for key, value in state.items():
        app.session_state[key] = value
    return app.run()


def live(**state):
    """Open Digits on a training small enough for a test."""
    small = {"iterations": 3, "generator_layers": "16", "discriminator_layers": "16", "batch_size": 16}
    form = {f"digits.GAN.{name}": value for name, value in small.items()}
    return opened("Digits", **{"digits.source": "Train", "digits.model": "GAN", **form, **state})


@pytest.fixture(scope="module")
def trained():
    """Digits after a short training."""
    app = live()
    run = app.session_state["digits.run"]
    run.play()
    assert run.wait(100, until=lambda run: run.over)
    assert run.status == "finished", run.reason
    app.session_state["gan.tab"] = "Digits"
    return app.run()


def test_digits_open_on_something_drawn():
    app = opened("Digits")
    assert not app.exception
    assert "grid of noise" in words(app) or "The data." in words(app)


def test_a_training_that_has_not_begun_shows_its_data():
    app = live()
    assert not app.exception
    assert "The data. Press Play" in words(app)


@pytest.mark.parametrize("view", ["Memorised?", "Walk", "Scores"])
def test_every_view_says_what_to_do_before_a_training(view):
    app = live(**{"digits.view": view})
    assert not app.exception
    assert "Nothing has been learnt yet." in words(app)


@pytest.mark.parametrize(
    ("view", "says"),
    [
        ("Manifold", "a sheet between four draws"),
        ("Memorised?", "nearest training image"),
        ("Walk", "along the arc"),
        ("Scores", "let a classifier read them"),
    ],
)
def test_every_view_shows_a_trained_model(trained, view, says):
    trained.session_state["digits.view"] = view
    trained.run()
    assert not trained.exception
    assert says in words(trained)


@pytest.mark.parametrize("title", list(digits_source.kinds()))
def test_every_kind_can_be_trained_here(title):
    app = opened("Digits", **{"digits.model": title, "digits.source": "Train", "digits.data": "fashion_mnist"})
    assert not app.exception
    recipes = digits_source.kinds()[title]
    recipe = next((one for one in recipes if one.data == "fashion_mnist"), recipes[0])
    request = app.session_state["digits.run"].request
    assert request.model == f"adversarial/{recipe.model}"
    assert request.hyperparameters.items() >= recipe.hyperparameters.items()
    assert request.data.name == "fashion_mnist"


def test_a_gradient_penalty_makes_another_kind():
    kinds = digits_source.kinds()
    assert RECIPES["wgan_gp_mnist"] in kinds["WGAN-GP"]
    assert RECIPES["wgan_gp_mnist"] not in kinds["GAN"]


def test_bad_layers_get_a_sentence():
    app = live(**{"digits.GAN.generator_layers": "many"})
    assert not app.exception
    assert "is used instead." in words(app)


def test_the_snippet_trains_the_same_model():
    app = live()
    code = next(block.value for block in app.code if "GAN(" in block.value)
    assert "iterations=3" in code
    scope: dict = {}
    exec(code.replace(".fit(train)", ".fit(train.images[:64])"), scope)
    assert scope["images"].shape == (10, 28, 28)


def _ill(step):
    return diagnosis.Diagnosis("oscillation", f"ill at {step}")


@pytest.mark.skipif("gan_mnist" not in pretrained_names(), reason="no pretrained GAN is shipped")
def test_what_goes_wrong_is_said_of_every_step_of_the_timeline(monkeypatch):
    monkeypatch.setattr(diagnosis, "diagnoses", lambda history: [_ill(one.step) for one in history])
    app = opened("Digits")
    assert not app.exception
    told = message_of(app, "live_text", "digits.diagnosis")
    timeline = message_of(app, "timeline", "digits.step.timeline")
    of_steps = [caption.split("step ")[1].replace(",", "") for caption in timeline["captions"]]
    assert len(of_steps) > 1
    assert told["steps"] == [f"ill at {step}" for step in of_steps]
    assert told["link"] == timeline["link"]


def test_all_labels_of_a_manifold_stand_in_two_rows():
    views = {f"manifold_{label}": np.full((8, 8), 20 * label, np.uint8) for label in range(10)}
    snapshot = Snapshot(1, 0.1, 0.1, {}, {}, views)
    picture = digits_manifold._manifold(snapshot, None)
    side = 8 + 2 * digits_manifold.GAP
    assert picture.shape == (2 * side, 5 * side)
    assert picture[side + side // 2, 4 * side + side // 2] == 180  # label 9
    assert np.array_equal(digits_manifold._manifold(snapshot, 3), views["manifold_3"])


def test_one_class_alone_can_be_learnt():
    app = live(**{"digits.only.mnist": 3})
    assert not app.exception
    assert app.session_state["digits.run"].request.data.arguments == {"name": "mnist", "classes": (3,)}
    run = app.session_state["digits.run"]
    run.play()
    assert run.wait(100, until=lambda run: run.over)
    for view, said in (("Memorised?", "training images"), ("Scores", "single class")):
        app.session_state["digits.view"], app.session_state["gan.tab"] = view, "Digits"
        app.run()
        assert not app.exception
        assert said in words(app)


def test_one_image_of_each_class_is_rebuilt():
    labels = np.repeat(np.arange(10), 5)
    chosen = digits_rebuilt.one_of_each(labels, seed=1)
    assert labels[chosen].tolist() == list(range(10))
    assert chosen != digits_rebuilt.one_of_each(labels, seed=2)
    assert len(set(digits_rebuilt.one_of_each(np.full(30, 4), seed=1))) == 10


def test_copies_of_training_images_are_called_near():
    held_out = np.linspace(4, 8, 101)
    assert "**100.0 %**" in digits_memory._verdict(np.zeros(50), held_out)
    assert "**0.0 %**" in digits_memory._verdict(np.full(50, 6.0), held_out)


def test_distances_are_drawn_as_shares():
    figure = images.nearest_figure(np.full(30, 5.0), np.linspace(3, 6, 60))
    heights = {trace["name"]: np.asarray(trace["y"]) for trace in figure["data"]}
    assert heights["generated"].max() == pytest.approx(100)
    assert heights["held out"].sum() == pytest.approx(100)


def test_shares_of_classes_stand_beside_real_ones():
    figure = images.shares_figure(["a", "b"], np.array([0.9, 0.1]), np.array([0.5, 0.5]))
    generated, real = figure["data"]
    assert generated["y"].tolist() == pytest.approx([90, 10])
    assert (generated["marker"]["color"], real["marker"]["color"]) == (style.MODEL, style.DATA)


def test_compare_opens_on_two_games():
    app = opened("Compare")
    assert not app.exception
    assert "**1 · minimax**" in words(app)
    assert "**2 · non-saturating**" in words(app)


@pytest.mark.parametrize("title", list(compare_pairs.PAIRS))
def test_every_comparison_asks_for_its_games(title):
    app = opened("Compare", **{"compare.pair": title})
    assert not app.exception
    pair = compare_pairs.PAIRS[title]
    games = json.loads(app.session_state["compare.run"].request.hyperparameters["games"])
    wanted = [GAN(**game).hyperparameters.model_dump() for game in pair.games]
    assert len(games) == len(pair.games) >= 2
    for game, full in zip(games, wanted, strict=True):
        assert {**game, "seed": full["seed"]} == full


def test_four_games_differ_as_they_are_told():
    four = ["minimax", "non-saturating", "hinge", "least squares"]
    state = {f"compare.own.{number}.objective": one for number, one in enumerate(four)}
    app = opened("Compare", **{"compare.pair": "My own comparison", "compare.count.own": 4, **state})
    assert not app.exception
    games = json.loads(app.session_state["compare.run"].request.hyperparameters["games"])
    assert [game["objective"] for game in games] == four
    assert all(f"**{number} · {one}**" in words(app) for number, one in enumerate(four, 1))


def test_comparisons_are_measured_at_the_end():
    state = {"compare.own.iterations": 4, "compare.pair": "My own comparison"}
    app = opened("Compare", **state)
    run = app.session_state["compare.run"]
    run.play()
    assert run.wait(100, until=lambda run: run.over)
    assert run.status == "finished", run.reason
    app.session_state["gan.tab"] = "Compare"
    app.run()
    assert not app.exception
    table = next(text for text in live_texts(app).values() if "JS, nats" in text)
    assert table.count("±") + table.count("≥") == 2 * 3  # two games, three measures, with an error or as a bound
    for curves in (*compare.CURVES, *compare.OVER_TIME):
        app.selectbox(key="compare.curves").set_value(curves).run()
        assert not app.exception


def own_points(n):
    """Return n points and their code as a link carries it."""
    x = np.random.default_rng(0).normal(size=(n, 2)).astype(np.float32)
    return x, encode_points(x, np.zeros(n, np.uint8), ((-4.0, 4.0), (-4.0, 4.0)))


def compare_own(**parameters):
    """Open Compare's own comparison on one's own points, by a link with these parameters."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    for name, value in {"gan.tab": "Compare", "compare.pair": "My own comparison", **parameters}.items():
        app.query_params[name] = value
    app.run()
    app.switch_page("pages/adversarial/lab.py")
    app.session_state["compare.data.own"] = "drawn"
    for name, value in {"gan.tab": "Compare", "compare.pair": "My own comparison"}.items():
        app.session_state[name] = value
    return app.run()


def snippet(app):
    return next(block.value for block in app.code if "games = [" in block.value)


@pytest.mark.parametrize("parameter", ["compare.points", "game.points"], ids=["its own link", "drawn in the Plane"])
def test_compare_learns_ones_own_points(parameter):
    x, code = own_points(40)
    app = compare_own(**{parameter: code, "compare.own.iterations": "2"})
    assert not app.exception
    run = app.session_state["compare.run"]
    assert np.abs(run.request.data.x - x).max() < 0.02
    assert code in app.query_params["compare.points"]
    scope: dict = {}
    exec(re.sub(r"iterations=\d+", "iterations=2", snippet(app)), scope)
    assert np.array_equal(scope["x"], run.request.data.x)
    run.step()
    assert run.wait(100, until=lambda run: run.latest and run.settled)
    assert {"0.field", "1.generated"} <= run.latest.views.keys()
    run.close()


def test_too_few_points_get_a_sentence_and_nothing_is_lost():
    app = opened("Compare", **{"compare.pair": "My own comparison"})
    before = app.session_state["compare.run"]
    app.selectbox(key="compare.data.own").set_value("drawn").run()
    assert not app.exception
    assert "at least 16 points; there are 0" in words(app)
    app.selectbox(key="compare.data.own").set_value("gan_lab_gaussians").run()
    assert app.session_state["compare.run"] is before


def test_the_data_of_a_comparison_are_those_of_its_links():
    pair = compare_pairs.CLIPPED
    app = opened("Compare", **{"compare.pair": pair.title})
    data = app.session_state["compare.run"].request.data
    assert data == NamedData(
        "load_points", {"name": pair.data, "n": pair.n, "noise": data.arguments["noise"], "seed": 0}
    )
    app.selectbox(key="compare.data.clipping").set_value("two_moons").run()
    data = app.session_state["compare.run"].request.data
    assert (data.arguments["name"], data.arguments["n"]) == ("two_moons", pair.n)
    assert f"load_points('two_moons', n={pair.n}" in snippet(app)


def test_rates_of_all_games_and_of_one_change_under_way():
    app = opened("Compare", **{"compare.pair": "My own comparison"})
    number_labelled(app, "k").set_value(5)
    app.segmented_control(key="compare.tuned").set_value(2).run()
    assert number_labelled(app, "k").value == 5
    number_labelled(app, "k").set_value(3)
    assert not app.exception
    assert app.session_state["compare.run"].tuned == {"0.discriminator_steps": 5, "1.discriminator_steps": 3}


@pytest.mark.skipif("vaegan_mnist" not in pretrained_names(), reason="no pretrained VAE/GAN is shipped yet")
def test_reconstructions_are_shown_as_they_form_and_beside_a_vae():
    app = opened("Digits", **{"digits.model": "VAE/GAN", "digits.view": "Reconstruct"})
    assert not app.exception
    history = load_pretrained_run("vaegan_mnist").snapshots
    views = {one.proto.id.rpartition("-")[2]: json.loads(one.proto.json) for one in app.get("bidi_component")}
    frames = views["digits.rebuilt.frames"]
    assert len(set(frames["pictures"])) == len(history) > 1
    assert frames["link"] == views["digits.step.timeline"]["link"]
    assert len(frames["captions"]) == len(history)
    assert "squared error" in words(app)


def test_reconstructions_of_a_training_wait_for_it():
    app = opened("Digits", **{"digits.model": "VAE/GAN", "digits.source": "Train", "digits.view": "Reconstruct"})
    assert not app.exception
    assert "Nothing has been learnt yet." in words(app)


def test_a_comparison_of_three_names_what_differs():
    pair = compare_pairs.PAIRS["My own comparison"]
    games = tuple(GAN.Hyperparameters(objective="hinge", unrolled_steps=steps) for steps in (0, 1, 2))
    assert compare_source._titles(pair, games) == ("unrolled steps 0", "unrolled steps 1", "unrolled steps 2")


def test_other_defaults_keep_bounds_and_order():
    made = with_defaults(GAN.Hyperparameters, "Other", {"noise_size": 16, "generator_layers": "64"})
    assert list(made.model_fields) == list(GAN.Hyperparameters.model_fields)
    assert made().noise_size == 16
    assert GAN.Hyperparameters().noise_size == 2
    with pytest.raises(HyperparameterError):
        check(made, {"noise_size": 0})
    with pytest.raises(HyperparameterError):
        check(made, {"generator_layers": "many"})


class _Run:
    """A run in some state, as a training reads it."""

    snapshots = Run.snapshots

    def __init__(self, history, latest):
        self.history, self.latest = history, latest


def test_a_live_history_ends_with_the_newest_picture():
    first, second, newest = (Snapshot(step, 0.1, 0.1, {}, {}) for step in (1, 2, 5))
    assert [one.step for one in Training(None, _Run((first, second), newest)).snapshots] == [1, 2, 5]
    assert [one.step for one in Training(None, _Run((first, second), second)).snapshots] == [1, 2]
    assert Training(None, None).snapshots == ()
