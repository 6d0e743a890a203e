"""Reconstruct: an image or a digit of one's own, what the model makes of it, and how sure it is of the code."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engine.grid import Array
from engine.latent.views.images import posterior_samples
from engine.pictures import tile, to_picture
from engine.plots.numbers import written
from pages.components.digit_pad import digit_pad
from pages.components.image_view import image_view
from pages.shared.controls import BOUND
from pages.shared.images.picker import pick_images
from pages.shared.images.source import Source, with_model

DRAWS = 8
OWN = "A digit of my own"
HELD_OUT = "A held-out image"


def show(source: Source) -> None:
    """Draw the choice, the reconstruction beside the original, and samples of q(z|x)."""
    with_model(source, _tab)


def _tab(source: Source, model: Any) -> None:
    left, right = st.columns([5, 6], gap="medium")
    with left:
        chosen = _choose(source)
    if chosen is None:
        return
    image, label = chosen
    labels = np.array([label]) if source.is_conditional else None
    rebuilt = model.reconstruct(image[None], labels)[0]
    squared = float(np.square(image - rebuilt).sum())
    with right:
        cells = st.columns(2, gap="small", wrap=False)
        with cells[0]:
            st.markdown("**Original** x")
            image_view([to_picture(image)], key="codes.original", height=190, alt="The original")
        with cells[1]:
            st.markdown("**Reconstruction** x̂")
            image_view([to_picture(rebuilt)], key="codes.rebuilt", height=190, alt="Its reconstruction")
        st.caption(f"Squared error ‖x − x̂‖² = {written(squared, '.2f')} through {source.latent_size} numbers.")
        if hasattr(model, "posterior"):
            _posterior(model, image, labels)


def _choose(source: Source) -> tuple[Array, int] | None:
    """Return an image (28, 28) and its label, or None where nothing is drawn yet."""
    kind = st.segmented_control("Image", [HELD_OUT, OWN], default=HELD_OUT, required=True, key="codes.kind", **BOUND)
    if kind == HELD_OUT:
        (number,) = pick_images("codes.pick", source.held_out, [2], names=["Original"])
        return source.held_out.images[number], int(source.held_out.labels[number])
    label = 0
    if source.is_conditional:
        label = int(
            st.selectbox("Its label", range(10), format_func=source.train.class_names.__getitem__, key="codes.label")
        )
    drawn = digit_pad("latent.digit")
    return None if drawn is None else (drawn, label)


def _posterior(model: object, image: Array, labels: np.ndarray | None) -> None:
    """Show draws from q(z|x), decoded, and its mean and deviation."""
    mean, deviation = model.posterior(image[None], labels)  # type: ignore[attr-defined]
    draws = posterior_samples(model, image[None], DRAWS, labels=labels)[0]  # type: ignore[arg-type]
    st.markdown("**Samples of** q(z|x), decoded")
    image_view([tile(draws, DRAWS)], key="codes.draws", height=90, alt="Decoded draws of the code")
    shown = ", ".join(
        f"{written(float(m), '.2f')} ± {float(s):.2f}" for m, s in list(zip(mean[0], deviation[0], strict=True))[:6]
    )
    st.caption(f"z = {shown}{', …' if mean.shape[1] > 6 else ''}: mean ± one standard deviation of q(z|x).")
