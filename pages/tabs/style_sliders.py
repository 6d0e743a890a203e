"""Style sliders: the code by hand, and what it is under every label."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engine.latent.views import style_codes, tile
from pages.widgets.controls import BOUND
from pages.widgets.image_view import image_view
from pages.widgets.latent_source import Source, with_model

MOST = 8  # sliders
REACH = 3.0  # standard deviations of the prior


def show(source: Source) -> None:
    """Draw a slider for each latent dimension and the ten images of the code."""
    with_model(source, _tab)


def _tab(source: Source, model: Any) -> None:
    size = min(source.latent_size, MOST)
    cells = st.grid(min(size, 4), min_column_width=140, gap="small")
    z = np.zeros((1, source.latent_size), np.float32)
    for number in range(size):
        with cells.cell():
            z[0, number] = st.slider(
                f"Style z{'₁₂₃₄₅₆₇₈'[number]}", -REACH, REACH, 0.0, 0.05, key=f"style.z{number + 1}", **BOUND
            )
    decoded = style_codes(model, z)[0]
    names = [name[:8] for name in source.train.class_names]
    image_view([tile(decoded, 10)], key="style.slid", columns=names, alt="One style under all ten labels")
    sweep = np.repeat(z, 9, axis=0)
    sweep[:, 0] = np.linspace(-REACH, REACH, 9)
    rows = style_codes(model, sweep)
    image_view(
        [tile(rows.reshape(-1, 28, 28), 10)], key="style.sweep", height=400, columns=[""] * 10,
        rows=[f"{value:.1f}".replace("-", "−") for value in sweep[:, 0]], alt="The first style number from −3 to 3",
    )  # fmt: skip
    st.caption("Above, the code of the sliders; below, z₁ from −3 to 3 with the others as they are set.")
