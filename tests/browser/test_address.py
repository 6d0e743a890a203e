"""A page's address says how it is, and Back, Forward and a reload find it so, each with one press."""

import re

import pytest
from playwright.sync_api import expect

expect.set_options(timeout=20_000)
LAB = "/density?views=1&density.n=150&draws=40"  # draws of a tab that is closed
POINTS = re.compile(r" of (\d+) points")


@pytest.fixture
def visit(serve, open_page):
    """Open the app at an address and wait until it has come to rest."""
    server = serve("app.py")

    def open_(address):
        page = open_page(address if address.startswith("http") else f"{server}{address}")
        at_rest(page)
        return page

    return open_


def at_rest(page):
    expect(page.locator(".stMainBlockContainer").first).to_be_visible(timeout=60_000)
    page.wait_for_timeout(300)
    expect(page.locator("[data-test-script-state='running']")).to_have_count(0, timeout=60_000)
    page.wait_for_timeout(400)


def go(page, lab):
    page.get_by_role("link", name=lab, exact=True).click()
    page.wait_for_url(re.compile(f"/{lab.lower()}"))
    at_rest(page)


def back(page):
    page.go_back()
    at_rest(page)


def stroke(page, height=0.25):
    box = page.locator(".pad .surface").first.bounding_box()
    x, y, w, h = box["x"], box["y"], box["width"], box["height"]
    page.mouse.move(x + 0.3 * w, y + height * h)
    page.mouse.down()
    for i in range(12):
        page.mouse.move(x + (0.3 + 0.04 * i) * w, y + height * h)
    page.mouse.up()
    at_rest(page)


def points(page):
    """Return how many points the first estimator has."""
    figure = page.get_by_role("img", name=POINTS).first
    expect(figure).to_be_visible()
    return int(POINTS.search(figure.get_attribute("aria-label")).group(1))


def eventually(page, holds):
    """Wait until the number of points is right: a busy machine draws late, and a wrong page never does."""
    for _ in range(100):
        if holds(points(page)):
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"the figure still shows {points(page)} points at {page.url}")


def entries(page):
    return page.evaluate("history.length")


def test_back_and_forward_find_the_drawing_and_the_settings(visit):
    page = visit(LAB)
    before = entries(page)
    page.get_by_text("Sample", exact=True).click()
    at_rest(page)
    for height in (0.2, 0.3):
        stroke(page, height)
    assert entries(page) == before  # what a person does on a page is no page of its own
    eventually(page, lambda n: n > 150)
    left, count = page.url, points(page)
    assert {"density.points", "density.data", "sample", "views", "draws"} <= set(re.findall(r"[?&]([\w.]+)=", left))

    go(page, "Divergence")
    assert "?" not in page.url
    page.get_by_role("tab", name="Total variation").click()
    page.wait_for_url(re.compile("divergence.tab=Total"))
    at_rest(page)
    there = page.url
    assert entries(page) == before + 1

    back(page)
    assert page.url == left
    eventually(page, lambda n: n == count)
    expect(page.get_by_role("switch", name="Sample").or_(page.get_by_role("checkbox", name="Sample"))).to_be_checked()
    page.go_forward()
    at_rest(page)
    assert page.url == there
    expect(page.get_by_role("tab", name="Total variation")).to_have_attribute("aria-selected", "true")

    go(page, "Density")  # by the navigation, which knows no address
    eventually(page, lambda n: n == count)
    assert sorted(page.url.partition("?")[2].split("&")) == sorted(left.partition("?")[2].split("&"))
    page.reload()
    at_rest(page)
    eventually(page, lambda n: n == count)
    assert sorted(page.url.partition("?")[2].split("&")) == sorted(left.partition("?")[2].split("&"))


def test_an_old_link_opens_and_no_press_of_back_is_swallowed(visit):
    page = visit("/?embed_options=light_theme")
    page.goto(page.url.partition("?")[0] + "density?views=1&data=Annulus&n=300&noise=0.2&tab=Plane")
    at_rest(page)
    expect(page.get_by_role("combobox", name="Data")).to_have_value("Annulus")
    eventually(page, lambda n: n == 300)
    assert re.search("density.n=300", page.url)
    assert "tab=" not in page.url  # there is no such tab
    page.get_by_role("tab", name="Outliers").click()
    page.wait_for_url(re.compile("density.tab=Outliers"))
    at_rest(page)
    page.get_by_role("slider", name="Seed of the outliers").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("planted_seed=1"))
    at_rest(page)
    page.get_by_role("tab", name="EM").click()
    page.wait_for_url(re.compile("density.tab=EM"))
    at_rest(page)
    assert "planted_seed=1" in page.url  # of a tab that is closed
    page.go_back()
    page.wait_for_url(re.compile("embed_options"))


def test_back_finds_each_state_of_a_lab_and_an_upload_too_large_for_a_link(visit):
    page = visit("/density?views=1")
    page.get_by_role("button", name="Upload or paste").click()
    rows = "\n".join(f"{i * 0.37 % 1:.4f},{i * 0.61 % 1:.4f}" for i in range(700))
    page.locator("input[type=file]").set_input_files(
        {"name": "many.csv", "mimeType": "text/csv", "buffer": f"x,y\n{rows}\n".encode()}
    )
    page.get_by_role("button", name="Use these 700 points").click()
    page.wait_for_url(re.compile("density.points=aside"))
    at_rest(page)
    eventually(page, lambda n: n == 700)
    uploaded = page.url
    go(page, "Divergence")
    go(page, "Density")
    eventually(page, lambda n: n == 700)
    page.get_by_role("combobox", name="Data").click()
    page.get_by_role("option", name="Circles").click()
    page.wait_for_url(re.compile("density.data=Circles"))
    at_rest(page)
    circles = page.url
    eventually(page, lambda n: n != 700)
    back(page)
    back(page)
    assert page.url == uploaded
    eventually(page, lambda n: n == 700)
    page.go_forward()
    at_rest(page)
    page.go_forward()
    at_rest(page)
    assert page.url == circles
    eventually(page, lambda n: n != 700)


def test_two_windows_share_nothing(visit):
    one, other = visit(LAB), visit(LAB)
    one.bring_to_front()
    stroke(one)
    eventually(one, lambda n: n > 150)
    one.reload()
    at_rest(one)
    eventually(one, lambda n: n > 150)
    go(other, "Divergence")
    back(other)
    eventually(other, lambda n: n == 150)
    assert "density.points" not in other.url
