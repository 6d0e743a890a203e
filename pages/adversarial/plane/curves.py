"""Beside the game: its losses, what D says of real and generated points, and how far these are from each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import streamlit as st

from engine.evaluation.sample_distances import MEASURES, named
from engine.plots import style
from engine.plots.adversarial import (
    A_BOUND,
    THE_ERRORS,
    curves_figure,
    measured,
    measures_figure,
    modes_figure,
    scores_figure,
)
from engine.plots.density import Figure
from engine.plots.numbers import written
from engine.training import Snapshot
from pages.adversarial.plane.source import KEY, GameSource
from pages.components.live import Live
from pages.components.live_figure import live_figure
from pages.components.live_text import html_table, live_text, show_html
from pages.shared.controls import BOUND
from pages.shared.table import in_pairs, unbroken

HEIGHT = 176
LN_2 = float(np.log(2))
PLAYERS = (style.DATA, style.MODEL)  # D sides with the data, G makes the generated points
MORE = ("KL, JS", "W₁", "Modes", "Gradients")


def curves(source: GameSource, live: Live | None) -> None:
    """Draw the curves over the iterations so far, and the newest measures in figures."""
    show = partial(_show, source, live)
    show("losses", "Losses", lambda: _losses(source))
    show("scores", "What D says", lambda: _scores(source))
    chosen = str(
        st.segmented_control(
            "More curves", MORE, default=MORE[0], required=True, key=f"{KEY}.curves", label_visibility="collapsed",
            **BOUND,
        )
    )  # fmt: skip
    show("more", "", lambda: _more(source, chosen), chosen)
    show_html(lambda: _figures(source.snapshots), key=f"{KEY}.figures", look="pairs", live=live)
    live_text(lambda: _said(source.snapshots), key=f"{KEY}.figures.said", live=live)


def _steps(source: GameSource) -> list[int]:
    return [one.step for one in source.snapshots]


def _losses(source: GameSource) -> Figure:
    unit = "nats" if source.has_logarithms else "loss"
    return curves_figure(_steps(source), _series(source.snapshots, "loss"), unit, colours=PLAYERS)


def _scores(source: GameSource) -> Figure:
    real, fake = ([one.averages[f"{name}_score"] for one in source.snapshots] for name in ("real", "fake"))
    return scores_figure(_steps(source), real, fake, source.scene.gives_probability)


def _more(source: GameSource, chosen: str) -> Figure:
    if chosen == "Gradients":
        return curves_figure(_steps(source), _series(source.snapshots, "gradient"), "norm", colours=PLAYERS)
    return _measured(chosen, _taken(source.snapshots))


def _show(
    source: GameSource, live: Live | None, name: str, title: str, figure: Callable[[], Figure], alt: str = ""
) -> None:
    if title:
        st.markdown(f"**{title}**")
    live_figure(
        figure, key=f"{KEY}.{name}", height=HEIGHT, alt=f"{title or alt} over the iterations", file_name=name,
        link=KEY, shares_view=False, steps=lambda: _steps(source), live=live,
    )  # fmt: skip


def _series(snapshots: Sequence[Snapshot], what: str) -> dict[str, list[float]]:
    names = {"D": f"discriminator_{what}", "G": f"generator_{what}"}
    return {player: [one.averages[name] for one in snapshots] for player, name in names.items()}


def _taken(snapshots: Sequence[Snapshot]) -> dict[str, list[float]]:
    """Return the measures by name, one entry for each time they were taken, with its "iteration"."""
    kept = {int(one.views["measures.step"]): one.views["measures"] for one in snapshots if "measures" in one.views}
    figures = [named(view) for view in kept.values()]
    columns = {name: [one[name] for one in figures] for name in MEASURES}
    return {"iteration": [float(step) for step in kept], **columns}


def _measured(chosen: str, taken: dict[str, list[float]]) -> Figure:
    steps = taken["iteration"]
    if chosen == "Modes":
        n_modes = int(max(taken["n_modes"], default=0))
        return modes_figure(steps, taken["modes"], n_modes, taken["high_quality"])
    if chosen == "W₁":
        return measures_figure(steps, {"W₁": taken["w1"]}, {"W₁": taken["w1_error"]}, "data units")
    values = {"KL": taken["kl"], "JS": taken["js"]}
    errors = {"KL": taken["kl_error"], "JS": taken["js_error"]}
    bounds = {"KL": taken["kl_is_bound"]}
    return measures_figure(steps, values, errors, "nats", marks={"ln 2": LN_2}, bounds=bounds)


def _figures(snapshots: Sequence[Snapshot]) -> str:
    """Return the newest measures: real points against generated ones, each with its standard error."""
    views = snapshots[-1].views if snapshots else {}
    if "measures" not in views:
        return ""
    now = named(views["measures"])
    entries = [
        ("KL", unbroken(f"{measured(now, 'kl')} nats")),
        ("JS", unbroken(f"{measured(now, 'js')} nats")),
        ("W₁", unbroken(measured(now, "w1"))),
    ]
    if now["n_modes"]:
        entries.append(("modes", f"{now['modes']:.0f} of {now['n_modes']:.0f}"))
        entries.append(("within 3σ", unbroken(f"{100 * now['high_quality']:.0f} %")))
    if "gap" in views:
        entries.append(("mean |D − D*|", written(float(views["gap"]), ".3f")))
    return html_table((), in_pairs(entries))


def _said(snapshots: Sequence[Snapshot]) -> str:
    views = snapshots[-1].views if snapshots else {}
    if "measures" not in views:
        return ""
    bound = f" {A_BOUND}" if named(views["measures"])["kl_is_bound"] else ""
    return f"The newest, of iteration {int(views['measures.step']):,}. {THE_ERRORS}{bound}"
