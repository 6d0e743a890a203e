"""No fragment of any page reruns by itself, and none stands in another: the page would turn white (Streamlit's queue
keeps an inner fragment's messages when it drops the outer one's).
"""

import ast
import sys

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState
from streamlit.testing.v1 import AppTest

from tests.browser.conftest import ROOT

TABS = {
    "density": ("density.tab", ("Bandwidth / K", "EM", "Convergence", "Outliers", "Sampling")),
    "divergence": ("divergence.tab", None),
    "latent": ("latent.tab", ("Manifold", "Reconstruct", "Walk", "Prior samples", "ELBO", "Side by side")),
    "style_transfer": ("style.tab", ("Grid", "Sliders", "Manifolds", "Where the styles lie", "How well it holds")),
    "adversarial": ("gan.tab", ("Plane", "Compare", "Digits")),
}


def test_no_fragment_reruns_by_itself():
    found = []
    for path in (ROOT / "pages").rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        found += [path.name for call in calls if any(word.arg == "run_every" for word in call.keywords)]
    assert found == []


@pytest.fixture
def nested(monkeypatch):
    """Fragments that were begun inside another, on pages that are imported anew."""
    found = []
    fragment = st.fragment

    def watched(function=None, **options):
        if function is None:
            return lambda function: watched(function, **options)
        made = fragment(function, **options)

        def call(*arguments, **named):
            if ThreadState.get().fragment_id is not None:
                found.append(f"{function.__module__}.{function.__qualname__}")
            return made(*arguments, **named)

        return call

    for name in [name for name in sys.modules if name == "pages" or name.startswith("pages.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(st, "fragment", watched)
    return found


@pytest.mark.parametrize("page", TABS)
def test_no_fragment_stands_in_another(page, nested):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    app.switch_page(f"pages/{page}/lab.py").run()
    key, tabs = TABS[page]
    for tab in tabs or [tab.label for tab in app.tabs]:
        app.session_state[key] = tab
        app.run()
        assert not app.exception
    assert nested == []


def test_one_that_does_is_found(nested):
    def page():
        import streamlit as st

        @st.fragment
        def inner():
            st.write("inside")

        @st.fragment
        def outer():
            inner()

        outer()

    assert not AppTest.from_function(page).run().exception
    assert len(nested) == 1
