"""What the tabs of the style-transfer lab share: the panel of a live run, and what to say while nothing is learnt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from engine.model import DataError
from pages.widgets.latent_source import Source
from pages.widgets.training_panel import training_panel
from pages.widgets.visitor_run import live

CELL = {"mnist": 30, "fashion_mnist": 50}  # pixels that a column and its name need


@dataclass(frozen=True)
class LiveTab:
    """Draw a tab, under the panel of the run if the model is trained here, and again as long as it trains."""

    draw: Callable[[Source], None]

    def show(self, source: Source) -> None:
        """Draw the tab as a fragment."""
        live("style.live", source, self._look)

    def _look(self, source: Source) -> None:
        if source.run is not None:
            training_panel(source.run, "style.panel")
        self.draw(source)


def model_of(source: Source) -> Any | None:
    """Return the model as it is now, or None after saying what to do where nothing has been learnt yet."""
    try:
        return source.model()
    except DataError as error:
        st.info(f"{error} {_advice(source)}", icon=":material/info:")
        return None


def no_history(source: Source) -> None:
    """Say that there is nothing to scrub yet, and what to do."""
    st.info(f"There is no history yet. {_advice(source)}", icon=":material/info:")


def _advice(source: Source) -> str:
    return "Press Play, or choose a pretrained run." if source.run else "Train the model, or choose a pretrained run."
