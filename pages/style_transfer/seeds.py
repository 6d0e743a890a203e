"""Whose styles a grid shows: random or chosen held-out images, or a digit that the visitor draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.data import Images
from engine.grid import Array
from engine.latent.views.images import most_likely_label
from engine.pictures import tile
from engine.recipes.latent import STYLES, styles_view
from engine.training import View
from pages.components.digit_pad import digit_pad
from pages.components.serving.pictures import Pixels
from pages.shared.controls import BOUND
from pages.shared.images.picker import pick_some
from pages.shared.images.source import Source
from pages.style_transfer.source import model_of

ROWS = 8
READ = "as the model reads it"
TOLD = "style.own"
RANDOM, CHOSEN, OWN = "Random held-out images", "Chosen images", "A digit of my own"


@dataclass(frozen=True)
class Seeds:
    """Hold images (n, 28, 28) that lend their styles, and their labels (n,); `hold` keeps them from changing."""

    images: Array
    labels: npt.NDArray[np.int64]
    hold: Callable[[], None] = lambda: None

    @cached_property
    def view(self) -> View:
        """The view of a training that draws their styles; its name is theirs alone."""
        return styles_view(self.images, self.labels)

    @property
    def marks(self) -> list[tuple[int, int]]:
        """The cells of the grid, the seeds in its first column, that carry a seed's own label."""
        return [(row, 1 + int(label)) for row, label in enumerate(self.labels)]

    def beside(self, styles: Pixels) -> Pixels:
        """Return the grid: the seeds beside the picture of their styles, one a row."""
        return np.concatenate([tile(self.images, 1), styles], axis=1)


def seeds_of(part: Images, numbers: npt.ArrayLike) -> Seeds:
    """Return the images with these numbers as seeds."""
    chosen = np.asarray(numbers)
    return Seeds(part.images[chosen], part.labels[chosen].astype(np.int64))


def kept_seeds(source: Source) -> Seeds:
    """Return the ten images whose styles every history keeps."""
    return seeds_of(source.held_out, np.arange(STYLES))


def choose_seeds(way: str, source: Source) -> tuple[Seeds | None, Any]:
    """Draw the choice and return the seeds, None while there are none, and the place for their grid."""
    return {RANDOM: _random, CHOSEN: _chosen, OWN: _own}[way](source)


def _random(source: Source) -> tuple[Seeds | None, Any]:
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
    return seeds_of(source.held_out, chosen), st.container()


def _chosen(source: Source) -> tuple[Seeds | None, Any]:
    left, right = st.columns([4, 7], gap="medium")
    with left:
        st.caption(f"Click an image to add its style, again to take it away; up to {ROWS}.")
        picked = pick_some(f"style.picks.{source.data}", source.held_out, [2, 4, 7], most=ROWS)
    if not picked:
        right.info("Choose images: each lends its style to a row.", icon=":material/touch_app:")
        return None, right
    return seeds_of(source.held_out, picked), right


def _own(source: Source) -> tuple[Seeds | None, Any]:
    left, right = st.columns([2, 7], gap="medium")
    names = source.train.class_names
    with left:
        drawn = digit_pad("style.digit")
        told = st.selectbox(
            "It is a", [READ, *range(10)], format_func=lambda one: one if one == READ else names[int(one)],
            key=TOLD, **BOUND,
        )  # fmt: skip
    if drawn is None:
        right.info("Write a digit: its style will be kept under all ten labels.", icon=":material/draw:")
        return None, right
    with right:
        label = _read(source, drawn) if told == READ else int(told)
    return (None if label is None else Seeds(drawn[None], np.array([label]), lambda: _tell(label))), right


def _read(source: Source, drawn: Array) -> int | None:
    """Say which digit the model reads and return it; None, with a sentence, from a model that has learnt nothing."""
    model = model_of(source)
    if model is None:
        return None
    label = most_likely_label(model, drawn)
    name = source.train.class_names[label]
    st.markdown(f"The model reads **{name}**: under this label it finds your image most probable.")
    return label


def _tell(label: int) -> None:
    """Choose what has been read: a model that begins anew reads something else."""
    st.session_state[TOLD] = label
