"""What a visitor does in the latent and the style-transfer lab, in a real browser with real pointer events."""

import re

import pytest
from playwright.sync_api import expect

PICTURE = "canvas => canvas.picture"


@pytest.fixture(scope="module")
def address(serve):
    return serve("app.py")


def manifold(page, other_than=None):
    """Wait for the first picture's name, or for one that is none of `other_than`."""
    canvas = page.locator(".image-view canvas").first
    for _ in range(300):
        name = canvas.evaluate(PICTURE)
        if name and name != other_than:
            return name
        page.wait_for_timeout(200)
    raise AssertionError(f"The picture stays {name}.")


def settled(page):
    """Wait until the picture has stayed the same for two seconds; return its name."""
    name, same = manifold(page), 0
    while same < 10:
        page.wait_for_timeout(200)
        now = manifold(page)
        name, same = now, same + 1 if now == name else 0
    return name


def test_the_pretrained_manifold_is_scrubbed(address, open_page):
    page = open_page(f"{address}/latent")
    last = manifold(page)
    page.get_by_role("button", name="To the start").click()
    first = manifold(page, last)
    page.get_by_role("button", name="One step on").click()
    manifold(page, first)
    page.wait_for_url(re.compile(r"latent\.step=1"))
    twin = open_page(page.url)
    manifold(twin)
    expect(twin.get_by_role("slider", name="Step", exact=True)).to_have_value("1")


def test_a_training_is_played_paused_and_scrubbed_back(address, open_page):
    page = open_page(f"{address}/latent?latent.source=Train+here")
    page.get_by_role("button", name="play_arrow").click()
    early = manifold(page)
    manifold(page, early)
    page.get_by_role("button", name="pause").click()
    expect(page.get_by_text(re.compile("^Paused: step"))).to_be_visible(timeout=15_000)
    paused = settled(page)
    page.get_by_role("button", name="To the start").click()
    manifold(page, paused)
    page.get_by_role("button", name="To the end").click()
    assert settled(page) == paused
    page.locator(".st-key-latent-panel-stop button").first.click()
    expect(page.get_by_text(re.compile("^Stopped: step"))).to_be_visible(timeout=15_000)


def test_a_drawn_digit_gets_ten_labelled_copies(address, open_page):
    page = open_page(f"{address}/style_transfer?style.way=A+digit+of+my+own")
    pad = page.get_by_label("Write a digit here")
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.15 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.45 * box["width"], box["y"] + 0.85 * box["height"], steps=12)
    page.mouse.up()
    manifold(page)
    size = page.locator(".image-view canvas").first.evaluate("canvas => [canvas.width, canvas.height]")
    assert size == [28 * 11, 28]  # the seed and its style under ten labels
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Write a digit: its style")).to_be_visible()


@pytest.mark.parametrize("name", ["latent", "style_transfer"])
def test_nothing_overflows_on_a_phone(address, open_page, name):
    page = open_page(f"{address}/{name}", viewport={"width": 390, "height": 844})
    manifold(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
