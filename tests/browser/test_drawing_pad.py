"""The drawing pad in a real Chromium: strokes from mouse, finger and keyboard arrive in Python, and come back."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass

import pytest

DEMO = "tests/browser/drawing_pad_demo.py"


@dataclass
class Pad:
    """Drive a pad by fractions of its surface, and read what Python says is on it."""

    page: object
    name: str = "plane"

    @property
    def surface(self):
        return self.page.get_by_label("Drawing pad", exact=True)

    def at(self, right: float, down: float) -> tuple[float, float]:
        box = self.surface.bounding_box()
        return box["x"] + right * box["width"], box["y"] + down * box["height"]

    def stroke(self, *way: tuple[float, float], lift: bool = True) -> None:
        self.page.mouse.move(*self.at(*way[0]))
        self.page.mouse.down()
        for place in way[1:]:
            self.page.mouse.move(*self.at(*place), steps=15)
        if lift:
            self.page.mouse.up()

    def tool(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def settled(self, pattern: str) -> re.Match:
        """Wait until Python's line matches."""
        line = self.page.get_by_text(re.compile(f"^{self.name}: n=.*{pattern}"))
        line.wait_for(timeout=30_000)
        return re.search(r"n=(\d+) second=(\d+) starts=(\d+) edited=(\w+) box=(.*)", line.inner_text())

    def count(self, pattern: str = "") -> int:
        return int(self.settled(pattern)[1])

    def shown(self) -> str:
        return self.page.locator(".count").inner_text()

    def agrees(self) -> int:
        """Wait until the pad's count and Python's are the same number; return it."""
        for _ in range(80):
            first, *_ = self.shown().split() or ["not there yet"]
            if first.replace(",", "") == str(self.count()):
                return self.count()
            time.sleep(0.05)
        raise AssertionError(f"The pad shows {self.shown()}, Python has {self.count()}.")


@pytest.fixture
def pad(serve, open_page):
    page = open_page(serve(DEMO), viewport={"width": 900, "height": 900})
    pad = Pad(page)
    pad.surface.wait_for()
    pad.settled("edited=False")
    return pad


def test_mouse_stroke_arrives_in_data_coordinates(pad):
    pad.stroke((0.55, 0.5), (0.9, 0.5))
    found = pad.settled("edited=True")
    assert pad.agrees() > 20
    left, bottom, right, top = (float(number) for number in re.findall(r"-?\d+\.?\d*", pad.settled("")[5]))
    # The stroke ran through the right half at mid height; the brush's radius is 4 % of the pad, 0.24 units.
    assert -0.2 < left < 0.4
    assert 2.1 < right < 2.8
    assert -0.35 < bottom < top < 0.45
    assert found[2] == found[3] == "0"


def test_points_arrive_while_the_stroke_goes_on(pad):
    pad.stroke((0.2, 0.2), (0.5, 0.6), lift=False)
    assert pad.count("edited=True") > 0
    before = pad.agrees()
    time.sleep(0.6)  # a resting brush goes on spraying
    assert int(pad.shown().split()[0]) > before
    pad.page.mouse.up()
    pad.agrees()


def test_undo_and_redo_by_keyboard_and_back_over_a_preset(pad):
    pad.stroke((0.3, 0.3), (0.6, 0.6))
    pad.settled("edited=True")
    drawn = pad.agrees()
    pad.page.get_by_role("button", name="Preset").click()
    pad.settled("edited=False")
    assert pad.agrees() == 300
    pad.surface.focus()
    pad.page.keyboard.press("Control+z")
    pad.settled("edited=True")
    assert pad.agrees() == drawn
    pad.page.keyboard.press("Control+z")
    pad.settled("box=\\[\\]")
    pad.page.keyboard.press("Control+Shift+Z")
    assert pad.count("edited=True box=\\[-") == drawn
    pad.page.keyboard.press("Control+y")
    assert pad.count("edited=False") == 300  # redone to exactly what Python placed
    pad.page.keyboard.press("Delete")
    assert pad.count("edited=True box=\\[\\]") == 0


