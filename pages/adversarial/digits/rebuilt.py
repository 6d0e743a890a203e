"""What a VAE/GAN's encoder and generator make of held-out images, as they learn and beside a plain VAE."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from engine.grid import Array
from engine.pictures import tile
from engine.plots.numbers import written
from engine.pretrain import load_pretrained_run, pretrained_for
from engine.recipes import RECIPES
from pages.adversarial.digits.history import LINK, digits_history
from pages.adversarial.digits.source import DigitsSource
from pages.components.image_view import image_view
from pages.shared.controls import BOUND
from pages.shared.images.source import title_of
from pages.shared.runs.visitor_run import with_model

COUNT = 10
HEIGHT = 190


def show(source: DigitsSource) -> None:
    """Draw the history of the reconstructions, then those of other images by this model and by a VAE."""
    _history(source)
    with_model(source, _tab)


def _history(source: DigitsSource) -> None:
    """Draw what the model made of the same images at every snapshot."""
    live = digits_history(source)
    image_view(
        lambda: [one.views["reconstructions"] for one in source.shown[0]], key="digits.rebuilt.frames", height=HEIGHT,
        captions=lambda: source.shown[1], alt="Held-out images, and their reconstructions below them", link=LINK,
        file_name="reconstructions", live=live,
    )  # fmt: skip
    if live or source.snapshots:
        st.caption("Ten held-out images, and under each what the model makes of it at this step of its training.")


def _tab(source: DigitsSource, model: Any) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        seed = int(
            st.slider("Seed", 0, 100, 0, key="digits.rebuilt.seed", help="Another seed, other images.", **BOUND)
        )
    chosen = one_of_each(source.held_out.labels, seed)
    images = source.held_out.images[chosen]
    rows = {"Held-out images": images, f"{source.title}, {source.noise_size}-D code": model.reconstruct(images)}
    shipped = pretrained_for("VAE", source.data)
    if shipped:
        with right:
            other = str(
                st.selectbox(
                    "Beside the VAE with", shipped, shipped.index(_nearest(shipped, source.noise_size)),
                    format_func=title_of, key=f"digits.vae.{source.data}", **BOUND,
                )
            )  # fmt: skip
        rows[f"VAE, {title_of(other)}"] = load_pretrained_run(other).model.reconstruct(images)  # type: ignore[attr-defined]
    for number, (title, row) in enumerate(rows.items()):
        _row(title, row, images, number)
    st.caption(
        "A VAE is judged pixel by pixel and answers with the mean of what the digit may have been, a blur; a VAE/GAN "
        "is judged by the features of its discriminator, so that its strokes are sharp, though not exactly in place. "
        "Its squared error may well be larger."
    )


def one_of_each(labels: np.ndarray, seed: int) -> list[int]:
    """Return the numbers of one image of each class, or of ten of a single class, drawn with this seed."""
    generator = np.random.default_rng(seed)
    if len(np.unique(labels)) == 1:
        return generator.choice(len(labels), COUNT, replace=False).tolist()
    return [int(generator.choice(np.flatnonzero(labels == label))) for label in range(COUNT)]


def _nearest(names: Sequence[str], size: int) -> str:
    """Return the pretrained VAE whose code has about as many dimensions."""
    return min(names, key=lambda name: abs(RECIPES[name].hyperparameters.get("latent_size", 2) - size))


def _row(title: str, row: Array, images: Array, number: int) -> None:
    error = float(np.square(row - images).sum(axis=(1, 2)).mean())
    st.markdown(f"**{title}**" + (f": squared error {written(error, '.1f')} an image" if number else ""))
    image_view([tile(row, COUNT)], key=f"digits.rebuilt.{number}", height=96, alt=title, file_name="reconstructions")
