"""The left side of a lab: a preset, drawn points, an upload or a paste, and the drawing pad that shows them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.data import Points, decode_points, encode_points, load_points, presets
from engine.grid import Array, Domain
from engine.model import DataError
from pages.widgets.drawing_pad import Drawing, current_drawing, drawing_pad, place_points
from pages.widgets.upload import offer_own_points

DRAWN = "drawn"
PARAMETER = "points"  # the query parameter that carries drawn points
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


def data_source(key: str = "pad", *, markers: bool = False) -> DataSet:
    """Draw the data controls and the pad; return the current data set."""
    _open_link(key)
    if current_drawing(key).edited and st.session_state.get("data") != DRAWN:
        st.session_state["data"] = DRAWN  # the person has added to a preset: from here on the points are theirs
    name = st.selectbox(
        "Data", [*PRESETS, DRAWN], list(PRESETS).index("two_moons"), key="data", bind="query-params",
        format_func=lambda value: PRESETS[value].title if value in PRESETS else "Drawn or uploaded",
        help="A shape with a known density, or your own points: draw on the pad, upload or paste.",
    )  # fmt: skip
    pad = st.container()  # above the sliders, which go when a person draws: the pad must not move under the pointer
    points, noise, seed = (None, None, 0) if name == DRAWN else _preset(name, key)
    domain = points.domain if points else st.session_state.get(f"{key}.domain", DEFAULT_DOMAIN)
    st.session_state[f"{key}.domain"] = domain
    with pad:
        drawing = drawing_pad(key, domain=domain, dimension=len(domain), markers=markers)
    offer_own_points(key, drawing)
    x, labels, starts = drawing.x, drawing.labels, drawing.markers
    if text := _write_link(name, drawing, domain):
        x, labels, starts = _decoded(text)  # rounded as in the link, so that whoever opens it has the very same fit
    return DataSet(name, x, labels, starts, domain, points, noise, seed)


def _preset(name: str, key: str) -> tuple[Points, float, int]:
    """Draw a preset's sliders, and put its points on the pad when any of them has changed."""
    preset = PRESETS[name]
    left, middle, right = st.columns(3, gap="xsmall", wrap=False)
    low, high = preset.noise_bounds
    with left:
        n = st.slider("n", 10, 5000, preset.points, 10, key="n", bind="query-params")
    with middle:
        noise = st.slider(
            "Noise", low, high, preset.noise, (high - low) / 100, format="%.3g", key="noise", bind="query-params",
            help=preset.noise_label,
        )  # fmt: skip
    with right:
        seed = int(
            st.slider("Seed", 0, 100, 0, key="seed", bind="query-params", help="Another seed, another sample.")
        )
    points = load_points(name, n=n, noise=noise, seed=seed)
    choice = (name, n, noise, seed)
    if st.session_state.get(f"{key}.placed") != choice:
        st.session_state[f"{key}.placed"] = choice
        place_points(key, points.x, points.labels)
    return points, noise, seed


def _open_link(key: str) -> None:
    """Put the points that a copied link carries on the pad, once for each session."""
    if f"{key}.opened" in st.session_state:
        return
    st.session_state[f"{key}.opened"] = True
    text = st.query_params.get(PARAMETER)
    if not text or st.query_params.get("data") not in (DRAWN, "Drawn or uploaded"):
        return
    try:
        *_, domain = decode_points(text)
    except DataError as error:
        st.warning(f"The link's points could not be read: {error}", icon=":material/link_off:")
        return
    st.session_state[f"{key}.domain"] = domain
    place_points(key, *_decoded(text))


def _decoded(text: str) -> tuple[Array, npt.NDArray[np.uint8], Array]:
    """Return the points, their classes and the starts of a link's point code."""
    x, kinds, _ = decode_points(text)
    kinds = np.zeros(len(x), np.uint8) if kinds is None else kinds
    x, is_marker = x.astype(np.float32), kinds == 2
    return x[~is_marker], kinds[~is_marker], x[is_marker]


def _write_link(name: str, drawing: Drawing, domain: Domain) -> str | None:
    """Keep drawn points in the address and return their code, or say that they are too many for one."""
    markers = np.full(len(drawing.markers), 2, np.uint8)
    x, labels = np.concatenate([drawing.x, drawing.markers]), np.concatenate([drawing.labels, markers])
    text = None
    if name == DRAWN and len(x):
        try:
            text = encode_points(x, labels, domain)
        except DataError as error:
            st.caption(f":material/link_off: {error}")
    if text is None:
        st.query_params.pop(PARAMETER, None)
    elif st.query_params.get(PARAMETER) != text:
        st.query_params[PARAMETER] = text
    return text
