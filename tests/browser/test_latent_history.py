"""Histories in a real browser: what the pointer decodes to at an earlier epoch, and how a chosen grid forms."""

import re

import pytest
from playwright.sync_api import expect

CELL = """() => {
  const view = (selector) => document.querySelector(selector);
  const [decoded, manifold] = [view(".decoded-view canvas"), view(".image-view canvas")];
  const { row, column } = decoded.cell;
  const pixels = (canvas, x, y) => [...canvas.getContext("2d").getImageData(x, y, 28, 28).data];
  const found = pixels(decoded, 0, 0), expected = pixels(manifold, 28 * column, 28 * row);
  return { row, column, same: found.every((value, i) => value === expected[i]) };
}"""
PICTURE = "canvas => canvas.picture"


@pytest.fixture(scope="module")
def address(serve):
    return serve("app.py")


def test_an_earlier_epoch_decodes_to_the_nearest_cell_of_its_manifold(address, open_page):
    page = open_page(f"{address}/latent")
    words = page.locator(".decoded-view output")
    expect(words).to_have_text(re.compile("^z = "), timeout=30_000)
    page.get_by_role("button", name="To the start").click()
    expect(words).to_have_text(re.compile("^epoch 0.01, step 1: nearest cell of the manifold, z = "))
    middle = page.evaluate(CELL)
    assert (middle["row"], middle["column"], middle["same"]) == (7, 7, True)
    box = page.locator(".live-figure .gl-container").first.bounding_box()
    page.mouse.move(box["x"] + 0.62 * box["width"], box["y"] + 0.4 * box["height"])
    page.wait_for_function("document.querySelector('.decoded-view canvas').cell.row < 7")
    moved = page.evaluate(CELL)
    assert moved["same"]
    assert moved["column"] > 7
    page.get_by_role("button", name="To the end").click()
    expect(words).to_have_text(re.compile("^z = "))


def test_a_chosen_grid_is_watched_as_it_forms_and_given_up(address, open_page):
    page = open_page(f"{address}/style_transfer?style.seed=3")
    grid = page.locator(".image-view canvas")
    expect(grid).to_be_visible(timeout=30_000)
    page.wait_for_function("document.querySelector('.image-view canvas').picture")
    end = grid.evaluate(PICTURE)
    page.get_by_role("button", name="Watch it form").click()
    expect(page.get_by_text(re.compile("^The same training again. Training: step"))).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="To the start").click()
    expect(page.locator(".image-view .caption")).to_have_text("epoch 0.01, step 1")
    assert grid.evaluate(PICTURE) != end
    expect(page.get_by_role("button", name="GIF")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_function(f"document.querySelector('.image-view canvas').picture === '{end}'")
    expect(page.get_by_role("button", name="Watch it form")).to_be_visible()
