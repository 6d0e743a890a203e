"""The generator's manifold and samples as they form, per batch and epoch, with the losses and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import streamlit as st

from engine.adversarial.views.diagnosis import sentences
from engine.pictures import tile
from engine.plots import style
from engine.plots.adversarial import curves_figure
from engine.training import Snapshot
from pages.adversarial.digits.history import LINK, digits_history
from pages.adversarial.digits.source import DigitsSource
from pages.components.image_view import image_view
from pages.components.live import Live
from pages.components.live_figure import Figure, live_figure
from pages.components.live_text import live_sentences, live_text
from pages.components.serving.pictures import Pixels
from pages.shared.controls import BOUND
from pages.shared.runs.visitor_run import on_timeline

HEIGHT = 420
ALL = "All"
FIGURES = ("discriminator_loss", "generator_loss", "real_score", "fake_score")
SIDE = 8  # training images shown before the first generated ones
PLAYERS = (style.DATA, style.MODEL)  # D sides with the data, G makes the generated images
ACROSS = 5  # labels' manifolds in a row
BLANK = np.zeros((28 * SIDE, 28 * SIDE), np.uint8)  # before the first samples
DATA_SAID = "The data. Press Play: the generator's images take their place."
SAMPLES = "Samples: the same draws of noise throughout, so that each cell shows one sample changing."
NONE = "Nothing is generated yet."
GAP, GREY = 3, 110  # around each of them


def show(source: DigitsSource) -> None:
    """Draw the run's panel and its history, which goes on by itself."""
    live = digits_history(source)
    label = _label(source) if source.is_conditional else None
    is_wide = source.is_conditional and label is None
    places = st.columns([6, 4, 4] if is_wide else 3, gap="small")
    with places[0]:
        _pictures("manifold", lambda: _manifolds(source, label), source, live)
        labels = "labels 0 to 4 above, 5 to 9 below; " if is_wide else ""
        made = f"What the generator makes of a grid of noise: {labels}{_plane(source)}."
        live_text(lambda: made if source.snapshots else DATA_SAID, key="digits.manifold.said", live=live)
    with places[1]:
        _pictures("samples", lambda: [one.views["samples"] for one in source.shown[0]] or [BLANK], source, live)
        live_text(lambda: SAMPLES if source.snapshots else NONE, key="digits.samples.said", live=live)
    with places[2]:
        _curves(source, live)
    live_sentences(
        lambda: on_timeline(sentences(source.snapshots)), link=LINK, key="digits.diagnosis", look="warning", live=live
    )
    if source.pretrained:
        st.caption(source.pretrained.summary)


def _manifolds(source: DigitsSource, label: int | None) -> list[Pixels]:
    """Return the manifold at every step of the timeline, or the data before there is one."""
    shown = source.shown[0]
    return [_manifold(one, label) for one in shown] or [tile(source.train.images[: SIDE * SIDE], SIDE)]


def _pictures(name: str, frames: Callable[[], Sequence[Pixels]], source: DigitsSource, live: Live | None) -> None:
    image_view(
        frames, key=f"digits.{name}", height=HEIGHT, link=LINK, captions=lambda: source.shown[1],
        alt=f"The generator's {name}", file_name=f"{source.model_name}_{name}", live=live,
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


def _curves(source: DigitsSource, live: Live | None) -> None:
    """Draw both players' losses, and below them what the discriminator answers."""
    show = partial(
        live_figure, height=215, link=LINK, shares_view=False, live=live,
        steps=lambda: [one.step for one in source.shown[0]],
    )  # fmt: skip
    show(lambda: _losses(source.snapshots), key="digits.losses", file_name="losses", alt="The losses of both players")
    show(
        lambda: _answers(source), key="digits.answers", alt="What the discriminator answers, on average",
        file_name="answers",
    )  # fmt: skip


def _losses(snapshots: Sequence[Snapshot]) -> Figure | None:
    if not snapshots:
        return None
    losses = {name.removesuffix("_loss"): _series(snapshots, name) for name in FIGURES[:2]}
    return curves_figure([one.step for one in snapshots], losses, "loss", colours=PLAYERS)


def _answers(source: DigitsSource) -> Figure | None:
    snapshots = source.snapshots
    if not snapshots:
        return None
    iterations = [one.step for one in snapshots]
    answers = {
        "real images": _series(snapshots, "real_score"), "generated images": _series(snapshots, "fake_score")
    }  # fmt: skip
    if source.gives_probability:
        return curves_figure(
            iterations, answers, "mean D(x)", colours=PLAYERS, span=(0.0, 1.0), marks={"can't tell, ½": 0.5}
        )
    return curves_figure(iterations, answers, "mean critic value", colours=PLAYERS)


def _series(snapshots: Sequence[Snapshot], name: str) -> list[float]:
    return [one.averages[name] for one in snapshots]
