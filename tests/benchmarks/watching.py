"""How fast a training goes and how often it is redrawn, watched in Chromium: the GAN lab and the latent lab."""

from __future__ import annotations

import re
import statistics
from typing import TYPE_CHECKING

from engine.adversarial.lessons import LESSONS
from tests.benchmarks.lab import browsing, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

SECONDS = 20.0
WORKER = 8_000  # ms in which the first worker has started
ROUNDS = 3
# Counts the different pictures that a canvas shows; `name` is where the canvas keeps the name of its picture. The
# canvas stands in a component's shadow tree, and may not be there yet.
COUNT = """
([selector, name]) => {
  window.pictures = [];
  const find = (root) => {
    const found = root.querySelector(selector);
    if (found) return found;
    for (const { shadowRoot } of root.querySelectorAll("*")) {
      const inside = shadowRoot && find(shadowRoot);
      if (inside) return inside;
    }
  };
  let canvas, last;
  const look = () => {
    if (!canvas?.isConnected) canvas = find(document);
    const now = canvas?.[name];
    if (now && now !== last) window.pictures.push(performance.now());
    last = now;
    requestAnimationFrame(look);
  };
  look();
}
"""


def run() -> str:
    """Return a Markdown table of redraws per second beside the training's own speed, and of the first manifold."""
    with browsing() as page, serving() as url:
        page.goto(f"{url}/adversarial?game.speed=As+fast+as+it+can&game.{LESSONS[0].name}.iterations=300000")
        rows = [_row(page, "plane, as fast as it can", ".game canvas", "shown", "iteration", "1,500 and 4")]
        page.goto(f"{url}/adversarial?tab=Digits&digits.source=Train")
        page.locator(".image-view canvas").first.wait_for()
        page.get_by_role("button", name="Play", exact=True).first.click()
        rows.append(_row(page, "digits, dense GAN", ".image-view canvas", "picture", "step", "2 redraws/s"))
        first = [_first_manifold(page, url) for _ in range(ROUNDS)]
    return "\n".join(
        [
            f"| watched for {SECONDS:g} s, server and browser on the same cores | steps/s | redraws/s | goal |",
            "|:--|--:|--:|--:|",
            *rows,
            "",
            f"First manifold of the latent lab after Play: {statistics.median(first):.2f} s (median of {ROUNDS}, "
            f"slowest {max(first):.2f} s; goal 1.5 s).",
        ]
    )


def _row(page: Page, name: str, selector: str, picture: str, unit: str, goal: str) -> str:
    """Watch a canvas for a while, from two seconds after its training has begun."""
    line = page.get_by_text(re.compile(f"^(Playing|Training): {unit} [0-9]")).first
    line.wait_for(timeout=60_000)
    page.wait_for_timeout(2_000)
    page.evaluate(COUNT, [selector, picture])
    before, started = _step(line.inner_text(), unit), page.evaluate("performance.now()")
    page.wait_for_timeout(SECONDS * 1_000)
    after, seconds = _step(line.inner_text(), unit), (page.evaluate("performance.now()") - started) / 1_000
    redraws = page.evaluate("window.pictures.length") / seconds
    return f"| {name} | {(after - before) / seconds:,.0f} | {redraws:.1f} | {goal} |"


def _step(line: str, unit: str) -> int:
    found = re.search(f"{unit} ([0-9,]+)", line)
    assert found, line
    return int(found[1].replace(",", ""))


def _first_manifold(page: Page, url: str) -> float:
    """Return the seconds from the click on Play to the first manifold of a training."""
    page.goto(f"{url}/latent?latent.source=Train+here")
    button = page.get_by_role("button", name="Play", exact=True).first
    button.wait_for()
    page.wait_for_timeout(WORKER)
    page.evaluate(COUNT, [".image-view canvas", "picture"])
    page.evaluate("addEventListener('click', () => { window.pressed ??= performance.now(); }, true)")
    seen = page.evaluate("window.pictures.length")
    button.click()
    page.wait_for_function(f"window.pictures.length > {seen}", timeout=60_000)
    return page.evaluate(f"(window.pictures[{seen}] - window.pressed) / 1000")
