"""The GAN lab's Compare and Digits without a browser: what they open on, every view, bad input, live runs."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.model import HyperparameterError, check
from engine.plots import images, rivals
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
