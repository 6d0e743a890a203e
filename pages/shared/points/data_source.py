"""The left side of a lab: a preset, drawn points, an upload or a paste, and the drawing pad that shows them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.data import Points, Preset, load_points, presets
from engine.grid import Array, Domain
from engine.model import DataError
from pages.components.drawing_pad import Drawing, current_drawing, drawing_pad, place_points
from pages.shared.controls import BOUND
from pages.shared.points.points_link import (
    DRAWN,
    OWN_TITLE,
    PARAMETER,
    code_of,
    decoded,
    differing,
    keep_points,
    open_points,
    unreadable,
)
from pages.shared.points.upload import names_of, offer_own_points

STARTS = "starts"  # ends the query parameter that carries the starts placed on a preset
DEFAULT_DOMAIN: Domain = ((-4.0, 4.0), (-4.0, 4.0))
PRESETS = {preset.name: preset for preset in presets()}


@dataclass(frozen=True)
class DataSet:
    """Hold what the lab's models learn from.

    `x` (n, d) float64, `labels` (n,) uint8, `markers` (m, d) starts placed by hand; `preset` the Points they came
    from, with their exact log-density, or None for drawn and uploaded points; `seed` that drew them; `names` of an
    uploaded file's columns.
    """

    name: str
    x: Array
    labels: npt.NDArray[np.uint8]
    markers: Array
    domain: Domain
    preset: Points | None
    noise: float | None = None
    seed: int = 0
    names: tuple[str, ...] = ()

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

    def set(self, key: str) -> None:
        """Choose this data under `key`, as if a person had: for a callback, before the controls are drawn again."""
        preset = PRESETS[self.name]
        st.session_state[f"{key}.data"] = self.name
        st.session_state[f"{key}.n"] = self.n or preset.points
        st.session_state[f"{key}.noise"] = _own_noise(self.name, self)


TWO_MOONS = Start()


def data_source(
    key: str, *, markers: bool = False, start: Start = TWO_MOONS, dimension: int | None = None
) -> DataSet:
    """Draw the data controls and the pad; return the current data set.

    All that they keep, in the session and in the address, begins with `key`, which one lab alone has; the pad is
    `key.pad`. It opens on `start`, and lists the presets of one `dimension`, or all.
    """
    pad_key = f"{key}.pad"
    _take_over(key)
    names = [name for name, preset in PRESETS.items() if dimension in (None, preset.dimension)]
    name = st.selectbox(
        "Data", [*names, DRAWN], names.index(start.name), key=f"{key}.data", **BOUND,
        format_func=lambda value: PRESETS[value].title if value in PRESETS else OWN_TITLE,
        help="A shape with a known density, or your own points: draw on the pad, upload or paste.",
        on_change=_chosen, args=(key, start),
    )  # fmt: skip
    _open_link(key, name)
    pad = st.container()  # above the sliders, which go when a person draws: the pad must not move under the pointer
    with st.container():  # there in any case: a popover that changed its place would pass being open to the next
        points, noise, seed = (None, None, 0) if name == DRAWN else _preset(name, key, start)
    if points is None:
        st.session_state[f"{pad_key}.placed"] = None
    domain = points.domain if points else st.session_state.get(f"{pad_key}.domain", DEFAULT_DOMAIN)
    st.session_state[f"{pad_key}.domain"] = domain
    with pad:
        drawing = drawing_pad(pad_key, domain=domain, dimension=len(domain), markers=markers)
    offer_own_points(pad_key, choice=f"{key}.data")
    note = st.container()
    with note:
        _write_link(key, name, drawing, domain)
    columns = names_of(pad_key)
    return DataSet(name, drawing.x, drawing.labels, drawing.markers, domain, points, noise, seed, columns)


def _take_over(key: str) -> None:
    """Choose the points on the pad once a person has added to a preset: they are their own from here on.

    The browser hears of this choice late, and may ask for further runs in between that still name the preset. Those
    must not put it on the pad again; what the browser's address has tells them from a person who chooses the preset.
    """
    state, browser = st.session_state, st.query_params
    name, before, placed = (state.get(f"{key}.{part}") for part in ("data", "data.before", "pad.placed"))
    edited = placed[0] if placed and current_drawing(f"{key}.pad").edited else None
    is_late = before is not None and name == before and f"{key}.{PARAMETER}" not in browser
    is_heard = name == DRAWN and f"{key}.data" in browser
    is_own = edited or is_late or name == DRAWN
    if edited:
        state[f"{key}.data.before"] = edited
    elif is_heard or not is_own:
        state[f"{key}.data.before"] = None
    if is_own and not is_heard:
        state[f"{key}.data"] = DRAWN


def _chosen(key: str, start: Start) -> None:
    """Start a preset that a person has just chosen at its own noise, which means another thing for each."""
    if (name := st.session_state[f"{key}.data"]) in PRESETS:
        st.session_state[f"{key}.noise"] = _own_noise(name, start)


def _own_noise(name: str, start: Start) -> float:
    return PRESETS[name].noise if name != start.name or start.noise is None else start.noise


def _preset(name: str, key: str, start: Start) -> tuple[Points, float, int]:
    """Draw the preset's sliders and put its points on the pad when they change, beside the starts that lie there."""
    preset = PRESETS[name]
    low, high = preset.noise_bounds
    usual = preset.points if name != start.name or start.n is None else start.n
    cells = st.grid(3, min_column_width=80, gap="small")
    with cells.cell():
        n = st.slider("n", 10, 5000, usual, 10, key=f"{key}.n", **BOUND)
    with cells.cell():
        noise = st.slider(
            "Noise", low, high, _own_noise(name, start), step_of(preset), format="%.3g", key=f"{key}.noise",
            help=preset.noise_label, **BOUND,
        )  # fmt: skip
    with cells.cell():
        seed = int(st.slider("Seed", 0, 100, 0, key=f"{key}.seed", help="Another seed, another sample.", **BOUND))
    points = load_points(name, n=n, noise=noise, seed=seed)
    choice = (name, n, noise, seed)
    pad = f"{key}.pad"
    if st.session_state.get(f"{pad}.placed") != choice:
        st.session_state[f"{pad}.placed"] = choice
        place_points(pad, points.x, points.labels, _inside(_starts(pad, len(points.domain)), points.domain))
    return points, noise, seed


