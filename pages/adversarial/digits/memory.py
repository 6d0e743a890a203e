"""Memorised? Samples beside the nearest training image, with held-out images' distances as the yardstick."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engine.adversarial.views.pictures import nearest_images
from engine.grid import Array
from engine.pictures import tile
from engine.plots.images import nearest_figure
from engine.plots.numbers import written
from pages.adversarial.digits.source import DigitsSource
from pages.adversarial.digits.walk import label_choice
from pages.components.image_view import image_view
from pages.components.live_figure import live_figure
from pages.shared.controls import BOUND
from pages.shared.images.sets import images
from pages.shared.runs.visitor_run import with_model

COUNT = 12
MANY = 500  # samples, and held-out images, whose distances are compared


def show(source: DigitsSource) -> None:
    """Draw samples above the training images nearest to them, and both distributions of distances."""
    with_model(source, _tab)


def _tab(source: DigitsSource, model: Any) -> None:
    left, right = st.columns([1, 2], gap="medium", vertical_alignment="bottom")
    with left:
        seed = int(
            st.slider("Seed", 0, 100, 0, key="digits.memory.seed", help="Another seed, other samples.", **BOUND)
        )
    with right:
        label = label_choice(source, "digits.memory.label")
    samples = model.sample(MANY, seed, label) if source.is_conditional else model.sample(MANY, seed)
    found, distances = nearest_images(samples, source.train.images)
    yardstick = _yardstick(source.data, source.only)
    st.markdown("**Samples**, the **nearest training image** below each, and the distance between the two")
    pairs = np.concatenate([samples[:COUNT], source.train.images[found[:COUNT]]])
    image_view(
        [tile(pairs, COUNT)], key="digits.memory", height=190, rows=["", ""],
        columns=[written(float(one), ".1f") for one in distances[:COUNT]],
        alt="Samples, and below each the training image nearest to it", file_name="nearest",
    )  # fmt: skip
    places = st.columns([5, 4], gap="medium")
    with places[0]:
        live_figure(
            nearest_figure(distances, yardstick), key="digits.nearest", height=260, file_name="distances",
            alt="How far generated and held-out images are from the nearest training image",
        )  # fmt: skip
    with places[1]:
        st.markdown(_verdict(distances, yardstick))
        st.caption(
            f"Euclidean distances over the {28 * 28} pixels, each from 0 to 1, of {MANY} samples and "
            f"{len(yardstick)} held-out images to the nearest of {len(source.train.images):,} training images. Real "
            "images the model has never seen are the yardstick: a model that has copied lies far to the left of them."
        )


@st.cache_data(show_spinner="Measuring held-out images")
def _yardstick(data: str, only: int | None) -> Array:
    """Return the distances (up to 500,) of held-out images to their nearest training images."""
    train, held_out = images(data, only)
    return nearest_images(held_out.images[:MANY], train.images).distances


def _verdict(distances: Array, yardstick: Array) -> str:
    """Say how the medians compare, and how many samples are nearer than nearly all held-out images."""
    limit = float(np.quantile(yardstick, 0.01))
    near = 100 * float(np.mean(distances < limit))
    medians = [written(float(np.median(one)), ".2f") for one in (distances, yardstick)]
    return (
        f"The median sample is **{medians[0]}** from its nearest training image, the median held-out image "
        f"**{medians[1]}**. **{written(near, '.1f')} %** of the samples are nearer than {written(limit, '.2f')}, as "
        "only 1 % of held-out images are."
    )
