"""What becomes of pages and runs where it is hard: cold starts on busy cores, killed workers, thirty visitors."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.benchmarks.lab import browsing, serving
from tests.benchmarks.visitors import WORDS, visit

if TYPE_CHECKING:
    from playwright.sync_api import Page

STARTS, BUSY = 20, 4
KILLS = 5
VISITORS = 30
WATCHED = 8_000  # ms after the first step in which the page must stay
PATIENCE = 120_000  # ms for a page or a worker on a busy machine
PLACES = (
    "latent?latent.source=Train+here",
    "style_transfer?style.model.source=Train+here",
    "adversarial?gan.tab=Digits&digits.source=Train",
    "adversarial?gan.tab=Compare",
)
LONG = "latent?latent.source=Train+here&latent.form.epochs=400"
STEP = re.compile("step [0-9]")


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Keep `count` processes busy meanwhile."""
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()


def cold_start(page: Page, url: str, place: str) -> str:
    """Press Play on a server that has just begun; return what went wrong, empty where the page stays alive."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)[:120]))
    page.goto(f"{url}/{place}")
    page.get_by_role("button", name="Play", exact=True).first.click(timeout=PATIENCE)
    told = page.get_by_text(STEP).first
    told.wait_for(timeout=PATIENCE)
    page.wait_for_timeout(WATCHED)
    return "; ".join(errors) or ("" if told.is_visible() else "the page is white")


def run() -> str:
    """Return a Markdown table of what was lost."""
    whites = sum(_cold(PLACES[number % len(PLACES)]) for number in range(STARTS))
    silent = _killed()
    lost, untold, seen = _visited()
    return "\n".join(
        [
            "| what | tries | white pages or lost sessions | runs lost without a word |",
            "|:--|--:|--:|--:|",
            f"| cold start, Play, {BUSY} busy processes beside it | {STARTS} | {whites} | |",
            f"| kill −9 of the worker of a run under way | {KILLS} | | {silent} |",
            f"| visitors at once, a training each | {VISITORS} | {lost} | {untold} |",
            "",
            f"How the visitors' runs ended: {seen}.",
        ]
    )


def _cold(place: str) -> bool:
    """Tell whether a cold start fails."""
    with browsing() as page, busy(BUSY), serving() as url:
        found = cold_start(page, url, place)
        if found:
            print(f"{place}: {found}", file=sys.stderr)
        return bool(found)


def _killed() -> int:
    """Kill the worker of a run again and again; return how often the page did not say so."""
    silent = 0
    with browsing() as page, serving() as url:
        for _ in range(KILLS):
            page.goto(f"{url}/{LONG}")
            page.get_by_role("button", name="Play", exact=True).first.click(timeout=PATIENCE)
            page.get_by_text(STEP).first.wait_for(timeout=PATIENCE)
            for worker in workers():
                os.kill(worker, signal.SIGKILL)
            told = page.get_by_text(re.compile("worker process was killed")).first
            try:
                told.wait_for(timeout=20_000)
            except Exception as error:  # of Playwright's, which only this module's functions load
                print(error, file=sys.stderr)
                silent += 1
            page.goto("about:blank")
    return silent


def workers() -> list[int]:
    """Return the process numbers of this machine's workers."""
    found = subprocess.run(["pgrep", "-f", "engine.training.workers.worker"], capture_output=True, text=True)
    return [int(number) for number in found.stdout.split()]


def _visited() -> tuple[int, int, str]:
    """Return how many sessions were lost, how many runs ended without a word, and the words with their number."""
    with serving() as url:
        visits = visit(url, VISITORS)
        assert urllib.request.urlopen(f"{url}/_stcore/health").status == 200
    for one in visits:
        for error in one.errors:
            print(error, file=sys.stderr)
    words = [one.end.split(":")[0] for one in visits]
    lost = sum(bool(one.errors) for one in visits)
    counted = ", ".join(f"{word or 'nothing said'} {words.count(word)}" for word in dict.fromkeys(words))
    return lost, sum(word not in WORDS for word in words), counted
