"""Live figures in a real Chromium: they change in place, share a view, follow the theme, and can be taken home."""

from __future__ import annotations

import base64
import re
import struct
from xml.etree import ElementTree

import numpy as np
import pytest

from pages.components import live_figure as widget
from pages.components.serving.modules import name_of

DEMO = "tests/browser/live_figure_demo.py"
HEAT_MAP, NARROW, CURVE, SURFACE = range(4)
ALL_DRAWN = "n => document.querySelectorAll('.live-figure .note[hidden]').length === n"
RANGES = "plot => ['xaxis', 'yaxis'].flatMap(axis => plot._fullLayout[axis].range)"
KERNEL = "plot => plot.parentElement.querySelector('.kernel .line').getAttribute('d')"
# Page coordinates of a point given in data coordinates, and pixels in a unit of x and of y.
PLACE = """(plot, [x, y]) => {
  const full = plot._fullLayout, box = plot.getBoundingClientRect();
  return [box.left + full.xaxis._offset + full.xaxis.d2p(x), box.top + full.yaxis._offset + full.yaxis.d2p(y),
          full.xaxis.d2p(1) - full.xaxis.d2p(0), full.yaxis.d2p(0) - full.yaxis.d2p(1)];
}"""
# The colour (red, green, blue) of the first opaque pixel of what is painted.
PAINT = """plot => {
  const canvas = plot.querySelector('canvas.paint');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) return [...data.slice(i, i + 3)];
}"""
DATA_POINT = np.random.default_rng(0).normal(size=(500, 2))[3]  # one of the demo's
RUG_HEIGHT = -0.06  # of the demo's curve, whose top is 1


@pytest.fixture
def demo(serve, open_page):
    """Open the demo and wait for its four figures."""

    def open_(**context):
        page = open_page(serve(DEMO), **{"viewport": {"width": 1280, "height": 900}, **context})
        page.wait_for_function(ALL_DRAWN, arg=4)
        return page

    return open_


def plot(page, index):
    return page.locator(".live-figure .plot").nth(index)


def place(page, index, point=DATA_POINT):
    return plot(page, index).evaluate(PLACE, [float(value) for value in point])


def ranges(page, index):
    return plot(page, index).evaluate(RANGES)


def wait_for_ranges(page, index, expected):
    page.wait_for_function(
        f"([i, expected]) => ({RANGES})(document.querySelectorAll('.live-figure .plot')[i])"
        ".every((value, k) => Math.abs(value - expected[k]) < 1e-3)",
        arg=[index, expected],
    )


def drag(page, index, across):
    x, y, *_ = place(page, index)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + across, y, steps=8)
    page.mouse.up()


def extent(path):
    numbers = [float(number) for number in re.findall(r"-?\d+\.\d+", path)]
    xs, ys = numbers[::2], numbers[1::2]
    return max(xs) - min(xs), max(ys) - min(ys)


def test_new_frames_replace_the_picture_without_a_blank_one(demo):
    page = demo()
    page.evaluate("""() => {
      const first = window.first = document.querySelector('.live-figure .plot');
      window.drawn = window.shown = window.blank = 0;
      first.parentElement.addEventListener('drawn', () => window.drawn++);
      (function look() {
        const canvas = first.querySelector('canvas.paint');
        window.shown++;
        if (!canvas?.getContext('2d').getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[3]) window.blank++;
        requestAnimationFrame(look);
      })();
    }""")
    page.get_by_text("Live", exact=True).click()
    page.wait_for_function("window.drawn >= 8")
    assert page.evaluate("window.first === document.querySelector('.live-figure .plot')")
    assert page.evaluate("[window.shown > 8, window.blank]") == [True, 0]


def test_linked_figures_share_a_view_that_survives_new_frames(demo):
    page = demo()
    drag(page, HEAT_MAP, across=80)
    moved = ranges(page, HEAT_MAP)
    assert moved[0] < -3.5
    wait_for_ranges(page, NARROW, moved)
    page.get_by_role("slider").focus()
    page.keyboard.press("End")
    # At (2.43, .03) the blob is .052 high before the slider moves and .025 after.
    x, y, *_ = place(page, HEAT_MAP, (2.43, 0.03))
    page.mouse.move(x, y)
    page.wait_for_function(
        """([x, y]) => {
          const figure = document.querySelector('.live-figure');
          figure.querySelector('.plot').dispatchEvent(new PointerEvent('pointermove', { clientX: x, clientY: y }));
          return figure.querySelector('.value').textContent.includes('x₁ 2.43, x₂ 0.03\\np(x) = 0.025');
        }""",
        arg=[x, y],
    )
    assert ranges(page, HEAT_MAP) == pytest.approx(moved)
    page.get_by_text("Second", exact=True).click()  # a figure that arrives late joins the others' view
    page.wait_for_function(ALL_DRAWN, arg=3)
    page.get_by_text("Second", exact=True).click()
    page.wait_for_function(ALL_DRAWN, arg=4)
    wait_for_ranges(page, NARROW, moved)
    page.locator(".live-figure").nth(NARROW).hover()
    page.get_by_label("Reset the view").nth(NARROW).click()
    for index in (HEAT_MAP, NARROW):
        wait_for_ranges(page, index, [-3, 3, -3, 3])


def test_wheels_scroll_the_page_and_zoom_with_ctrl(demo):
    page = demo(viewport={"width": 1280, "height": 600})
    x, y, *_ = place(page, HEAT_MAP)
    page.mouse.move(x, y)
    page.mouse.wheel(0, 80)
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop > 40")
    assert ranges(page, HEAT_MAP) == [-3, 3, -3, 3]
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    page.wait_for_function(f"({RANGES})(document.querySelector('.live-figure .plot'))[1] < 2.9")
    zoomed = ranges(page, HEAT_MAP)
    wait_for_ranges(page, NARROW, zoomed)
    x, y, *_ = place(page, NARROW)
    page.mouse.dblclick(x, y)
    for index in (HEAT_MAP, NARROW):
        wait_for_ranges(page, index, [-3, 3, -3, 3])


