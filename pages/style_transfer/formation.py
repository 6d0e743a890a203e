"""How the grid of chosen styles forms: in the visitor's own run, or in a shipped run's training done again.

A history keeps pictures and no weights, so the styles of other images want the same training (data, seed and
hyperparameters) with one view more.
"""

from __future__ import annotations

import streamlit as st

from engine.recipes import RECIPES
from engine.recipes.latent import formation_request
from engine.training import Run, View
from pages.components.live import Live
from pages.components.live_text import live_text
from pages.shared.images.source import Source
from pages.shared.runs.panel import status_line
from pages.shared.runs.visitor_run import Training, visitor_run
from pages.style_transfer.seeds import Seeds

KEY = "style.form"


def formation(source: Source, seeds: Seeds) -> Training:
    """Return the training whose history has, or may come to have, the styles of the seeds.

    Other seeds end the training that was done for the last ones.
    """
    if source.run is not None:
        _let_go()
        _ask(source.run, seeds.view)
        return source
    assert source.pretrained is not None
    name = source.pretrained.name
    request = formation_request(RECIPES[name], seeds.view)
    return Training(None, visitor_run(KEY, request, (name, seeds.view.name)))


def form_button(run: Run, seeds: Seeds, *, is_own: bool, is_formed: bool) -> None:
    """Draw the button that begins the formation, unless there `is_formed` one, or ends one begun for this grid alone.

    A run that `is_own`, with a panel of its own, begins again from its seed.
    """
    if run.holds_worker and not is_own:
        st.button("Cancel", icon=":material/close:", key=f"{KEY}.cancel", on_click=run.reset)
        return
    if is_formed and (is_own or run.status == "finished"):
        return
    what = "Begin this run again" if is_own else "Train this model again"
    st.button(
        "Watch it form", icon=":material/movie:", key=f"{KEY}.watch", on_click=_watch, args=(run, seeds),
        help=f"{what}, with the same data, seed and hyperparameters, and keep this grid at every epoch.",
    )  # fmt: skip


def say_state(run: Run, live: Live | None) -> None:
    """Say how a formation goes that has no panel of its own; nothing before it has begun."""
    if run.status == "failed":
        st.error(run.reason or "The training failed.", icon=":material/error:")
    elif run.holds_worker or run.over:
        live_text(lambda: f"The same training again. {status_line(run)}", key=f"{KEY}.status", live=live)


def _watch(run: Run, seeds: Seeds) -> None:
    """Begin from the seed, with the view of these seeds."""
    seeds.hold()
    run.reset()
    _ask(run, seeds.view)
    run.play()


def _ask(run: Run, view: View) -> None:
    """Have a run that has yet to begin draw the view as well, in place of one that was asked for before."""
    if run.holds_worker or run.over or run.latest is not None:
        return
    stem = view.name.rpartition("_")[0] + "_"
    run.keep((*(one for one in run.request.views if not one.name.startswith(stem)), view))


def _let_go() -> None:
    """Free the worker of a formation that is no longer on show."""
    run: Run | None = st.session_state.get(f"{KEY}.run")
    if run is not None and run.holds_worker:
        run.reset()
