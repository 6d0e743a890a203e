"""Compare: up to four settings of the game side by side, on the same data and seed, trained together."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

import streamlit as st

from engine.adversarial.measures import MEASURES
from engine.plots.adversarial import curves_figure, measures_figure
from engine.plots.numbers import written
from engine.training import Snapshot
from pages.widgets.compare_source import CompareSource, compare_source
from pages.widgets.controls import BOUND
from pages.widgets.game_view import Scene, game_view
from pages.widgets.live_figure import live_figure
from pages.widgets.table import table, unbroken
from pages.widgets.timeline import timeline
from pages.widgets.training_panel import training_panel
from pages.widgets.visitor_run import live

LINK = "compare"
POLL_SECONDS = 1.0  # between two looks at a run under way; the games themselves follow it in the browser
CURVES = {
    "Generator's loss": ("generator_loss", "loss"),
    "Discriminator's loss": ("discriminator_loss", "loss"),
    "D on real points": ("real_score", "mean D(x)"),
    "D on generated points": ("fake_score", "mean D(x)"),
    "Generator's gradient": ("generator_gradient", "norm"),
}
MOST_IN_A_ROW = 3
HEIGHTS = {2: 480, 3: 420, 4: 360}
OVER_TIME = {
    "JS, real against generated": ("js", "nats"),
    "KL, real against generated": ("kl", "nats"),
    "W₁, real against generated": ("w1", "data units"),
}


def show(*_: object) -> None:
    """Draw the settings, then the run and its games; while it trains, look again every second."""
    source = compare_source()
    if source is None:
        return
    with source.place:
        live("compare.history", source, _history, POLL_SECONDS)
        live("compare.measures", source, _measured, POLL_SECONDS)


def _history(source: CompareSource) -> None:
    """Draw the run's panel, its timeline and the games."""
    assert source.run is not None
    training_panel(source.run, "compare.panel")
    snapshots = source.snapshots
    if snapshots:
        captions = [f"iteration {one.step:,}" for one in snapshots]
        timeline("compare.step", link=LINK, run=source.history_id, last=len(snapshots) - 1, captions=captions)
    for number, place in enumerate(_places(len(source.games))):
        with place:
            st.markdown(f"**{number + 1} · {source.titles[number]}**")
            game_view(
                snapshots, _scene(source, number), key=f"compare.game.{number}", link=LINK, prefix=f"{number}.",
                height=HEIGHTS[len(source.games)],
                alt=f"Data, generated points and the discriminator of game {number + 1}: {source.titles[number]}",
                layers="compare.layers", file_name=f"game_{number + 1}", live=source.run,
            )  # fmt: skip
    if not snapshots:
        st.caption("All games wait for Play; the blue points are the data.")


def _measured(source: CompareSource) -> None:
    """Draw the curves of all games and their newest measures."""
    snapshots = source.snapshots
    if not snapshots:
        return
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
    return Scene(source.domain, source.data.x, gives_probability=source.give_probabilities[number])


def _curves(source: CompareSource, snapshots: Sequence[Snapshot]) -> None:
    """Draw one figure of all games over each other: a loss, a score, or a distance from the data with its error."""
    chosen = str(
        st.selectbox("Curves", [*OVER_TIME, *CURVES], key="compare.curves", label_visibility="collapsed", **BOUND)
    )
    names = [f"{number + 1} · {title}" for number, title in enumerate(source.titles)]
    if chosen in CURVES:
        metric, unit = CURVES[chosen]
        curves = {name: [one.averages[f"{game}.{metric}"] for one in snapshots] for game, name in enumerate(names)}
        figure = curves_figure([one.step for one in snapshots], curves, unit)
    else:
        measure, unit = OVER_TIME[chosen]
        taken = {_taken(one): one.views for one in snapshots if "0.measures" in one.views}
        values, errors = (
            {
                name: [float(views[f"{game}.measures"][MEASURES.index(which)]) for views in taken.values()]
                for game, name in enumerate(names)
            }
            for which in (measure, f"{measure}_error")
        )
        figure = measures_figure(list(taken), values, errors, unit)
    live_figure(
        figure, key="compare.curves.figure", height=300, alt=f"{chosen} of each game over the iterations",
        file_name="comparison", link=LINK, shares_view=False, steps=[one.step for one in snapshots],
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
