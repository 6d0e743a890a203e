"""Compare: up to four settings of the game side by side, on the same data and seed, trained together."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

import streamlit as st

from engine.evaluation.sample_distances import named
from engine.plots.adversarial import A_BOUND, THE_ERRORS, curves_figure, measured, measures_figure
from engine.plots.density import Figure
from engine.training import Snapshot
from pages.adversarial.compare.source import CompareSource, compare_source
from pages.components.game_view import Scene, game_view
from pages.components.live import Live, follow
from pages.components.live_figure import live_figure
from pages.components.live_text import html_table, live_text, show_html
from pages.components.timeline import timeline
from pages.shared.controls import BOUND
from pages.shared.runs.panel import training_panel
from pages.shared.table import unbroken

LINK = "compare"
EVERY = 1.0  # seconds between two looks at a run under way; the games themselves follow it faster
WAITING = "All games wait for Play; the blue points are the data."
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
    """Draw the settings, then the run and its games, which go on by themselves."""
    source = compare_source()
    if source is None:
        return
    with source.place:
        live = follow("compare.history", source.run, every=EVERY)
        _history(source, live)
        _measured(source, live)


def _history(source: CompareSource, live: Live | None) -> None:
    """Draw the run's panel, its timeline and the games."""
    assert source.run is not None
    training_panel(source.run, "compare.panel", live)
    timeline("compare.step", link=LINK, run=source.history_id, captions=lambda: _captions(source), live=live)
    for number, place in enumerate(_places(len(source.games))):
        with place:
            st.markdown(f"**{number + 1} · {source.titles[number]}**")
            game_view(
                source.snapshots, _scene(source, number), key=f"compare.game.{number}", link=LINK,
                prefix=f"{number}.",                height=HEIGHTS[len(source.games)],
                alt=f"Data, generated points and the discriminator of game {number + 1}: {source.titles[number]}",
                layers="compare.layers", file_name=f"game_{number + 1}", live=source.run,
            )  # fmt: skip
    live_text(lambda: "" if source.snapshots else WAITING, key="compare.waiting", live=live)


def _captions(source: CompareSource) -> list[str]:
    return [f"iteration {one.step:,}" for one in source.snapshots]


def _measured(source: CompareSource, live: Live | None) -> None:
    """Draw the curves of all games and their newest measures."""
    if live is None and not source.snapshots:
        return
    left, right = st.columns([5, 6], gap="medium")
    with left:
        chosen = str(
            st.selectbox("Curves", [*OVER_TIME, *CURVES], key="compare.curves", label_visibility="collapsed", **BOUND)
        )
        live_figure(
            lambda: _curves(source, source.snapshots, chosen), key="compare.curves.figure", height=300, link=LINK,
            alt=f"{chosen} of each game over the iterations", file_name="comparison", shares_view=False,
            steps=lambda: [one.step for one in source.snapshots], live=live,
        )  # fmt: skip
    with right:
        show_html(lambda: _table(source, source.snapshots), key="compare.table", look="table", live=live)
        live_text(lambda: _said(source.snapshots), key="compare.table.said", live=live)


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


def _curves(source: CompareSource, snapshots: Sequence[Snapshot], chosen: str) -> Figure | None:
    """Return one figure of all games over each other: a loss, a score, or a distance from the data with its error."""
    if not snapshots:
        return None
    names = [f"{number + 1} · {title}" for number, title in enumerate(source.titles)]
    if chosen in CURVES:
        metric, unit = CURVES[chosen]
        curves = {name: [one.averages[f"{game}.{metric}"] for one in snapshots] for game, name in enumerate(names)}
        return curves_figure([one.step for one in snapshots], curves, unit)
    measure, unit = OVER_TIME[chosen]
    taken = {_taken(one): one.views for one in snapshots if "0.measures" in one.views}
    values, errors, bounds = (
        {
            name: [named(views[f"{game}.measures"])[which] for views in taken.values()]
            for game, name in enumerate(names)
        }
        for which in (measure, f"{measure}_error", "kl_is_bound")
    )
    return measures_figure(list(taken), values, errors, unit, bounds=bounds if measure == "kl" else None)


def _taken(snapshot: Snapshot) -> int:
    """Return the iteration of which a snapshot's measures are; those between two are carried on."""
    return int(snapshot.views.get("0.measures.step", snapshot.step))


def _table(source: CompareSource, snapshots: Sequence[Snapshot]) -> str:
    """Return the newest measures of every game, once there are any."""
    if not snapshots or "0.measures" not in snapshots[-1].views:
        return ""
    last = snapshots[-1]
    figures = [named(last.views[f"{game}.measures"]) for game in _numbers(source)]
    has_modes = figures[0]["n_modes"] > 0
    head = ["Game", "KL, nats", "JS, nats", "W₁, data units", *(["Modes covered", "Within 3σ"] if has_modes else [])]
    rows = [
        _row(f"{number + 1} · {title}", one, has_modes)
        for number, (title, one) in enumerate(zip(source.titles, figures, strict=True))
    ]
    return html_table(head, rows)


def _said(snapshots: Sequence[Snapshot]) -> str:
    """Say what the newest measures are."""
    if not snapshots or "0.measures" not in snapshots[-1].views:
        return ""
    views = snapshots[-1].views
    figures = [named(view) for name, view in views.items() if name.endswith(".measures")]
    modes = " A mode is covered when enough samples lie within 3σ of it." if figures[0]["n_modes"] > 0 else ""
    bound = f" {A_BOUND}" if any(one["kl_is_bound"] for one in figures) else ""
    return (
        f"Real against generated after {_taken(snapshots[-1]):,} iterations; 0 is best. JS is at most ln 2 = 0.693 "
        f"nats. {THE_ERRORS}{bound}{modes}"
    )


def _row(name: str, figures: dict[str, float], has_modes: bool) -> list[str]:
    cells = [unbroken(measured(figures, one)) for one in ("kl", "js", "w1")]
    if has_modes:
        cells += [
            unbroken(f"{figures['modes']:.0f} of {figures['n_modes']:.0f}"),
            unbroken(f"{100 * figures['high_quality']:.0f} %"),
        ]
    return [name, *cells]


def _numbers(source: CompareSource) -> range:
    return range(len(source.games))
