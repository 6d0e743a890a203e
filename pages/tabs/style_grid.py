"""The grid of style transfer: a style a row, a label a column; held-out or drawn digits lend their styles."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.grid import Array
from engine.latent.views import most_likely_label, style_codes, tile, to_picture
from engine.model import DataError
from engine.recipes.latent import STYLES
from pages.widgets.controls import BOUND
from pages.widgets.digit_pad import digit_pad
from pages.widgets.image_view import image_view
from pages.widgets.latent_source import Source, to_show
from pages.widgets.pictures import animation
from pages.widgets.timeline import timeline

ROWS = 8
READ = "as the model reads it"
WAYS = ("Random held-out images", "A digit of my own", "Every epoch")


def show(source: Source) -> None:
    """Draw the choice of styles and the grid."""
    _tab(source)


@st.fragment
def _tab(source: Source) -> None:
    way = st.segmented_control("Styles from", WAYS, default=WAYS[0], required=True, key="style.way", **BOUND)
    if way == WAYS[2]:
        _history(source)
        return
    try:
        model = source.model()
    except DataError as error:
        st.info(f"{error} Train the model, or choose a pretrained run.", icon=":material/info:")
        return
    if way == WAYS[0]:
        _random(source, model)
    else:
        _own(source, model)


def _random(source: Source, model: Any) -> None:
    names = source.train.class_names
    left, right = st.columns(2, gap="small")
    seed = int(left.slider("Seed", 0, 100, 0, key="style.seed", help="Another seed, other images.", **BOUND))
    wanted = right.selectbox(
        "Seed label", ["any", *range(10)], key="style.label", **BOUND,
        format_func=lambda one: "any label" if one == "any" else names[int(one)],
    )  # fmt: skip
    labels = source.held_out.labels
    among = np.arange(len(labels)) if wanted == "any" else np.flatnonzero(labels == int(wanted))
    chosen = np.random.default_rng(seed).choice(among, ROWS, replace=False)
    _grid(source, model, source.held_out.images[chosen], labels[chosen].astype(np.int64))


def _own(source: Source, model: Any) -> None:
    left, right = st.columns([2, 7], gap="medium")
    with left:
        drawn = digit_pad("digit")
        names = source.train.class_names
        told = st.selectbox(
            "It is a", [READ, *range(10)], format_func=lambda one: one if one == READ else names[int(one)],
            key="style.own", **BOUND,
        )  # fmt: skip
    with right:
        if drawn is None:
            st.info("Write a digit: its style will be kept under all ten labels.", icon=":material/draw:")
            return
        label = most_likely_label(model, drawn) if told == READ else int(told)
        _grid(source, model, drawn[None], np.array([label]))


def _grid(source: Source, model: Any, images: Array, labels: npt.NDArray[np.int64]) -> None:
    """Draw each image beside its style under all ten labels; its own label is marked."""
    styles = style_codes(model, model.encode(images, labels))
    rows = np.concatenate([images[:, None], styles], axis=1)
    picture = tile(rows.reshape(-1, 28, 28), 11)
    names = [name if len(name) < 3 else name[:5] for name in source.train.class_names]
    marks = [(row, 1 + int(label)) for row, label in enumerate(labels)]
    image_view(
        [picture], key="style.grid", height=52 * len(rows) if len(rows) > 1 else 84, columns=["seed", *names],
        rows=[""] * len(rows), marks=marks, file_name="style_transfer",
        alt="Each row is an image and its style under all ten labels; its own label is marked",
    )  # fmt: skip
    st.caption(
        "Left, the seed; then its style z under every label, its own label outlined. The encoder is told the label, "
        "so z need not say which digit it is, and is left to say how it is written."
    )


def _history(source: Source) -> None:
    snapshots = [one for one in source.snapshots if "styles" in one.views]
    if not snapshots:
        st.info("There is no history yet: train the model, or choose a pretrained run.", icon=":material/info:")
        return
    shown, captions = to_show(snapshots)
    seeds = to_picture(source.held_out.images[:STYLES].reshape(-1, 28))
    frames = [np.concatenate([seeds, one.views["styles"]], axis=1) for one in shown]
    marks = [(row, 1 + int(label)) for row, label in enumerate(source.held_out.labels[:STYLES])]
    image_view(
        frames, key="style.frames", height=520, link="style", captions=captions, marks=marks, rows=[""] * STYLES,
        columns=["seed", *(name[:5] for name in source.train.class_names)], file_name="style_transfer",
        alt="The styles of ten held-out images under all ten labels, at each epoch",
    )  # fmt: skip
    timeline("style.step", link="style", run=source.history_id, last=len(shown) - 1, captions=captions)
    st.download_button(
        "All epochs as GIF", lambda: animation(frames), "style_transfer.gif", "image/gif",
        icon=":material/gif_box:", on_click="ignore", key="style.gif",
    )  # fmt: skip
