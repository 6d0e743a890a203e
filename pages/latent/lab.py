"""The latent lab: watch a manifold come into being, of digits or of points, and see what a code is good for."""

from __future__ import annotations

import streamlit as st

from engine.catalogue import models
from pages.latent.points_source import DEFAULTS, PointsSource, points_source
from pages.latent.tabs import codes, elbo, manifold, points, points_bounds, prior, versus, walk
from pages.shared.controls import BOUND
from pages.shared.images.sets import DATA
from pages.shared.images.source import FAMILY, LAB, Source, choose_model, explain, image_source
from pages.shared.open_tabs import open_tabs

POINTS = {"points": "Points in the plane"}
TABS = {
    "Manifold": manifold,
    "Reconstruct": codes,
    "Walk": walk,
    "Prior samples": prior,
    "ELBO": elbo,
    "Side by side": versus,
}
POINTS_TABS = {"Manifold": points, "ELBO": points_bounds}


def lab() -> None:
    """Lay the lab out: model and data on the left, the tab that is open on the right."""
    with st.container(key="picture-first-latent"):
        left, right = st.columns([3, 10], gap="medium")
    with left:
        titles = DATA | POINTS
        data = str(
            st.selectbox("Learn from", list(titles), format_func=titles.__getitem__, key=f"{LAB}.data", **BOUND)
        )
        choices = models(FAMILY)
        source: Source | PointsSource | None
        if data in POINTS:
            source = points_source(choose_model({name: choices[name] for name in DEFAULTS}))
        else:
            source = image_source(choose_model(choices), data)
        if source is None:
            return
        explain(source)
    with right:
        open_tabs(LAB, POINTS_TABS if isinstance(source, PointsSource) else TABS, source)


lab()
