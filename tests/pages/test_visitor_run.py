"""What a page offers and says of a run that ended: Play where nothing is kept, else a new start."""

from types import SimpleNamespace

import pytest

from pages.shared.runs.panel import status_line
from pages.shared.runs.visitor_run import can_play, failure, play, waiting_line


def run(status, latest=None, reason=None):
    told = []
    return SimpleNamespace(
        status=status, latest=latest, reason=reason, place=0, over=status in ("stopped", "failed", "finished"),
        told=told, play=lambda: told.append("play"), reset=lambda play=False: told.append(f"reset, play={play}"),
    )  # fmt: skip


@pytest.mark.parametrize("status", ["stopped", "failed"])
def test_a_run_that_ended_before_its_first_picture_can_be_played_again(status):
    ended = run(status, reason="It was in the way.")
    assert can_play(ended)
    assert "before its first picture" in status_line(ended)
    assert "Press Play" in status_line(ended)
    play(ended)
    assert ended.told == ["reset, play=True"]


def test_a_stop_by_somebody_else_is_said_and_by_oneself_needs_no_reason():
    assert "Another run was started." in waiting_line(run("stopped", reason="Another run was started."))
    assert waiting_line(run("stopped")) == "Stopped before its first picture. Press Play to begin again."


def test_what_a_run_has_learnt_is_not_thrown_away_by_play():
    ended = run("finished", latest=object())
    assert not can_play(ended)
    paused = run("paused", latest=object())
    assert can_play(paused)
    play(paused)
    assert paused.told == ["play"]


def test_a_failure_says_what_can_be_done():
    assert failure(run("running")) == ""
    killed = run("failed", latest=object(), reason="The worker process was killed.")
    assert failure(killed).startswith("The worker process was killed. To begin again")
    assert failure(run("failed", reason="Too few points.")) == "Too few points. Press Play to try again."
