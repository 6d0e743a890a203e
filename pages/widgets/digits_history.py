"""The head of a history of digits: the panel of a training and the timeline that its pictures and curves follow."""

from __future__ import annotations

from engine.training import Snapshot
from pages.widgets.digits_source import DigitsSource
from pages.widgets.timeline import timeline
from pages.widgets.training_panel import training_panel
from pages.widgets.visitor_run import to_show

LINK = "digits"


def digits_history(source: DigitsSource) -> tuple[list[Snapshot], list[str]]:
    """Draw both; return the snapshots that the timeline has, and a caption for each: none before a training."""
    if source.run is not None:
        training_panel(source.run, "digits.panel")
    snapshots = source.snapshots
    shown, captions = to_show(snapshots) if snapshots else ([], [])
    if shown:
        timeline("digits.step", link=LINK, run=source.history_id, last=len(shown) - 1, captions=captions)
    return shown, captions
