"""The track's arithmetic, run by Node as the browser runs it: exact places, whole digits, bounds that hold."""

from __future__ import annotations

import itertools
import json
import math
import shutil
import subprocess

import numpy as np
import pytest

from tests.browser.conftest import ROOT

RATE = {"low": 5e-324, "high": 1, "standard": 1e-3, "integer": False}
PENALTY = {"low": 0, "high": 100, "standard": 1, "integer": False}
SHARE = {"low": 0, "high": 1 - 2**-53, "standard": 0.995, "integer": False}
ANGLE = {"low": -1, "high": 1, "standard": 0, "integer": False}
K = {"low": 1, "high": 50, "standard": 3, "integer": True}
SEED = {"low": 0, "high": 2**32 - 1, "standard": 0, "integer": True}
ITERATIONS = {"low": 1, "high": 1_000_000, "standard": 5000, "integer": True}
FREE = {"low": None, "high": None, "standard": 2, "integer": False}
ALL = [RATE, PENALTY, SHARE, ANGLE, K, SEED, ITERATIONS, FREE]


def run(expression: str, **given: object):
    """Evaluate a JavaScript expression of the scale's functions and of what is given."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("No Node on this machine; tests/browser/test_number.py drives the same functions.")
    names = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in given.items())
    script = (ROOT / "pages/components/number/scale.js").read_text("utf-8")
    source = f"{script}\n{names}console.log(JSON.stringify({expression}));"
    done = subprocess.run([node, "--input-type=module", "-e", source], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_a_place_and_its_number_are_each_other_s_inverse():
    places = np.linspace(0, 1, 101).tolist()
    back = run(
        "all.map((one) => { const track = trackOf(one, one.standard);"
        " return places.map((at) => track.placeOf(track.numberAt(at))); })",
        all=ALL, places=places,
    )  # fmt: skip
    for found in back:
        np.testing.assert_allclose(found, places, atol=1e-12)


@pytest.mark.parametrize("value", [1e-5, 0.031, 0.0310001, 0.9])
def test_the_thumb_stands_at_the_typed_number_and_not_at_a_round_one_beside_it(value):
    track = run("trackOf(spec, value)", spec=RATE, value=value)
    place = run("trackOf(spec, value).placeOf(value)", spec=RATE, value=value)
    expected = math.log(value / track["least"]) / math.log(track["most"] / track["least"])
    assert place == pytest.approx(expected, rel=1e-12)


def test_equal_ways_are_equal_ratios_where_a_number_is_positive_and_equal_differences_else():
    ways = run("all.map((one) => [0.25, 0.5, 0.75].map(trackOf(one, one.standard).numberAt))", all=[RATE, K, ANGLE])
    for first, second, third in ways[:2]:
        assert second / first == pytest.approx(third / second)
    assert ways[2] == pytest.approx([-0.5, 0, 0.5])


@pytest.mark.parametrize("spec", ALL)
def test_a_dragged_number_is_within_a_pixel_of_the_pointer_allowed_and_short(spec):
    places = np.linspace(0, 1, 181).tolist()
    found = run("places.map((at) => numberAt(trackOf(spec, spec.standard), spec, at, 180))", spec=spec, places=places)
    shown = run("found.map(trackOf(spec, spec.standard).placeOf)", spec=spec, found=found)
    allowed = run("found.map((x) => isAllowed(x, spec))", spec=spec, found=found)
    assert all(allowed)
    assert all(later >= earlier for earlier, later in itertools.pairwise(found))
    assert max(len(f"{x:.12g}") for x in found) <= 9
    pixel = 1 / 180
    coarse = spec["integer"]  # a whole number may be further than a pixel from its neighbour
    assert coarse or np.abs(np.subtract(shown, places)).max() <= pixel + 1e-9
    if spec is K:
        assert (found[0], found[-1]) == (1, 50)


@pytest.mark.parametrize("spec", ALL)
def test_keys_move_a_number_both_ways_and_never_out_of_bounds(spec):
    starts = [x for x in (spec["standard"], spec["low"], spec["high"], 17) if x is not None]
    moved = run(
        "starts.map((x) => [1, -1].map((way) => [false, true].map("
        "(large) => stepFrom(trackOf(spec, x), spec, x, way, large))))",
        spec=spec, starts=starts,
    )  # fmt: skip
    low, high = spec["low"], spec["high"]
    for (up, far_up), (down, far_down) in moved:
        for x in (up, far_up, down, far_down):
            assert low is None or x >= low
            assert high is None or x <= high
            assert not spec["integer"] or x == int(x)
    (up, far_up), (down, far_down) = moved[0]
    start = spec["standard"]
    assert far_up >= up >= start >= down >= far_down
    assert up > start or far_up > start or spec is SHARE


@pytest.mark.parametrize("value", [1e-6, 0.03, 2.57, 4e8])
def test_an_arrow_changes_a_positive_number_by_about_a_twentieth(value):
    spec = {"low": 5e-324, "high": 1e9, "standard": 1, "integer": False}
    up = run("stepFrom(trackOf(spec, x), spec, x, 1, false)", spec=spec, x=value)
    assert 0.03 < up / value - 1 < 0.07


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.031", 0.031), (" 210 ", 210), ("3e-2", 0.03), (".5", 0.5), ("5.", 5), ("−2", -2), ("+1", 1),
        ("0,03", 0.03), ("1,5", 1.5), ("1,000", None), ("1,000,000", None), ("", None), ("abc", None),
        ("0x10", None), ("1e999", None), ("Infinity", None), ("1 2", None), ("--1", None), ("1.2.3", None),
    ],
)  # fmt: skip
def test_what_a_person_types_is_read_as_they_mean_it_or_not_at_all(text, value):
    assert run("numberIn(text)", text=text) == value
