"""What a VAE/GAN's encoder and generator make of held-out images, beside a plain VAE."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engine.grid import Array
from engine.latent.views import tile
from engine.plots.numbers import written
from engine.pretrain import load_pretrained_run, pretrained_for
from pages.widgets.controls import BOUND
from pages.widgets.digits_source import DigitsSource
from pages.widgets.image_view import image_view
from pages.widgets.latent_source import title_of
from pages.widgets.visitor_run import with_model

COUNT = 10


def show(source: DigitsSource) -> None:
    """Draw held-out images and their reconstructions by this model and by a VAE."""
    with_model(source, _tab)


def _tab(source: DigitsSource, model: Any) -> None:
    seed = int(st.slider("Seed", 0, 100, 0, key="digits.rebuilt.seed", help="Another seed, other images.", **BOUND))
    chosen = one_of_each(source.held_out.labels, seed)
    images = source.held_out.images[chosen]
    rows = {"Held-out images": images, f"{source.title}, {source.noise_size}-D code": model.reconstruct(images)}
    shipped = pretrained_for("VAE", source.data)
    if shipped:
        other = str(
            st.selectbox(
                "Beside the VAE with", shipped, format_func=title_of, key=f"digits.vae.{source.data}", **BOUND
            )
        )
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


def _row(title: str, row: Array, images: Array, number: int) -> None:
    error = float(np.square(row - images).sum(axis=(1, 2)).mean())
    st.markdown(f"**{title}**" + (f": squared error {written(error, '.1f')} an image" if number else ""))
    image_view([tile(row, COUNT)], key=f"digits.rebuilt.{number}", height=96, alt=title, file_name="reconstructions")
