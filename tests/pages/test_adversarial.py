"""The GAN lab's plane without a browser: every lesson, every group of settings, what can't be learnt, slow motion."""

import json
import re
import struct
from time import monotonic

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.adversarial import GAN
from engine.adversarial.lessons import LESSONS
from engine.adversarial.views import diagnosis
from engine.data import encode_points
from engine.training import Snapshot
from pages.adversarial.plane import slow as game_slow
from pages.adversarial.plane.panel import play_button, status_line
from pages.components import game_view
from pages.components.serving.files import Files
from tests.browser.conftest import ROOT
from tests.pages.numbers import number_labelled, numbers
from tests.pages.reading import look, message_of, words


def opened(**state):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.run()
    app.session_state["game.autoplay"] = False  # the tests that play press Play
    for key, value in state.items():
        app.session_state[key] = value
    return app.switch_page("pages/adversarial/lab.py").run()


@pytest.fixture
def lab():
    return opened()


def button(app, name):
    return app.button(key=f"game.button.{name}")


def run_of(app):
    return app.session_state["game.run"]


def test_it_opens_on_the_first_lesson(lab):
    assert not lab.exception
    assert LESSONS[0].idea in words(lab)
    assert run_of(lab).request.data.arguments["name"] == LESSONS[0].data
    assert "Press Play" in words(lab)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_sets_everything_and_plays(lab, lesson):
    lab.radio(key="game.lesson").set_value(lesson.name).run()
    assert not lab.exception
    request = run_of(lab).request
    assert request.data.arguments["name"] == lesson.data
    assert request.data.arguments["n"] == lesson.n
    wanted = {**lesson.hyperparameters, **(lesson.compare[0] if lesson.compare else {})}
    assert {name: request.hyperparameters[name] for name in wanted} == wanted
    assert lesson is LESSONS[0] or run_of(lab).status in ("queued", "running")
    run_of(lab).close()


def test_a_lesson_clicked_again_takes_back_what_was_changed(lab):
    first, second = LESSONS[:2]
    numbers(lab)[f"game.{first.name}.discriminator_learning_rate"].set_value(0.5)
    assert run_of(lab).request.hyperparameters["discriminator_learning_rate"] == 0.5
    for lesson in (second, first):
        lab.radio(key="game.lesson").set_value(lesson.name).run()
    own = first.hyperparameters.get("discriminator_learning_rate", 1e-3)
    assert run_of(lab).request.hyperparameters["discriminator_learning_rate"] == own
    run_of(lab).close()


def test_only_what_has_an_effect_is_offered(lab):
    key = f"game.{LESSONS[0].name}"
    assert f"{key}.clip" not in numbers(lab)
    lab.selectbox(key=f"{key}.objective").set_value("Wasserstein, clipped").run()
    assert not lab.exception
    assert f"{key}.clip" in numbers(lab)
    assert f"{key}.label_smoothing" not in numbers(lab)


def test_bad_layers_get_a_sentence(lab):
    lab.text_input(key=f"game.{LESSONS[0].name}.generator_layers").set_value("many").run()
    assert not lab.exception
    assert "is used instead." in words(lab)


def test_too_few_drawn_points_are_asked_for():
    app = opened(**{"game.data": "drawn"})
    assert not app.exception
    assert "at least 16 points; there are 0" in words(app)


def test_a_player_steps_alone_and_then_both_play(lab):
    button(lab, "step.discriminator").click().run()
    run = run_of(lab)
    assert run.wait(30, until=lambda run: run.latest and run.settled)
    lab.run()
    assert not lab.exception
    assert run.tuned == {"updates": "discriminator"}
    button(lab, "step.generator").click().run()
    assert run.wait(30, until=lambda run: run.latest.step == 2 and run.settled)
    one, two = run.history[:2]
    assert np.array_equal(one.views["field"], two.views["field"])
    assert not np.array_equal(one.views["generated"], two.views["generated"])
    lab.run()
    button(lab, "play").click().run()
    assert run.wait(30, until=lambda run: run.latest.step > 20)
    assert run.tuned == {"updates": "both"}
    lab.run()
    assert not lab.exception
    assert "Playing: iteration" in words(lab)
    assert "KL" in words(lab)
    button(lab, "again").click().run()
    assert run.attempt == 1
    assert run.status == "paused"
    assert not run.history
    run.close()


def test_a_rate_changes_under_way(lab):
    button(lab, "step.both").click().run()
    run = run_of(lab)
    assert run.wait(30, until=lambda run: run.latest and run.settled)
    lab.run()
    number_labelled(lab, "k").set_value(7)
    assert not lab.exception
    assert run.tuned["discriminator_steps"] == 7
    number_labelled(lab, "k").set_value(700)
    assert "it was 700. It stays 7." in words(lab)
    assert run.tuned["discriminator_steps"] == 7
    number_labelled(lab, "Rate of D").set_value(0.031)
    assert number_labelled(lab, "Rate of D").value == run.tuned["discriminator_learning_rate"] == 0.031
    run.close()


def _ill(step):
    return diagnosis.Diagnosis("oscillation", f"ill at {step}")


def test_what_goes_wrong_is_said_of_every_step_of_the_timeline(lab, monkeypatch):
    monkeypatch.setattr(diagnosis, "diagnoses", lambda history: [_ill(one.step) for one in history])
    for step in (1, 2, 3):
        button(lab, "step.both").click().run()
        assert run_of(lab).wait(60, until=lambda run, n=step: run.latest and run.latest.step == n and run.settled)
    lab.run()
    told, timeline = message_of(lab, "live_text", "game.diagnosis"), message_of(lab, "timeline", "game.step.timeline")
    assert told["steps"] == ["ill at 1", "ill at 2", "ill at 3"]
    assert (told["link"], len(told["steps"])) == (timeline["link"], len(timeline["captions"]))
    run_of(lab).close()


