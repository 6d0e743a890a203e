"""A control lets go as many steps as were asked for, without any process."""

import threading
import time

import pytest

from engine.training.messages import Command
from engine.training.workers.control import Control


def drive(control, per_epoch=10, limit=1000):
    """Take steps until the control would wait or stop; return how many were taken."""

    class WaitsError(Exception):
        pass

    def waits(paused, serial):
        if paused:
            raise WaitsError

    taken = 0
    try:
        while taken < limit and (control.free or control.allows((drive.start + taken) / per_epoch, waits, print)):
            taken += 1
    except WaitsError:
        pass
    return taken


drive.start = 0


def told(*kinds):
    control = Control()
    for serial, kind in enumerate(kinds, 1):
        name, value = kind if isinstance(kind, tuple) else (kind, None)
        control.hear(Command(name, serial, value))
    return control


@pytest.mark.parametrize(
    ("commands", "steps"),
    [
        ((), 0),
        (("play",), 1000),
        (("play", "pause"), 0),
        ((("step", 3),), 3),
        ((("step", 3), ("step", 2)), 5),
        (("play", ("step", 2)), 2),
        (("epoch",), 10),
        (("epoch", "play"), 1000),
        (("epoch", ("step", 1)), 1),
        (("epoch", "pause"), 0),
        ((("step", 1), "epoch"), 10),
        (("play", "stop"), 0),
    ],
)
def test_as_many_steps_as_were_asked_for(commands, steps):
    assert drive(told(*commands)) == steps


def test_an_epoch_ends_where_the_data_does_from_wherever_it_began():
    control = told(
        ("step", 4),
    )
    assert drive(control) == 4
    control.hear(Command("epoch", 2))
    drive.start = 4
    try:
        assert drive(control) == 6
        drive.start = 10
        control.hear(Command("epoch", 3))
        assert drive(control) == 10
    finally:
        drive.start = 0


def test_it_is_free_only_at_full_speed():
    control = told("play")
    assert not control.free
    drive(control, limit=1)
    assert control.free
    control.hear(Command("pause", 2))
    assert not control.free


def test_a_speed_is_kept_and_a_command_wakes_it_at_once():
    control = told(("speed", 50.0), "play")
    started = time.monotonic()
    assert drive(control, limit=11) == 11
    assert time.monotonic() - started >= 0.2 - 0.02
    control = told(("speed", 0.01), "play")
    drive(control, limit=1)
    threading.Timer(0.05, control.hear, [Command("stop", 3)]).start()
    assert drive(control) == 0


def test_the_state_is_answered_even_while_paused():
    control, asked = told("state"), []

    def waits(paused, serial):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        control.allows(0.0, waits, asked.append)
    assert asked == [1]


def test_changes_keep_their_place_among_counted_steps():
    control, seen = Control(), []
    orders = [("step", 2), ("tune", "a"), ("step", 1), ("tune", "b"), ("step", 1)]
    for serial, (kind, value) in enumerate(orders, 1):
        changes = {"x": value} if kind == "tune" else {}
        control.hear(Command(kind, serial, None if changes else value, changes))
    for step in range(1, 5):
        assert control.allows(0.0, pytest.fail, print, lambda changes: seen.append(changes["x"]))
        seen.append(step)
    assert seen == [1, 2, "a", 3, "b", 4]


@pytest.mark.parametrize("before", [(), ("play",), ("play", "pause"), (("step", 5), "play"), (("step", 5), "pause")])
def test_changes_wait_for_nothing_but_counted_steps(before):
    control, seen = told(*before), []
    control.hear(Command("tune", 9, None, {"x": 1}))
    if not before or before[-1] == "pause":
        control.hear(Command("step", 10, 1))
    assert control.allows(0.0, pytest.fail, print, seen.append)
    assert seen == [{"x": 1}]
