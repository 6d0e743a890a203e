"""A number in a real Chromium: what it shows is what Python has, and what a person set is never lost or changed."""

import json
import re

import pytest
from playwright.sync_api import expect

DEMO = "tests/browser/number_demo.py"


@pytest.fixture
def demo(serve, open_page):
    def open_(query="", **context):
        page = open_page(serve(DEMO) + query, **context)
        expect(track(page, "Rate")).to_be_visible(timeout=20_000)
        return page

    return open_


def track(page, name):
    return page.get_by_role("slider", name=name, exact=True)


def field(page, name):
    return page.get_by_role("textbox", name=name, exact=True)


def python_has(page, text):
    expect(page.get_by_text(re.compile(rf"\b{re.escape(text)}(?!\S)"))).to_be_visible()


def runs(page):
    return int(re.search(r"runs=(\d+)", page.locator("body").inner_text())[1])


def place(page, name):
    """Return where the middle of a number's thumb stands on its line, 0 to 1."""
    return track(page, name).evaluate(
        """(track) => {
          const [line, thumb] = [".line", ".thumb"].map((part) => track.querySelector(part).getBoundingClientRect());
          return (thumb.left + thumb.width / 2 - line.left) / line.width;
        }"""
    )


def test_dragging_reaches_python_while_it_lasts_and_ends_where_the_hand_let_go(demo):
    page = demo()
    page.get_by_text("Slow").click()
    box = track(page, "Rate").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 20, y)
    page.mouse.down()
    before = runs(page)
    for i in range(60):
        page.mouse.move(box["x"] + 20 + 2 * i, y)
        page.wait_for_timeout(20)
    assert runs(page) >= before + 2  # it is still held
    page.mouse.move(box["x"] + 160, y)
    page.mouse.up()
    shown = field(page, "Rate").input_value()
    assert float(track(page, "Rate").get_attribute("aria-valuenow")) == float(shown)
    assert abs(place(page, "Rate") * (box["width"] - 14) + 7 - 160) < 1.5
    python_has(page, f"rate={shown}")
    page.wait_for_timeout(800)  # no answer to an older message puts it back
    assert field(page, "Rate").input_value() == shown
    python_has(page, f"rate={shown}")
    page.wait_for_url(re.compile(rf"rate={re.escape(shown)}"))


def test_a_number_that_counts_when_let_go_is_sent_once(demo):
    page = demo()
    box = track(page, "Steps").bounding_box()
    y = box["y"] + box["height"] / 2
    before = runs(page)
    page.mouse.move(box["x"] + 20, y)
    page.mouse.down()
    for i in range(30):
        page.mouse.move(box["x"] + 20 + 3 * i, y)
        page.wait_for_timeout(10)
    page.mouse.up()
    python_has(page, f"steps={field(page, 'Steps').input_value()}")
    assert runs(page) == before + 1


def test_a_typed_number_is_exact_in_field_thumb_address_and_python(demo):
    page = demo()
    places = []
    for typed in ("0.03", "0.031", "0.032"):
        field(page, "Rate").fill(typed)
        field(page, "Rate").press("Enter")
        python_has(page, f"rate={typed}")
        page.wait_for_url(re.compile(rf"rate={re.escape(typed)}(&|$)"))
        expect(track(page, "Rate")).to_have_attribute("aria-valuenow", typed)
        places.append(place(page, "Rate"))
    assert places[0] < places[1] < places[2]
    field(page, "Steps").fill("210")
    field(page, "Steps").press("Tab")
    python_has(page, "steps=210")
    page.reload()
    expect(field(page, "Steps")).to_have_value("210")
    python_has(page, "rate=0.032")


def test_escape_restores_and_what_is_no_number_is_told_so(demo):
    page = demo("?rate=0.25")
    field(page, "Rate").fill("7")
    field(page, "Rate").press("Escape")
    expect(field(page, "Rate")).to_have_value("0.25")
    field(page, "Rate").fill("a lot")
    field(page, "Rate").press("Enter")
    expect(page.get_by_text(re.compile(r"This is not a number, or too large; .+ is kept\."))).to_be_visible()
    expect(field(page, "Rate")).to_have_value("a lot")
    field(page, "Rate").fill("0,5")
    field(page, "Rate").press("Enter")
    python_has(page, "rate=0.5")
    expect(page.get_by_text("This is not a number")).to_have_count(0)
    field(page, "Rate").fill("7")  # beyond its bounds: kept, shown at the end of the track, and marked
    field(page, "Rate").press("Enter")
    python_has(page, "rate=7.0")
    expect(field(page, "Rate")).to_have_attribute("aria-invalid", "true")


