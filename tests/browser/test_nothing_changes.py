"""Looking at settings never changes them: every popover of every lab, opened after every kind of action."""

import re
import time
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import expect

SETTLED = 30_000
STARTED = 120_000  # a worker may be another's at first
# The last parts of parameters that an action is about.
DATA = frozenset({"points", "data", "starts", "n", "noise", "seed", "digit"})
RUN, STEP = frozenset({"run"}), frozenset({"step"})
BODY, PAGE = "[data-testid=stPopoverBody]", "[data-testid=stMain]"
CONTROLS = """(bodies) => {
  const found = [];
  const walk = (node) => {
    if (node.getAttribute?.('role') === 'slider') found.push(['slider', node.ariaLabel, node.ariaValueNow]);
    else if (node.ariaChecked && node.tagName === 'BUTTON') found.push(['choice', node.innerText, node.ariaChecked]);
    else if (/^Remove /.test(node.ariaLabel)) found.push(['chosen', node.ariaLabel]);
    else if (node.tagName === 'INPUT' && !['file', 'hidden'].includes(node.type)) {
      found.push([node.type, node.ariaLabel, ['checkbox', 'radio'].includes(node.type) ? node.checked : node.value]);
    }
    if (found.at(-1)?.[1] === 'Step') found.pop(); // a timeline moves by itself
    for (const child of node.shadowRoot?.children ?? []) walk(child);
    for (const child of node.children ?? []) walk(child);
  };
  for (const body of document.querySelectorAll(bodies)) {
    if (body.querySelector('[data-testid=stSkeleton]')) return null; // a part whose script is yet to come
    walk(body);
  }
  return found;
}"""


def idle(page):
    page.wait_for_timeout(150)
    expect(page.locator("[data-test-script-state='notRunning']").first).to_be_attached(timeout=SETTLED)
    page.wait_for_timeout(150)


def address(page, without=()):
    """Return the query of the page's address, but for what an action is about."""
    return but_for(parse_qsl(urlsplit(page.url).query), without)


def but_for(query, names):
    return sorted(pair for pair in query if pair[0].split(".")[-1] not in names)


def popovers(page):
    """Return the page's popovers by what they are called, numbered where several have one name."""
    found = {}
    for button in page.get_by_test_id("stPopoverButton").locator("visible=true").all():
        name = button.inner_text()
        found[name, sum(other == name for other, _ in found)] = button
    return found


def said(page, where, expected=None):
    """Return what all controls in `where` say, once it is what is expected, or else once it stays."""
    deadline, before = time.monotonic() + 15, []
    while time.monotonic() < deadline:  # parts are mounted one after the other
        found = page.evaluate(CONTROLS, where)
        if found is not None and (before[-2:] == [found] * 2 if expected is None else found == expected):
            break
        before.append(found)
        page.wait_for_timeout(200)
    return found


def look(page, button, expected=None, read=True):
    """Open one popover, read what all of its controls say, and close it again."""
    body = page.get_by_test_id("stPopoverBody")
    button.click()
    expect(body).to_be_visible(timeout=SETTLED)
    found = said(page, BODY, expected) if read else None
    button.click()
    expect(body).to_have_count(0, timeout=SETTLED)
    return found


def settings(page, expected=None):
    """Return what the controls of the page and those of every popover say; wait for those `expected`, if any."""
    then = expected or {}
    buttons = popovers(page)
    return {PAGE: said(page, PAGE, then.get(PAGE))} | {
        name: look(page, button, then.get(name)) for name, button in buttons.items()
    }


@pytest.fixture
def lab(serve, open_page):
    def open_(path):
        page = open_page(serve("app.py") + path, viewport={"width": 1440, "height": 1000})
        page.get_by_test_id("stPopoverButton").locator("visible=true").first.wait_for(timeout=30_000)
        idle(page)
        return page

    return open_


class Action(NamedTuple):
    """What a person does, what takes it back, if anything does, and which parameters it is `about`."""

    act: object
    take_back: object = None
    about: frozenset = frozenset()


def toggle(text):
    return Action(*[lambda page: page.get_by_text(text, exact=True).locator("visible=true").first.click()] * 2)


def stays(action):
    return action._replace(take_back=None)


def showing(what, action):
    """Say that the page has other controls after an action, which a parameter `what` may stand for."""
    return action._replace(about=action.about | {what})


def tab(title, back):
    def to(name):
        return lambda page: page.get_by_role("tab", name=name, exact=True).click()

    return Action(to(title), to(back))


def choice(label, option, back, about=frozenset()):
    """Choose in a select box, and then what was chosen before."""

    def to(name):
        def act(page):
            box = page.get_by_role("combobox", name=label, exact=True).locator("visible=true").first
            box.click()
            page.get_by_role("option", name=name, exact=True).click()
            expect(box).to_have_value(name)

        return act

    return Action(to(option), to(back), about)


def segment(title, back=None, about=frozenset()):
    def to(name):
        return lambda page: page.get_by_test_id("stMain").get_by_role("radio", name=name, exact=True).click()

    return Action(to(title), back and to(back), about)


def resize(width):
    return lambda page: page.set_viewport_size({"width": width, "height": 1000})


