"""What a visitor does in the latent and the style-transfer lab, in a real browser with real pointer events."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from engine.pretrain import load_pretrained

PICTURE = "canvas => canvas.picture"
DECODED = ".decoded-view canvas"


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
    page.get_by_role("button", name="Play", exact=True).first.click()
    early = manifold(page)
    manifold(page, early)
    page.get_by_role("button", name="Pause", exact=True).first.click()
    expect(page.get_by_text(re.compile("^Paused: step"))).to_be_visible(timeout=15_000)
    paused = settled(page)
    page.get_by_role("button", name="To the start").click()
    manifold(page, paused)
    page.get_by_role("button", name="To the end").click()
    assert settled(page) == paused
    page.locator(".st-key-latent-panel-stop button").first.click()
    expect(page.get_by_text(re.compile("^Stopped: step"))).to_be_visible(timeout=15_000)


def decoded(page):
    """Return the code, the pixels it decodes to, and the milliseconds from the pointer's event to the picture."""
    page.locator(f"{DECODED}.ready").wait_for()
    page.locator(".live-figure .note").first.wait_for(state="hidden")  # the figure is drawn
    return page.locator(DECODED).evaluate("canvas => [[...canvas.code], [...canvas.pixels], canvas.latency]")


def test_the_code_under_the_pointer_is_decoded_in_the_browser(address, open_page):
    page = open_page(f"{address}/latent")
    model = load_pretrained("vae_mnist")
    decoded(page)
    plot = page.locator(".live-figure").first.locator(".plot")
    box = plot.bounding_box()
    latencies = []
    for share in np.linspace(0.3, 0.7, 15):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + 0.6 * box["height"])
        code, pixels, latency = decoded(page)
        np.testing.assert_allclose(np.reshape(pixels, (28, 28)), model.decode([code])[0], atol=1e-4)
        latencies.append(latency)
    print(f"decoded {np.median(latencies):.1f} ms after the pointer's event, at most {max(latencies):.1f}")
    assert np.median(latencies) < 100
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + box["height"] + 60)
    page.wait_for_timeout(200)
    assert decoded(page)[0] == [0, 0]  # the ring's place again


def test_the_chosen_code_stands_in_the_link(address, open_page):
    page = open_page(f"{address}/latent")
    decoded(page)
    ring = page.get_by_role("button", name="A code to decode")
    box = ring.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 60, middle[1] - 40, steps=6)
    page.mouse.up()
    page.wait_for_url(re.compile(r"latent\.z="))
    ring.press("ArrowRight")
    ring.press("ArrowUp")
    code, pixels, _ = decoded(page)
    page.wait_for_url(re.compile(rf"latent\.z={code[0]:.3f}%2C{code[1]:.3f}"))
    twin = open_page(page.url)
    again, same, _ = decoded(twin)
    np.testing.assert_allclose(again, code, atol=1e-3)
    np.testing.assert_allclose(same, pixels, atol=1e-2)


def test_points_are_learnt_on_opening_and_scrubbed_back(address, open_page):
    page = open_page(f"{address}/latent?latent.data=Points+in+the+plane&latent.points.form.epochs=10")
    expect(page.get_by_text(re.compile("^Finished: step"))).to_be_visible(timeout=30_000)
    expect(page.get_by_text(re.compile("Held out: ELBO"))).to_be_visible()
    page.wait_for_timeout(1500)  # the last frame may still be fetched
    last = page.get_by_text(re.compile("^KL.q.z. ‖ p.z.. = ")).inner_text()
    page.get_by_role("button", name="To the start").click()
    expect(page.get_by_text(last, exact=True)).to_have_count(0)
    page.get_by_role("button", name="To the end").click()
    expect(page.get_by_text(last, exact=True)).to_have_count(1)


@pytest.mark.parametrize("name", ["latent", "style_transfer", "latent?tab=ELBO", "latent?tab=Walk"])
def test_nothing_overflows_on_a_phone(address, open_page, name):
    page = open_page(f"{address}/{name}", viewport={"width": 390, "height": 844})
    manifold(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_on_a_phone_the_picture_comes_before_the_controls(address, open_page):
    page = open_page(f"{address}/latent", viewport={"width": 390, "height": 844})
    manifold(page)
    picture = page.locator(".image-view canvas").first.bounding_box()
    control = page.get_by_text("Learn from").bounding_box()
    assert picture["y"] + picture["height"] < min(control["y"], 844)
