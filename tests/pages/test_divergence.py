"""The divergence lab's page without a browser: it opens on fits, and bad choices get a sentence."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.tabs import plane_fits
from tests.browser.conftest import ROOT


@pytest.fixture
def lab():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.run()
    return app.switch_page("pages/divergence.py").run()


def test_it_opens_on_three_fits_and_their_measures(lab):
    assert not lab.exception
    shown = " ".join(block.value for block in lab.markdown)
    assert all(title in shown for title in ("KL divergence", "Reverse KL divergence", "Jensen-Shannon divergence"))
    assert "**0.637**" in shown  # the forward KL optimum of Raffel's two modes, in nats
    assert "**0.223**" in shown  # the reverse KL optimum


def test_another_start_finds_the_local_optimum(lab):
    lab.number_input(key=plane_fits.X).set_value(-3.0)
    lab.number_input(key=plane_fits.Y).set_value(3.0).run()
    assert not lab.exception
    assert any("1.608" in block.value for block in lab.markdown)


def test_without_an_objective_it_says_what_to_do(lab):
    lab.multiselect(key="fits.objectives").set_value([]).run()
    assert not lab.exception
    assert "Choose an objective" in lab.info[0].value


def test_all_optima_are_named(lab):
    lab.multiselect(key="fits.objectives").set_value(["reverse_kl"]).run()
    lab.toggle(key="fits.every").set_value(True).run()
    assert not lab.exception
    text = " ".join(block.value for block in lab.caption)
    assert "Global optimum 0.223" in text
    assert "Local optimum 1.608" in text


def test_the_snippet_makes_the_same_fit():
    choice = plane_fits.Choice("Two modes", 1.0, "reverse_kl", "full", 1, 0.5, (1.5, 1.5))
    scope: dict = {}
    exec(plane_fits.snippet(choice), scope)
    assert scope["fit"].divergence == pytest.approx(plane_fits.fit_history(choice)[-1].divergence, rel=1e-6)
