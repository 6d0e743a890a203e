"""Images to pick from; what is picked stands in the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.data import Images
from engine.grid import Array
from engine.pictures import tile
from pages.components.image_view import image_view
from pages.components.serving import address
from pages.shared.controls import BOUND

ROWS, COLUMNS = 4, 10  # of the shelf of held-out images
NONE = "none"  # picked, in the address
MARKED = "Held-out images; the marked ones are picked."
Numbers = npt.NDArray[np.integer]
Pick = Callable[[int], list[int]]  # number of an image → all that are picked then


def pick_images(key: str, images: Images, defaults: Sequence[int], *, names: Sequence[str] = ()) -> list[int]:
    """Draw forty held-out images, one of each class a column, and return the numbers of those picked.

    As many are picked as there are `defaults`, of which each is a class whose first image is picked at first; a new
    pick takes the place of the oldest. `names` are what a caption calls them, in order.
    """
    grid = _shelf(images, "any", 0)
    first = [int(grid[0, label]) for label in defaults]
    picked = pick_numbers(key, images.images, grid, first, alt=MARKED)
    if names:
        listed = [f"{name}: {images.class_names[images.labels[i]]}" for name, i in zip(names, picked, strict=True)]
        more = "Click others; the oldest pick goes." if len(listed) > 1 else "Click another."
        st.caption(f"Picked {', '.join(listed)}. {more}")
    return picked


def pick_numbers(
    key: str, images: Array, grid: Numbers, defaults: Sequence[int], alt: str = "The marked are picked."
) -> list[int]:
    """Draw the images (n, 28, 28) whose numbers stand in `grid` (rows, columns); return the numbers of those picked.

    As many are picked as there are `defaults`, the first picks; a new pick takes the place of the oldest.
    """
    found = _read(key, len(images))
    picked = found if len(found) == len(defaults) else list(defaults)
    _draw(key, images, grid, picked, lambda number: [*picked[1:], number], alt)
    return picked


def pick_some(key: str, images: Images, defaults: Sequence[int], *, most: int) -> list[int]:
    """Draw held-out images, forty a page, and return the numbers of those picked, in order, `most` at most.

    A click picks an image or puts it back; above `most` the oldest pick goes. The first of each class in `defaults`
    are picked at first. A person may see one class only.
    """
    names = images.class_names
    wanted = st.selectbox(
        "Show", ["any", *range(len(names))], key=f"{key}.class", **BOUND,
        format_func=lambda one: "every label, one a column" if one == "any" else names[int(one)],
    )  # fmt: skip
    first = _shelf(images, "any", 0)
    picked = [int(first[0, label]) for label in defaults]
    if address.read(key):
        picked = list(dict.fromkeys(_read(key, len(images))))[:most]
    shelf = _shelf(images, wanted, st.session_state.get(f"{key}.page", 0))
    _draw(key, images.images, shelf, picked, lambda number: _toggled(picked, number, most), MARKED)
    with st.container(horizontal=True, gap="xsmall"):
        st.button("More", icon=":material/refresh:", key=f"{key}.more", on_click=_turn, args=(key,))
        st.button(
            "Clear", icon=":material/clear:", key=f"{key}.clear", disabled=not picked, on_click=_keep, args=(key, [])
        )
    return picked


def _toggled(picked: Sequence[int], number: int, most: int) -> list[int]:
    if number in picked:
        return [other for other in picked if other != number]
    return [*picked, number][-most:]


def _draw(key: str, images: Array, grid: Numbers, picked: Sequence[int], pick: Pick, alt: str) -> None:
    rows, columns = grid.shape
    marks = [(int(row), int(column)) for number in picked for row, column in np.argwhere(grid == number)]
    shown = np.where(grid.reshape(-1, 1, 1) < 0, 0, images[grid.ravel()])
    image_view(
        [tile(shown, columns)], key=f"{key}.shelf", height=170, marks=marks, columns=[""] * columns,
        rows=[""] * rows, alt=alt, on_pick=partial(_pick, key, grid, pick),
    )  # fmt: skip


def _shelf(images: Images, wanted: int | str, page: int) -> Numbers:
    """Return the numbers (ROWS, COLUMNS) of a page of images, −1 for none: a class a column, or one class."""
    if wanted != "any":
        return _page(np.flatnonzero(images.labels == int(wanted)), page, ROWS * COLUMNS).reshape(ROWS, COLUMNS)
    return np.stack([_page(np.flatnonzero(images.labels == label), page, ROWS) for label in range(COLUMNS)], axis=1)


def _page(numbers: Numbers, page: int, size: int) -> Numbers:
    """Return a page of `size` numbers, filled with −1; after the last the first comes again."""
    start = page % max(1, -(-len(numbers) // size)) * size
    found = numbers[start : start + size]
    return np.concatenate([found, np.full(size - len(found), -1)])


def _read(key: str, n: int) -> list[int]:
    """Return the numbers below n that stand in the address; none for anything else."""
    words = address.read(key).split(",")
    numbers = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 9]
    return [number for number in numbers if number < n]


def _turn(key: str) -> None:
    st.session_state[f"{key}.page"] = st.session_state.get(f"{key}.page", 0) + 1


def _keep(key: str, picked: Sequence[int]) -> None:
    address.write(key, ",".join(map(str, picked)) or NONE)


def _pick(key: str, grid: Numbers, pick: Pick, row: int, column: int) -> None:
    if grid[row, column] >= 0:
        _keep(key, pick(int(grid[row, column])))
