"""The game in the plane, live: choose a lesson or settings, play, and look back at every moment of it."""

from __future__ import annotations

import streamlit as st

from engine.adversarial.views.diagnosis import sentences
from engine.training import Run
from pages.adversarial.plane.curves import curves
from pages.adversarial.plane.panel import game_panel, play_button, play_if_asked, status_line, under_way
from pages.adversarial.plane.slow import SlowMotion, narration, slow_motion
from pages.adversarial.plane.source import KEY, GameSource, explain, game_source
from pages.components.game_view import game_view
from pages.components.live import Live, follow
from pages.components.live_text import live_sentences, live_text, show_html
from pages.components.timeline import timeline
from pages.shared.runs.visitor_run import failure

HEIGHT = 520
EVERY = 1.0  # seconds between two looks at a run under way; the game itself follows it faster


def show(*_: object) -> None:
    """Draw the settings on the left, the game in the middle, its curves on the right."""
    with st.container(key="picture-first-game"):
        left, middle, right = st.columns([5, 9, 6], gap="medium")
    with left:
        source = game_source()
        if source is not None:
            explain(source)
    if source is None or source.run is None:
        return
    run, slow = source.run, slow_motion(KEY)
    play_if_asked(run, KEY)
    with middle:
        live = follow(
            f"{KEY}.history", run, every=EVERY, also_going=lambda: slow.is_on, before=lambda: slow.advance(run)
        )
        game_panel(run, KEY)
        _game(source, run, slow, live)
        _diagnosis(source, run, live)
    with right:
        curves(source, live)
        under_way(run, source.hyperparameters, KEY)


def _game(source: GameSource, run: Run, slow: SlowMotion, live: Live | None) -> None:
    """Draw the game as it is now."""
    run.touch()
    live_text(lambda: status_line(run, slow.is_on), key=f"{KEY}.status", live=live)
    show_html(
        lambda: narration(source.snapshots, source.hyperparameters, run, slow), key=f"{KEY}.slow.said", look="plain",
        live=live,
    )  # fmt: skip
    game_view(
        source.snapshots, source.scene, key=f"{KEY}.view", height=HEIGHT, link=KEY, live=run,
        file_name=f"game_{source.lesson.name}", space=play_button(KEY), also_going=lambda: slow.is_on,
        alt="Real points and those the generator makes, over what the discriminator says of every place",
    )  # fmt: skip
    timeline(f"{KEY}.step", link=KEY, run=source.history_id, captions=lambda: _captions(source), live=live)


def _captions(source: GameSource) -> list[str]:
    return [f"iteration {one.step:,}" for one in source.snapshots]


def _diagnosis(source: GameSource, run: Run, live: Live | None) -> None:
    """Say what goes wrong at the moment that is shown."""
    if sentence := failure(run):
        st.error(sentence, icon=":material/error:")
        return
    live_sentences(lambda: sentences(source.snapshots), link=KEY, key=f"{KEY}.diagnosis", look="warning", live=live)
