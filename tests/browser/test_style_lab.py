"""What a visitor does in the style-transfer lab and side by side, in a real browser with real pointer events."""

import re

import pytest
from playwright.sync_api import expect

PICTURE = "canvas => canvas.picture"
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def address(serve):
    return serve("app.py")


def picture(page, number=0, other_than=None):
    """Wait for the name of a view's picture, or for one that is not `other_than`."""
    canvas = page.locator(".image-view canvas").nth(number)
    canvas.wait_for(timeout=60_000)  # a worker may have to start first
    for _ in range(300):
        name = canvas.evaluate(PICTURE)
        if name and name != other_than:
            return name
        page.wait_for_timeout(100)
    raise AssertionError(f"The picture stays {name}.")


def write_a_one(page):
    box = page.get_by_label("Write a digit here").bounding_box()
    page.mouse.move(box["x"] + 0.55 * box["width"], box["y"] + 0.15 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.45 * box["width"], box["y"] + 0.85 * box["height"], steps=12)
    page.mouse.up()


def test_a_drawn_digit_gets_ten_labelled_copies_and_stands_in_the_link(address, open_page):
    page = open_page(f"{address}/style_transfer?style.way=A+digit+of+my+own")
    write_a_one(page)
    drawn = picture(page)
    size = page.locator(".image-view canvas").evaluate("canvas => [canvas.width, canvas.height]")
    assert size == [28 * 11, 28]  # the seed and its style under ten labels
    names = page.locator(".image-view .columns span").all_inner_texts()
    assert names == ["seed", *map(str, range(10))]
    assert page.locator(".image-view .marked").count() == 1
    page.wait_for_url(re.compile("digit=d1"))
    assert len(re.search(r"digit=([^&]*)", page.url)[1]) < 400
    twin = open_page(page.url)
    assert picture(twin) == drawn
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Write a digit: its style")).to_be_visible()
    page.wait_for_url(lambda url: "digit=d1" not in url)


def test_a_click_adds_a_row_and_another_takes_it_away(address, open_page):
    page = open_page(f"{address}/style_transfer?style.way=Chosen+images")
    before = picture(page, 1)
    shelf = page.locator(".image-view").first
    shelf.get_by_role("button").nth(5).click()
    added = picture(page, 1, before)
    assert page.locator(".image-view canvas").nth(1).evaluate("canvas => canvas.height") == 4 * 28
    page.wait_for_url(re.compile(r"style\.picks\.mnist="))
    shelf.get_by_role("button").nth(5).click()
    assert picture(page, 1, added) == before


def test_scrubbing_back_changes_the_grid(address, open_page):
    page = open_page(f"{address}/style_transfer?style.way=Every+epoch")
    last = picture(page)
    page.get_by_role("button", name="To the start").click()
    first = picture(page, 0, last)
    page.get_by_role("button", name="One step on").click()
    assert picture(page, 0, first) != last
    page.wait_for_url(re.compile(r"style\.step=1"))


def test_a_training_is_watched_paused_and_scrubbed_back(address, open_page):
    page = open_page(f"{address}/style_transfer?latent.source=Train+here&tab=Manifolds")
    page.locator(".st-key-style-panel-play_arrow button").first.wait_for()
    page.wait_for_function("!document.querySelector('[data-test-script-state=running]')")
    page.wait_for_timeout(1000)  # a click while the page is still drawn may be lost
    page.locator(".st-key-style-panel-play_arrow button").first.click()
    expect(page.get_by_text(re.compile("^Training: step"))).to_be_visible(timeout=60_000)
    early = picture(page)
    later = picture(page, 0, early)
    page.locator(".st-key-style-panel-pause button").first.click()
    expect(page.get_by_text(re.compile("^Paused: step"))).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="To the start").click()
    assert picture(page, 0, later) != later
    page.locator(".st-key-style-panel-stop button").first.click()
    expect(page.get_by_text(re.compile("^Stopped: step"))).to_be_visible(timeout=15_000)


def test_two_models_train_side_by_side_on_one_timeline(address, open_page):
    sides = "versus.a.mnist=Train+here:+Variational+autoencoder&versus.b.mnist=Train+here:+Autoencoder"
    page = open_page(f"{address}/latent?tab=Side+by+side&{sides}")
    page.get_by_role("button", name="Play both").click()
    early = [picture(page, number) for number in (0, 1)]
    for number, name in enumerate(early):
        picture(page, number, name)
    page.get_by_role("button", name="Pause both").click()
    expect(page.get_by_text(re.compile("^Paused: step"))).to_have_count(2, timeout=15_000)
    page.wait_for_timeout(500)
    paused = [picture(page, number) for number in (0, 1)]
    page.get_by_role("button", name="To the start").click()
    for number, name in enumerate(paused):
        picture(page, number, name)


@pytest.mark.parametrize("tab", ["Grid", "Sliders", "Manifolds", "Where+the+styles+lie"])
def test_a_phone_scrolls_the_grid_in_its_own_box(address, open_page, tab):
    page = open_page(f"{address}/style_transfer?tab={tab}&latent.data=Fashion-MNIST", viewport=PHONE)
    if tab.startswith("Where"):
        page.wait_for_function("document.querySelectorAll('canvas.paint').length == 2")
    else:
        picture(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    if tab == "Grid":
        inner, outer = page.locator(".image-view").evaluate("view => [view.scrollWidth, view.clientWidth]")
        assert inner > outer
        words = page.locator(".image-view .columns span").evaluate_all(
            "spans => spans.filter((span) => span.scrollWidth > span.clientWidth + 1).map((span) => span.textContent)"
        )
        assert words == []  # no name is cut off
