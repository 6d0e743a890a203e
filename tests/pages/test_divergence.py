"""The divergence lab's page without a browser: it opens on fits, and bad choices get a sentence."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.data import load_points
from engine.divergence import components
from pages.divergence import fitting as divergence_fitting
from pages.divergence.tabs import plane_fits
from pages.divergence.target import DrawnTarget, EditedTarget, PresetTarget
from tests.browser.conftest import ROOT


@pytest.fixture
def lab():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.run()
    return app.switch_page("pages/divergence/lab.py").run()


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


def test_the_basin_map_counts_its_starts(lab):
    lab.multiselect(key="fits.objectives").set_value(["reverse_kl"]).run()
    lab.toggle(key="fits.map").set_value(True).run()
    assert not lab.exception
    text = " ".join(block.value for block in lab.caption)
    counts = [int(number) for number in re.findall(r"from (\d+) of 784 starts", text)]
    assert len(counts) == 2  # both modes
    assert 700 < sum(counts) <= 784


def test_every_measure_stands_under_a_pane(lab):
    lab.multiselect(key="fits.objectives").set_value(["kl", "alpha"]).run()
    tables = [block.value for block in lab.markdown if "| KL |" in block.value]
    assert len(tables) == 2
    for name in ("KL", "reverse KL", "Jeffreys", "JS", "√JS", "TV", "Hellinger", "α = 0.5", "W₁", "W₂"):
        assert all(f"| {name} |" in one for one in tables)


def test_a_preset_becomes_a_mixture_to_edit(lab):
    next(button for button in lab.button if "Edit this mixture" in button.label).click().run()
    assert lab.selectbox(key="fits.target").value == "Your own mixture"
    assert any("**0.223**" in block.value for block in lab.markdown)  # nothing has changed yet
    lab.slider(key="fits.mixture.weight").set_value(0.8).run()  # of the light mode: now both weigh the same
    assert not lab.exception
    assert "".join(lab.query_params["fits.mixture"]).startswith("0.8,-2.5,2.5,")
    assert not any("**0.223**" in block.value for block in lab.markdown)


def test_a_mixture_without_weight_gets_a_sentence(lab):
    lab.query_params["fits.mixture"] = "1,0,0,1,1,0"
    lab.selectbox(key="fits.target").set_value("Your own mixture").run()
    lab.slider(key="fits.mixture.weight").set_value(0.0).run()
    assert not lab.exception
    assert "At least one component must have a weight above 0." in lab.info[0].value
    lab.slider(key="fits.mixture.weight").set_value(0.5).run()
    assert not lab.info


def test_a_broken_link_gets_a_sentence_and_a_mixture(lab):
    lab.query_params["fits.mixture"] = "1,2,oh"
    lab.selectbox(key="fits.target").set_value("Your own mixture").run()
    assert not lab.exception
    assert "could not be read" in lab.warning[0].value
    assert any("0.637" in block.value for block in lab.markdown)


def test_drawn_points_are_smoothed_and_fitted(lab):
    lab.selectbox(key="fits.target").set_value("Drawn points").run()
    assert not lab.exception
    assert len([block for block in lab.markdown if "| KL |" in block.value]) == 3
    lab.selectbox(key="fits.data").set_value("normal").run()
    assert not lab.exception
    assert "lie on a line" in lab.info[0].value


def test_samples_can_estimate_only_kl_and_its_reverse(lab):
    lab.selectbox(key="fits.estimation").set_value("samples").run()
    assert not lab.exception
    assert any("p's density must be known" in block.value for block in lab.caption)
    assert len(lab.info) == 1  # JS
    assert len([block for block in lab.markdown if "| KL |" in block.value]) == 2


@pytest.mark.parametrize(
    "target",
    [
        PresetTarget("Two modes", 1.2),
        EditedTarget(components.from_text("0.3,-2,1,1,0.5,30;0.7,1,0,0.8,0.6,120")),
        DrawnTarget(
            load_points("two_moons", n=200, noise=0.1, seed=0).x.astype(np.float64).tobytes(),
            0.3,
            "from engine.data import load_points\n\nx = load_points('two_moons', n=200, noise=0.1, seed=0).x\n",
        ),
    ],
)
def test_the_snippet_makes_the_same_fits(target):
    settings = (("covariance", "full"), ("n_components", 1), ("order", 0.3))
    choices = [divergence_fitting.Choice(target, name, settings, (0.5, 0.5)) for name in ("alpha", "reverse_kl")]
    scope: dict = {}
    exec(divergence_fitting.snippet(choices), scope)
    last = divergence_fitting.fit_history(choices[-1])[-1]
    assert scope["fit"].divergence == pytest.approx(last.divergence, rel=1e-4)
