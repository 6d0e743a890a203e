"""The grid of style transfer: a style a row, a label a column; held-out or drawn digits lend their styles."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.grid import Array
from engine.latent.views import most_likely_label, style_codes, tile, to_picture
from engine.recipes.latent import STYLES
from pages.widgets.controls import BOUND
from pages.widgets.digit_pad import digit_pad
from pages.widgets.grid_picture import labelled, offer_animation, offer_picture, short
from pages.widgets.image_picker import pick_some
from pages.widgets.image_view import image_view
from pages.widgets.latent_source import Source, to_show
from pages.widgets.style_source import CELL, model_of, no_history
from pages.widgets.timeline import timeline

ROWS = 8
READ = "as the model reads it"
RANDOM, CHOSEN, OWN, EPOCHS = "Random held-out images", "Chosen images", "A digit of my own", "Every epoch"


def draw(source: Source) -> None:
    """Draw the choice of styles and the grid."""
    way = st.segmented_control(
        "Styles from", [RANDOM, CHOSEN, OWN, EPOCHS], default=RANDOM, required=True, key="style.way", **BOUND
    )
    if way == EPOCHS:
        _history(source)
        return
    model = model_of(source)
    if model is not None:
        {RANDOM: _random, CHOSEN: _chosen, OWN: _own}[str(way)](source, model)


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


def _chosen(source: Source, model: Any) -> None:
    left, right = st.columns([4, 7], gap="medium")
    with left:
        st.caption(f"Click an image to add its style, again to take it away; up to {ROWS}.")
        picked = pick_some(f"style.picks.{source.data}", source.held_out, [2, 4, 7], most=ROWS)
    with right:
        if not picked:
            st.info("Choose images: each lends its style to a row.", icon=":material/touch_app:")
            return
        _grid(source, model, source.held_out.images[picked], source.held_out.labels[picked].astype(np.int64))


def _own(source: Source, model: Any) -> None:
    left, right = st.columns([2, 7], gap="medium")
    names = source.train.class_names
    with left:
        drawn = digit_pad("digit")
        told = st.selectbox(
            "It is a", [READ, *range(10)], format_func=lambda one: one if one == READ else names[int(one)],
            key="style.own", **BOUND,
        )  # fmt: skip
    with right:
        if drawn is None:
            st.info("Write a digit: its style will be kept under all ten labels.", icon=":material/draw:")
            return
        label = most_likely_label(model, drawn) if told == READ else int(told)
        if told == READ:
            st.markdown(f"The model reads **{names[label]}**: under this label it finds your image most probable.")
        _grid(source, model, drawn[None], np.array([label]))


def _grid(source: Source, model: Any, images: Array, labels: npt.NDArray[np.int64]) -> None:
    """Draw each image beside its style under all ten labels; its own label is marked."""
    styles = style_codes(model, model.encode(images, labels))
    rows = np.concatenate([images[:, None], styles], axis=1)
    picture = tile(rows.reshape(-1, 28, 28), 11)
    names = ["seed", *short(source.train.class_names)]
    marks = [(row, 1 + int(label)) for row, label in enumerate(labels)]
    image_view(
        [picture], key="style.grid", height=60 * len(rows) if len(rows) > 1 else 92, columns=names, marks=marks,
        rows=[""] * len(rows), cell_width=CELL[source.data], file_name="style_transfer",
        alt="Each row is an image and its style under all ten labels; its own label is marked",
    )  # fmt: skip
    st.caption(
        "Left, the seed; then its style z under every label, its own label outlined. The encoder is told the label, "
        "so z need not say which it is, and is left to say how it looks."
    )
    offer_picture("style.png", "style_transfer", partial(labelled, picture, names, marks))


def _history(source: Source) -> None:
    snapshots = [one for one in source.snapshots if "styles" in one.views]
    if not snapshots:
        no_history(source)
        return
    shown, captions = to_show(snapshots)
    seeds = to_picture(source.held_out.images[:STYLES].reshape(-1, 28))
    frames = [np.concatenate([seeds, one.views["styles"]], axis=1) for one in shown]
    names = ["seed", *short(source.train.class_names)]
    marks = [(row, 1 + int(label)) for row, label in enumerate(source.held_out.labels[:STYLES])]
    image_view(
        frames, key="style.frames", height=520, link="style", captions=captions, marks=marks, rows=[""] * STYLES,
        columns=names, cell_width=CELL[source.data], file_name="style_transfer",
        alt="The styles of ten held-out images under all ten labels, at each epoch",
    )  # fmt: skip
    timeline("style.step", link="style", run=source.history_id, last=len(shown) - 1, captions=captions)
    with st.container(horizontal=True, gap="small"):
        offer_picture("style.last", "style_transfer", partial(labelled, frames[-1], names, marks, captions[-1]))
        offer_animation(
            "style.gif",
            "style_transfer",
            lambda: [labelled(frame, names, marks, title) for frame, title in zip(frames, captions, strict=True)],
            "All epochs, moving.",
        )
    st.caption("Ten held-out images lend their styles; at first every label looks alike, then the labels part.")
