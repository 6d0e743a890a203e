"""The latent lab: watch a digit manifold come into being, and see what a code is good for."""

from __future__ import annotations

import streamlit as st

from pages.tabs import codes, elbo, manifold, prior, versus, walk
from pages.widgets.latent_source import explain, latent_source
from pages.widgets.open_tabs import open_tabs

TABS = {
    "Manifold": manifold,
    "Reconstruct": codes,
    "Walk": walk,
    "Prior samples": prior,
    "ELBO": elbo,
    "Side by side": versus,
}


def lab() -> None:
    """Lay the lab out: model and data on the left, the tab that is open on the right."""
    left, right = st.columns([3, 10], gap="medium")
    with left:
        source = latent_source()
        explain(source)
    with right:
        open_tabs(TABS, source)


lab()
