"""The game in the plane, live: choose a lesson or settings, play, and look back at every moment of it."""

from __future__ import annotations

import streamlit as st

from engine.adversarial.diagnosis import diagnose
from pages.tabs.game_curves import curves
from pages.widgets import game_slow
from pages.widgets.game_panel import game_panel, play_button, status_line, under_way
from pages.widgets.game_source import KEY, GameSource, explain, game_source
from pages.widgets.game_view import game_view
from pages.widgets.timeline import timeline
from pages.widgets.visitor_run import live

HEIGHT = 520
POLL_SECONDS = 1.0  # between two looks at a run under way; the game itself follows it in the browser
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
        if source is not None:
            explain(source)
    if source is None or source.run is None:
        return
    # The buttons and sliders stand outside of what looks again and again, which is then the less to draw.
    with middle:
        game_panel(source.run, KEY)
        live(f"{KEY}.live", source, _game, POLL_SECONDS)
        live(f"{KEY}.diagnosis", source, _diagnosis, POLL_SECONDS)
    with right:
        live(f"{KEY}.curves.live", source, curves, POLL_SECONDS)
        under_way(source.run, source.hyperparameters, KEY)


def _game(source: GameSource) -> None:
    """Draw the game as it is now."""
    run = source.run
    assert run is not None
    run.touch()
    game_slow.advance(run, KEY)
    snapshots = source.snapshots
    st.caption(status_line(run, KEY))
    game_slow.narrate(snapshots, source.hyperparameters, run, KEY)
    game_view(
        snapshots, source.scene, key=f"{KEY}.view", height=HEIGHT, link=KEY, file_name=f"game_{source.lesson.name}",
        alt="Real points and those the generator makes, over what the discriminator says of every place",
        space=play_button(KEY), live=run,
    )  # fmt: skip
    if snapshots:
        captions = [f"iteration {one.step:,}" for one in snapshots]
        timeline(f"{KEY}.step", link=KEY, run=source.history_id, last=len(snapshots) - 1, captions=captions)


def _diagnosis(source: GameSource) -> None:
    """Say what goes wrong, as it happens."""
    run = source.run
    assert run is not None
    if run.status == "failed" and run.reason:
        st.error(run.reason, icon=":material/error:")
    elif found := diagnose(source.snapshots):
        st.warning(found.sentence, icon=":material/monitor_heart:")
