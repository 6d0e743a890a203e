"""The manifold as it forms: what a grid of codes decodes to, and where held-out images lie, at every snapshot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from engine.plots.latent import curves_figure
from engine.training import Snapshot
from pages.components.image_view import image_view
from pages.components.live import Live, follow
from pages.components.live_figure import Figure, live_figure
from pages.components.timeline import timeline
from pages.latent.latent_space import latent_space
from pages.shared.controls import BOUND
from pages.shared.images.source import Source
from pages.shared.runs.panel import training_panel

LINK = "latent"
HEIGHT = 400
NOTHING = np.zeros((28, 28), np.uint8)


def show(source: Source) -> None:
    """Draw the run's panel and its history, which goes on by itself.

    Before the first picture there are views with nothing in them: it then finds all it needs in the browser.
    """
    live = follow("latent.history", source.run)
    if source.run is not None:
        training_panel(source.run, "latent.panel", live)
    left, right = st.columns([5, 7], gap="small")
    with left:
        name = _manifold(source, live)
    with right:
        latent_space(source, height=HEIGHT + 40, link=LINK, manifold=name, live=live)
    timeline("latent.step", link=LINK, run=source.history_id, captions=lambda: source.shown[1], live=live)
    live_figure(
        lambda: _curves(source.snapshots), key="latent.curves", height=230, file_name="losses",
        alt="The losses over the epochs", live=live,
    )  # fmt: skip


def _manifold(source: Source, live: Live | None) -> str:
    """Draw the manifold at every epoch and return the name of its view."""
    axes = "the codes' two principal axes" if source.latent_size > 2 else "the code"
    name, what = "manifold", f"over {axes}"
    if source.is_conditional:
        label = st.segmented_control(
            "Label", range(10), default=3, required=True, key="latent.label", label_visibility="collapsed",
            format_func=lambda one: source.train.class_names[one] if source.data == "mnist" else str(one), **BOUND,
        )  # fmt: skip
        name, what = f"manifold_{label}", f"{what} under the label {source.train.class_names[int(label)]}"
    image_view(
        lambda: [one.views[name] for one in source.shown[0]] or [NOTHING], key="latent.manifold", height=HEIGHT,
        captions=lambda: source.shown[1], alt=f"Images decoded from a grid of codes, {what}", link=LINK,
        file_name="manifold", live=live,
    )  # fmt: skip
    order = ", in reading order" if source.latent_size == 1 else ""
    st.caption(
        f"What a grid {what} decodes to{order}: equal steps in probability, from 2 to 98 % of "
        + ("the prior." if source.has_prior else "a normal distribution with the codes' own moments.")
    )
    return name


def _curves(snapshots: Sequence[Snapshot]) -> Figure | None:
    """Return the losses over the epochs, once there is a line to draw."""
    if len(snapshots) < 2:
        return None
    epochs = [one.epoch for one in snapshots]
    held_out = np.array([one.views["held_out"] for one in snapshots])
    names = {"loss": "loss", "reconstruction": "reconstruction", "kl": "KL", "residual": "residual"}
    trained = snapshots[-1].averages
    curves = {
        f"{title}, training": [one.averages[name] for one in snapshots]
        for name, title in names.items()
        if name in trained
    }
    if "kl" in trained:
        curves["reconstruction, held out"] = held_out[:, 0].tolist()
        curves["KL, held out"] = held_out[:, 1].tolist()
    return curves_figure(epochs, curves, "nats per image")