def test_keys_move_it(demo):
    page = demo("?rate=0.25")
    track(page, "Steps").focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    python_has(page, "steps=210")
    page.keyboard.press("Shift+ArrowRight")
    python_has(page, "steps=260")
    page.keyboard.press("End")
    python_has(page, "steps=1000")
    field(page, "Rate").press("ArrowDown")
    python_has(page, "rate=0.24")
    track(page, "Fixed").focus()
    page.keyboard.press("ArrowRight")
    expect(field(page, "Fixed")).to_have_value("1")


def test_a_popover_opened_after_any_run_shows_the_number_and_writes_nothing(demo):
    page = demo("?k=7")
    page.get_by_text("Slow").click()
    page.wait_for_timeout(600)
    before = runs(page)
    page.get_by_role("button", name="Settings").click()
    expect(field(page, "Components")).to_have_value("7")
    page.keyboard.press("Escape")
    page.wait_for_timeout(600)
    assert runs(page) == before
    page.get_by_text("Slow").click()
    python_has(page, f"k=7 weight=0.0 runs={before + 1}")


def test_what_was_typed_or_pressed_last_survives_a_popover_that_closes_at_once(demo):
    page = demo()
    page.get_by_role("button", name="Settings").click()
    field(page, "Components").fill("12")
    page.mouse.click(600, 20)
    python_has(page, "k=12")
    page.get_by_role("button", name="Settings").click()
    track(page, "Components").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    python_has(page, "k=13")


def test_escape_takes_back_what_was_typed_before_it_closes_the_popover(demo):
    page = demo("?k=7")
    settings = page.get_by_test_id("stPopoverBody")
    page.get_by_role("button", name="Settings").click()
    field(page, "Components").fill("74")
    page.keyboard.press("Escape")
    expect(field(page, "Components")).to_have_value("7")
    expect(settings).to_be_visible()
    page.keyboard.press("Escape")
    expect(settings).to_have_count(0)
    page.get_by_text("Slow").click()
    python_has(page, "k=7")
    assert "k=7" in page.url
    assert "k=74" not in page.url
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Help for Components").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("tooltip")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("tooltip")).to_have_count(0)
    expect(settings).to_be_visible()
    page.keyboard.press("Escape")
    expect(settings).to_have_count(0)


def test_a_number_in_a_tab_survives_it(demo):
    page = demo()
    field(page, "Weight").fill("-0.25")
    field(page, "Weight").press("Enter")
    python_has(page, "weight=-0.25")
    page.get_by_role("tab", name="Second").click()
    python_has(page, "weight=None")
    page.get_by_role("tab", name="First").click()
    python_has(page, "weight=-0.25")
    expect(field(page, "Weight")).to_have_value("-0.25")


def test_python_sets_it_and_the_widget_follows(demo):
    page = demo("?rate=0.25")
    page.get_by_role("button", name="Set the rate").click()
    expect(field(page, "Rate")).to_have_value("0.5")
    field(page, "Rate").fill("0.75")
    field(page, "Rate").press("Enter")
    python_has(page, "rate=0.75")
    page.get_by_role("button", name="Set the rate").click()
    expect(field(page, "Rate")).to_have_value("0.5")


def test_its_help_opens_by_pointer_and_keyboard(demo):
    page = demo()
    page.get_by_role("button", name="Help for Rate").hover()
    expect(page.get_by_role("tooltip")).to_have_text("How far a step goes.")
    page.mouse.move(600, 20)
    expect(page.get_by_role("tooltip")).to_have_count(0)
    page.get_by_role("button", name="Help for Rate").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("tooltip")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("tooltip")).to_have_count(0)


def test_a_finger_sets_it_by_a_tap_and_by_a_drag_and_scrolls_past_it(demo):
    page = demo("?rate=0.25", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    box = track(page, "Rate").bounding_box()
    assert box["height"] >= 36
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tapped = field(page, "Rate").input_value()
    assert 9e-3 < float(tapped) < 1.1e-2  # the middle, where its default is
    python_has(page, f"rate={tapped}")
    touch = page.context.new_cdp_session(page)
    y = box["y"] + box["height"] / 2

    def finger(kind, x):
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    finger("touchStart", box["x"] + box["width"] / 2)
    for i in range(1, 11):
        finger("touchMove", box["x"] + box["width"] / 2 + 8 * i)
    finger("touchEnd", 0)
    dragged = field(page, "Rate").input_value()
    assert float(dragged) > 2 * float(tapped)
    python_has(page, f"rate={json.loads(dragged)}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
