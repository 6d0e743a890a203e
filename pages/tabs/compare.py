"""Compare: up to four settings of the game side by side, on the same data and seed, trained together."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

import numpy as np
import streamlit as st

from engine.adversarial.measures import MEASURES
from engine.plots.numbers import written
from engine.plots.rivals import rivals_figure
from engine.training import Snapshot
from pages.widgets.compare_source import CompareSource, compare_source
from pages.widgets.controls import BOUND
from pages.widgets.game_view import Scene, game_view
from pages.widgets.live_figure import live_figure
from pages.widgets.table import table, unbroken
from pages.widgets.timeline import timeline
from pages.widgets.training_panel import training_panel
from pages.widgets.visitor_run import live, to_show

LINK = "compare"
CURVES = {
    "Generator's loss": ("generator_loss", "loss"),
    "Discriminator's loss": ("discriminator_loss", "loss"),
    "D(real)": ("real_score", "D(x), mean"),
    "D(fake)": ("fake_score", "D(x), mean"),
    "Generator's gradient": ("generator_gradient", "norm"),
}
MOST_IN_A_ROW = 3
OVER_TIME = {"KL": ("kl", "nats"), "JS": ("js", "nats"), "W₁": ("w1", "data units")}


def show(*_: object) -> None:
    """Draw the settings, then the run and its games; while it trains, look again every 0.4 seconds."""
    live("compare.history", compare_source(), _history)


def _history(source: CompareSource) -> None:
    assert source.run is not None
    training_panel(source.run, "compare.panel")
    snapshots = source.snapshots
    shown, captions = to_show(snapshots) if snapshots else ([], [])
    for number, place in enumerate(_places(len(source.games))):
        with place:
            st.markdown(f"**{source.titles[number]}**")
            game_view(
                shown, _scene(source, number), key=f"compare.game.{number}", height=340, link=LINK, prefix=f"{number}.",
                alt=f"Real and generated points and the discriminator of game {number + 1}: {source.titles[number]}",
                layers="compare.layers", file_name=f"game_{number + 1}",
            )  # fmt: skip
    if not snapshots:
        st.caption("All games wait for Play; the blue points are the data.")
        return
    timeline("compare.step", link=LINK, run=source.history_id, last=len(shown) - 1, captions=captions)
    left, right = st.columns([5, 6], gap="medium")
    with left:
        _curves(source, snapshots)
    with right:
        _table(source, snapshots[-1])


def _places(count: int) -> list[AbstractContextManager[object]]:
    """Lay out places for the games: all in a row where there is room, four two by two before one below the other."""
    if count <= MOST_IN_A_ROW:
        cells = st.grid(count, min_column_width=250, gap="small")
        return [cells.cell() for _ in range(count)]
    rows = st.grid(2, min_column_width=520, gap="small")
    places: list[AbstractContextManager[object]] = []
    for _ in range(2):
        with rows.cell():
            pair = st.grid(2, min_column_width=250, gap="small")
            places += [pair.cell(), pair.cell()]
    return places


def _scene(source: CompareSource, number: int) -> Scene:
    return Scene(source.points.domain, source.points.x, gives_probability=source.give_probabilities[number])


def _curves(source: CompareSource, snapshots: Sequence[Snapshot]) -> None:
    chosen = str(
        st.selectbox("Curves", [*CURVES, *OVER_TIME], key="compare.curves", label_visibility="collapsed", **BOUND)
    )
    if chosen in CURVES:
        metric, unit = CURVES[chosen]
        values = [[one.averages.get(f"{game}.{metric}", np.nan) for one in snapshots] for game in _numbers(source)]
        errors: list[list[float]] | None = None
    else:
        measure, unit = OVER_TIME[chosen]
        at, error = MEASURES.index(measure), MEASURES.index(f"{measure}_error")
        kept = [one for one in snapshots if "0.measures" in one.views]
        snapshots = [one for i, one in enumerate(kept) if not i or _taken(one) != _taken(kept[i - 1])]
        values = [[float(one.views[f"{game}.measures"][at]) for one in snapshots] for game in _numbers(source)]
        errors = [[float(one.views[f"{game}.measures"][error]) for one in snapshots] for game in _numbers(source)]
    names = [f"{number + 1} · {title}" for number, title in enumerate(source.titles)]
    bands = None if errors is None else dict(zip(names, errors, strict=True))
    figure = rivals_figure([one.step for one in snapshots], dict(zip(names, values, strict=True)), unit, bands)
    live_figure(
        figure, key="compare.curves.figure", height=300, alt=f"{chosen} of each game over the iterations",
        file_name="comparison",
    )  # fmt: skip


def _taken(snapshot: Snapshot) -> int:
    """Return the iteration of which a snapshot's measures are; those between two are carried on."""
    return int(snapshot.views.get("0.measures.step", snapshot.step))


def _table(source: CompareSource, last: Snapshot) -> None:
    """Draw the newest measures of every game."""
    if "0.measures" not in last.views:
        return
    figures = [dict(zip(MEASURES, last.views[f"{game}.measures"].tolist(), strict=True)) for game in _numbers(source)]
    has_modes = figures[0]["n_modes"] > 0
    head = ["Game", "KL, nats", "JS, nats", "W₁, data units", *(["Modes covered", "Within 3σ"] if has_modes else [])]
    rows = [
        _row(f"{number + 1} · {title}", one, has_modes)
        for number, (title, one) in enumerate(zip(source.titles, figures, strict=True))
    ]
    table("compare", head, rows)
    modes = " A mode is covered when enough samples lie within 3σ of it." if has_modes else ""
    st.caption(
        f"Real against generated after {_taken(last):,} iterations, ± one standard error; 0 is best. JS is at most "
        f"ln 2 = 0.693 nats.{modes}"
    )


def _row(name: str, figures: dict[str, float], has_modes: bool) -> list[str]:
    cells = [
        unbroken(f"{written(figures[one], '.3f')} ± {written(figures[f'{one}_error'], '.3f')}")
        for one in ("kl", "js", "w1")
    ]
    if has_modes:
        cells += [
            unbroken(f"{figures['modes']:.0f} of {figures['n_modes']:.0f}"),
            unbroken(f"{100 * figures['high_quality']:.0f} %"),
        ]
    return [name, *cells]


def _numbers(source: CompareSource) -> range:
    return range(len(source.games))
