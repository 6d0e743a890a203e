"""Pictures on a canvas: one, or a history that follows a timeline; its cells may have names and be picked.

The browser fetches each picture once by its name (see `pictures`), so that a history scrubs without the server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from pages.components.live import Live, now, told
from pages.components.serving.modules import component
from pages.components.serving.pictures import Pixels, publish_picture

_mount = component("image_view")


def image_view(
    frames: Sequence[Pixels] | Callable[[], Sequence[Pixels]],
    *,
    key: str,
    alt: str,
    height: int | None = None,
    link: str | None = None,
    captions: Sequence[str] | Callable[[], Sequence[str]] = (),
    columns: Sequence[str] = (),
    rows: Sequence[str] = (),
    marks: Sequence[tuple[int, int]] = (),
    cell_width: int = 0,
    on_pick: Callable[[int, int], None] | None = None,
    file_name: str = "picture",
    live: Live | None = None,
) -> None:
    """Show the picture of `frames` at the step of the timeline with this `link`, or the only one.

    A frame is (height, width) or (height, width, 3) uint8. `height` in pixels bounds the view, which is as wide as
    its column at most. `captions` stand under the frames. `columns` and `rows` name the cells of a grid of equal
    cells, which are `cell_width` pixels wide at least: where the page is narrower, the view scrolls sideways in its
    own box. `marks` outlines (row, column) of the cells; a person may pick a cell, by pointer or keyboard, which
    then calls `on_pick(row, column)` before the rerun. `alt` says what is to be seen, `file_name` (no suffix) names
    a download. Frames and captions that come while a run goes on are functions, which `live` calls again; without
    any frame there is nothing to see.
    """

    def message() -> dict[str, Any]:
        pixels = now(frames)
        return {
            "pictures": names_of(pixels), "hidden": not len(pixels),
            "size": pixels[-1].shape[:2][::-1] if len(pixels) else (1, 1),
            "alt": alt, "height": height, "link": link, "captions": list(now(captions)), "columns": list(columns),
            "rows": list(rows), "marks": list(marks), "pickable": on_pick is not None, "file_name": file_name,
            "least": cell_width * max(len(columns), 1),
        }  # fmt: skip

    shape = (max(len(rows), 1), max(len(columns), 1))
    _mount(key=key, data=told(live, key, message), on_picked_change=partial(_picked, key, shape, on_pick))


def names_of(frames: Sequence[Pixels]) -> list[str]:
    """Return the names of the files that hold the pictures."""
    return [publish_picture(frame) for frame in frames]


def _picked(key: str, shape: tuple[int, int], on_pick: Callable[[int, int], None] | None) -> None:
    """Pass on which cell was picked, if the message makes sense."""
    message: Any = st.session_state[key].get("picked")
    if on_pick is None or not isinstance(message, dict):
        return
    row, column = message.get("row"), message.get("column")
    if isinstance(row, int) and isinstance(column, int) and 0 <= row < shape[0] and 0 <= column < shape[1]:
        on_pick(row, column)
