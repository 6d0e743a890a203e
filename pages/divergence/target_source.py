"""The left side of the divergence lab: which target p, from a preset, edited by hand, or drawn and smoothed."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.divergence import PRESETS
from engine.divergence.table import window
from engine.grid import Array, Domain
from engine.model import DataError
from pages.divergence.mixture_editor import CODE, SHOWN, edit, mixture_editor
from pages.divergence.target import DrawnTarget, EditedTarget, PresetTarget, Target
from pages.shared.controls import BOUND
from pages.shared.points.data_source import data_source
from pages.shared.points.share import points_code

IN_THE_PLANE = [name for name, factory in PRESETS.items() if factory(1.0).dimension == 2]
EDITED, DRAWN = "Your own mixture", "Drawn points"
REACH = 0.75  # of the window that is shown
CHOICE, SEPARATION = "fits.target", "fits.separation"


def target_source() -> Target | None:
    """Draw the controls of the target and return it, or None with a sentence where there is none yet."""
    name = st.selectbox("Target p", [*IN_THE_PLANE, EDITED, DRAWN], key=CHOICE, **BOUND)
    if name != EDITED:
        st.query_params.pop(CODE, None)
    if name == EDITED:
        return mixture_editor()
    if name == DRAWN:
        return _drawn()
    separation = st.slider("Separation of the modes", 0.0, 2.0, 1.0, 0.05, key=SEPARATION, **BOUND)
    shown = PresetTarget(name, separation)
    st.button("Edit this mixture", icon=":material/edit:", on_click=_edit, args=(shown,), width="stretch")
    return shown


def picture(target: Target) -> Domain:
    """Return the square of the plane to show; one that a person edits in stays as long as the target is in it."""
    wide = np.array(window(target.density))
    # A mixture's window reaches five standard deviations from every mode: three quarters of it show all there is.
    middle, half = wide.mean(axis=1), REACH * np.ptp(wide, axis=1).max() / 2
    fresh = tuple((float(at - half), float(at + half)) for at in middle)
    before = st.session_state.get(SHOWN, fresh)
    if not isinstance(target, EditedTarget) or not _fits(target.density.ellipses().reshape(-1, 2), before):
        st.session_state[SHOWN] = fresh
        return fresh
    return before


def _fits(outline: Array, shown: Domain) -> bool:
    """Tell whether an outline (n, 2) lies in the picture and is not lost in it."""
    low, high = np.transpose(shown)
    inside = ((outline > low) & (outline < high)).all()
    return bool(inside and (np.ptp(outline, axis=0) > 0.3 * (high - low)).any())


def _edit(preset: PresetTarget) -> None:
    edit(preset.density)
    st.session_state[CHOICE] = EDITED


def _drawn() -> Target | None:
    data = data_source("fits")
    by_rule = st.toggle("Bandwidth by Scott's rule", True, key="fits.scott", **BOUND)
    hand = None if by_rule else st.slider("Bandwidth", 0.05, 2.0, 0.4, 0.05, key="fits.bandwidth", **BOUND)
    if data.dimension != 2:
        st.info("These points lie on a line; choose or draw some in the plane.", icon=":material/info:")
        return None
    target = DrawnTarget(data.x.astype(np.float64).tobytes(), hand, points_code(data))
    try:
        _ = target.density
    except DataError as error:
        st.info(str(error), icon=":material/info:")
        return None
    return target
