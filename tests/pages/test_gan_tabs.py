"""The GAN lab's Compare and Digits without a browser: what they open on, every view, bad input, live runs."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.model import HyperparameterError, check
from engine.plots import images
from engine.training import Snapshot
from pages.tabs import digits_rebuilt
from pages.widgets import compare_source, digits_source
from pages.widgets.defaults import with_defaults
from pages.widgets.visitor_run import Training
from tests.browser.conftest import ROOT


def opened(tab, **state):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.query_params["tab"] = tab
    app.run()
    app.switch_page("pages/adversarial.py")
    app.session_state["tab"] = tab
    for key, value in state.items():
        app.session_state[key] = value
    return app.run()


def words(app):
    return " ".join(block.value for kind in (app.markdown, app.caption, app.info, app.warning) for block in kind)


def test_digits_open_on_something_drawn():
    app = opened("Digits")
    assert not app.exception
    assert "grid of noise" in words(app) or "The data." in words(app)


@pytest.mark.parametrize("view", ["Memorised?", "Walk", "Scores"])
def test_every_view_says_what_to_do_before_a_training(view):
    app = opened("Digits", **{"digits.source": "Train here", "digits.view": view})
    assert not app.exception
    assert "Nothing has been learnt yet." in words(app)


def test_compare_opens_on_two_games():
    app = opened("Compare")
    assert not app.exception
    assert "**minimax**" in words(app)
    assert "**non-saturating**" in words(app)
