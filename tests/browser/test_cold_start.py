"""A page stays alive where it once turned white: Play is pressed on a server that has just begun, on busy cores."""

import pytest

from tests.benchmarks.lab import serving
from tests.benchmarks.reliability import BUSY, busy, cold_start


@pytest.mark.timeout(300)
def test_play_on_a_cold_server_with_busy_cores(open_page):
    with busy(BUSY), serving() as url:
        assert cold_start(open_page("about:blank"), url, "latent?latent.source=Train+here") == ""


def test_a_page_that_is_loaded_again_joins_its_training(serve, open_page):
    page = open_page(f"{serve('app.py')}/latent?latent.source=Train+here&latent.form.epochs=400")
    page.get_by_role("button", name="Play", exact=True).first.click()
    told = page.get_by_text("Training: step ").first
    told.wait_for(timeout=60_000)
    page.wait_for_url("**latent.run=*")
    before = step(told)
    page.reload()
    told.wait_for(timeout=60_000)
    assert step(told) >= before
    page.locator(".st-key-latent-panel-stop button").first.click()
    page.get_by_text("Stopped: step ").first.wait_for()


def step(line):
    return int(line.inner_text().split("step ")[1].split(" ")[0].replace(",", ""))
