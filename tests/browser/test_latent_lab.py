"""What a visitor does in the latent and the style-transfer lab, in a real browser with real pointer events."""

import re

import pytest
from playwright.sync_api import expect

PICTURE = "() => document.querySelector('.image-view canvas')?.picture"


@pytest.fixture(scope="module")
def address(serve):
    return serve("app.py")


def manifold(page):
    page.wait_for_function(PICTURE, timeout=30_000)
    return page.evaluate(PICTURE)


def test_the_pretrained_manifold_is_scrubbed(address, open_page):
    page = open_page(f"{address}/latent")
    last = manifold(page)
    page.get_by_role("button", name="To the start").click()
    page.wait_for_function(f"({PICTURE})() !== '{last}'")
    first = manifold(page)
    page.get_by_role("button", name="One step on").click()
    page.wait_for_function(f"({PICTURE})() !== '{first}'")
    page.wait_for_url(re.compile(r"latent\.step=1"))
    twin = open_page(page.url)
    manifold(twin)
    expect(twin.get_by_role("slider", name="Step", exact=True)).to_have_value("1")


def test_a_training_is_played_paused_and_scrubbed_back(address, open_page):
    page = open_page(f"{address}/latent?latent.source=Train+here")
    page.get_by_role("button", name="play_arrow").click()
    early = manifold(page)
    page.wait_for_function(f"({PICTURE})() !== '{early}'", timeout=60_000)
    page.get_by_role("button", name="pause").click()
    expect(page.get_by_text(re.compile("^Paused: step"))).to_be_visible(timeout=15_000)
    page.wait_for_timeout(1000)
    paused = manifold(page)
    page.get_by_role("button", name="To the start").click()
    page.wait_for_function(f"({PICTURE})() !== '{paused}'")
    page.get_by_role("button", name="To the end").click()
    page.wait_for_function(f"({PICTURE})() === '{paused}'")
    page.get_by_role("button", name="stop", exact=True).click()
    expect(page.get_by_text(re.compile("^Stopped: step"))).to_be_visible(timeout=15_000)


def test_a_drawn_digit_gets_ten_labelled_copies(address, open_page):
    page = open_page(f"{address}/style_transfer?style.way=A+digit+of+my+own")
    pad = page.get_by_label("Write a digit here")
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.15 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.45 * box["width"], box["y"] + 0.85 * box["height"], steps=12)
    page.mouse.up()
    page.wait_for_function(PICTURE, timeout=30_000)
    size = page.evaluate(
        "() => { const c = document.querySelector('.image-view canvas'); return [c.width, c.height]; }"
    )
    assert size == [28 * 11, 28]  # the seed and its style under ten labels
    before = page.evaluate(PICTURE)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Write a digit: its style")).to_be_visible()
    assert before


@pytest.mark.parametrize("name", ["latent", "style_transfer"])
def test_nothing_overflows_on_a_phone(address, open_page, name):
    page = open_page(f"{address}/{name}", viewport={"width": 390, "height": 844})
    manifold(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
