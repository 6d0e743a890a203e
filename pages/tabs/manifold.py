"""The manifold as it forms: what a grid of codes decodes to, and where held-out images lie, at every snapshot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from engine.plots.latent import curves_figure, positions_figure
from engine.training import Snapshot
from pages.widgets.controls import BOUND
from pages.widgets.image_view import image_view
from pages.widgets.latent_source import Source, to_show
from pages.widgets.latent_space import latent_space
from pages.widgets.live_figure import live_figure
from pages.widgets.timeline import timeline
from pages.widgets.training_panel import training_panel

LINK = "latent"
HEIGHT = 400
POLL_SECONDS = 0.4
FIRST_SECONDS = 0.5  # that the first picture is waited for, rather than asking again


def show(source: Source) -> None:
    """Draw the run's panel and its history; while it trains, look again every 0.4 seconds."""
    is_going = source.run is not None and not source.run.settled
    st.fragment(_history, run_every=POLL_SECONDS if is_going else None, key="latent.history")(source, is_going)


def _history(source: Source, was_going: bool) -> None:
    if source.run is not None:
        training_panel(source.run, "latent.panel")
        if source.run.settled == was_going:
            st.rerun()  # begin, or cease, to look again and again
        if was_going and not source.snapshots:
            source.run.wait(FIRST_SECONDS, until=lambda run: run.history or run.over)
    snapshots = source.snapshots
    if not snapshots:
        st.info("There is no history yet: press Play, or choose a pretrained run.", icon=":material/info:")
        _empty()
        return
    shown, captions = to_show(snapshots)
    left, right = st.columns([5, 7], gap="small")
    with left:
        _manifold(source, shown, captions)
    with right:
        latent_space(source, shown, captions, height=HEIGHT + 40, link=LINK)
    timeline("latent.step", link=LINK, run=source.history_id, last=len(shown) - 1, captions=captions)
    _curves(source, snapshots)


def _empty() -> None:
    """Draw the views with nothing in them, so that all they need is in the browser when the first picture comes."""
    left, right = st.columns(2, gap="small")
    with left:
        image_view([np.zeros((28, 28), np.uint8)], key="latent.none", height=HEIGHT, alt="Nothing is learnt yet")
    with right:
        figure = positions_figure([np.zeros((0, 2), np.float32)], None, [""])
        live_figure(figure, key="latent.nowhere", height=HEIGHT + 40, alt="An empty latent space")


def _manifold(source: Source, shown: Sequence[Snapshot], captions: Sequence[str]) -> None:
    axes = "the codes' two principal axes" if source.latent_size > 2 else "the code"
    name, what = "manifold", f"over {axes}"
    if "manifold" not in shown[-1].views:
        label = st.segmented_control(
            "Label", range(10), default=3, required=True, key="latent.label", label_visibility="collapsed",
            format_func=lambda one: source.train.class_names[one] if source.data == "mnist" else str(one), **BOUND,
        )  # fmt: skip
        name, what = f"manifold_{label}", f"{what} under the label {source.train.class_names[int(label)]}"
    image_view(
        [one.views[name] for one in shown], key="latent.manifold", height=HEIGHT, link=LINK, captions=captions,
        alt=f"Images decoded from a grid of codes, {what}", file_name=f"{source.model_name}_manifold",
    )  # fmt: skip
    order = ", in reading order" if source.latent_size == 1 else ""
    st.caption(
        f"What a grid {what} decodes to{order}: equal steps in probability, from 2 to 98 %"
        + (" of the prior." if source.has_prior else " of a normal distribution with the codes' own moments.")
    )


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
