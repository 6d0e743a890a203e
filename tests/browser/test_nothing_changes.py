"""Looking at settings never changes them: every popover of the density lab, opened after every kind of action."""

import time
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import expect

SETTLED = 30_000
DATA = {"points", "data", "starts", "n", "noise", "seed"}
OWN = {"run"}  # parameters, or their last parts, that say what an action has done
BODY, PAGE = "[data-testid=stPopoverBody]", "[data-testid=stMain]"
CONTROLS = """(bodies) => {
  const found = [];
  const walk = (node) => {
    if (node.getAttribute?.('role') === 'slider') found.push(['slider', node.ariaLabel, node.ariaValueNow]);
    else if (node.tagName === 'INPUT' && !['file', 'hidden'].includes(node.type)) {
      found.push([node.type, node.ariaLabel, node.type === 'checkbox' ? node.checked : node.value]);
    }
    if (found.at(-1)?.[1] === 'Step') found.pop(); // a timeline moves by itself
    for (const child of node.shadowRoot?.children ?? []) walk(child);
    for (const child of node.children ?? []) walk(child);
  };
  for (const body of document.querySelectorAll(bodies)) walk(body);
  return found;
}"""


def idle(page):
    page.wait_for_timeout(150)
    expect(page.locator("[data-test-script-state='running']")).to_have_count(0, timeout=SETTLED)
    page.wait_for_timeout(150)


def address(page, without=()):
    """Return the query of the page's address, but for what an action is about."""
    query = parse_qsl(urlsplit(page.url).query)
    return sorted(pair for pair in query if pair[0].split(".")[-1] not in {*OWN, *without})


def popovers(page):
    return page.get_by_test_id("stPopoverButton").locator("visible=true")


def said(page, where, expected=None):
    """Return what all controls in `where` say, once it is what is expected, or else once it stays."""
    deadline, found = time.monotonic() + 10, None
    while time.monotonic() < deadline:  # parts are mounted one after the other
        before, found = found, page.evaluate(CONTROLS, where)
        if found == (before if expected is None else expected):
            break
        page.wait_for_timeout(200)
    return found


def look(page, number, expected=None):
    """Open one popover, read what all of its controls say, and close it again."""
    button, body = popovers(page).nth(number), page.get_by_test_id("stPopoverBody")
    button.click()
    expect(body).to_be_visible(timeout=SETTLED)
    found = said(page, BODY, expected)
    button.click()
    expect(body).to_have_count(0, timeout=SETTLED)
    return found


def settings(page, expected=None):
    """Return what the controls of the page and those of every popover say, by the popovers' order."""
    count = popovers(page).count()
    assert expected is None or count == len(expected) - 1
    then = expected or [None] * (count + 1)
    return [said(page, PAGE, then[0]), *(look(page, i, then[i + 1]) for i in range(count))]


@pytest.fixture
def lab(serve, open_page):
    def open_(path):
        page = open_page(serve("app.py") + path, viewport={"width": 1440, "height": 1000})
        expect(popovers(page).first).to_be_visible(timeout=30_000)
        idle(page)
        return page

    return open_


def toggle(text):
    def act(page):
        page.get_by_text(text, exact=True).first.click()

    return act


def tab(title):
    def act(page):
        page.get_by_role("tab", name=title, exact=True).click()

    return act


def resize(width):
    def act(page):
        page.set_viewport_size({"width": width, "height": 1000})

    return act


def draw(page):
    box = page.locator(".pad .surface").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 3
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(8):
        page.mouse.move(x + 4 * i, y)
    page.mouse.up()
    page.wait_for_timeout(600)


# Each action with the one that takes it back, or None for one that stays.
RESIZED = (resize(1000), resize(1440))
WALKS = {
    "density": (
        "/density?c.max_iterations=210&b.bandwidth=by+hand&b.bandwidth.value=0.031",
        [
            (toggle("Sample"), toggle("Sample")),
            (tab("EM"), tab("Bandwidth / K")),
            RESIZED,
            (draw, None),
            (toggle("Sample"), toggle("Sample")),
        ],
    ),
}


@pytest.mark.timeout(300)  # a busy machine takes two minutes
@pytest.mark.parametrize("name", WALKS)
def test_a_look_at_the_settings_changes_neither_them_nor_the_data_nor_the_address(lab, name):
    path, actions = WALKS[name]
    page = lab(path)
    link, expected = address(page), settings(page)
    for act, take_back in actions:
        act(page)
        idle(page)
        if take_back is None:  # the data are new ones: all else is as it was
            assert address(page, DATA) == [pair for pair in link if pair[0] not in DATA]
            link, expected[0] = address(page), said(page, PAGE)
            assert settings(page, expected) == expected
        else:
            settings(page)
            take_back(page)
            idle(page)
            assert said(page, PAGE, expected[0]) == expected[0]
        assert address(page) == link
    assert settings(page, expected) == expected
