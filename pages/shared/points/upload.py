"""Points of one's own: a CSV or NPY file, or rows pasted as text."""

from __future__ import annotations

import re

import numpy as np
import streamlit as st

from engine.data import Table, read_file, read_paste
from engine.data.tables import MAX_BYTES, MAX_ROWS
from engine.grid import Array, Domain
from engine.model import DataError
from pages.components.drawing_pad import current_drawing, place_points
from pages.shared.points.points_link import DRAWN


def offer_own_points(key: str, choice: str | None) -> None:
    """Offer to upload or paste points; put them on the pad `key` when they are good.

    `choice` is the key of the choice of data that then turns to one's own points, if there is any.
    """
    with st.popover(
        "Upload or paste", icon=":material/upload:", width="stretch", key=f"{key}.own", on_change="rerun"
    ):
        outcome = st.container()  # above what it came from, since a popover low on the page shows its top only
        file = st.file_uploader("CSV or NPY file", type=["csv", "txt", "tsv", "npy"], key=f"{key}.file")
        text = st.text_area("or paste rows", placeholder="0.5, 1.2\n0.7, 1.0", height=90, key=f"{key}.text")
        with outcome:
            try:
                if file is not None:
                    _place(key, choice, _read(file.getvalue(), file.name))
                elif text.strip():
                    _place(key, choice, read_paste(text))
                else:
                    st.caption(
                        f"One column is 1-D, two are x and y, of more you choose two. A header is optional. "
                        f"At most {MAX_ROWS:,} rows and {MAX_BYTES / 1e6:g} MB."
                    )
            except DataError as error:
                st.error(literal(str(error)), icon=":material/error:")


@st.cache_data(max_entries=16, show_spinner=False)
def _read(content: bytes, name: str) -> Table:
    # A file stays in the uploader, and every stroke on the pad reruns the page: read it once.
    return read_file(content, name)


def _place(key: str, choice: str | None, table: Table) -> None:
    """Ask what the table leaves open, then put its points on the pad."""
    names = list(table.column_names)
    columns: tuple[int, ...] = tuple(range(len(names)))
    if len(names) > 2:
        left, right = st.columns(2)
        first = left.selectbox("x", range(len(names)), 0, format_func=names.__getitem__, key=f"{key}.x")
        second = right.selectbox("y", range(len(names)), 1, format_func=names.__getitem__, key=f"{key}.y")
        columns = (first, second)
    if table.notes:
        st.caption(literal(" ".join(table.notes)))
    bad = int(np.count_nonzero(~np.isfinite(table.values[:, columns]).all(axis=1)))
    rows = "1 row" if bad == 1 else f"{bad:,} rows"
    if bad and not st.checkbox(f"Leave out {rows} with missing, NaN or infinite values", key=f"{key}.drop"):
        return
    x = table.points(columns, drop_non_finite=True)
    shown = tuple(names[column] for column in columns) if table.is_named or len(names) > 2 else ()
    args = (key, choice, x, shown)
    what = "this one point" if len(x) == 1 else f"these {len(x):,} points"
    st.button(f"Use {what}", type="primary", key=f"{key}.use", on_click=_use, args=args)


def _use(key: str, choice: str | None, x: Array, names: tuple[str, ...]) -> None:
    if choice:
        st.session_state[f"{choice}.before"] = st.session_state[choice]
        st.session_state[choice] = DRAWN
    st.session_state[f"{key}.domain"] = around(x)
    st.session_state[f"{key}.own"] = False  # closes the popover
    place_points(key, x)
    st.session_state[f"{key}.names"] = (current_drawing(key).revision, names)


def names_of(key: str) -> tuple[str, ...]:
    """Return the names of the columns that were uploaded to the pad `key`, none once other points lie there."""
    drawing = current_drawing(key)
    revision, names = st.session_state.get(f"{key}.names", (None, ()))
    if revision == drawing.revision and len(drawing.x):
        return names
    st.session_state.pop(f"{key}.names", None)
    return ()


def literal(text: str) -> str:
    """Return Markdown that shows a text as it stands."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def around(x: Array) -> Domain:
    """Return a box around points (n, d) with a margin of a tenth; square in 2-D, never empty."""
    x = np.asarray(x, dtype=np.float64)
    low, high = x.min(axis=0), x.max(axis=0)
    centre = (low + high) / 2
    half = 0.6 * float((high - low).max()) or max(1.0, 0.5 * float(np.abs(centre).max()))
    return tuple((float(middle - half), float(middle + half)) for middle in centre)
