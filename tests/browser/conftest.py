"""A real Chromium and a real server: without the browser these tests skip and say so, in CI they fail."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, BrowserType

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
STARTING_SECONDS = 60


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the distribution's Chromium; its shell without a window opens a page in a third of the time."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    message = f"No Chromium on this machine ({', '.join(BROWSERS)})."
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def launch(chromium: str) -> Iterator[tuple[BrowserType, dict]]:
    """What starts a headless browser, and how."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Containers run as root, where Chromium's sandbox can't start, and have a tiny /dev/shm.
        yield (
            playwright.chromium,
            {"executable_path": chromium, "args": ["--no-sandbox", "--disable-dev-shm-usage"]},
        )


@pytest.fixture(scope="session")
def browser(launch: tuple[BrowserType, dict]) -> Iterator[Browser]:
    """One headless browser for contexts of their own."""
    chromium, options = launch
    browser = chromium.launch(**options)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def window(launch: tuple[BrowserType, dict], tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """One window for all pages that ask for no device of their own.

    It has a profile, as a visitor's browser does, and so keeps compiled scripts: a page opens in half the time.
    """
    chromium, options = launch
    window = chromium.launch_persistent_context(tmp_path_factory.mktemp("profile"), **options)
    yield window
    window.close()


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str | Path], str]]:
    """Start `streamlit run script` from the repository root, once a script; return the server's address."""
    servers: dict[Path, tuple[subprocess.Popen, str]] = {}

    def start(script: str | Path) -> str:
        script = (ROOT / script).resolve()
        if script not in servers:
            log = tmp_path_factory.mktemp("server") / "log.txt"
            servers[script] = _start(script, log)
        return servers[script][1]

    yield start
    for server, _ in servers.values():
        server.terminate()
    for server, _ in servers.values():
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.kill()


def _start(script: Path, log: Path) -> tuple[subprocess.Popen, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    options = ["--server.headless", "true", "--server.address", "127.0.0.1"]
    with log.open("w") as output:
        server = subprocess.Popen([*command, *options], cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)
        except (URLError, OSError):
            time.sleep(0.1)
        else:
            return server, url
    server.kill()
    pytest.fail(f"The server did not start:\n{log.read_text()}")


@pytest.fixture
def errors() -> list[str]:
    """Errors that watched pages reported; a test that watches fails if there are any at its end."""
    return []


def _is_ours(message: object) -> bool:
    """Tell an error of ours from Streamlit's own probing for its server below the path of a deep link."""
    return message.type == "error" and "/_stcore/" not in message.location.get("url", "")


@pytest.fixture
def open_page(request: pytest.FixtureRequest, window: BrowserContext, errors: list[str]) -> Iterator[Callable]:
    """Open an address in a page of the window, or in a context of its own; the test fails if it logged an error."""
    opened = []

    def open_(url: str, viewport: dict | None = None, color_scheme: str = "light", **device: object):
        context = request.getfixturevalue("browser").new_context(**device) if device else window
        page = context.new_page()
        opened.append(context if device else page)
        page.on("console", lambda message: errors.append(message.text) if _is_ours(message) else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        if viewport:
            page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=color_scheme)
        page.goto(url)
        return page

    yield open_
    for one in opened:
        one.close()
    assert errors == []
