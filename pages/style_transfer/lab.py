"""The style-transfer lab: keep how a digit is written, and change which digit it is."""

from __future__ import annotations

import streamlit as st

from pages.shared.images.source import explain, latent_source
from pages.shared.open_tabs import open_tabs
from pages.style_transfer.source import LiveTab
from pages.style_transfer.tabs import accuracy, codes, grid, manifolds, sliders

KEY = "style.model"
TABS = {
    "Grid": LiveTab(grid.draw),
    "Sliders": LiveTab(sliders.draw),
    "Manifolds": LiveTab(manifolds.draw),
    "Where the styles lie": LiveTab(codes.draw),
    "How well it holds": LiveTab(accuracy.draw),
}


def lab() -> None:
    """Lay the lab out: the conditional model on the left, the tab that is open on the right."""
    with st.container(key="picture-first-style"):
        left, right = st.columns([3, 10], gap="medium")
    with left:
        source = latent_source("ConditionalVAE", KEY)
        explain(source)
    with right:
        open_tabs("style", TABS, source)


lab()
