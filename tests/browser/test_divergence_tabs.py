"""What a visitor does in three tabs of the divergence lab, in a real browser with real pointer events."""

import re

import pytest
from playwright.sync_api import expect

DEMO = "tests/browser/divergence_tabs_demo.py"
WIDE = {"width": 1440, "height": 900}


@pytest.fixture
def tab(serve, open_page):
    """Open a tab at a query and wait for its figures."""
    server = serve(DEMO)

    def open_(query, **options):
        page = open_page(query if query.startswith("http") else f"{server}/?tab={query}", **options)
        expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=30_000)
        expect(page.locator(".live-figure .note.waiting:visible")).to_have_count(0, timeout=20_000)
        return page

    return open_


def drag(page, handle, across, up):
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(1, 9):
        page.mouse.move(x + across * i / 8, y - up * i / 8)
    page.mouse.up()


def number(page, key):
    """Return a control's number from the address."""
    return float(re.search(rf"{re.escape(key)}=(-?[\d.]+)", page.url)[1])


def test_q_is_dragged_over_a_landscape_and_stands_in_the_link(tab):
    page = tab("Why", viewport=WIDE)
    expect(page.locator(".katex-html").first).to_contain_text("1.844")
    handle = page.get_by_role("button", name="q over KL(q‖p)")
    drag(page, handle, -60, 20)
    page.wait_for_url(re.compile(r"why\.mean=-.*why\.width="))
    expect(page.locator(".katex-html").first).not_to_contain_text("1.844")
    page.wait_for_timeout(500)
    mean, width = number(page, "why.mean"), number(page, "why.width")
    assert -2.5 < mean < 0
    assert 1.2 < width < 3
    twin = tab(page.url, viewport=WIDE)
    shown = page.locator(".katex-html").first.inner_text()
    expect(twin.locator(".katex-html").first).to_have_text(shown, use_inner_text=True)
    # Both landscapes and the densities show the same q.
    places = twin.evaluate("[...document.querySelectorAll('.handle')].map(handle => parseFloat(handle.style.left))")
    assert len(places) == 3
    assert places[1] == pytest.approx(places[2], abs=2)


def test_q_moves_by_the_arrow_keys_and_along_its_density(tab):
    page = tab("Why&why.mean=0", viewport=WIDE)
    page.get_by_role("button", name="Mean of q").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile(r"why\.mean=0\.1"))
    assert "why.width" not in page.url
    page.keyboard.press("ArrowUp")  # held to one direction
    page.wait_for_timeout(400)
    assert "why.width" not in page.url


def test_the_pointer_reads_both_integrands(tab):
    page = tab("Why&why.mean=0&why.width=2", viewport=WIDE)
    box = page.locator(".js-plotly-plot").first.bounding_box()
    for i in range(4):
        page.mouse.move(box["x"] + 0.35 * box["width"] + i, box["y"] + 0.3 * box["height"])
        page.wait_for_timeout(100)
    label = page.locator(".hoverlayer").first
    for name in ("p log p/q", "q log q/p"):
        expect(label).to_contain_text(name)
    assert not re.search(r"-\d", label.text_content())


def test_a_bar_is_dragged_and_the_others_make_room(tab):
    page = tab("Total+variation", viewport=WIDE)
    drag(page, page.get_by_role("button", name="P(4)"), 0, 60)
    page.wait_for_url(re.compile(r"tv\.p="))
    page.wait_for_timeout(500)
    text = re.search(r"tv\.p=([^&]+)", page.url)[1].replace("%2C", ",")
    p = [float(word) for word in text.split(",")]
    assert sum(p) == pytest.approx(1)
    assert 0.3 < p[3] < 0.6
    assert p[0] / p[1] == pytest.approx(4 / 3, rel=0.02)
    expect(page.get_by_label("P, the probabilities")).to_have_value(text)
    assert "tv.q" not in page.url
    sides = [float(found) for found in re.findall(r"\d\.\d{3}", page.locator(".katex-html").first.inner_text())]
    assert sides[0] == sides[1] == pytest.approx(sum(abs(value - 0.25) for value in p) / 2, abs=1e-3)


def test_the_second_line_is_dragged_to_the_other_side(tab):
    page = tab("Blind", viewport=WIDE)
    drag(page, page.get_by_role("button", name="Distance of the second line"), -80, 30)
    page.wait_for_url(re.compile(r"blind\.theta=-"))
    page.wait_for_timeout(500)
    theta = number(page, "blind.theta")
    expect(page.get_by_text(re.compile(f"W₁ = {-theta:.2f}"))).to_be_visible()


@pytest.mark.parametrize("name", ["Why", "Total+variation", "Blind"])
@pytest.mark.parametrize("width", [390, 768, 1440])
def test_nothing_overflows_and_a_desktop_need_not_scroll(tab, name, width):
    page = tab(name, viewport={"width": width, "height": 900})
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 1440:
        assert (
            page.evaluate("(main => main.scrollHeight - main.clientHeight)(document.querySelector('.stMain'))") <= 2
        )
