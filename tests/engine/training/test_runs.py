"""Runs in real worker processes: watched, interrupted, killed, queued, abandoned."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.density import GaussianMixture
from engine.model import DataError
from engine.training import ArrayData, DataPart, NamedData, Pool, Request, Run, Runs, StopRule, View, snapshots
from tests.engine.training.tiny import Line

HERE = "tests.engine.training.tiny"
ALLOWED = ("engine", "tests")
WEIGHT = View("weight", f"{HERE}:weight")
X = np.random.default_rng(0).normal(size=(100, 2)).astype(np.float32)
SOON = 80  # seconds: on a busy machine a worker, which is nice to others, may take half of it to start


@pytest.fixture(scope="module")
def pool():
    pool = Pool(1, packages=ALLOWED)
    yield pool
    pool.close()


@pytest.fixture
def make(pool):
    made = []

    def make(model=f"{HERE}:Line", views=(WEIGHT,), data=None, seed=None, rule=None, device="cpu", **options):
        request = Request(model, data or ArrayData(X), options, views, seed, stop_rule=rule, device=device)
        made.append(Run(request, pool, ALLOWED))
        return made[-1]

    yield make
    for run in made:
        run.close()


def until(condition, seconds=SOON):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.01)


def same(history, other):
    return len(history) == len(other) and all(a.same_as(b) for a, b in zip(history, other, strict=True))


def test_a_run_is_what_the_same_training_is_here(make):
    run = make(epochs=5, seed=3)
    assert (run.status, run.place, run.history, run.latest) == ("paused", 0, (), None)
    with pytest.raises(DataError, match="Nothing has been learnt"):
        run.model_state()
    run.play()
    assert run.wait(SOON)
    assert (run.status, run.reason, run.device) == ("finished", None, "cpu")
    here = Line(epochs=5, seed=3)
    assert same(run.history, list(snapshots(here, X, [WEIGHT], packages=ALLOWED)))
    assert run.latest.same_as(run.history[-1])
    np.testing.assert_array_equal(run.model_state()["weight"], here.weight)
    assert run.model().hyperparameters == here.hyperparameters
    assert run.state_step == 50
    assert run.examples_per_second is None or run.examples_per_second > 0
    run.play()
    assert run.status == "finished", "a run that is over stays over"


def test_interruptions_leave_no_trace_in_the_history(make):
    plain = make(epochs=6)
    plain.play()
    run = make(epochs=6)
    run.step()
    assert run.wait(SOON)
    assert (run.status, run.latest.step) == ("paused", 1)
    run.step(2)
    run.wait(SOON)
    assert run.latest.step == 3
    run.step(6)
    run.wait(SOON)
    assert run.latest.step == 9, "a step between two scheduled ones is shown"
    assert run.history[-1].step == 8, "but not kept"
    np.testing.assert_array_equal(run.model_state()["weight"], run.latest.views["weight"])
    run.epoch()
    run.wait(SOON)
    assert run.latest.epoch == 1
    run.set_speed(200)
    run.epoch()
    run.wait(SOON)
    assert run.latest.epoch == 2
    run.play()
    time.sleep(0.05)
    run.pause()
    assert run.wait(SOON)
    run.set_speed(None)
    run.play()
    assert run.wait(SOON)
    assert run.status == "finished"
    assert same(run.history, plain.history)
    run.reset(play=True)
    assert run.wait(SOON)
    assert run.status == "finished"
    assert same(run.history, plain.history)


def test_pause_and_stop_act_within_a_step(make):
    run = make(epochs=10**6, delay=0.02)
    run.play()
    run.wait(SOON, lambda run: run.latest)
    run.pause()
    assert run.status == "paused"
    until(lambda: run.model_state() and run.state_step)
    step = run.state_step
    time.sleep(0.2)
    assert run.latest.step == step
    run.set_speed(0.01)
    run.play()
    time.sleep(0.1)
    started = time.monotonic()
    run.stop()
    run.model_state()
    assert time.monotonic() - started < 2
    assert run.status == "stopped"
    assert run.state_step in (step, step + 1)


def test_the_model_can_be_had_while_it_trains(make):
    run = make(epochs=10**6)
    run.play()
    run.wait(SOON, lambda run: run.latest)
    first = run.model()
    step = run.state_step
    run.wait(SOON, lambda run: run.latest.step > step + 20)
    assert run.model() is not first
    assert run.state_step > step
    until(lambda: run.examples_per_second)
    assert 10 < run.examples_per_second < 10**8


def test_reset_goes_back_to_the_start_of_the_same_run(make):
    run = make(epochs=10**6)
    run.play()
    run.wait(SOON, lambda run: len(run.history) > 5)
    before = run.history[:4]
    run.reset()
    assert (run.status, run.history, run.latest) == ("paused", (), None)
    run.step(4)
    assert run.wait(SOON)
    assert same(run.history, before)


def test_a_killed_worker_leaves_a_sentence_and_the_history(make, pool):
    run = make(epochs=10**6, delay=0.005)
    run.play()
    run.wait(SOON, lambda run: len(run.history) > 5)
    (pid,) = pool.pids
    os.kill(pid, signal.SIGKILL)
    assert run.wait(SOON)
    assert run.status == "failed"
    assert "killed (SIGKILL)" in run.reason
    assert run.reason.endswith(".")
    assert [s.step for s in run.history[:6]] == [1, 2, 3, 4, 5, 6]
    with pytest.raises(DataError, match="lost"):
        run.model_state()
    again = make(epochs=1)
    again.play()
    assert again.wait(SOON)
    assert again.status == "finished", "another worker takes its place"


def test_a_worker_that_dies_idle_costs_nobody_a_run(make, pool):
    run = make(epochs=1)
    run.play()
    assert run.wait(SOON)
    (pid,) = pool.pids
    os.kill(pid, signal.SIGKILL)
    run.reset(play=True)
    assert run.wait(SOON)
    assert run.status == "finished"


def test_ten_runs_queue_for_one_worker_and_all_finish(make, pool):
    runs = [make(epochs=2, seed=k) for k in range(10)]
    holder = make(epochs=10**6)
    holder.play()
    holder.wait(SOON, lambda run: run.latest)
    for run in runs:
        run.play()
    assert [run.place for run in runs] == list(range(1, 11))
    assert pool.waiting == 10
    assert {run.status for run in runs} == {"queued"}
    runs[3].stop()
    assert [run.place for run in runs[4:]] == list(range(4, 10))
    holder.reset(play=True)
    assert holder.wait(SOON, lambda run: run.latest), "who resets does not queue again"
    holder.stop()
    for run in runs:
        assert run.wait(SOON)
    assert [run.status for run in runs] == ["finished"] * 3 + ["stopped"] + ["finished"] * 6
    assert not same(runs[0].history, runs[1].history)
    assert len(pool.pids) == 1


def test_a_run_nobody_watches_frees_its_worker(pool):
    runs = Runs(pool, idle_seconds=0.4, packages=ALLOWED)
    request = Request(f"{HERE}:Line", ArrayData(X), {"epochs": 10**6}, device="cpu")
    abandoned = runs.start("gone", request)
    abandoned.wait(SOON, lambda run: run.over or run.latest)
    waiting = runs.start("here", Request(f"{HERE}:Line", ArrayData(X), {"epochs": 1}))
    until(lambda: waiting.touch() or waiting.over)
    assert waiting.status == "finished"
    assert (abandoned.status, abandoned.reason) == (
        "stopped",
        "Nobody watched this run for 0.4 seconds, so it was stopped.",
    )
    runs.release("gone")
    runs.release("here")


def test_a_long_pause_makes_room_when_others_wait(pool):
    runs = Runs(pool, paused_seconds=0.2, packages=ALLOWED)
    request = Request(f"{HERE}:Line", ArrayData(X), {"epochs": 10**6})
    paused = runs.start("a", request)
    assert paused.wait(SOON, lambda run: run.latest)
    paused.pause()
    time.sleep(0.5)
    assert paused.status == "paused", "nobody waits"
    other = runs.start("b", request)
    assert other.wait(SOON, lambda run: run.latest)
    assert "others waited" in paused.reason
    runs.release("a")
    runs.release("b")


def test_a_closed_page_makes_room_at_once_when_others_wait(pool):
    runs = Runs(pool, gone_seconds=0.2, packages=ALLOWED)
    request = Request(f"{HERE}:Line", ArrayData(X), {"epochs": 10**6})
    there = True
    runs.know("a", lambda: there)
    first = runs.start("a", request)
    assert first.wait(SOON, lambda run: run.latest)
    waiting = runs.start("b", request)
    time.sleep(0.6)
    assert (first.over, waiting.place) == (False, 1), "its page is open, however seldom it is touched"
    there = False
    assert waiting.wait(SOON, lambda run: run.latest)
    assert "page was closed" in first.reason
    runs.release("a")
    runs.release("b")


def test_nobody_finds_anothers_run(pool):
    runs = Runs(pool, forget_seconds=0.3, packages=ALLOWED)
    request = Request(f"{HERE}:Line", ArrayData(X), {"epochs": 10**6})
    mine = runs.start("alice", request)
    assert runs.get("alice", mine.id) is mine
    assert runs.of("bob") == ()
    with pytest.raises(DataError, match="You have no such run"):
        runs.get("bob", mine.id)
    runs.release("bob")
    theirs = runs.start("bob", request, play=False)
    assert not mine.over
    second = runs.start("alice", request, at_once=2)
    assert not mine.over
    third = runs.start("alice", request, at_once=2)
    assert (mine.status, mine.reason) == ("stopped", "Another run was started.")
    assert not second.over
    assert not theirs.over
    runs.release("alice")
    assert third.over
    until(lambda: runs.of("bob") == ())


def test_nan_fails_with_the_last_good_model(make):
    run = make(nan_at=12)
    run.play()
    assert run.wait(SOON)
    assert run.status == "failed"
    assert "became NaN at step 12" in run.reason
    last = run.history[-1]
    assert (last.step, run.state_step) == (10, 10)
    np.testing.assert_array_equal(run.model_state()["weight"], last.views["weight"])


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        ({"crash_at": 5}, "RuntimeError: tiny crash."),
        ({"epochs": 0}, "Epochs should be greater than or equal to 1"),
        ({"model": "density/Nothing"}, "no model density/Nothing"),
        ({"model": "os:system"}, "not part of engine"),
        ({"views": (View("v", "os:system"),)}, "not part of engine"),
        ({"views": (View("v", f"{HERE}:broken"),)}, "'v' failed: KeyError"),
        ({"views": (View("v", f"{HERE}:rows", {"labels": DataPart(field="labels")}),)}, "no labels"),
        ({"data": NamedData("load_points", {"name": "nothing"})}, "no preset named 'nothing'"),
        ({"data": NamedData("load_points", {"name": "ring", "m": 3})}, "does not understand"),
        ({"data": NamedData("open", {})}, "no loader 'open'"),
        ({"device": "tpu"}, "no device 'tpu'"),
    ],
)
def test_what_goes_wrong_in_the_worker_is_said_in_a_sentence(make, choices, reason):
    run = make(**choices)
    run.play()
    assert run.wait(SOON)
    assert run.status == "failed"
    assert reason in run.reason
    assert run.reason.endswith(".")


def test_catalogue_models_data_by_name_and_stop_rules(make):
    rule = StopRule("log_likelihood", patience=2, least=1e-3, minimise=False)
    data = NamedData("load_points", {"name": "two_moons", "n": 300, "seed": 5})
    run = make("density/GaussianMixture", (), data, rule=rule, n_components=4, tolerance=0)
    run.play()
    assert run.wait(SOON)
    assert "has not improved for 2 epochs" in run.reason
    assert isinstance(run.model(), GaussianMixture)
    assert len(run.model().log_prob(X)) == 100
    assert run.history[-1].epoch < 199


def test_images_by_name_come_with_their_labels(make):
    view = View("rows", f"{HERE}:rows", {"x": DataPart("train"), "labels": DataPart("held_out", "labels", 10)})
    run = make(views=(view,), data=NamedData("load_images", {"name": "mnist", "classes": [7]}), batch_size=100)
    run.step()
    assert run.wait(SOON)
    assert run.latest.views["rows"].tolist() == [0, 0, 0, 7, 7, 7]


def test_bad_commands_get_a_sentence(make):
    run = make()
    for bad in (0, -1, float("inf"), float("nan")):
        with pytest.raises(DataError, match="speed"):
            run.set_speed(bad)
    with pytest.raises(DataError, match="step"):
        run.step(0)
    with pytest.raises(DataError, match="labels"):
        ArrayData(X, np.zeros(3, np.uint8))
    with pytest.raises(DataError, match="numbers"):
        ArrayData(np.array([object()]))


def test_when_the_server_dies_its_workers_leave(tmp_path):
    """The server is killed while its worker trains, so nothing gets a chance to tidy up."""
    script = f"""
