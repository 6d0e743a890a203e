"""What a visitor does in the plane of the GAN lab, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from engine.adversarial.lessons import LESSONS

FRAME = "canvas => canvas.shown && [canvas.shown, ...['field', 'generated'].map(n => canvas.frame[n]?.values.join())]"
PATIENCE = 300  # looks, 0.1 s apart


@pytest.fixture(scope="module")
def address(serve):
    return f"{serve('app.py')}/adversarial"


@pytest.fixture(scope="module")
def long_game(address):
    """The first lesson, made to last: on a quiet machine its own 4,000 iterations are over in two seconds."""
    return f"{address}?game.{LESSONS[0].name}.iterations=300000"


def frame(page, other_than=None):
    """Wait for a frame, or for one that is not `other_than`; return its name, field and generated points."""
    canvas = page.locator(".game canvas")
    canvas.wait_for(timeout=30_000)
    for _ in range(PATIENCE):
        found = canvas.evaluate(FRAME)
        if found and found[1] and (other_than is None or found[0] != other_than[0]):
            return found
        page.wait_for_timeout(100)
    raise AssertionError("No other frame has come.")


def press(page, name):
    page.locator(f".st-key-game-button-{name} button").first.click()


def paused(page):
    """Pause the game and return the frame that it then shows."""
    press(page, "pause")
    expect(page.get_by_text(re.compile("^Paused: iteration"))).to_be_visible(timeout=30_000)
    page.wait_for_timeout(700)  # the last picture
    return frame(page)


def test_it_plays_by_itself_and_each_player_steps_alone(long_game, open_page):
    page = open_page(long_game)
    first = frame(page)
    frame(page, first)  # it moves
    before = paused(page)
    press(page, "step-generator")
    after = frame(page, before)
    assert after[1] == before[1]  # D's field is the same, to the last bit
    assert after[2] != before[2]
    press(page, "step-discriminator")
    last = frame(page, after)
    assert last[1] != after[1]
    assert last[2] == after[2]


def test_the_history_is_scrubbed_back_and_played_on(long_game, open_page):
    page = open_page(long_game)
    frame(page)
    end = paused(page)
    page.get_by_role("button", name="To the start").click()
    start = frame(page, end)
    expect(page.get_by_text("iteration 1", exact=True)).to_be_visible()
    page.get_by_role("button", name="To the end").click()
    assert frame(page, start) == end
    page.mouse.click(5, 500)  # beside everything
    page.keyboard.press(" ")
    frame(page, end)
    page.keyboard.press(" ")
    expect(page.get_by_text(re.compile("^Paused: iteration"))).to_be_visible(timeout=30_000)


def test_a_lesson_is_one_click_and_stands_in_the_link(address, open_page):
    page = open_page(address)
    first = frame(page)
    page.locator(".st-key-game-lesson label").filter(has_text=LESSONS[1].title).first.click()
    page.wait_for_url(re.compile("game.lesson="))
    frame(page, first)
    twin = open_page(page.url)
    expect(twin.get_by_text(LESSONS[1].idea).first).to_be_visible(timeout=30_000)


def test_on_a_phone_the_game_comes_first(address, open_page):
    page = open_page(address, viewport={"width": 390, "height": 844}, color_scheme="dark", has_touch=True)
    frame(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    game, lessons = (page.locator(part).bounding_box()["y"] for part in (".game", ".st-key-game-lesson"))
    assert game < lessons
