"""The left side of a lab: a preset, drawn points, an upload or a paste, and the drawing pad that shows them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.data import Points, load_points, presets
from engine.grid import Array, Domain
from engine.model import DataError
from pages.widgets.drawing_pad import Drawing, current_drawing, drawing_pad, place_points
from pages.widgets.points_link import (
    DRAWN,
    OWN_TITLE,
    PARAMETER,
    code_of,
    decoded,
    keep_code,
    open_points,
    unreadable,
)
from pages.widgets.upload import offer_own_points

STARTS = "starts"  # the query parameter that carries the starts placed on a preset
DEFAULT_DOMAIN: Domain = ((-4.0, 4.0), (-4.0, 4.0))
PRESETS = {preset.name: preset for preset in presets()}


@dataclass(frozen=True)
class DataSet:
    """Hold what the lab's models learn from.

    `x` (n, d) float32, `labels` (n,) uint8, `markers` (m, d) starts placed by hand; `preset` the Points they came
    from, with their exact log-density, or None for drawn and uploaded points; `seed` that drew them.
    """

    name: str
    x: Array
    labels: npt.NDArray[np.uint8]
    markers: Array
    domain: Domain
    preset: Points | None
    noise: float | None = None
    seed: int = 0

    @property
    def dimension(self) -> int:
        """Number of dimensions, 1 or 2."""
        return len(self.domain)

    def fresh(self, n: int, seed: int) -> Array | None:
        """Draw n new points of the same distribution, or None where that is not known."""
        return None if self.preset is None else load_points(self.name, n=n, noise=self.noise, seed=seed).x


@dataclass(frozen=True)
class Start:
    """Name what a lab opens on: a preset, its number of points and its noise, None for the preset's own."""

    name: str = "two_moons"
    n: int | None = None
    noise: float | None = None

    def set(self) -> None:
        """Choose this data, as if a person had: for a callback, before the controls are drawn again."""
        preset = PRESETS[self.name]
        st.session_state["data"] = self.name
        st.session_state["n"] = self.n or preset.points
        st.session_state["noise"] = _own_noise(self.name, self)


TWO_MOONS = Start()


def data_source(
    key: str = "pad", *, markers: bool = False, start: Start = TWO_MOONS, dimension: int | None = None
) -> DataSet:
    """Draw the data controls and the pad; return the current data set.

    It opens on `start`, and lists the presets of one `dimension`, or all.
    """
    _open_link(key)
    if st.session_state.get(f"{key}.placed") and current_drawing(key).edited:
        st.session_state["data"] = DRAWN  # the person has added to a preset: from here on the points are theirs
    names = [name for name, preset in PRESETS.items() if dimension in (None, preset.dimension)]
    name = st.selectbox(
        "Data", [*names, DRAWN], names.index(start.name), key="data", bind="query-params",
        format_func=lambda value: PRESETS[value].title if value in PRESETS else OWN_TITLE,
        help="A shape with a known density, or your own points: draw on the pad, upload or paste.",
        on_change=_chosen, args=(start,),
    )  # fmt: skip
    pad = st.container()  # above the sliders, which go when a person draws: the pad must not move under the pointer
    with st.container():  # there in any case: a popover that changed its place would pass being open to the next
        points, noise, seed = (None, None, 0) if name == DRAWN else _preset(name, key, start)
    if points is None:
        st.session_state[f"{key}.placed"] = None
    domain = points.domain if points else st.session_state.get(f"{key}.domain", DEFAULT_DOMAIN)
    st.session_state[f"{key}.domain"] = domain
    with pad:
        drawing = drawing_pad(key, domain=domain, dimension=len(domain), markers=markers)
    offer_own_points(key)
    note = st.container()
    x, labels, starts = drawing.x, drawing.labels, drawing.markers
    with note:
        text = _write_link(name, drawing, domain)
    if text:
        # Rounded as in the link, so that whoever opens it has the very same fit.
        drawn, kinds, starts = decoded(text)
        x, labels = (drawn, kinds) if points is None else (x, labels)
    return DataSet(name, x, labels, starts, domain, points, noise, seed)


def _chosen(start: Start) -> None:
    """Start a preset that a person has just chosen at its own noise, which means another thing for each."""
    if (name := st.session_state["data"]) in PRESETS:
        st.session_state["noise"] = _own_noise(name, start)


def _own_noise(name: str, start: Start) -> float:
    return PRESETS[name].noise if name != start.name or start.noise is None else start.noise


def _preset(name: str, key: str, start: Start) -> tuple[Points, float, int]:
    """Draw the preset's sliders and put its points on the pad when they change, beside the starts that lie there."""
    preset = PRESETS[name]
    low, high = preset.noise_bounds
    usual = preset.points if name != start.name or start.n is None else start.n
    cells = st.grid(3, min_column_width=80, gap="small")
    with cells.cell():
        n = st.slider("n", 10, 5000, usual, 10, key="n", bind="query-params")
    with cells.cell():
        noise = st.slider(
            "Noise", low, high, _own_noise(name, start), (high - low) / 100, format="%.3g", key="noise",
            bind="query-params", help=preset.noise_label,
        )  # fmt: skip
    with cells.cell():
        seed = int(
            st.slider("Seed", 0, 100, 0, key="seed", bind="query-params", help="Another seed, another sample.")
        )
    points = load_points(name, n=n, noise=noise, seed=seed)
    choice = (name, n, noise, seed)
    if st.session_state.get(f"{key}.placed") != choice:
        st.session_state[f"{key}.placed"] = choice
        place_points(key, points.x, points.labels, _inside(_starts(key, len(points.domain)), points.domain))
    return points, noise, seed


def _starts(key: str, dimension: int) -> Array:
    """Return the starts placed by hand, on the pad or in a link just opened, if they are of this dimension."""
    opened = st.session_state.pop(f"{key}.starts", None)
    before = len(st.session_state.get(f"{key}.domain", DEFAULT_DOMAIN))
    starts = current_drawing(key, before).markers if opened is None else opened
    return starts if starts.shape[1] == dimension else np.empty((0, dimension), np.float32)


def _inside(x: Array, domain: Domain) -> Array:
    low, high = np.transpose(domain)
    return x[((low <= x) & (x <= high)).all(axis=1)]


def _open_link(key: str) -> None:
    """Take the points or starts that a copied link carries, once for each session."""
    if f"{key}.opened" in st.session_state:
        return
    st.session_state[f"{key}.opened"] = True
    own = st.query_params.get("data") in (DRAWN, OWN_TITLE)
    text = st.query_params.get(PARAMETER if own else STARTS)
    if text and own:
        open_points(key, text)
    elif text:
        try:
            *_, st.session_state[f"{key}.starts"] = decoded(text)
        except DataError as error:
            unreadable("starts", error)


def _write_link(name: str, drawing: Drawing, domain: Domain) -> str | None:
    """Keep drawn points in the address, or a preset's starts; return their code, or say that they are too many."""
    text = code_of(drawing, domain, with_points=name == DRAWN)
    for parameter, is_meant in ((PARAMETER, name == DRAWN), (STARTS, name != DRAWN)):
        keep_code(parameter, text if is_meant else None)
    return text
