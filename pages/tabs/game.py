"""The game in the plane, live: choose a lesson or settings, play, and look back at every moment of it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.adversarial.diagnosis import diagnose
from engine.training import Snapshot
from pages.tabs.game_curves import curves
from pages.widgets import game_slow
from pages.widgets.game_panel import game_panel, status_line, under_way
from pages.widgets.game_source import KEY, GameSource, game_source
from pages.widgets.game_view import game_view
from pages.widgets.timeline import timeline
from pages.widgets.visitor_run import live

HEIGHT = 560
POLL_SECONDS = 0.15
CURVE_SECONDS = 1.0
MOST = 400  # snapshots on show
# On a phone the game comes before its settings.
STYLE = """<style>
@media (max-width: 640px) {
  .st-key-game-lab > [data-testid="stHorizontalBlock"] > :first-child,
  .st-key-game-lab > div > [data-testid="stHorizontalBlock"] > :first-child { order: 2; }
}
</style>"""


def show(*_: object) -> None:
    """Draw the settings on the left, the game in the middle, its curves on the right."""
    st.html(STYLE)
    with st.container(key="game-lab"):
        left, middle, right = st.columns([5, 9, 6], gap="medium")
    with left:
        source = game_source()
    if source is None or source.run is None:
        return
    with middle:
        live(f"{KEY}.live", source, _game, POLL_SECONDS)
    with right:
        live(f"{KEY}.curves.live", source, _beside, CURVE_SECONDS)


def _game(source: GameSource) -> None:
    """Draw the panel and the game as it is now."""
    run = source.run
    assert run is not None
    game_panel(run, KEY)
    snapshots = _shown(source.snapshots)
    st.caption(status_line(run))
    game_slow.narrate(snapshots, source.hyperparameters, run, KEY)
    game_view(
        snapshots, source.scene, key=f"{KEY}.view", height=HEIGHT, link=KEY, file_name=f"game_{source.lesson.name}",
        alt="Real points and those the generator makes, over what the discriminator says of every place",
    )  # fmt: skip
    if snapshots:
        captions = [f"iteration {one.step:,}" for one in snapshots]
        timeline(f"{KEY}.step", link=KEY, run=source.history_id, last=len(snapshots) - 1, captions=captions)
    if run.status == "failed" and run.reason:
        st.error(run.reason, icon=":material/error:")
    else:
        _diagnosis(snapshots)


def _beside(source: GameSource) -> None:
    curves(source)
    assert source.run is not None
    under_way(source.run, source.hyperparameters, KEY)


def _diagnosis(snapshots: Sequence[Snapshot]) -> None:
    found = diagnose(snapshots)
    if found:
        st.warning(found.sentence, icon=":material/monitor_heart:")


def _shown(snapshots: Sequence[Snapshot]) -> Sequence[Snapshot]:
    """Thin a very long history, by a stride that stays as it grows."""
    if len(snapshots) <= MOST:
        return snapshots
    return [*snapshots[: -1 : -(-len(snapshots) // MOST)], snapshots[-1]]