def step_of(preset: Preset) -> float:
    """Return the largest round step of the noise that leads from its least to its usual amount, some fifty in all."""
    low, high = preset.noise_bounds
    places = math.floor(math.log10((high - low) / 50))
    steps = [digit * 10.0**exponent for exponent in range(places, places - 3, -1) for digit in (5, 2, 1)]
    fine = [step for step in steps if step <= (high - low) / 50]
    return next(step for step in fine if math.isclose(round((preset.noise - low) / step) * step, preset.noise - low))


def _starts(pad: str, dimension: int) -> Array:
    """Return the starts placed by hand, on the pad or in a link just opened, if they are of this dimension."""
    opened = st.session_state.pop(f"{pad}.starts", None)
    before = len(st.session_state.get(f"{pad}.domain", DEFAULT_DOMAIN))
    starts = current_drawing(pad, before).markers if opened is None else opened
    return starts if starts.shape[1] == dimension else np.empty((0, dimension), np.float32)


def _inside(x: Array, domain: Domain) -> Array:
    low, high = np.transpose(domain)
    return x[((low <= x) & (x <= high)).all(axis=1)]


def _open_link(key: str, name: str) -> None:
    """Take the points or starts that the address carries, if they are others than those on the pad."""
    if name == DRAWN:
        open_points(f"{key}.pad", f"{key}.{PARAMETER}")
        return
    text = differing(f"{key}.{STARTS}")
    if text is None:
        return
    st.session_state[f"{key}.pad.starts"] = np.empty((0, 2), np.float32)
    st.session_state[f"{key}.pad.placed"] = None
    try:
        if text:
            *_, st.session_state[f"{key}.pad.starts"] = decoded(text)
    except DataError as error:
        unreadable("starts", error)


def _write_link(key: str, name: str, drawing: Drawing, domain: Domain) -> None:
    """Keep drawn points in the address, or a preset's starts, or say that they are too many."""
    own = name == DRAWN
    text = code_of(drawing, domain, with_points=own)
    keep_points(f"{key}.{PARAMETER}", text if own else None, drawing, domain, with_points=own)
    keep_points(f"{key}.{STARTS}", None if own else text, drawing, domain, with_points=False)
