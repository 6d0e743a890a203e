"""The head of a history of digits: the panel of a training and the timeline that its pictures and curves follow."""

from __future__ import annotations

from pages.adversarial.digits.source import DigitsSource
from pages.components.live import Live, follow
from pages.components.timeline import timeline
from pages.shared.runs.panel import training_panel

LINK = "digits"


def digits_history(source: DigitsSource) -> Live | None:
    """Draw both; return what follows the training."""
    live = follow("digits.history", source.run)
    if source.run is not None:
        training_panel(source.run, "digits.panel", live)
    timeline("digits.step", link=LINK, run=source.history_id, captions=lambda: source.shown[1], live=live)
    return live
