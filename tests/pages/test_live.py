"""What moves is asked of a feed: what changed since, for who knows the token; and no fragment reruns by itself."""

import json
import struct
from types import SimpleNamespace

import numpy as np
import pytest
from starlette.requests import Request

from pages.components import live as module
from pages.components.live import Live, serve_live, told
from pages.components.live_figure import _message


class FakeRun:
    """Stand in for a run: what a feed reads of one."""

    id, attempt, place, refused = "run", 0, 0, None
    examples_per_second = steps_per_second = None
    settled = over = False
    status = "running"
    touches = 0

    def __init__(self):
        self.latest = None

    def step(self, number):
        self.latest = SimpleNamespace(step=number)

    def touch(self):
        self.touches += 1


def read(answer):
    (length,) = struct.unpack_from("<I", answer)
    head = json.loads(answer[4 : 4 + length])
    end, elements = 4 + length, {}
    for name, size, is_bytes in head["elements"]:
        content = answer[end : end + size]
        elements[name] = content if is_bytes else json.loads(content)
        end += size
    assert end == len(answer)
    return head, elements


def asked(token, query=b""):
    scope = {"type": "http", "path_params": {"token": token}, "query_string": query, "headers": []}
    return serve_live(Request(scope))


@pytest.fixture
def run():
    return FakeRun()


def test_only_what_has_changed_is_answered(run):
    live = Live("token", [run])
    first = told(live, "step", lambda: {"step": run.latest.step if run.latest else None})
    told(live, "still", lambda: {"text": "always"})
    stamp = first["live"]["stamp"]
    head, elements = read(live.answer(stamp))
    assert (head["going"], elements) == (True, {})
    run.step(7)
    head, elements = read(live.answer(stamp))
    assert elements.keys() == {"step"}
    assert elements["step"]["step"] == 7
    again, lost = read(live.answer(stamp)), read(live.answer(head["stamp"]))
    assert again[1].keys() == {"step"}, "an answer that never arrived is given again"
    assert lost[1] == {}
    assert run.touches == 4, "who asks is watching"


def test_a_figure_is_sent_again_only_where_its_picture_has_changed(run):
    live = Live("token", [run])
    values = [np.zeros(3, np.float32)]

    def make(reference):
        return _message({"data": [{"type": "scatter", "y": values[0]}]}, height=1, live=reference)

    live.add("figure", make)
    run.step(1)
    assert read(live.answer(0))[1] == {}
    values[0] = np.ones(3, np.float32)
    run.step(2)
    assert isinstance(read(live.answer(0))[1]["figure"], bytes)


def test_a_run_that_ends_is_told_once_and_then_no_more_is_asked(run):
    live = Live("token", [run])
    drawn = live.state
    told(live, "state", lambda: {"state": live.state, "drawn": drawn})
    run.status, run.settled, run.over = "finished", True, True
    head, elements = read(live.answer(0))
    assert not head["going"]
    assert elements["state"]["state"] != elements["state"]["drawn"] == drawn


def test_what_goes_on_between_single_steps_is_one_state(run):
    slow = SimpleNamespace(is_on=True, advanced=0)
    live = Live("token", [run], also_going=lambda: slow.is_on, before=lambda: setattr(slow, "advanced", 1))
    run.status, run.settled = "paused", True
    before = live.state
    assert read(live.answer(0))[0]["going"]
    run.status = "running"
    assert (live.state, slow.advanced) == (before, 1)


def test_who_does_not_know_the_token_gets_nothing(run):
    live = Live("secret", [run])
    module._LIVES["secret"] = live
    assert asked("secret").status_code == 200
    assert asked("secret", b"since=now").status_code == 404
    assert asked("guess").status_code == 404
    del live
    assert asked("secret").status_code == 404, "it ends with its page"
