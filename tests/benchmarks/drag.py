"""How fast the divergence lab answers a dragged start in Chromium: from the pointer's move to every pane redrawn."""

from __future__ import annotations

import statistics

from tests.benchmarks.lab import browsing, serving

MOVES = 12
# Notes when each pane has been drawn; a pane's own redraw of the moved handle is no such event.
WATCH = """
() => {
  window.drawn = {};
  document.querySelectorAll(".live-figure").forEach((figure, i) => {
    figure.addEventListener("drawn", () => { window.drawn[i] ??= performance.now(); });
  });
  addEventListener("pointerup", () => { window.up = performance.now(); }, true);
}
"""


def run() -> str:
    """Return a Markdown table of the medians for one pane and for three."""
    rows = ["| dragging the start, pointer up to redrawn | measured | goal |", "|:--|--:|--:|"]
    with browsing() as page, serving() as url:
        for panes, query in (
            (1, "fits.objectives=Reverse+KL+divergence"),
            (3, "fits.step=0"),  # the three objectives it opens with
        ):
            page.goto(f"{url}/divergence?{query}")
            page.locator(".live-figure").nth(panes - 1).wait_for()
            page.wait_for_timeout(4000)
            page.evaluate(WATCH)
            times = []
            for move in range(MOVES):
                box = page.get_by_role("button", name="Start of q").first.bounding_box()
                x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
                page.mouse.move(x, y)
                page.mouse.down()
                page.evaluate("window.drawn = {}")
                page.mouse.move(x + (9 if move % 2 else -11), y + (7 if move % 3 else -12))
                page.mouse.up()
                page.wait_for_function(f"Object.keys(window.drawn).length === {panes}", timeout=10_000)
                times.append(page.evaluate("Math.max(...Object.values(window.drawn)) - window.up"))
                page.wait_for_timeout(900)
            slowest = max(times[1:])
            rows.append(
                f"| {panes} pane{'s'[: panes > 1]}, median of {MOVES - 1} | "
                f"{statistics.median(times[1:]):.0f} ms (slowest {slowest:.0f}) | 200 ms |"
            )
    return "\n".join(rows)
