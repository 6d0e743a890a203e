"""The manifold as it forms: what a grid of codes decodes to, and where held-out images lie, at every snapshot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from engine.plots.latent import curves_figure
from engine.training import Snapshot
from pages.widgets.controls import BOUND
from pages.widgets.image_view import image_view
from pages.widgets.latent_source import Source
from pages.widgets.latent_space import latent_space
from pages.widgets.live_figure import live_figure
from pages.widgets.timeline import timeline
from pages.widgets.training_panel import training_panel
from pages.widgets.visitor_run import live, to_show

LINK = "latent"
HEIGHT = 400
NOTHING = np.zeros((28, 28), np.uint8)


def show(source: Source) -> None:
    """Draw the run's panel and its history; while it trains, look again and again."""
    live("latent.history", source, _history)


def _history(source: Source) -> None:
    """Draw the history, or views with nothing in them: the first picture then finds all it needs in the browser."""
    if source.run is not None:
        training_panel(source.run, "latent.panel")
    snapshots = source.snapshots
    shown, captions = to_show(snapshots) if snapshots else ([], [])
    left, right = st.columns([5, 7], gap="small")
    with left:
        pictures = _manifold(source, shown, captions)
    with right:
        latent_space(source, shown, captions, height=HEIGHT + 40, link=LINK, manifolds=pictures)
    if shown:
        timeline("latent.step", link=LINK, run=source.history_id, last=len(shown) - 1, captions=captions)
    if len(snapshots) > 1:
        _curves(source, snapshots)


def _manifold(source: Source, shown: Sequence[Snapshot], captions: Sequence[str]) -> list[str]:
    """Draw the manifold at every epoch and return its pictures' names."""
    axes = "the codes' two principal axes" if source.latent_size > 2 else "the code"
    name, what = "manifold", f"over {axes}"
    if source.is_conditional:
        label = st.segmented_control(
            "Label", range(10), default=3, required=True, key="latent.label", label_visibility="collapsed",
            format_func=lambda one: source.train.class_names[one] if source.data == "mnist" else str(one), **BOUND,
        )  # fmt: skip
        name, what = f"manifold_{label}", f"{what} under the label {source.train.class_names[int(label)]}"
    pictures = image_view(
        [one.views[name] for one in shown] or [NOTHING], key="latent.manifold", height=HEIGHT, link=LINK,
        captions=captions, alt=f"Images decoded from a grid of codes, {what}", file_name="manifold",
    )  # fmt: skip
    order = ", in reading order" if source.latent_size == 1 else ""
    st.caption(
        f"What a grid {what} decodes to{order}: equal steps in probability, from 2 to 98 % of "
        + ("the prior." if source.has_prior else "a normal distribution with the codes' own moments.")
    )
    return pictures


def _curves(source: Source, snapshots: Sequence[Snapshot]) -> None:
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
    live_figure(
        curves_figure(epochs, curves, "nats per image"), key="latent.curves", height=230, file_name="losses",
        alt="The losses over the epochs",
    )  # fmt: skip
