"""A walk between two draws of noise, along a line and along an arc, and what the generator makes of the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engine.pictures import interpolate, tile
from engine.plots.numbers import written
from pages.adversarial.digits.source import DigitsSource
from pages.components.image_view import image_view
from pages.shared.controls import BOUND
from pages.shared.images.picker import pick_numbers
from pages.shared.runs.visitor_run import with_model

STEPS = 10
SHELF = (4, 10)
HOW = {
    "linear": "Linear: straight from a to b",
    "spherical": "Spherical: the direction turns evenly, the length changes evenly",
}


def show(source: DigitsSource) -> None:
    """Draw a shelf of samples, two of them picked, and both ways between their noises."""
    with_model(source, _tab)


def _tab(source: DigitsSource, model: Any) -> None:
    left, right = st.columns([5, 7], gap="medium")
    with left:
        seed = int(st.slider("Seed", 0, 100, 0, key="digits.walk.seed", help="Another seed, other noise.", **BOUND))
        label = label_choice(source, "digits.walk.label")
        rows, columns = SHELF
        noise = model.draw_noise(rows * columns, seed)
        grid = np.arange(rows * columns).reshape(SHELF)
        a, b = pick_numbers("digits.walk.pick", model.generate(noise, label), grid, [0, 7])
        st.caption("Samples. Two are picked, a and b: click others, and the older pick goes.")
    with right:
        lengths = {}
        for how, title in HOW.items():
            path = interpolate(noise[a], noise[b], STEPS, how)
            lengths[how] = float(np.linalg.norm(path, axis=1).min())
            st.markdown(f"**{title}**")
            image_view(
                [tile(model.generate(path, label), STEPS)], key=f"digits.walk.{how}", height=86,
                alt=f"The images on the {how} way from a to b", file_name=f"walk_{how}",
            )  # fmt: skip
        ends = np.linalg.norm(noise[[a, b]], axis=1)
        st.caption(
            f"‖z‖ is {written(float(ends[0]), '.2f')} at a and {written(float(ends[1]), '.2f')} at b; on the way it "
            f"falls to {written(lengths['linear'], '.2f')} along the line and {written(lengths['spherical'], '.2f')} "
            "along the arc. In many dimensions nearly all noise of a normal distribution has a length near √d, so "
            "that the line crosses a place the generator has hardly seen; in two dimensions the middle is where "
            "noise is densest, though only 12 % of it lies within ½ of it."
        )


def label_choice(source: DigitsSource, key: str) -> int | None:
    """Return the label that a conditional model is told; None for a model that is told none."""
    if not source.is_conditional:
        return None
    names = source.train.class_names
    return int(
        st.segmented_control(
            "Label", range(10), default=3, required=True, key=key, format_func=names.__getitem__, **BOUND
        )
    )
