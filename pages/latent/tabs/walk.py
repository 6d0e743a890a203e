"""Walk: from one image to another through pixels and through codes, beyond the ends, and a − b + c."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engine.grid import Array
from engine.latent.views.images import analogy
from engine.pictures import interpolate, tile, to_picture
from pages.components.image_view import image_view
from pages.shared.controls import BOUND
from pages.shared.images.picker import pick_images
from pages.shared.images.source import Source, companion, with_model

STEPS = 10


def show(source: Source) -> None:
    """Draw the walk of two picked images, an autoencoder's beside it, and the analogy of three."""
    with_model(source, _tab)


def _tab(source: Source, model: Any) -> None:
    left, right = st.columns([5, 6], gap="medium")
    with left:
        picked = pick_images("walk.pick", source.held_out, [4, 9, 3], names=["a", "b", "c"])
        beyond = st.toggle(
            "Beyond both ends", key="walk.beyond", help="Extrapolate by a third of the way at either end.", **BOUND
        )
    images, labels = source.held_out.images[picked], source.held_out.labels[picked].astype(np.int64)
    given = labels if source.is_conditional else None
    share = 1 / 3 if beyond else 0.0
    with right:
        st.markdown("**From a to b**")
        _row(
            "In pixel space: one fades into the other",
            interpolate(images[0], images[1], STEPS, beyond=share).clip(0, 1),
            "pixels",
        )
        for how in ("linear", "spherical"):
            _row(f"In the latent space of this model, {how}", _walk(model, images, given, how, share), how)
        other = companion(source)
        if other is not None:
            rival = other.model
            _row(
                f"In the latent space of {other.title}, linear", _walk(rival, images, None, "linear", share), "other"
            )
        st.markdown("**a − b + c**, in the latent space")
        result = analogy(model, images, given)[0]
        picture = np.concatenate([to_picture(one) for one in (*images, result)], axis=1)
        image_view(
            [picture], key="walk.analogy", height=80, columns=["a", "− b", "+ c", "="],
            alt="Three images, and the decoding of a − b + c",
        )  # fmt: skip
        st.caption(
            "Training draws a VAE's clouds towards one prior, which leaves few gaps for a walk to cross; nothing "
            "draws an autoencoder's codes together, and in a gap its decoder has learnt nothing."
        )


def _walk(model: Any, images: Array, labels: np.ndarray | None, how: str, beyond: float) -> Array:
    """Return the decodings (STEPS, 28, 28) on the way from the first image's code to the second's."""
    codes = model.encode(images[:2], None if labels is None else labels[:2])
    path = interpolate(codes[0], codes[1], STEPS, how, beyond)
    halves = None if labels is None else np.repeat(labels[:2], STEPS // 2)
    return model.decode(path, halves)


def _row(title: str, images: Array, key: str) -> None:
    st.caption(title)
    image_view([tile(images, STEPS)], key=f"walk.{key}", height=62, alt=title)
