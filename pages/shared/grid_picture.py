"""A grid of images with its names and marks drawn in, as the files that a person takes away."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw, ImageFont

from engine.plots import style
from pages.components.serving.pictures import Pixels, animation, png

SCALE = 2  # pixels of the file for one of an image
CELL = 28 * SCALE
HEAD, MARGIN = 28, 8  # pixels for names and around
RIM, GREY = 2, 110  # pixels around each of several pictures, and how bright they are


def short(names: Sequence[str]) -> list[str]:
    """Return names of classes that fit above a column of images."""
    return [name.split("/")[0] for name in names]


def abreast(pictures: Sequence[Pixels]) -> Pixels:
    """Return grey pictures of one size side by side, with a rim around each."""
    return np.concatenate([np.pad(picture, RIM, constant_values=GREY) for picture in pictures], axis=1)


def labelled(
    picture: Pixels, columns: Sequence[str], marks: Sequence[tuple[int, int]] = (), title: str = ""
) -> Pixels:
    """Return a grey picture of a grid of 28-pixel cells on white, (h, w, 3).

    `columns` are named above, the cells `marks` (row, column) outlined, and a `title` stands over all.
    """
    height, width = (SCALE * side for side in picture.shape)
    top = MARGIN + HEAD * (2 if title else 1)
    sheet = Image.new("RGB", (width + 2 * MARGIN, height + top + MARGIN), style.PAPER)
    sheet.paste(Image.fromarray(picture).resize((width, height), Image.Resampling.NEAREST), (MARGIN, top))
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(11)
    if title:
        pen.text((MARGIN, MARGIN), title, style.TEXT, font)
    for number, name in enumerate(columns):
        at = (MARGIN + (number + 0.5) * CELL, top - HEAD / 2)
        pen.multiline_text(at, name.replace(" ", "\n"), style.TEXT, font, anchor="mm", align="center")
    for row, column in marks:
        corner = (MARGIN + column * CELL, top + row * CELL)
        pen.rectangle((*corner, corner[0] + CELL - 1, corner[1] + CELL - 1), outline=style.MODEL, width=2)
    return np.asarray(sheet)


def offer_picture(key: str, name: str, picture: Callable[[], Pixels]) -> None:
    """Draw a button that saves a picture, made once it is pressed, as PNG; `name` (no suffix) is the file's."""
    st.download_button(
        "PNG", lambda: png(picture()), f"{name}.png", "image/png", icon=":material/image:", on_click="ignore",
        key=key, help="The picture with its names, to keep.",
    )  # fmt: skip


def offer_animation(key: str, name: str, frames: Callable[[], list[Pixels]], what: str) -> None:
    """Draw a button that saves pictures of one size as an animated GIF; they are made once it is pressed.

    `name` (no suffix) is the file's, `what` says what moves.
    """
    st.download_button(
        "GIF", lambda: animation(frames()), f"{name}.gif", "image/gif", icon=":material/gif_box:",
        on_click="ignore", key=key, help=what,
    )  # fmt: skip
