"""The generator's manifold and samples as they form, per batch and epoch, with the losses and what goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st

from engine.adversarial.diagnosis import diagnose
from engine.latent.views import tile
from engine.plots import style
from engine.plots.adversarial import curves_figure
from engine.training import Snapshot
from pages.widgets.controls import BOUND
from pages.widgets.digits_history import LINK, digits_history
from pages.widgets.digits_source import DigitsSource
from pages.widgets.image_view import image_view
from pages.widgets.live_figure import live_figure
from pages.widgets.pictures import Pixels
from pages.widgets.visitor_run import live

HEIGHT = 420
ALL = "All"
FIGURES = ("discriminator_loss", "generator_loss", "real_score", "fake_score")
SIDE = 8  # training images shown before the first generated ones
PLAYERS = (style.DATA, style.MODEL)  # D sides with the data, G makes the generated images
ACROSS = 5  # labels' manifolds in a row
GAP, GREY = 3, 110  # around each of them


def show(source: DigitsSource) -> None:
    """Draw the run's panel and its history; while it trains, look again every 0.4 seconds."""
    live("digits.history", source, _history)


def _history(source: DigitsSource) -> None:
    shown, captions = digits_history(source)
    label = _label(source) if source.is_conditional else None
    is_wide = source.is_conditional and label is None
    places = st.columns([6, 4, 4] if is_wide else 3, gap="small")
    if not shown:
        with places[0]:
            _pictures("manifold", [tile(source.train.images[: SIDE * SIDE], SIDE)], (), source)
            st.caption("The data. Press Play: the generator's images take their place.")
        with places[1]:  # what the history needs is then in the browser when it comes
            _pictures("samples", [np.zeros((28 * SIDE, 28 * SIDE), np.uint8)], (), source)
            st.caption("Nothing is generated yet.")
        return
    with places[0]:
        _pictures("manifold", [_manifold(one, label) for one in shown], captions, source)
        labels = "labels 0 to 4 above, 5 to 9 below; " if is_wide else ""
        st.caption(f"What the generator makes of a grid of noise: {labels}{_plane(source)}.")
    with places[1]:
        _pictures("samples", [one.views["samples"] for one in shown], captions, source)
        st.caption("Samples: the same draws of noise throughout, so that each cell shows one sample changing.")
    with places[2]:
        _curves(source, source.snapshots, [one.step for one in shown])
    _diagnosis(source.snapshots)
    if source.pretrained:
        st.caption(source.pretrained.summary)


def _pictures(name: str, frames: Sequence[Pixels], captions: Sequence[str], source: DigitsSource) -> None:
    image_view(
        frames, key=f"digits.{name}", height=HEIGHT, link=LINK, captions=captions, alt=f"The generator's {name}",
        file_name=f"{source.model_name}_{name}",
    )  # fmt: skip


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
    each = [np.pad(views[f"manifold_{number}"], GAP, constant_values=GREY) for number in range(10)]
    return np.block([each[start : start + ACROSS] for start in range(0, 10, ACROSS)])


def _plane(source: DigitsSource) -> str:
    """Say which grid of noise the manifold is over."""
    size = source.noise_size
    steps = "in equal steps of probability from 2 to 98 %"
    if size == 1:
        return f"z, {steps}, in reading order"
    if size == 2:
        return f"z₁ to the right and z₂ upwards, both {steps}"
    return f"a sheet between four draws of {size}-D noise, one at each corner; every place on it is as typical a draw"


def _diagnosis(snapshots: Sequence[Snapshot]) -> None:
    found = diagnose(snapshots)
    if found is not None:
        st.warning(f"{found.sentence}", icon=":material/troubleshoot:")


def _curves(source: DigitsSource, snapshots: Sequence[Snapshot], steps: Sequence[int]) -> None:
    """Draw both players' losses, and below them what the discriminator answers; `steps` are the timeline's."""
    iterations = [one.step for one in snapshots]
    figures = {name: [one.averages[name] for one in snapshots] for name in FIGURES}
    losses = {name.removesuffix("_loss"): figures[name] for name in FIGURES[:2]}
    show = partial(live_figure, height=215, link=LINK, shares_view=False, steps=steps)
    show(
        curves_figure(iterations, losses, "loss", colours=PLAYERS), key="digits.losses", file_name="losses",
        alt="The losses of both players",
    )  # fmt: skip
    answers = {"real images": figures["real_score"], "generated images": figures["fake_score"]}
    if source.gives_probability:
        figure = curves_figure(
            iterations, answers, "mean D(x)", colours=PLAYERS, span=(0.0, 1.0), marks={"can't tell, ½": 0.5}
        )
    else:
        figure = curves_figure(iterations, answers, "mean critic value", colours=PLAYERS)
    show(figure, key="digits.answers", alt="What the discriminator answers, on average", file_name="answers")
