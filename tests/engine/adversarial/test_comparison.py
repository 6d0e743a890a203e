"""Games in lockstep: each plays as it would alone."""

import json

import numpy as np
import pytest

from engine.adversarial import GAN
from engine.adversarial.comparison import Comparison, of_game
from engine.adversarial.views import plane as views
from engine.data import load_points
from engine.model import DataError, HyperparameterError

SMALL = {"generator_layers": "8", "discriminator_layers": "8", "batch_size": 20, "iterations": 6}
DATA = load_points("two_moons", 100)


def comparison(*games, seed=3):
    return Comparison(games=json.dumps([{**SMALL, **game} for game in games]), seed=seed)


@pytest.fixture(scope="module")
def played():
    model = comparison({}, {"objective": "minimax"}, {"iterations": 4})
    return model, list(model.steps(DATA.x))


def test_every_game_plays_as_it_would_alone(played):
    model, metrics = played
    assert len(metrics) == 6
    for number, chosen in enumerate([{}, {"objective": "minimax"}, {"iterations": 4}]):
        alone = GAN(**{**SMALL, **chosen, "seed": 3})
        for figures, together in zip(alone.steps(DATA.x), metrics, strict=False):
            for name in ("discriminator_loss", "generator_gradient", "real_score"):
                assert together[f"{number}.{name}"] == figures[name]
        np.testing.assert_array_equal(views.generated(alone, 20), of_game(model, number, "generated", n=20))


def test_places_count_the_longest_game_and_one_that_is_over_waits(played):
    _, metrics = played
    assert [figures["iteration"] for figures in metrics] == [1, 2, 3, 4, 5, 6]
    assert "0.epoch" not in metrics[0]
    assert metrics[3]["2.generator_loss"] == metrics[5]["2.generator_loss"]
    assert metrics[3]["0.generator_loss"] != metrics[5]["0.generator_loss"]


def test_states_go_round(played, tmp_path):
    model, _ = played
    model.save(tmp_path / "games.npz")
    again = Comparison.load(tmp_path / "games.npz")
    for number in range(3):
        expected = of_game(model, number, "manifold", cells=4)
        np.testing.assert_array_equal(of_game(again, number, "manifold", cells=4), expected)
    np.testing.assert_array_equal(again.sample(5), model.sample(5))
    with pytest.raises(DataError):
        comparison({}, {}).state()


def test_tuning_reaches_all_games_or_none():
    model = comparison({}, {"objective": "hinge"})
    model.tune(generator_learning_rate=0.5, updates="generator")
    assert {(g.hyperparameters.generator_learning_rate, g.hyperparameters.updates) for g in model.games} == {
        (0.5, "generator")
    }
    with pytest.raises(HyperparameterError):
        model.tune(generator_learning_rate=-1)
    with pytest.raises(DataError, match="can't change its batch size"):
        model.tune(batch_size=5)
    assert all(g.hyperparameters.batch_size == 20 for g in model.games)
    steps = model.steps(DATA.x)
    next(steps)
    before = [of_game(model, number, "field", domain=DATA.domain, cells=5) for number in range(2)]
    next(steps)
    for number in range(2):  # only the generator learns
        np.testing.assert_array_equal(of_game(model, number, "field", domain=DATA.domain, cells=5), before[number])


def test_one_game_is_tuned_alone_and_its_own_goes_before_that_of_all():
    model = comparison({}, {}, {})
    model.tune(**{"1.generator_learning_rate": 0.5, "generator_learning_rate": 0.25, "2.discriminator_steps": 3})
    chosen = [game.hyperparameters for game in model.games]
    assert [one.generator_learning_rate for one in chosen] == [0.25, 0.5, 0.25]
    assert [one.discriminator_steps for one in chosen] == [1, 1, 3]
    for bad in ("3.discriminator_steps", "x.discriminator_steps", "-1.discriminator_steps"):
        with pytest.raises(DataError, match="no game"):
            model.tune(**{"generator_learning_rate": 0.125, bad: 5})
    with pytest.raises(HyperparameterError):
        model.tune(**{"0.generator_learning_rate": 0.125, "2.generator_learning_rate": -1})
    assert [game.hyperparameters for game in model.games] == chosen


@pytest.mark.parametrize(
    ("games", "sentence"),
    [
        ("not json", "should be JSON text"),
        ("[{}]", "2 to 4 games"),
        (json.dumps([{}] * 5), "2 to 4 games"),
        ("[1, 2]", "list of hyperparameters"),
        ('{"a": 1}', "list of hyperparameters"),
        ('[{}, {"batch_size": 0}]', "Game 2: Batch size"),
        ('[{"colour": 1}, {}]', "Game 1: Colour"),
    ],
)
def test_bad_games_get_a_sentence(games, sentence):
    with pytest.raises(HyperparameterError, match=sentence):
        Comparison(games=games)


def test_bad_views_and_data_get_a_sentence(played):
    model, _ = played
    with pytest.raises(DataError, match="there is no game 3"):
        of_game(model, 3, "field")
    with pytest.raises(DataError, match="no view 'system'"):
        of_game(model, 0, "system")
    with pytest.raises(DataError, match="Game 1: All points are the same"):
        next(comparison({}, {}).steps(np.zeros((10, 2))))
