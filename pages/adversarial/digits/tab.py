"""Digits: the adversarial game on images, pretrained or trained here, per batch and epoch."""

from __future__ import annotations

import streamlit as st

from pages.adversarial.digits import manifold, memory, rebuilt, scores, walk
from pages.adversarial.digits.source import digits_source, explain
from pages.shared.controls import BOUND

VIEWS = {
    "Manifold": manifold,
    "Memorised?": memory,
    "Walk": walk,
    "Scores": scores,
    "Reconstruct": rebuilt,
}
NEEDS_ENCODER = "Reconstruct"


def show(*_: object) -> None:
    """Draw the choice of model and data, then the view that is chosen."""
    choice = st.container()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        switch, tools = st.container(width="content"), st.container(width="content", horizontal=True)
    with choice:
        source = digits_source(tools)
    with tools:
        explain(source)
    views = [name for name in VIEWS if name != NEEDS_ENCODER or hasattr(source.model_class, "encode")]
    with switch:
        view = str(
            st.segmented_control(
                "View",
                views,
                default=views[0],
                required=True,
                key="digits.view",
                label_visibility="collapsed",
                **BOUND,
            )
        )
    VIEWS[view if view in views else views[0]].show(source)
