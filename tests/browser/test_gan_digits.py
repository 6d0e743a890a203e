"""What a visitor does in the GAN lab's Digits and Compare, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from engine.pretrain import pretrained_names

FRAME = "canvas => canvas.picture"
MARK = "canvas => canvas.traces.at(-1)?.x[0] ?? null"  # where the timeline stands


@pytest.fixture(scope="module")
def address(serve):
    return serve("app.py")


def manifold(page, other_than=None, timeout=30_000):
    """Wait for the first picture's name, or for one that is none of `other_than`."""
    canvas = page.locator(".image-view canvas").first
    for _ in range(timeout // 200):
        name = canvas.evaluate(FRAME)
        if name and name != other_than:
            return name
        page.wait_for_timeout(200)
    raise AssertionError(f"The picture stays {name}.")


@pytest.mark.skipif("gan_mnist" not in pretrained_names(), reason="no pretrained GAN is shipped yet")
def test_digits_are_switched_to_and_their_manifold_changes_by_epoch(address, open_page):
    page = open_page(f"{address}/adversarial?tab=Compare")
    page.get_by_role("tab", name="Digits").click()
    last = manifold(page)
    page.get_by_role("button", name="To the start").first.click()
    first = manifold(page, last)
    assert page.locator(".st-key-digits-losses canvas.paint").evaluate(MARK) == 1  # the first snapshot's step
    page.get_by_role("button", name="One step on").first.click()
    manifold(page, first)
    page.wait_for_url(re.compile(r"digits\.step=1"))
    assert page.locator(".st-key-digits-losses canvas.paint").evaluate(MARK) == 2
    page.get_by_role("button", name="To the end").first.click()
    assert page.locator(".st-key-digits-losses canvas.paint").evaluate(MARK) is None


def test_a_training_of_digits_shows_its_batches(address, open_page):
    page = open_page(f"{address}/adversarial?tab=Digits&digits.source=Train")
    data = manifold(page)
    page.get_by_role("button", name="Play", exact=True).first.click()
    early = manifold(page, data, timeout=90_000)  # a worker may still be starting
    manifold(page, early)
    page.locator(".st-key-digits-panel-pause button").first.click()
    expect(page.get_by_text(re.compile("^Paused: step"))).to_be_visible(timeout=15_000)


def drawn(page, game):
    """Return a fingerprint of what a game's canvas shows."""
    return page.locator(f".st-key-compare-game-{game} canvas").first.evaluate("canvas => canvas.toDataURL()")


def test_two_games_play_together(address, open_page):
    page = open_page(f"{address}/adversarial?tab=Compare&compare.pair=My+own+comparison")
    expect(page.get_by_text("2 · non-saturating")).to_be_visible(timeout=30_000)
    for game in (0, 1):
        expect(page.locator(f".st-key-compare-game-{game} canvas").first).to_be_visible()
    page.get_by_role("button", name="Play", exact=True).first.click()
    expect(page.get_by_text(re.compile("^Training: step"))).to_be_visible(timeout=90_000)
    before = [drawn(page, game) for game in (0, 1)]
    for game in (0, 1):
        for _ in range(100):
            if drawn(page, game) != before[game]:
                break
            page.wait_for_timeout(200)
        assert drawn(page, game) != before[game]
    page.locator(".st-key-compare-panel-stop button").first.click()
    expect(page.get_by_text(re.compile("^Stopped: step"))).to_be_visible(timeout=15_000)


@pytest.mark.parametrize("tab", ["Digits", "Compare"])
def test_nothing_overflows_on_a_phone(address, open_page, tab):
    page = open_page(f"{address}/adversarial?tab={tab}", viewport={"width": 390, "height": 844})
    expect(page.get_by_role("tab", name=tab)).to_be_visible()
    page.wait_for_timeout(2000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
