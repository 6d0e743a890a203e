"""Total variation over all events: two histograms to edit, and the event at which they differ most."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import streamlit as st

from engine.divergence import MEASURES, Events, discrete
from engine.divergence.simplex import falling, from_text, moved, random, rounded, to_text
from engine.grid import Array
from engine.model import DataError
from engine.plots import style
from engine.plots.divergence import histogram_figure
from engine.plots.numbers import amount
from pages.components.live_figure import Handle, live_figure
from pages.shared.controls import BOUND
from pages.shared.table import table, unbroken

N, P, Q, SEED = "tv.n", "tv.p", "tv.q", "tv.seed"
COLOURS = {P: (style.DATA, style.MODEL), Q: (style.MODEL, style.DATA)}
NAMES = {P: "P", Q: "Q"}
OTHER = {P: Q, Q: P}
GAP = "|P(A) − Q(A)|"
LIT = "background-color: rgba(213, 94, 0, 0.3)"
PAIRS = ("Same", "Reversed", "Disjoint", "Random", "Reset")


def show() -> None:
    """Draw both histograms, the measures between them, and the list of events."""
    _tab()


@st.fragment
def _tab() -> None:
    left, right = st.columns([3, 2], gap="medium")
    with left:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            n = st.slider("Number of outcomes", 2, 8, 4, key=N, on_change=_reset, width=200, **BOUND)
            for name in PAIRS:
                st.button(name, key=f"tv.{name.lower()}", on_click=_set_pair, args=(name,))
        boxes = dict(zip((P, Q), st.columns(2, gap="small"), strict=True))
        pair = {key: _read(key, n, boxes[key]) for key in (P, Q)}
        found = discrete.events(pair[P], pair[Q])
        for key, box in boxes.items():
            with box:
                _histogram(key, pair, found)
        st.caption(
            "Drag a bar's top: the other bars keep their proportions, so that the sum stays 1. Probabilities are "
            "whole thousandths. The short line at a bar is the other distribution."
        )
    values = discrete.divergences(pair[P], pair[Q])
    with right:
        _verdict(found, values["total_variation"])
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            best = _name(found.members[found.best])
            st.markdown(f"**All {found.gap.size} events** A, the greatest gap at **{best}**", width="content")
            with st.popover("Show the code", icon=":material/code:"):
                st.code(snippet(pair[P], pair[Q]), "python")
        _events(found)
    _measures(values)


def _defaults(n: int) -> dict[str, Array]:
    return {P: falling(n), Q: rounded(np.ones(n))}


def _read(key: str, n: int, box: st.delta_generator.DeltaGenerator) -> Array:
    """Return a distribution's probabilities (n,), from its text; where that is bad say so and use the default."""
    default = _defaults(n)[key]
    text = box.text_input(
        f"{NAMES[key]}, the probabilities of outcomes 1 to {n}", to_text(default), key=key, max_chars=80, **BOUND
    )
    try:
        return from_text(text, n)
    except DataError as error:
        box.warning(f"{error} The default is used instead.")
        return default


def _store(key: str, probabilities: Array) -> None:
    st.session_state[key] = to_text(probabilities)


def _current(key: str) -> Array:
    n = int(st.session_state[N])
    try:
        return from_text(st.session_state[key], n)
    except DataError:
        return _defaults(n)[key]


def _move(key: str, name: str, x: float, y: float) -> None:
    """Set the probability whose bar was dragged to height y."""
    _store(key, moved(_current(key), int(name), y))


def _reset() -> None:
    for key, probabilities in _defaults(int(st.session_state[N])).items():
        _store(key, probabilities)


def _set_pair(name: str) -> None:
    """Make the pair that a button names."""
    n, p = int(st.session_state[N]), _current(P)
    first = np.arange(n) < n // 2
    if name == "Reset":
        _reset()
    elif name == "Random":
        seed = st.session_state.get(SEED, 0)
        st.session_state[SEED] = seed + 1
        _store(P, random(n, 2 * seed))
        _store(Q, random(n, 2 * seed + 1))
    elif name == "Disjoint":
        _store(P, rounded(first))
        _store(Q, rounded(~first))
    else:
        _store(Q, p if name == "Same" else p[::-1])


def _histogram(key: str, pair: Mapping[str, Array], found: Events) -> None:
    p, name = pair[key], NAMES[key]
    members = found.members[found.best]
    figure = histogram_figure(p, pair[OTHER[key]], members, COLOURS[key], name, NAMES[OTHER[key]])
    handles = [
        Handle(str(j), f"{name}({j + 1})", j + 1, float(value), COLOURS[key][0], "y") for j, value in enumerate(p)
    ]
    live_figure(
        figure, key=f"{key}.figure", height=270, alt=f"Probabilities of {name} as bars, {NAMES[OTHER[key]]} beside",
        file_name=f"histogram_{name}", handles=handles, on_move=partial(_move, key),
    )  # fmt: skip


def _verdict(found: Events, half_sum: float) -> None:
    """Show that the greatest gap of all events is half the sum of the outcomes' differences."""
    st.latex(
        rf"""\begin{{aligned}}
        \max_A\,|P(A)-Q(A)| &= {found.gap.max():.3f}\\
        \tfrac12\textstyle\sum_i|p_i-q_i| &= {half_sum:.3f}\end{{aligned}}"""
    )


def _measures(values: Mapping[str, float]) -> None:
    head = [f"${MEASURES[name].symbol}$" for name in values]
    table("tv-measures", head, [[unbroken(amount(value, MEASURES[name].unit)) for name, value in values.items()]])
    st.caption(
        "The two sides of total variation are computed apart: over all events, and over the outcomes. W₁ and W₂ take "
        "neighbouring outcomes to be one data unit apart; α = ½. Source: Scheffé, 1947, A Useful Convergence Theorem "
        "for Probability Distributions."
    )


def _events(found: Events) -> None:
    """List all events by gap, the first of them lit."""
    order = np.lexsort((found.members.sum(axis=1), np.arange(found.gap.size) != found.best, -found.gap.round(12)))
    rows = pd.DataFrame(
        {
            "Event A": [_name(found.members[i]) for i in order],
            GAP: found.gap[order],
            "P(A)": found.p[order],
            "Q(A)": found.q[order],
        }
    )
    lit = rows.style.apply(lambda row: [LIT if row.name == 0 else ""] * len(row), axis=1)
    number = st.column_config.NumberColumn(format="%.3f", width=60)
    st.dataframe(
        lit, height=372, hide_index=True, key="tv.events",
        column_config={
            "Event A": st.column_config.TextColumn(width=150),
            "P(A)": number,
            "Q(A)": number,
            GAP: st.column_config.ProgressColumn(format="%.3f", min_value=0, max_value=1),
        },
    )  # fmt: skip


def _name(members: np.ndarray) -> str:
    return "{" + ", ".join(str(j + 1) for j in np.flatnonzero(members)) + "}" if members.any() else "∅"


def snippet(p: Array, q: Array) -> str:
    """Return Python that, pasted into a shell beside `engine/`, finds the greatest gap and all measures."""
    return (
        "from engine.divergence import discrete\n\n"
        f"p, q = {p.tolist()}, {q.tolist()}\n"
        "events = discrete.events(p, q)\n"
        "print(events.members[events.best], events.gap.max())\n"
        "measures = discrete.divergences(p, q)\n"
        "print(measures)  # total_variation is half the sum of |p − q|\n"
    )
