"""Histories in a real browser: what the pointer decodes to at an earlier epoch, and how a chosen grid forms."""

import re

import pytest
from playwright.sync_api import expect

PIXELS = "(canvas, [x, y]) => [...canvas.getContext('2d').getImageData(x, y, 28, 28).data]"
PICTURE = "canvas => canvas.picture"
PATIENT = 60_000  # milliseconds: a worker may have to be freed, and started, first


@pytest.fixture(scope="module")
def address(serve):
    return serve("app.py")


def picture(page, other_than):
    """Wait for a picture that is another, and return its name."""
    for _ in range(300):
        name = page.locator(".image-view canvas").first.evaluate(PICTURE)
        if name and name != other_than:
            return name
        page.wait_for_timeout(100)
    raise AssertionError(f"The picture stays {name}.")


def decoded_cell(page, *, other_than=None):
    """Return the row and column of the cell that is shown, once it is another, and check that it shows that cell."""
    canvas = page.locator(".decoded-view canvas")
    cell = other_than
    for _ in range(300):
        cell = canvas.evaluate("canvas => canvas.cell && [canvas.cell.row, canvas.cell.column]")
        if cell != other_than:
            break
        page.wait_for_timeout(50)
    row, column = cell
    corner = [28 * column, 28 * row]
    expected = page.locator(".image-view canvas").first.evaluate(PIXELS, corner)
    assert canvas.evaluate(PIXELS, [0, 0]) == expected
    return [row, column]


def test_an_earlier_epoch_decodes_to_the_nearest_cell_of_its_manifold(address, open_page):
    page = open_page(f"{address}/latent")
    words = page.locator(".decoded-view output")
    expect(words).to_have_text(re.compile("^z = "), timeout=PATIENT)
    page.get_by_role("button", name="To the start").click()
    expect(words).to_have_text(re.compile("^epoch 0.01, step 1: nearest cell of the manifold, z = "), timeout=PATIENT)
    middle = decoded_cell(page)
    assert middle == [7, 7]
    box = page.locator(".live-figure .plot").first.bounding_box()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.35 * box["height"])
    row, column = decoded_cell(page, other_than=middle)
    assert row < 7 < column
    page.get_by_role("button", name="To the end").click()
    expect(words).to_have_text(re.compile("^z = "), timeout=PATIENT)


def test_a_chosen_grid_is_watched_as_it_forms(address, open_page):
    page = open_page(f"{address}/style_transfer?style.seed=3")
    expect(page.locator(".image-view canvas")).to_be_visible(timeout=PATIENT)
    end = picture(page, None)
    page.get_by_role("button", name="Watch it form").click()
    expect(page.get_by_text(re.compile("^The same training again. Training: step"))).to_be_visible(timeout=PATIENT)
    page.get_by_role("button", name="To the start").click()
    expect(page.locator(".image-view .caption")).to_have_text("epoch 0.01, step 1", timeout=PATIENT)
    picture(page, end)
    expect(page.get_by_role("button", name="GIF")).to_be_visible(timeout=PATIENT)
