"""The generator's manifold and samples as they form, per batch and epoch, with the losses and what goes wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from engine.adversarial.diagnosis import diagnose
from engine.plots.adversarial import losses_figure, scores_figure
from engine.training import Snapshot
from pages.widgets.controls import BOUND
from pages.widgets.digits_source import DigitsSource
from pages.widgets.image_view import image_view
from pages.widgets.live_figure import live_figure
from pages.widgets.pictures import Pixels
from pages.widgets.timeline import timeline
from pages.widgets.training_panel import training_panel
from pages.widgets.visitor_run import live, to_show

LINK = "digits"
HEIGHT = 440
ALL = "All"
ACROSS = 5  # labels' manifolds in a row


def show(source: DigitsSource) -> None:
    """Draw the run's panel and its history; while it trains, look again every 0.4 seconds."""
    live("digits.history", source, _history)


def _history(source: DigitsSource) -> None:
    if source.run is not None:
        training_panel(source.run, "digits.panel")
    snapshots = source.snapshots
    label = _label(source) if source.is_conditional else None
    left, right = st.columns(2, gap="medium")
    if not snapshots:
        with left:
            image_view([np.zeros((28, 28), np.uint8)], key="digits.none", height=HEIGHT, alt="Nothing is learnt yet")
            st.caption("Nothing is learnt yet: press Play.")
        return
    shown, captions = to_show(snapshots)
    with left:
        image_view(
            [_manifold(one, label) for one in shown], key="digits.manifold", height=HEIGHT, link=LINK,
            captions=captions, alt=f"Images generated over a grid of noise {_plane(source)}",
            file_name=f"{source.model_name}_manifold",
        )  # fmt: skip
        st.caption(f"What the generator makes of a grid of noise {_plane(source)}.")
    with right:
        image_view(
            [one.views["samples"] for one in shown], key="digits.samples", height=HEIGHT, link=LINK,
            captions=captions, alt="Samples of the same noise throughout", file_name=f"{source.model_name}_samples",
        )  # fmt: skip
        st.caption("Samples: always the same draws of noise, so that each cell shows one sample changing.")
    timeline("digits.step", link=LINK, run=source.history_id, last=len(shown) - 1, captions=captions)
    _diagnosis(snapshots)
    _curves(snapshots)
    if source.pretrained:
        st.caption(source.pretrained.summary)


def _label(source: DigitsSource) -> int | None:
    """Return the label whose manifold is drawn, None for all ten."""
    names = source.train.class_names
    chosen = st.segmented_control(
        "Label", [ALL, *range(10)], default=ALL, required=True, key="digits.label", label_visibility="collapsed",
        format_func=lambda one: one if one == ALL else names[int(one)], **BOUND,
    )  # fmt: skip
    return None if chosen == ALL else int(chosen)


def _manifold(snapshot: Snapshot, label: int | None) -> Pixels:
    views = snapshot.views
    if "manifold" in views:
        return views["manifold"]
    if label is not None:
        return views[f"manifold_{label}"]
    each = [views[f"manifold_{number}"] for number in range(10)]
    return np.block([each[start : start + ACROSS] for start in range(0, 10, ACROSS)])


def _plane(source: DigitsSource) -> str:
    """Say which grid of noise the manifold is over."""
    size, kind = source.noise_size, getattr(source.hyperparameters, "noise", "normal")
    steps = "equal steps in probability, 2 to 98 %," if kind == "normal" else "equal steps"
    if size == 1:
        return f"z, {steps} in reading order"
    if size == 2:
        return f"(z₁, z₂), {steps} along both axes"
    return f"in the plane of z₁ and z₂ of {size} dimensions, the others 0, {steps} along both axes"


def _diagnosis(snapshots: Sequence[Snapshot]) -> None:
    found = diagnose(snapshots)
    if found is not None:
        st.warning(f"**{found.kind.capitalize()}.** {found.sentence}", icon=":material/troubleshoot:")


def _curves(snapshots: Sequence[Snapshot]) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        live_figure(
            losses_figure(snapshots), key="digits.losses", height=240, alt="The losses of both players",
            file_name="losses",
        )  # fmt: skip
    with right:
        live_figure(
            scores_figure(snapshots), key="digits.scores", height=240, alt="The discriminator's mean answers",
            file_name="scores",
        )  # fmt: skip
