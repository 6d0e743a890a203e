"""Buttons that show an icon are read out by what they do, not by the icon's name."""

import re

import pytest
from playwright.sync_api import expect

PLAYED = {"Play", "Pause"}
PANEL = {"One step", "One epoch", "Stop", "Start again from the same seed"}
GAME = {"One step: D", "One step: G", "One step: both", "Stop", "Start again from the same seed"}
CARD = {"Hyperparameters", "Equation, source, code"}
ICON = re.compile(r"^[a-z]+(_[a-z]+)+\b| icon\b")  # "skip_next", "play_arrow icon"


def buttons(page):
    return set(re.findall(r"""- '?button "([^"]*)\"""", page.locator("body").aria_snapshot()))


@pytest.mark.parametrize(
    ("path", "says"),
    [("latent?latent.source=Train+here", PANEL | CARD), ("adversarial", GAME), ("density", CARD)],
    ids=["panel", "game", "card"],
)
def test_every_button_is_called_by_what_it_does(serve, open_page, path, says):
    page = open_page(f"{serve('app.py')}/{path}", viewport={"width": 1440, "height": 900})
    for name in says:
        called = re.compile(f"^{name}$".replace(" ", r"\s"))
        expect(page.get_by_role("button", name=called).first).to_be_visible(timeout=60_000)
    found = buttons(page)
    assert [name for name in found if ICON.search(name)] == []
    if path != "density":
        assert found & PLAYED
    for hidden in page.locator("button strong").locator("visible=true").all():
        assert hidden.bounding_box()["width"] <= 1  # to the eye there is only the icon