def test_a_point_under_the_pointer_shows_its_kernel(demo):
    page = demo()
    x, y, unit, _ = place(page, HEAT_MAP)
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y, steps=3)
    page.wait_for_function(f"({KERNEL})(document.querySelector('.live-figure .plot'))")
    assert extent(plot(page, HEAT_MAP).evaluate(KERNEL)) == pytest.approx((0.8 * unit, 0.8 * unit), abs=0.3)

    x, y, unit, tall = place(page, CURVE, (DATA_POINT[0], RUG_HEIGHT))
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y, steps=3)
    page.wait_for_function(f"({KERNEL})(document.querySelectorAll('.live-figure .plot')[{CURVE}])")
    assert extent(plot(page, CURVE).evaluate(KERNEL)) == pytest.approx((2 * unit, 0.3 * tall), abs=0.3)
    assert plot(page, HEAT_MAP).evaluate(KERNEL) is None


def test_figures_follow_the_theme_in_place(demo):
    page = demo(color_scheme="light")
    text = "document.querySelector('.xtick text').style.fill"
    page.evaluate("window.first = document.querySelector('.live-figure .plot')")
    assert page.evaluate(text) == "rgb(31, 41, 51)"
    assert plot(page, CURVE).evaluate(PAINT) == pytest.approx([0, 114, 178], abs=3)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"{text} === 'rgb(230, 235, 240)'")
    page.wait_for_function(f"({PAINT})(document.querySelectorAll('.live-figure .plot')[{CURVE}])[0] > 60")
    assert plot(page, CURVE).evaluate(PAINT) == pytest.approx([86, 180, 233], abs=3)
    assert page.evaluate("window.first === document.querySelector('.live-figure .plot')")


def test_downloads_open_without_the_app(demo, browser, tmp_path):
    page = demo()
    figure = page.locator(".live-figure").first
    size = figure.bounding_box()
    files = {}
    for suffix in ("png", "svg", "html"):
        figure.hover()
        figure.get_by_label("Download the figure").click()
        with page.expect_download() as download:
            figure.get_by_role("button", name=suffix.upper(), exact=True).click()
        assert download.value.suggested_filename == f"blob.{suffix}"
        files[suffix] = tmp_path / f"blob.{suffix}"
        download.value.save_as(files[suffix])

    width, height = struct.unpack(">II", files["png"].read_bytes()[16:24])
    assert (width, height) == pytest.approx((2 * size["width"], 2 * size["height"]), abs=2)
    assert ElementTree.parse(files["svg"]).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    offline = browser.new_context(offline=True)
    try:
        copy = offline.new_page()
        copy.goto(files["html"].as_uri())
        copy.wait_for_selector(".heatmaplayer image", state="attached")
        assert copy.locator(".scatterlayer path.point").count() == 500
        assert copy.get_by_role("img", name="A moving blob").count() == 1
    finally:
        offline.close()


def test_a_finger_scrolls_past_a_figure_and_a_tap_shows_the_kernel(demo):
    page = demo(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    x, y, *_ = place(page, HEAT_MAP)
    page.touchscreen.tap(x, y)
    page.wait_for_timeout(600)  # the browser sends mouse events after a tap; the kernel must outlast them
    assert plot(page, HEAT_MAP).evaluate(KERNEL)
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": 200, "y": y}]})
    for step in range(1, 16):
        moved = {"x": 200, "y": y - 12 * step}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [moved]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop > 80")
    assert ranges(page, HEAT_MAP) == [-3, 3, -3, 3]


def test_late_frames_are_dropped_and_only_a_figure_that_left_is_cleaned_up(demo):
    page = demo()
    frames = [
        widget._message({"data": [{"type": "scatter", "y": [1, 2]}]}, height=200, alt=alt, link=None, file_name="x")
        for alt in ("older", "newer")
    ]
    seen = page.evaluate(
        """async ([script, older, newer]) => {
          const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
          const { default: show } = await import(new URL(script, document.baseURI).href);
          const parentElement = document.body.appendChild(document.createElement('div'));
          const pause = (ms) => new Promise((done) => setTimeout(done, ms));
          const cleanUp = show({ data: bytes(newer), parentElement });
          show({ data: bytes(older), parentElement });
          const plot = parentElement.querySelector('.plot');
          for (let i = 0; i < 500 && !plot._fullLayout; i++) await pause(20);
          const seen = [plot.getAttribute('aria-label')];
          cleanUp();
          await pause(50);
          seen.push(Boolean(plot._fullLayout));
          parentElement.remove();
          cleanUp();
          await pause(50);
          return [...seen, Boolean(plot._fullLayout)];
        }""",
        [name_of("live_figure"), *(base64.b64encode(frame).decode() for frame in frames)],
    )
    assert seen == ["newer", True, False]


def test_without_the_library_a_sentence_stands_in_the_figure_s_place(serve, browser):
    context = browser.new_context()
    try:
        page = context.new_page()
        page.route(re.compile(r"plotly-.*\.min\.js"), lambda route: route.abort())
        page.goto(serve(DEMO))
        note = page.locator(".live-figure .note").first
        page.wait_for_function("document.querySelector('.live-figure .note')?.textContent")
        assert note.inner_text() == "The figure library could not be loaded; reload the page to try again."
        assert page.locator(".live-figure").first.bounding_box()["height"] == 360
    finally:
        context.close()