def test_eraser_takes_away_what_it_covers(pad):
    pad.page.get_by_role("button", name="Preset").click()
    pad.settled("starts=0 edited=False box=\\[-2")
    pad.tool("Eraser")
    pad.surface.focus()
    for _ in range(8):
        pad.page.keyboard.press("]")
    pad.stroke((0.05, 0.45), (0.98, 0.45))
    pad.settled("edited=True")
    # A band of 12 % of 6 units on either side of the middle covers four arcs of the circle of radius 2.
    assert 230 <= pad.agrees() <= 270


def test_keyboard_alone_draws_a_point_of_the_second_class(pad):
    pad.surface.focus()
    for key in ("p", "x", "ArrowRight", "Shift+ArrowUp", "Enter"):
        pad.page.keyboard.press(key)
    found = pad.settled("edited=True")
    assert (found[1], found[2]) == ("1", "1")
    x, y, *_ = (float(number) for number in re.findall(r"-?\d+\.?\d*", found[5]))
    assert x == pytest.approx(0.12, abs=0.01)
    assert y == pytest.approx(0.6, abs=0.01)


def test_starts_are_markers_and_not_points(pad):
    pad.tool("Start: a hand-placed centre")
    pad.page.mouse.click(*pad.at(0.5, 0.5))
    found = pad.settled("starts=1")
    assert found[1] == "0"
    assert "1 start" in pad.shown()


def test_python_clears_and_the_cleared_pad_stays_clear(pad):
    pad.stroke((0.3, 0.3), (0.6, 0.6))
    pad.settled("edited=True")
    pad.page.get_by_role("button", name="Clear from Python").click()
    assert pad.count("edited=False box=\\[\\]") == 0
    assert pad.agrees() == 0


def test_late_stroke_does_not_overwrite_a_preset(pad):
    pad.page.get_by_text("Slow").click()
    pad.stroke((0.2, 0.8), (0.4, 0.6), lift=False)
    # The mouse is busy drawing, so the page's own script presses the button.
    pad.page.evaluate(
        "[...document.querySelectorAll('button')].find((button) => button.innerText === 'Preset').click()"
    )
    pad.page.mouse.move(*pad.at(0.6, 0.6), steps=10)
    pad.page.mouse.move(*pad.at(0.7, 0.7), steps=10)
    pad.settled("edited=False box=\\[-2.0")
    pad.page.mouse.move(*pad.at(0.5, 0.5), steps=10)
    pad.page.mouse.up()
    time.sleep(1)
    assert pad.count("edited=False") == 300
    assert pad.agrees() == 300


def test_content_and_undo_survive_a_switch_of_pages(pad):
    pad.stroke((0.3, 0.3), (0.6, 0.6))
    pad.settled("edited=True")
    drawn = pad.agrees()
    pad.page.wait_for_timeout(300)  # nobody is at the link before the pad has sent its last news
    pad.page.get_by_role("link", name="Line").click()
    Pad(pad.page, "line").settled("edited=False")
    pad.page.get_by_role("link", name="Plane").click()
    pad.surface.wait_for()
    assert pad.count("edited=True") == drawn
    assert pad.agrees() == drawn
    pad.tool("Undo")
    assert pad.count("box=\\[\\]") == 0


def test_line_draws_along_x_only(pad):
    pad.page.get_by_role("link", name="Line").click()
    line = Pad(pad.page, "line")
    line.page.get_by_role("button", name="Integers").click()
    assert line.count("box=\\[3.0, 6.0\\]") == 10
    assert line.surface.bounding_box()["height"] == pytest.approx(160, abs=1)
    line.stroke((0.8, 0.5), (0.95, 0.5))
    found = line.settled("edited=True box=\\[3.0, (8|9)")
    assert int(found[1]) > 12


def test_undo_does_not_cross_dimensions(pad):
    pad.page.get_by_role("link", name="Either").click()
    either = Pad(pad.page, "either")
    either.settled("edited=False box=\\[-2.0, -1.7")
    either.page.get_by_text("Flat").click()
    either.settled("edited=False box=\\[-2.0, 2.0\\]")
    either.page.get_by_role("button", name="Undo", disabled=True).wait_for()
    either.surface.focus()
    either.page.keyboard.press("Control+z")
    either.page.keyboard.press("Delete")
    either.settled("edited=True box=\\[\\]")
    either.page.keyboard.press("Control+z")
    either.settled("edited=False box=\\[-2.0, 2.0\\]")


