"""Points in the plane that a model is trained on: a preset's, or a visitor's own on a pad."""

from __future__ import annotations

import streamlit as st

from engine.model import DataError
from engine.training import ArrayData, NamedData
from pages.components.drawing_pad import drawing_pad
from pages.shared.points.data_source import DEFAULT_DOMAIN, DataSet
from pages.shared.points.points_link import DRAWN, code_of, keep_points, open_points
from pages.shared.points.upload import offer_own_points

LEAST_POINTS = 16


def own_points(key: str, parameter: str, first: str = "", height: int = 300) -> DataSet:
    """Draw a pad for a visitor's own points, and the offer to upload or paste some; return them.

    The query parameter `parameter` carries them; a pad that never had any opens with those of the parameter `first`.
    `height` in pixels bounds the pad.
    """
    open_points(key, parameter, first)
    domain = st.session_state.get(f"{key}.domain", DEFAULT_DOMAIN)
    drawing = drawing_pad(key, domain=domain, dimension=len(domain), height=height)
    offer_own_points(key, choice=None)
    text = code_of(drawing, domain, with_points=True)
    keep_points(parameter, text, drawing, domain)
    return DataSet(DRAWN, drawing.x, drawing.labels, drawing.markers, domain, None)


def training_data(data: DataSet) -> NamedData | ArrayData:
    """Return what a worker learns from; raise DataError where there is too little in the plane."""
    if data.dimension != 2:
        raise DataError("These points lie on a line; choose or draw some in the plane.")
    if data.preset is not None:
        n = len(data.preset.x)
        return NamedData("load_points", {"name": data.name, "n": n, "noise": data.noise, "seed": data.seed})
    if len(data.x) < LEAST_POINTS:
        raise DataError(f"Draw, upload or paste at least {LEAST_POINTS} points; there are {len(data.x)}.")
    return ArrayData(data.x)
