"""From steps to snapshots: when, what is in them, and when to stop."""

import pickle
from itertools import pairwise

import numpy as np
import pytest

from engine.density import GaussianMixture
from engine.model import DataError
from engine.training import ArrayData, DataPart, DivergedError, Schedule, Split, StopRule, View, snapshots
from engine.training.loop import Loop
from tests.engine.training.tiny import Line, Squares

HERE = "tests.engine.training.tiny"
ALLOWED = ("engine", "tests")
WEIGHT = View("weight", f"{HERE}:weight", {"scale": 2.0})


def points(n=100, seed=0):
    return np.random.default_rng(seed).normal(size=(n, 2)).astype(np.float32)


def test_early_steps_are_dense_and_then_every_epoch_has_one():
    taken = [s.step for s in snapshots(Line(epochs=12, batch_size=1), points(70))]
    assert taken[:12] == [1, 2, 3, 4, 5, 6, 7, 8, 11, 15, 20, 26]
    assert set(range(70, 841, 70)) <= set(taken)
    late = [step for step in taken if step > 280]
    assert late == list(range(350, 841, 70))


@pytest.mark.parametrize("n", [97, 840, 1001])
def test_the_last_step_always_has_one(n):
    assert list(snapshots(Squares(n=n), [0.0]))[-1].step == n


def test_a_long_run_of_short_epochs_is_thinned():
    """An epoch each step: first + log(n / first) / log(1 + thinnest) is the most there can be."""
    schedule, taken, last = Schedule(), 0, 0
    for step in range(1, 8001):
        if schedule.due(step, float(step), last, float(last)):
            taken, last = taken + 1, step
    assert 500 < taken <= 8 + np.log(1000) / np.log(1.005) + 200


def test_metrics_are_this_steps_and_averages_those_since_the_snapshot_before():
    losses = [step["loss"] for step in Line(epochs=3).steps(points())]
    taken = list(snapshots(Line(epochs=3), points()))
    for before, after in pairwise(taken):
        assert after.metrics["loss"] == losses[after.step - 1]
        assert after.averages["loss"] == pytest.approx(np.mean(losses[before.step : after.step]))
        assert after.epoch == after.step / 10
        assert after.seconds >= before.seconds


def test_views_are_copies_of_what_the_model_shows_at_that_step():
    model = Line(epochs=2)
    taken = list(snapshots(model, points(), [WEIGHT], packages=ALLOWED))
    np.testing.assert_array_equal(taken[-1].views["weight"], 2 * model.weight)
    assert not np.array_equal(taken[0].views["weight"], taken[1].views["weight"])
    assert pickle.loads(pickle.dumps(taken[3])).same_as(taken[3])
    assert not taken[3].same_as(taken[4])


def test_a_view_may_ask_for_parts_of_the_data():
    images = np.arange(60, dtype=np.float32).reshape(15, 2, 2) / 60
    data = ArrayData(images, np.arange(15, dtype=np.uint8), Split(images[:4] + 1, np.full(4, 7, np.uint8))).open()
    view = View("rows", f"{HERE}:rows", {"x": DataPart(first=2), "labels": DataPart("train", "labels")})
    (first, *_) = snapshots(Line(), data, [view], packages=ALLOWED)
    np.testing.assert_allclose(first.views["rows"], [1, 1 + 1 / 60, 1 + 2 / 60, 0, 1, 2], rtol=1e-6)


def test_labels_reach_the_models_that_ask_for_them():
    class Asks(Line):
        def steps(self, data, labels=None):
            self.labels = labels
            return super().steps(data)

    labels = np.arange(100, dtype=np.uint8)
    asks = Asks()
    next(snapshots(asks, ArrayData(points(), labels).open()))
    assert asks.labels is labels
    next(snapshots(Line(), ArrayData(points(), labels).open()))


def test_a_view_that_fails_says_which_and_why():
    with pytest.raises(DataError, match=r"'bad' failed: KeyError.*\.$"):
        next(snapshots(Line(), points(), [View("bad", f"{HERE}:broken")], packages=ALLOWED))


@pytest.mark.parametrize(
    "function",
    [
        "os:system",
        "tests.engine.training.tiny:weight",
        "engine.training.names:import_module",
        "engine.training.data:np",
        "engine.training.checkpoints.checkpoint:_revive",
        "engine.nowhere:x",
        "engine.model",
        "",
        "engine.model:Model.fit",
        "engineer:x",
    ],
)
def test_only_functions_of_the_engine_can_be_named(function):
    with pytest.raises(DataError, match=r"\.$"):
        next(snapshots(Line(), points(), [View("v", function)]))


def _gather(snapshots, into):
    for snapshot in snapshots:
        into.append(snapshot)


def test_nan_stops_it_and_the_snapshots_before_are_good():
    taken = []
    with pytest.raises(DivergedError) as error:
        _gather(snapshots(Line(nan_at=14), points()), taken)
    assert str(error.value).startswith("The loss became NaN at step 14 (epoch 1.4)")
    assert "of step 13. A smaller learning rate" in str(error.value)
    assert [s.step for s in taken] == [1, 2, 3, 4, 5, 6, 7, 8, 10, 13]
    assert all(np.isfinite(s.metrics["loss"]) for s in taken)


def test_a_stop_rule_waits_for_its_patience():
    """Losses fall to 1/k; with `least` 0.01 none improves enough after about k = 10, epoch 0.001 each."""
    rule = StopRule("loss", patience=0.02, least=0.01)
    loop = Loop(Squares(n=10_000), [0.0], stop_rule=rule)
    while loop.advance():
        if loop.due:
            loop.scheduled()
    assert loop.step < 200
    assert "has not improved" in loop.note
    assert loop.epoch >= 0.02


def test_em_is_followed_iteration_by_iteration():
    model = GaussianMixture(n_components=2, max_iterations=12, tolerance=0)
    taken = list(snapshots(model, points(200)))
    assert [s.epoch for s in taken] == list(range(13))
    assert taken[-1].metrics["log_likelihood"] == model.log_likelihood


def test_live_snapshots_change_nothing():
    plain, watched = Loop(Line(), points()), Loop(Line(), points())
    a, b = [], []
    while plain.advance():
        if plain.due:
            a.append(plain.scheduled())
    while watched.advance():
        watched.live()
        if watched.due:
            b.append(watched.scheduled())
    assert len(a) == len(b)
    assert all(one.same_as(other) for one, other in zip(a, b, strict=True))


def test_a_dear_picture_is_taken_seldom_and_carried():
    loop = Loop(Squares(n=40), [0.0], [View("looked", f"{HERE}:looked", growth=2.0)], Schedule(), packages=ALLOWED)
    assert loop.advance()
    assert loop.live().views == {}  # a live snapshot never takes one, so that the history does not depend on them
    taken = [loop.scheduled()]
    while loop.advance():
        loop.live()
        taken.append(loop.scheduled())
    steps = [int(one.views["looked.step"]) for one in taken]
    assert sorted(set(steps)) == [1, 2, 4, 8, 16, 32]
    assert [int(one.views["looked"]) for one in taken] == [
        steps[:i].count(0) + len(set(steps[: i + 1])) for i in range(40)
    ]
    assert all(step <= one.step < 2 * step for step, one in zip(steps, taken, strict=True))
