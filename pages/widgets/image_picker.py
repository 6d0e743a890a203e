"""Held-out images to pick from, and a digit of one's own; what is picked stands in the address."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.data import Images
from engine.grid import Array
from engine.latent.views import tile
from pages.widgets.image_view import image_view

ROWS, COLUMNS = 4, 10  # of the shelf of held-out images


def pick_images(key: str, images: Images, defaults: Sequence[int], *, names: Sequence[str] = ()) -> list[int]:
    """Draw forty held-out images, one of each class a column, and return the numbers of those picked.

    As many are picked as there are `defaults`, of which each is a class whose first image is picked at first; a new
    pick takes the place of the oldest. `names` are what a caption calls them, in order.
    """
    grid = _shelf(images)
    first = [int(grid[0, label]) for label in defaults]
    picked = pick_numbers(key, images.images, grid, first, alt="Held-out images; the marked ones are picked.")
    if names:
        listed = [f"{name}: {images.class_names[images.labels[i]]}" for name, i in zip(names, picked, strict=True)]
        st.caption("Picked " + ", ".join(listed) + ". Click others; the oldest pick goes.")
    return picked


def pick_numbers(
    key: str,
    images: Array,
    grid: npt.NDArray[np.integer],
    defaults: Sequence[int],
    alt: str = "The marked are picked.",
) -> list[int]:
    """Draw the images (n, 28, 28) whose numbers stand in `grid` (rows, columns); return the numbers of those picked.

    As many are picked as there are `defaults`, the first picks; a new pick takes the place of the oldest.
    """
    rows, columns = grid.shape
    picked = _read(key, len(images), defaults)
    marks = [(int(row), int(column)) for number in picked for row, column in np.argwhere(grid == number)]
    image_view(
        [tile(images[grid.ravel()], columns)], key=f"{key}.shelf", height=170, marks=marks, columns=[""] * columns,
        rows=[""] * rows, alt=alt, on_pick=partial(_pick, key, grid, picked),
    )  # fmt: skip
    return picked


def _shelf(images: Images) -> npt.NDArray[np.integer]:
    """Return the numbers (4, 10) of the first four images of each class, a class a column."""
    firsts = [np.flatnonzero(images.labels == label)[:ROWS] for label in range(COLUMNS)]
    return np.stack(firsts, axis=1)


def _read(key: str, n: int, defaults: Sequence[int]) -> list[int]:
    text = st.query_params.get(key, "")
    try:
        numbers = [int(word) for word in text.split(",")]
    except ValueError:
        return list(defaults)
    fits = len(numbers) == len(defaults) and all(0 <= number < n for number in numbers)
    return numbers if fits else list(defaults)


def _pick(key: str, grid: np.ndarray, picked: list[int], row: int, column: int) -> None:
    st.query_params[key] = ",".join(str(number) for number in [*picked[1:], int(grid[row, column])])
