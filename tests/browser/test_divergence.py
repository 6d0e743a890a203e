"""What a visitor does in the divergence lab, in a real browser with real pointer events."""

import re

import pytest
from playwright.sync_api import expect

LAB = "/divergence?fits.objectives=Reverse+KL+divergence&fits.objectives=KL+divergence"
WAY = """() => [...document.querySelectorAll('canvas.paint')].map((canvas) => {
  const way = canvas.traces.find(({ name }) => name === 'way');
  return [way.x[0], way.y[0]];
})"""


@pytest.fixture
def lab(serve, open_page):
    server = serve("app.py")

    def open_(address=LAB, **options):
        page = open_page(address if address.startswith("http") else f"{server}{address}", **options)
        page.wait_for_function(
            "[...document.querySelectorAll('canvas.paint')].filter((one) => one.traces).length === 2", timeout=30_000
        )
        return page

    return open_


def test_the_start_is_dragged_and_both_fits_begin_there(lab):
    page = lab()
    assert page.evaluate(WAY) == [[1.5, 1.5], [1.5, 1.5]]
    expect(page.get_by_text("0.2227 nats")).to_be_visible()
    box = page.get_by_role("button", name="Start of q").first.bounding_box()
    scale = page.evaluate(
        """() => {
          const full = document.querySelector('.live-figure .plot')._fullLayout;
          return [full.xaxis, full.yaxis].map((axis) => axis._length / (axis.range[1] - axis.range[0]));
        }"""
    )
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 4.0 * scale[0], y - 1.0 * scale[1], steps=6)
    page.mouse.up()
    expect(page.get_by_text(re.compile(r"1\.60\d\d\snats"))).to_be_visible(timeout=15_000)  # a local optimum
    page.wait_for_function(f"({WAY})().every(([x, y]) => Math.abs(x + 2.5) < 0.1 && Math.abs(y - 2.5) < 0.1)")
    page.wait_for_url(re.compile(r"fits\.x=-2\.\d"))
    twin = lab(page.url)
    assert twin.evaluate(WAY) == page.evaluate(WAY)


def test_a_fit_is_stepped_through_and_the_step_stands_in_the_link(lab):
    page = lab()
    page.get_by_role("button", name="To the start").click()
    expect(page.locator(".caption").first).to_have_text(re.compile("iteration 0: "))
    page.get_by_role("button", name="One step on").click()
    expect(page.locator(".caption").first).to_have_text(re.compile("iteration 1: "))
    page.wait_for_url(re.compile(r"fits\.step=1"))
    twin = lab(page.url)
    expect(twin.locator(".caption").first).to_have_text(re.compile("iteration 1: "))


@pytest.mark.parametrize("width", [390, 768])
def test_nothing_overflows_on_a_small_screen(lab, width):
    page = lab(viewport={"width": width, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_mode_is_dragged_and_the_link_reopens_the_mixture(lab):
    page = lab()
    page.get_by_role("button", name="Edit this mixture").click()
    mean = page.get_by_role("button", name="Mean of component 1").first
    box = mean.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=5)
    page.mouse.up()
    page.wait_for_function("!decodeURIComponent(location.search).includes('-2.5,2.5')")
    expect(page.get_by_text("0.2227 nats")).to_have_count(0)
    page.wait_for_timeout(500)  # the last of the moves is on its way
    page.locator("[data-test-script-state=notRunning]").wait_for()
    captions = page.locator(".caption").all_inner_texts()
    twin = lab(page.url)
    expect(twin.locator(".caption").first).to_have_text(captions[0])
    expect(twin.locator(".caption").nth(1)).to_have_text(captions[1])


def test_the_basin_map_colours_both_basins(lab):
    page = lab("/divergence?fits.objectives=Reverse+KL+divergence&fits.objectives=KL+divergence&fits.map=true")
    expect(page.get_by_text(re.compile("Local optimum 1.608"))).to_be_visible(timeout=20_000)
    labels = page.evaluate(
        """() => [...document.querySelectorAll('canvas.paint')].map((canvas) => {
          const field = canvas.traces.find(({ name }) => name === 'basins');
          return [...new Set(field.z)].sort();
        })"""
    )
    assert labels[0] == [0, 1]
    assert labels[1] == [0]  # KL: every start ends in the same optimum
