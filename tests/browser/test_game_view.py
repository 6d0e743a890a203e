"""The canvas of a game in a real Chromium: it follows a timeline, and its layers are chosen at once."""

import re

import pytest
from playwright.sync_api import expect

DEMO = "tests/browser/game_demo.py"
FIRST = "canvas => canvas.frame?.generated?.values[0]"  # x of the first generated point


@pytest.fixture
def demo(serve, open_page):
    def open_(query="", **context):
        page = open_page(serve(DEMO) + query, **context)
        page.get_by_label("A game").wait_for()
        return page

    return open_


def canvas_of(page):
    return page.locator(".game canvas")


def shown(page, wanted=lambda x: x is not None):
    """Wait until the first generated point's x is what is wanted; return it."""
    for _ in range(100):
        x = canvas_of(page).evaluate(FIRST)
        if wanted(x):
            return x
        page.wait_for_timeout(50)
    raise AssertionError(f"The first point stays at {x}.")


def pixels(page):
    """Read a picture that has come to rest."""
    page.wait_for_timeout(400)
    return canvas_of(page).evaluate("canvas => canvas.toDataURL()")


def test_a_history_scrubs_without_the_server(demo, serve):
    page = demo()
    last = shown(page)
    page.wait_for_timeout(1200)  # in which the rest of the history comes
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="To the start").click()
    shown(page, lambda x: x != last)
    for _ in range(12):
        page.get_by_role("button", name="One step on").click()
    shown(page, lambda x: x == last)
    assert [url for url in asked if url.endswith(".bin")] == []


def test_a_layer_goes_at_once_and_the_link_keeps_that(demo):
    page = demo()
    shown(page)
    before = pixels(page)
    page.get_by_role("button", name="generated").click()
    assert pixels(page) != before
    page.get_by_label("Background").select_option("optimal")
    page.wait_for_url(re.compile(r"game\.layers=optimal\.real\.manifold\.boundary"))
    twin = demo(page.url[page.url.index("?") :])
    shown(twin)
    expect(twin.get_by_role("button", name="generated")).to_have_attribute("aria-pressed", "false")
    expect(twin.get_by_label("Background")).to_have_value("optimal")
    page.get_by_label("Background").select_option("field")
    page.get_by_role("button", name="generated").click()
    page.wait_for_url(re.compile("^(?!.*layers)"))


def test_noise_morphs_into_samples(demo):
    page = demo()
    shown(page)
    before = pixels(page)
    page.get_by_label("From noise to samples", exact=True).fill("0.3")
    between = pixels(page)
    assert between != before
    page.get_by_role("button", name="Play from noise to samples").click()
    expect(page.get_by_label("From noise to samples", exact=True)).to_have_value("1")
    assert pixels(page) == before


def test_a_critic_has_no_optimum_and_no_half(demo):
    page = demo("/?critic")
    shown(page)
    assert page.get_by_label("Background").locator("option").all_inner_texts() == ["critic", "no background"]
    expect(page.get_by_role("button", name="D = ½")).to_be_hidden()
    expect(page.get_by_label("From noise to samples", exact=True)).to_be_hidden()


def test_without_a_history_the_data_is_there(demo):
    page = demo("/?begin")
    page.wait_for_timeout(500)
    blue = canvas_of(page).evaluate(
        """canvas => {
          const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
          let count = 0;
          for (let i = 0; i < data.length; i += 4) count += data[i] < 60 && data[i + 2] > 150;
          return count;
        }"""
    )
    assert blue > 500


def test_a_picture_is_downloaded(demo):
    page = demo()
    shown(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the picture").click()
    assert download.value.suggested_filename == "game.png"
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def test_it_fits_a_phone_with_its_layers_below(demo):
    page = demo(viewport={"width": 390, "height": 844}, color_scheme="dark")
    shown(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    canvas, bar = (page.locator(f".game {part}").bounding_box() for part in ("canvas", ".bar"))
    assert canvas["width"] <= 390
    assert bar["y"] > canvas["y"]
