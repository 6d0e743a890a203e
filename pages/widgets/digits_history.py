"""The head of a history of digits: the panel of a training and the timeline that its pictures and curves follow."""

from __future__ import annotations

from pages.widgets.digits_source import DigitsSource
from pages.widgets.live import Live, follow
from pages.widgets.timeline import timeline
from pages.widgets.training_panel import training_panel

LINK = "digits"


def digits_history(source: DigitsSource) -> Live | None:
    """Draw both; return what follows the training."""
    live = follow("digits.history", source.run)
    if source.run is not None:
        training_panel(source.run, "digits.panel", live)
    timeline("digits.step", link=LINK, run=source.history_id, captions=lambda: source.shown[1], live=live)
    return live
