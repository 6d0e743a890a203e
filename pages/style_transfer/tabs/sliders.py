"""Style sliders: the code by hand, and what it is under every label."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from engine.grid import Array
from engine.latent.views.images import style_codes
from engine.pictures import tile
from pages.components.image_view import image_view
from pages.components.live import Live
from pages.components.serving.pictures import Pixels
from pages.shared.controls import BOUND
from pages.shared.grid_picture import labelled, offer_animation, offer_picture, short
from pages.shared.images.source import Source
from pages.style_transfer.source import CELL, learnt, model_of

MOST = 8  # sliders
REACH = 3.0  # standard deviations of the prior
ROWS, FRAMES = 9, 31  # of the sweep, drawn and as GIF
DIGITS = "₁₂₃₄₅₆₇₈"


def draw(source: Source, live: Live | None) -> None:
    """Draw a slider for each latent dimension and the ten images of the code, by the model as it is now."""
    if live is None and model_of(source) is None:
        return
    size = min(source.latent_size, MOST)
    cells = st.grid(min(size, 4), min_column_width=140, gap="small")
    z = np.zeros((1, source.latent_size), np.float32)
    for number in range(size):
        with cells.cell():
            z[0, number] = st.slider(
                f"Style z{DIGITS[number]}", -REACH, REACH, 0.0, 0.05, key=f"style.z{number + 1}",
                help="In standard deviations of the prior.", **BOUND,
            )  # fmt: skip
    names = short(source.train.class_names)
    wide = CELL[source.data]
    image_view(
        lambda: _pictures(source, z), key="style.slid", columns=names, rows=[""], cell_width=wide,
        file_name="style", alt="One style under all ten labels", live=live,
    )  # fmt: skip
    along = 0
    if size > 1:
        along = int(
            st.segmented_control(
                "Sweep", range(size), default=0, required=True, key="style.along", **BOUND,
                format_func=lambda one: f"z{DIGITS[one]}",
            )
        )  # fmt: skip
    sweep = _sweep(z, along, ROWS)
    image_view(
        lambda: _pictures(source, sweep), key="style.sweep", height=420, columns=[""] * 10, cell_width=wide,
        live=live,
        rows=[f"{value:.2f}".replace("-", "−") for value in sweep[:, along]],
        alt=f"Style number {along + 1} from −3 to 3, down, under all ten labels, across",
    )  # fmt: skip
    st.caption(
        f"Above, the code of the sliders; below, z{DIGITS[along]} from −3 to 3 with the others as they are set."
    )
    with st.container(horizontal=True, gap="small"):
        offer_picture("style.sweep.png", "style_sweep", lambda: labelled(_pictures(source, sweep)[0], names))
        offer_animation(
            "style.sweep.gif", "style_sweep", partial(_moving, source, z, along, names), "The sweep, moving."
        )


def _pictures(source: Source, codes: Array) -> list[Pixels]:
    """Return one picture: the codes (n, latent) down, under all ten labels across; none before anything is learnt."""
    model = learnt(source)
    return [] if model is None else [tile(style_codes(model, codes).reshape(-1, 28, 28), 10)]


def _sweep(z: Array, along: int, n: int) -> Array:
    """Return n codes (n, latent) that differ in dimension `along` only, from −3 to 3."""
    codes = np.repeat(z, n, axis=0)
    codes[:, along] = np.linspace(-REACH, REACH, n)
    return codes


def _moving(source: Source, z: Array, along: int, names: list[str]) -> list[Pixels]:
    """Return the pictures of a sweep there and back."""
    codes = _sweep(z, along, FRAMES)
    title = "z{} = {:+.1f}"  # in letters that the picture's font has
    return [
        labelled(_pictures(source, code[None])[0], names, title=title.format(along + 1, code[along]))
        for code in [*codes, *codes[-2:0:-1]]
    ]
