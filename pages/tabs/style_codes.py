"""Where the styles lie: the conditional model's codes beside the plain VAE's, coloured by label."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engine.grid import Array
from engine.latent.views import latent_positions
from engine.plots.latent import positions_figure
from engine.pretrain import load_pretrained_run, pretrained_for
from engine.recipes.latent import SHOWN
from pages.widgets.latent_source import Source, with_model
from pages.widgets.live_figure import live_figure


def show(source: Source) -> None:
    """Draw both latent spaces."""
    with_model(source, _tab)


def _tab(source: Source, model: Any) -> None:
    x, labels = source.held_out.images[:SHOWN], source.held_out.labels[:SHOWN].astype(np.int64)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**With the label told**: the conditional VAE")
        _draw(source, latent_positions(model, x, labels), "told", source.latent_size)
    shipped = pretrained_for("VAE", source.data)
    if shipped:
        plain: Any = load_pretrained_run(shipped[0]).model
        with right:
            st.markdown("**Without it**: the VAE")
            _draw(source, latent_positions(plain, x), "untold", 2)
    st.caption(
        "The plain VAE must put the label into its code, so its classes part. The conditional one is told the label: "
        "saying it again in the code would cost KL and gain nothing, so the classes lie on top of each other and the "
        "code is left with the style. That is why another label under the same code keeps the style."
    )


def _draw(source: Source, plane: Array, key: str, size: int) -> None:
    axes = ("z₁", "z₂") if size <= 2 else ("first principal axis of z", "second principal axis of z")
    figure = positions_figure(
        [plane], source.held_out.labels[:SHOWN], [""], class_names=source.held_out.class_names, axes=axes
    )
    live_figure(figure, key=f"style.{key}", height=470, alt="Codes of held-out images, coloured by their class")