def test_slow_motion_says_who_learns(lab):
    lab.selectbox(key="game.speed").set_value("Slow motion").run()
    button(lab, "play").click().run()
    run, slow = run_of(lab), lab.session_state["game.slow"]
    look(lab, "game.history")
    assert run.wait(30, until=lambda run: run.latest and run.settled)
    slow.since = monotonic()  # a browser would have looked meanwhile
    assert b"Slow motion: iteration 1" in look(lab, "game.history")
    assert run.tuned["updates"] == "discriminator"
    lab.run()
    assert not lab.exception
    assert "The discriminator learns" in words(lab)
    slow.since -= game_slow.SECONDS
    look(lab, "game.history")
    assert run.wait(30, until=lambda run: run.latest.step == 2 and run.settled)
    assert run.tuned["updates"] == "generator"
    run.close()


FIGURES = {
    "discriminator_loss": 1.3, "generator_loss": 0.7, "real_score": 0.5, "fake_score": 0.4,
    "discriminator_gradient": 0.2, "generator_gradient": 0.1,
}  # fmt: skip


def test_the_sentence_has_the_figures():
    before = {**FIGURES, "discriminator_loss": 1.4}
    sentence = game_slow._discriminator(before, FIGURES, GAN.Hyperparameters(batch_size=64), 3)
    assert "learns</b> 3 times" in sentence
    assert "64 real points" in sentence
    assert "from 1.400 to 1.300" in sentence
    assert "is 0.700" in game_slow._generator({}, FIGURES, GAN.Hyperparameters(), 1)


class _Run:
    """A run in some state, as the panel reads it."""

    def __init__(self, **state):
        of_none = {"status": "paused", "place": 0, "latest": None, "device": None, "reason": None, "over": False}
        self.__dict__ = {**of_none, **state}


def test_the_status_line_says_where_the_game_is():
    assert "place 3" in status_line(_Run(status="queued", place=3), "game")
    assert "Press Play" in status_line(_Run(), "game")
    latest = Snapshot(1234, 2.0, 1.5, FIGURES, FIGURES)
    going = _Run(status="running", latest=latest, steps_per_second=1600.4, examples_per_second=480_000.0)
    line = status_line(going, "game")
    assert "iteration 1,234" in line
    assert "1,600 iterations/s" in line
    assert "480,000 examples/s" in line


def test_the_space_bar_has_a_button():
    assert ".st-key-game-button-pause button" in play_button("game")


def unpacked(content):
    (length,) = struct.unpack_from("<I", content)
    head = json.loads(content[4 : 4 + length])
    numbers = np.frombuffer(content, "<f4", offset=4 + length)
    return {
        name: numbers[start : start + int(np.prod(shape))].reshape(shape) for name, (start, shape) in head.items()
    }


def test_a_packed_frame_unpacks_to_the_same_arrays():
    rng = np.random.default_rng(0)
    arrays = {"field": rng.random((3, 4)), "generated": rng.random((5, 2)), "arrows": np.zeros((0, 4))}
    found = unpacked(game_view.pack(arrays))
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array.astype(np.float32))


def test_a_snapshot_is_published_once_and_again_when_it_was_dropped():
    files = Files()
    views = {"field": np.ones((2, 2)), "0.field": np.zeros((2, 2)), "measures": np.zeros(9)}
    snapshot = Snapshot(1, 0.1, 0.0, {}, {}, views)
    name = game_view.frame_name(snapshot, files=files)
    assert name != game_view.frame_name(snapshot, "0.", files)
    assert unpacked(files.get(f"file-{name}.bin"))["field"].tolist() == [[1, 1], [1, 1]]
    fresh = Files()
    assert game_view.frame_name(snapshot, files=fresh) == name
    assert fresh.has(f"file-{name}.bin")


def test_a_live_message_is_short():
    names = [game_view.frame_name(Snapshot(i, 0.0, 0.0, {}, {}, {"field": np.full(1, i)})) for i in range(300)]
    assert len(" ".join(names)) < 10_000


def test_the_snippet_plays_the_same_game(lab):
    code = next(block.value for block in lab.code if "GAN(" in block.value)
    code = re.sub(r"iterations=\d+", "iterations=20", code)
    scope: dict = {}
    exec(code, scope)
    assert scope["gan"].hyperparameters.iterations == 20
    assert scope["gan"].sample(5).shape == (5, 2)


def test_a_link_with_drawn_points_is_learnt():
    x = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    app.session_state["game.autoplay"] = False
    app.query_params["game.data"] = "Drawn or uploaded"
    app.query_params["game.points"] = encode_points(x, np.zeros(40, np.uint8), ((-4.0, 4.0), (-4.0, 4.0)))
    app.switch_page("pages/adversarial/lab.py")
    app.session_state["game.data"] = "drawn"
    app.run()
    assert not app.exception
    data = run_of(app).request.data
    assert data.x.shape == (40, 2)
    assert np.abs(data.x - x).max() < 0.02
    button(app, "step.both").click().run()
    assert run_of(app).wait(30, until=lambda run: run.latest and run.settled)
    assert {"field", "generated", "manifold", "arrows"} <= run_of(app).latest.views.keys()
    run_of(app).close()
