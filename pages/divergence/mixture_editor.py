"""A mixture of Gaussians edited by hand: handles in the figures, sliders for the numbers, a text in the link."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from engine.divergence import PRESETS, MixtureTarget, components
from engine.divergence.components import Component
from engine.model import DataError
from engine.plots import style
from pages.components.live_figure import Handle
from pages.components.serving import address
from pages.divergence.target import EditedTarget, Target
from pages.shared.spoken import spoken

CODE = "fits.mixture"  # the query parameter
HELD = "fits.mixture.held"  # the mixture as the address last had it
MIXTURE, ACTIVE, SHOWN = "fits.mixture.components", "fits.mixture.active", "fits.shown"
FIELDS = {  # of a component: label, least, most, step, format
    "weight": ("Weight", 0.0, 1.0, 0.01, "%.2f"),
    "angle": ("Angle", 0.0, 179.0, 1.0, "%.0f°"),
    "along": ("Deviation along", components.NARROWEST, 4.0, 0.05, "%.2f"),
    "across": ("Deviation across", components.NARROWEST, 4.0, 0.05, "%.2f"),
}


def edit(target: MixtureTarget) -> None:
    """Start the editor from this mixture."""
    st.session_state[MIXTURE] = components.components_of(target)
    st.session_state[ACTIVE] = 1


def mixture_editor() -> EditedTarget | None:
    """Draw the controls of one component at a time and return the mixture, or None with a sentence."""
    text = address.read(CODE)
    if MIXTURE not in st.session_state or (text and text != st.session_state.get(HELD, text)):
        st.session_state[MIXTURE] = _opened(text)
    now: tuple[Component, ...] = st.session_state[MIXTURE]
    active = _active(now)
    numbers = list(range(1, len(now) + 1))
    st.session_state[ACTIVE] = active + 1
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        st.segmented_control("Component", numbers, key=ACTIVE, required=True)
        for what, icon, act, is_out in (
            ("Add a component", "add", _add, len(now) >= components.MOST),
            ("Remove this one", "remove", _remove, len(now) < 2),
        ):
            st.button(spoken(what), icon=f":material/{icon}:", help=what, on_click=act, disabled=is_out)
    cells = st.grid(2, min_column_width=110, gap="small")
    for name, (label, low, high, step, form) in FIELDS.items():
        key = f"fits.mixture.{name}"
        st.session_state[key] = min(max(getattr(now[active], name), low), high)
        with cells.cell():
            st.slider(label, low, high, step=step, format=form, key=key, on_change=_set, args=(name, key))
    st.caption("Drag the blue dots to move the modes and the pink ones to stretch and turn one. Weights are shares.")
    st.session_state[HELD] = components.to_text(now)
    address.write(CODE, st.session_state[HELD])
    try:
        components.mixture_of(now)
    except DataError as error:
        st.info(str(error), icon=":material/info:")
        return None
    return EditedTarget(now)


def mixture_handles(target: Target) -> list[Handle]:
    """Return what a person can drag of this target: every mean, and the axes of the component chosen last."""
    if not isinstance(target, EditedTarget):
        return []
    active = _active(target.components)
    handles = [
        Handle(f"mean.{k}", f"Mean of component {k + 1}", one.x, one.y, colour=style.DATA)
        for k, one in enumerate(target.components)
    ]
    for axis, at in target.components[active].tips.items():
        handles.append(
            Handle(f"{axis}.{active}", f"Deviation {axis} of component {active + 1}", *at, colour=style.SECOND)
        )
    return handles


def move_mixture(name: str, x: float, y: float) -> None:
    """Take over where a person has dragged one of `mixture_handles`."""
    what, number = name.split(".")
    now = list(st.session_state.get(MIXTURE, ()))
    if not int(number) < len(now):
        return  # of a component removed meanwhile
    one = now[int(number)]
    now[int(number)] = replace(one, x=x, y=y) if what == "mean" else one.with_tip(what, x, y)
    st.session_state[MIXTURE], st.session_state[ACTIVE] = tuple(now), int(number) + 1


def _opened(text: str) -> tuple[Component, ...]:
    """Return the mixture that the address carries, else the first preset."""
    if text:
        try:
            return components.from_text(text)
        except DataError as error:
            st.warning(f"The link's mixture could not be read: {error}", icon=":material/link_off:")
    return components.components_of(next(iter(PRESETS.values()))(1.0))


def _active(now: tuple[Component, ...]) -> int:
    return min(max(int(st.session_state.get(ACTIVE) or 1) - 1, 0), len(now) - 1)


def _set(name: str, key: str) -> None:
    now = list(st.session_state[MIXTURE])
    active = _active(tuple(now))
    now[active] = replace(now[active], **{name: st.session_state[key]})
    st.session_state[MIXTURE] = tuple(now)


def _add() -> None:
    now = st.session_state[MIXTURE]
    (low, high), (bottom, top) = st.session_state.get(SHOWN, ((-4.0, 4.0), (-4.0, 4.0)))
    place = 0.3 * low + 0.7 * high, 0.3 * bottom + 0.7 * top
    st.session_state[MIXTURE] = (*now, Component(1 / (len(now) + 1), *place, 0.8, 0.8, 0.0))
    st.session_state[ACTIVE] = len(now) + 1


def _remove() -> None:
    now = st.session_state[MIXTURE]
    active = _active(now)
    st.session_state[MIXTURE] = now[:active] + now[active + 1 :]
    st.session_state[ACTIVE] = max(active, 1)
