"""The style-transfer lab: keep how a digit is written, and change which digit it is."""

from __future__ import annotations

import streamlit as st

from pages.tabs import style_accuracy, style_codes, style_grid, style_manifolds, style_sliders
from pages.widgets.latent_source import explain, latent_source
from pages.widgets.open_tabs import open_tabs
from pages.widgets.style_source import LiveTab

KEY = "style.model"
TABS = {
    "Grid": LiveTab(style_grid.draw),
    "Sliders": LiveTab(style_sliders.draw),
    "Manifolds": LiveTab(style_manifolds.draw),
    "Where the styles lie": LiveTab(style_codes.draw),
    "How well it holds": LiveTab(style_accuracy.draw),
}

# On a phone the picture comes before the long controls.
STYLE = """<style>
@media (max-width: 640px) {
  .st-key-style-lab > [data-testid="stHorizontalBlock"] > :first-child,
  .st-key-style-lab > div > [data-testid="stHorizontalBlock"] > :first-child { order: 2; }
}
</style>"""


def lab() -> None:
    """Lay the lab out: the conditional model on the left, the tab that is open on the right."""
    st.html(STYLE)
    with st.container(key="style-lab"):
        left, right = st.columns([3, 10], gap="medium")
    with left:
        source = latent_source("ConditionalVAE", KEY)
        explain(source)
    with right:
        open_tabs("style", TABS, source)


lab()
