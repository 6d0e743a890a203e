"""Handles and timelines in a real Chromium: what is dragged reaches Python, what is scrubbed needs no server."""

import re

import pytest
from playwright.sync_api import expect

DEMO = "tests/browser/timeline_demo.py"
SHOWN = "() => document.querySelector('canvas.paint').traces[0].x.length"


@pytest.fixture
def demo(serve, open_page):
    def open_(query="", **context):
        page = open_page(serve(DEMO) + query, **context)
        page.wait_for_function("document.querySelector('canvas.paint')?.traces?.length")
        return page

    return open_


def drag(page, across, up):
    box = page.get_by_role("button", name="Start of the way").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(1, 9):
        page.mouse.move(x + across * i / 8, y - up * i / 8)
    page.mouse.up()


def test_a_handle_is_dragged_and_python_draws_from_there(demo):
    page = demo()
    drag(page, -60, 40)
    expect(page.get_by_text("from 2.00 1.00")).to_have_count(0)
    page.wait_for_timeout(500)
    found = re.search(r"from (-?\d\.\d+) (-?\d\.\d+)", page.locator("body").inner_text())
    x, y = float(found[1]), float(found[2])
    assert x < 1.9
    assert y > 1.1
    page.wait_for_function(f"Math.abs(document.querySelector('canvas.paint').traces[0].x[0] - {x}) < 0.01")


def test_a_handle_moves_by_the_arrow_keys(demo):
    page = demo()
    page.get_by_role("button", name="Start of the way").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("from 2.08 1.00")).to_be_visible()
    page.keyboard.press("Shift+ArrowDown")
    expect(page.get_by_text("from 2.08 0.60")).to_be_visible()
    assert page.evaluate("document.activeElement.className") == "handle"


def test_a_timeline_scrubs_plays_and_stands_in_the_link(demo):
    page = demo()
    assert page.evaluate(SHOWN) == 9
    expect(page.get_by_text("step 8 of 8")).to_be_visible()
    page.get_by_role("button", name="To the start").click()
    assert page.evaluate(SHOWN) == 1
    expect(page.locator(".caption")).to_have_text("at 2.00")
    page.get_by_role("button", name="One step on").click()
    expect(page.locator(".caption")).to_have_text("at 1.75")
    page.wait_for_url(re.compile("step=1"))
    twin = demo("/?step=1")
    expect(twin.get_by_text("step 1 of 8")).to_be_visible()
    assert twin.evaluate(SHOWN) == 2
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".caption")).to_have_text("at 1.50")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_text("step 8 of 8")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.wait_for_url(re.compile("^(?!.*step=)"))


def test_a_new_history_is_shown_at_its_end(demo):
    page = demo()
    page.get_by_role("button", name="To the start").click()
    page.wait_for_url(re.compile("step=0"))
    drag(page, -40, 0)
    page.wait_for_function(f"({SHOWN})() === 9")
    page.wait_for_url(re.compile("^(?!.*step=)"))


def test_words_are_those_of_the_step_on_show(demo):
    page = demo()
    words = page.locator(".live-text.warning")
    expect(words).to_be_hidden()
    page.get_by_role("button", name="To the start").click()
    expect(words).to_have_text("Far off: 8 of 8 steps left.")
    page.get_by_role("button", name="One step on").click()
    expect(words).to_have_text("Far off: 7 of 8 steps left.")
    page.get_by_role("slider").fill("3")
    expect(words).to_be_hidden()
    twin = demo("/?step=2")
    expect(twin.locator(".live-text.warning")).to_have_text("Far off: 6 of 8 steps left.")