import os, signal, numpy as np
from engine.training import *
pool = Pool(1, packages=("engine", "tests"))
run = Run(Request("{HERE}:Line", ArrayData(np.ones((10, 2), np.float32)), {{"epochs": 10**6}}), pool)
run.play()
assert run.wait({SOON}, lambda run: run.latest)
print(*pool.pids, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    root = Path(__file__).parents[3]
    dead = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=60)
    worker = int(dead.stdout)
    until(lambda: _gone(worker), 10)


def _gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_run_has_settled_when_its_last_snapshot_is_there(make):
    run = make(epochs=400)
    assert run.settled
    run.set_speed(200)
    run.play()
    assert not run.settled
    until(lambda: len(run.history) > 3)
    run.pause()
    assert run.status == "paused"
    until(lambda: run.settled)
    history, latest = run.history, run.latest
    time.sleep(0.3)
    assert (run.history, run.latest) == (history, latest)
    run.model_state()
    until(lambda: run.settled)
    run.step()
    assert not run.settled
    until(lambda: run.settled)
    assert run.latest.step == latest.step + 1
    run.stop()
    until(lambda: run.settled)


def test_settings_can_change_under_way_and_a_reset_takes_them_back(make):
    run = make(epochs=4)
    run.step(10)
    assert run.wait(SOON, until=lambda run: run.settled and run.latest is not None)
    before = run.model_state()["weight"]
    run.tune(learning_rate=0.0)
    run.step(5)
    assert run.wait(SOON, until=lambda run: run.settled and run.latest.step == 15)
    np.testing.assert_array_equal(run.model_state()["weight"], before)
    run.tune(seed=3)
    assert run.wait(SOON, until=lambda run: run.refused)
    assert "can't change its seed" in run.refused
    run.reset(play=True)
    assert run.wait(SOON)
    assert run.tuned == {}
    whole = make(epochs=4)
    whole.play()
    assert whole.wait(SOON)
    assert same(run.history, whole.history)