def test_finger_draws_on_a_phone_and_the_toolbar_fits(serve, open_page):
    page = open_page(serve(DEMO), viewport={"width": 320, "height": 700}, is_mobile=True, has_touch=True)
    pad = Pad(page)
    pad.surface.wait_for()
    pad.surface.scroll_into_view_if_needed()
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y} for x, y in places]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", pad.at(0.3, 0.3))
    for i in range(20):
        touch("touchMove", pad.at(0.3 + 0.02 * i, 0.3 + 0.015 * i))
    touch("touchEnd")
    pad.settled("edited=True")
    assert pad.agrees() > 20
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    buttons = [button.bounding_box() for button in page.get_by_role("toolbar").get_by_role("button").all()]
    visible = [box for box in buttons if box]
    assert all(box["width"] >= 40 and box["height"] >= 40 and box["x"] + box["width"] <= 320 for box in visible)


def rows(pad):
    """Return how many buttons each row of the toolbar has, from above."""
    tops = [button.bounding_box() for button in pad.page.get_by_role("toolbar").get_by_role("button").all()]
    counts = Counter(box["y"] for box in tops if box)
    return [counts[top] for top in sorted(counts)]


@pytest.mark.parametrize("width", [300, 360])
def test_all_ten_buttons_fit_on_one_line_of_a_column(pad, width):
    pad.page.locator(".pad").evaluate("(pad, width) => { pad.style.width = `${width}px` }", width)
    assert rows(pad) == [10]


def test_a_phone_has_one_row_of_targets_for_a_finger(serve, open_page):
    page = open_page(serve(DEMO), viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    pad = Pad(page)
    pad.surface.wait_for()
    assert rows(pad) == [9]


def test_a_pen_that_is_pressed_harder_gives_more_points(pad):
    pen = pad.page.context.new_cdp_session(pad.page)

    def stroke(force: float, height: float) -> int:
        before = pad.agrees()
        way = [pad.at(0.2 + 0.03 * i, height) for i in range(20)]
        kinds = ["mousePressed", *["mouseMoved"] * 18, "mouseReleased"]
        for kind, (x, y) in zip(kinds, way, strict=True):
            held = {"button": "left", "buttons": 1, "clickCount": 1, "pointerType": "pen", "force": force}
            pen.send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **held})
        pad.settled("edited=True")
        return pad.agrees() - before

    light, hard = stroke(0.2, 0.3), stroke(0.9, 0.7)
    assert light > 10
    assert hard > 2 * light


def test_a_unit_is_as_long_along_x_as_along_y(pad):
    pad.tool("Single point")
    x, y = pad.at(0.3, 0.3)
    for right, down in ((0, 0), (150, 0), (0, 150)):
        pad.page.mouse.click(x + right, y + down)
    assert pad.agrees() == 3
    left, bottom, right, top = (
        float(number) for number in re.findall(r"-?\d+\.?\d*", pad.settled("starts=0 edited=True")[5])
    )
    assert right - left == pytest.approx(top - bottom, abs=0.02)


def test_points_take_the_colours_of_the_theme(serve, open_page):
    colours = {}
    for scheme in ("light", "dark"):
        page = open_page(serve(DEMO), color_scheme=scheme, viewport={"width": 900, "height": 900})
        pad = Pad(page)
        pad.surface.wait_for()
        pad.tool("Single point")
        pad.page.mouse.click(*pad.at(0.5, 0.5))
        pad.settled("edited=True")
        colours[scheme] = pad.surface.evaluate(
            """canvas => { const box = canvas.getBoundingClientRect(), scale = canvas.width / box.width;
            const at = [Math.round(canvas.width / 2), Math.round(canvas.height / 2)];
            return [...canvas.getContext("2d").getImageData(...at, 1, 1).data].slice(0, 3) }"""
        )
    assert colours["light"] == pytest.approx([0x00, 0x72, 0xB2], abs=3)
    assert colours["dark"] == pytest.approx([0x56, 0xB4, 0xE9], abs=3)


def test_pad_holds_fifty_thousand_points_and_says_when_it_is_full(pad):
    pad.page.get_by_role("button", name="Many").click()
    pad.settled("edited=False box=\\[-4")
    assert pad.agrees() == 49_990
    pad.stroke((0.2, 0.2), (0.8, 0.8))
    pad.settled("edited=True")
    assert pad.agrees() == 50_000
    assert "full" in pad.shown()
