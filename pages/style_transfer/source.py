"""What the tabs of the style-transfer lab share: the panel of a live run, and what to say while nothing is learnt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from engine.model import DataError
from pages.components.live import Live, follow
from pages.components.live_text import live_text
from pages.shared.images.source import Source
from pages.shared.runs.panel import training_panel

CELL = {"mnist": 30, "fashion_mnist": 50}  # pixels that a column and its name need


@dataclass(frozen=True)
class LiveTab:
    """Draw a tab that follows the run, under its panel, if the model is trained here."""

    draw: Callable[[Source, Live | None], None]

    def show(self, source: Source) -> None:
        """Draw the tab."""
        live = follow("style.history", source.run)
        if source.run is not None:
            training_panel(source.run, "style.panel", live)
        self.draw(source, live)


def model_of(source: Source) -> Any | None:
    """Return the model as it is now, or None after saying what to do where nothing has been learnt yet."""
    try:
        return source.model()
    except DataError as error:
        st.info(f"{error} {_advice(source)}", icon=":material/info:")
        return None


def learnt(source: Source) -> Any | None:
    """Return the model as it is now, or None where nothing has been learnt yet."""
    try:
        return source.model()
    except DataError:
        return None


def no_history(source: Source, key: str, is_there: Callable[[], bool], live: Live | None) -> None:
    """Say that there is nothing to scrub, for as long as it is so, and what to do."""
    said = f"There is no history yet. {_advice(source)}"
    live_text(lambda: "" if is_there() else said, key=f"{key}.nothing", look="info", live=live)


def _advice(source: Source) -> str:
    return "Press Play, or choose a pretrained run." if source.run else "Train the model, or choose a pretrained run."