def test_the_model_here_is_tuned_as_the_one_that_trains(make):
    run = make(epochs=4)
    run.step(5)
    assert run.wait(SOON, until=lambda run: run.settled and run.latest is not None)
    assert run.model().hyperparameters.learning_rate == 0.01
    run.tune(learning_rate=0.5)
    run.tune(seed=3)  # which is refused
    untouched = run.request.build(ALLOWED).hyperparameters.model_dump()
    assert run.model().hyperparameters.model_dump() == {**untouched, "learning_rate": 0.5}


def test_other_pictures_are_kept_from_the_first_step_on(make):
    run = make(epochs=2)
    kept = replace(WEIGHT, name="again")
    run.keep((kept,))
    run.step()
    with pytest.raises(DataError, match="under way"):
        run.keep(())
    assert run.wait(SOON, until=lambda run: run.settled and run.latest is not None)
    assert set(run.latest.views) == {"again"}


def test_a_page_that_is_loaded_again_joins_its_run(pool):
    runs = Runs(pool, packages=ALLOWED)
    request = Request(f"{HERE}:Line", ArrayData(X), {"epochs": 10**6})
    run = runs.start("first page", request)
    runs.know("first page", lambda: True)
    assert run.wait(SOON, lambda run: run.latest)
    assert runs.adopt("somebody else", run.id) is None, "its page is open"
    assert runs.adopt("first page", run.id) is run
    runs.leave("first page")
    assert runs.adopt("second page", run.id) is run
    assert runs.of("first page") == ()
    assert runs.of("second page") == (run,)
    before = run.latest.step
    assert run.wait(SOON, lambda run: run.latest.step > before), "it has not stopped in between"
    assert runs.adopt("third page", "no such run") is None
    runs.release("second page")


def test_runs_of_a_page_that_does_not_come_back_end(pool):
    runs = Runs(pool, gone_seconds=0.2, left_seconds=0.3, packages=ALLOWED)
    run = runs.start("page", Request(f"{HERE}:Line", ArrayData(X), {"epochs": 10**6}))
    assert run.wait(SOON, lambda run: run.latest)
    runs.leave("page")
    assert not run.over
    until(lambda: run.over)
    assert runs.of("page") == ()