def draw(where):
    """Draw a stroke on a pad, until the address tells of it."""

    def act(page):
        before = page.url
        pad = page.locator(where).locator("visible=true").first
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 3
        page.mouse.move(x, y)
        page.mouse.down()
        for i in range(8):
            page.mouse.move(x + 4 * i, y)
        page.mouse.up()
        page.wait_for_url(lambda url: url != before, timeout=SETTLED)

    return Action(act, None, DATA | RUN)


def press(key, until):
    """Press a button of the panel of a training, until the line below it is another, which begins with a word."""

    def act(page):
        line = page.get_by_text(re.compile(rf"^{until}: ")).first
        before = line.inner_text() if line.count() else ""
        page.locator(f".st-key-{key} button").locator("visible=true").first.click()
        expect(line).to_be_visible(timeout=STARTED)
        expect(line).not_to_have_text(before, timeout=STARTED)

    return Action(act, None, RUN)


def training(panel, playing="Training", step="skip_next"):
    """Play, look at the settings meanwhile, pause, take one step, and look back at the beginning."""
    play = press(f"{panel}-play" if playing == "Playing" else f"{panel}-play_arrow", playing)
    return [play, press(f"{panel}-pause", "Paused"), press(f"{panel}-{step}", "Paused"), SCRUBBED]


def scrub(name):
    return lambda page: page.get_by_role("button", name=name, exact=True).locator("visible=true").first.click()


RESIZED = Action(resize(1000), resize(1440))
SCRUBBED = Action(scrub("To the start"), scrub("To the end"), STEP)
PAD, DIGIT = ".pad .surface", ".digit-pad .surface"
WALKS = {
    "density": (
        "/density?views=2&a=Gaussian+mixture&a.max_iterations=210&b.bandwidth=by+hand&b.bandwidth.value=0.031",
        [toggle("Sample"), tab("EM", "Bandwidth / K"), RESIZED, draw(PAD), toggle("Sample")],
    ),
    "divergence": (
        "/divergence?fits.covariance=diagonal&fits.components=2&fits.x=2.2",
        [
            toggle("All optima"),
            tab("Total variation", "Fits in the plane"),
            RESIZED,
            SCRUBBED,
            choice("Target p", "Ring", "Two modes"),
            showing("target", stays(choice("Target p", "Drawn points", ""))),
            draw(PAD),
        ],
    ),
    "latent": (
        "/latent?latent.source=Train+here&latent.form.epochs=170&latent.form.learning_rate=0.0031",
        [
            choice("Model", "Autoencoder", "Variational autoencoder"),
            *training("latent-panel"),
            RESIZED,
            showing("tab", stays(tab("Reconstruct", ""))),
            showing("kind", segment("A digit of my own")),
            draw(DIGIT),
        ],
    ),
    "style": (
        "/style_transfer?style.model.source=Train+here&style.model.form.epochs=170&style.tab=Manifolds",
        [
            *training("style-panel"),
            RESIZED,
            tab("Sliders", "Manifolds"),
            showing("tab", stays(tab("Grid", ""))),
            showing("way", segment("A digit of my own")),
            draw(DIGIT),
            choice("Data", "Fashion-MNIST", "MNIST digits", RUN),
        ],
    ),
    "plane": (
        "/adversarial?game.speed=50+iterations/s&game.gan_lab_gaussians.generator_learning_rate=0.02",
        [
            press("game-button-pause", "Paused"),  # it has begun by itself
            *training("game-button", "Playing", "step-generator"),
            RESIZED,
            tab("Digits", "Plane"),
            showing("data", stays(toggle("Data"))),
            draw(PAD),
        ],
    ),
    "compare": (
        "/adversarial?gan.tab=Compare&compare.vanishing_gradient.discriminator_steps=3"
        "&compare.vanishing_gradient.iterations=90000",
        [
            showing("curves", press("compare-panel-skip_next", "Paused")),
            *training("compare-panel"),
            tab("Plane", "Compare"),
            showing("curves", choice("Data", "GAN Lab: ring", "GAN Lab: disjoint", RUN)),
        ],
    ),
    "digits": (
        "/adversarial?gan.tab=Digits&digits.source=Train&digits.GAN.discriminator_learning_rate=0.0003",
        [*training("digits-panel"), RESIZED, choice("Learns", "only 3", "all classes", RUN)],
    ),
}


@pytest.mark.timeout(300)  # a busy machine takes two minutes
@pytest.mark.parametrize("name", WALKS)
def test_a_look_at_the_settings_changes_neither_them_nor_the_data_nor_the_address(lab, name):
    path, actions = WALKS[name]
    page = lab(path)
    link, expected = address(page), settings(page)
    for act, take_back, about in actions:
        act(page)
        idle(page)
        if take_back:
            there = address(page)
            for button in popovers(page).values():
                look(page, button, read=False)
            assert address(page) == there
            take_back(page)
            idle(page)
        is_other = bool(about - RUN - STEP)  # the page shows other data, or has other controls
        if is_other:
            del expected[PAGE]
        found = settings(page, expected)
        if is_other:
            expected = {name: expected.get(name, found[name]) for name in found}
        assert found == expected
        assert address(page, about) == but_for(link, about)
        link = address(page)
