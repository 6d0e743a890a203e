"""How fast the lab answers in Chromium: from pen-up to new densities on screen, and from start to the first page."""

from __future__ import annotations

import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

STROKES = 12
N = 500
# Notes when each of the two cards' figures has been drawn.
WATCH = """
() => {
  window.drawn = {};
  document.querySelectorAll(".live-figure").forEach((figure, i) => {
    if (i < 2) figure.addEventListener("drawn", () => { window.drawn[i] ??= performance.now(); });
  });
}
"""


@contextmanager
def serving() -> Iterator[str]:
    """Serve the app for a while; yield its address as soon as it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()


@contextmanager
def browsing() -> Iterator[Page]:
    """Open an empty page in the distribution's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 1440, "height": 900})
        browser.close()


def run() -> str:
    """Return a Markdown table of the medians."""
    with browsing() as page:
        start = time.perf_counter()
        with serving() as url:
            page.goto(url)
            page.get_by_text("Normalising flows").wait_for()
            first = time.perf_counter() - start
            times = _pen_up(page, url)
    return (
        "| what | measured | goal |\n|:--|--:|--:|\n"
        f"| pen-up to both new densities drawn, n ≈ {N}, median of {len(times)} | "
        f"{statistics.median(times):.0f} ms (slowest {max(times):.0f}) | 150 ms |\n"
        f"| `streamlit run` to the first page, the browser's own start left out | {first:.1f} s | 4 s |"
    )


def _pen_up(page: Page, url: str) -> list[float]:
    page.goto(f"{url}/density?views=2&a=Histogram&b=Kernel+density+estimate&n={N}")
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    page.wait_for_timeout(3000)
    page.evaluate(WATCH)
    page.evaluate("addEventListener('pointerup', () => { window.up = performance.now(); }, true)")
    page.keyboard.press("p")
    box = page.locator(".pad .surface").first.bounding_box()
    page.get_by_role("button", name="Point").first.click()
    times = []
    for i in range(STROKES):
        page.evaluate("window.drawn = {}")
        page.mouse.move(box["x"] + box["width"] * (0.3 + 0.03 * i), box["y"] + box["height"] * 0.3)
        page.mouse.down()
        page.mouse.up()
        page.wait_for_function("Object.keys(window.drawn).length === 2", timeout=10_000)
        times.append(page.evaluate("Math.max(...Object.values(window.drawn)) - window.up"))
        page.wait_for_timeout(1200)
    return times[1:]  # the first also turns the preset into drawn points
