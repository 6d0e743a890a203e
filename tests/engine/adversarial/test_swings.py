"""Swings: counted against sines, whose turns are known, and told from mere progress over many seeds."""

import numpy as np
import pytest

from engine.adversarial.views.diagnosis import diagnoses
from engine.adversarial.views.swings import SIDE, turns
from engine.training import Snapshot

T = np.linspace(0, 1, 400, endpoint=False)


def turned(way):
    changes, steadiness = turns(way[None], np.array([SIDE * 2**0.5 * way.std()]))
    return int(changes[0]), float(steadiness[0])


@pytest.mark.parametrize("cycles", [2, 3, 5])
def test_a_sine_turns_twice_a_cycle_and_is_steady(cycles):
    changes, steadiness = turned(np.sin(2 * np.pi * cycles * T))
    assert changes == 2 * cycles - 1
    assert steadiness == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("ratio", [0.7, 0.9])
def test_swings_that_shrink_by_a_ratio_are_as_steady_as_it_says(ratio):
    """Extremes 1, −r, r², −r³, r⁴ make swings of widths (1 + r) rᵏ; the later two over the earlier two are r²."""
    heights = (-ratio) ** np.arange(5)
    changes, steadiness = turns(np.repeat(heights, 3)[None], np.array([0.1]))
    assert changes[0] == 4
    assert steadiness[0] == pytest.approx(ratio**2)


def test_jitter_about_the_middle_is_no_change_of_side():
    rng = np.random.default_rng(0)
    changes, steadiness = turned(np.concatenate([np.full(200, -1.0), 1 + 0.2 * rng.normal(size=200)]))
    assert changes == 1
    assert turns(np.zeros((1, 40)), np.zeros(1))[0][0] == 0
    assert steadiness == 0  # one swing is not two


def steps_of_the_lab(last=4000, every=42):
    """Return the steps that the lab keeps: the first twelve, each 1.12 times the last, then every so many."""
    steps = list(range(1, 13))
    while steps[-1] < last:
        steps.append(min(max(steps[-1] + 1, round(1.12 * steps[-1])), steps[-1] + every))
    return np.array(steps)


def history(way, seed, steps, jitter=0.08, spread=lambda step: 1.0):
    """Return snapshots at some steps of a cloud of a `spread` whose mean goes a `way`, (x, y), and jitters."""
    rng = np.random.default_rng(seed)
    cloud = rng.normal(size=(200, 2)) / 2**0.5
    made = []
    for step in steps.tolist():
        points = spread(step) * cloud + way(step) + jitter * rng.normal(size=2)
        made.append(Snapshot(step, 0.1 * step, 0.0, {}, {}, {"generated": points.astype(np.float32)}))
    return made


def says_so(snapshots):
    return [found is not None and found.kind == "oscillation" for found in diagnoses(snapshots)]


@pytest.mark.parametrize("seed", range(20))
def test_progress_with_overshoot_is_no_oscillation(seed):
    """A small blob waits, goes to the data and past it, comes back in smaller swings, spreads, and jitters there."""
    rng = np.random.default_rng(seed)
    far, begins, lasts, turn = rng.uniform(1, 3), rng.uniform(40, 80), rng.uniform(40, 120), rng.uniform(0, 2 * np.pi)
    axis, cycle = np.array([np.cos(turn), np.sin(turn)]), rng.uniform(120, 250)

    def way(step):
        late = max(0.0, step - begins)
        return far * np.exp(-late / lasts) * np.cos(2 * np.pi * late / cycle) * axis

    made = history(way, seed, steps_of_the_lab(), jitter=0.15, spread=lambda step: min(1.0, 0.1 + step / 500))
    assert not any(says_so(made))


@pytest.mark.parametrize("seed", range(20))
def test_a_cycle_that_goes_on_is_an_oscillation(seed):
    """Whatever its phase and its width, and with a way to the data before it; it is said to the end."""
    rng = np.random.default_rng(seed)
    wide, cycle, phase, far = rng.uniform(1, 4), rng.uniform(80, 160), rng.uniform(0, 6), rng.uniform(0, 4)

    def way(step):
        angle = 2 * np.pi * step / cycle + phase
        return np.array([wide * np.sin(angle) + far * np.exp(-step / 30), 0.3 * wide * np.cos(angle)])

    assert np.mean(says_so(history(way, seed, np.arange(0, 1000, 10)))[60:]) > 0.9
