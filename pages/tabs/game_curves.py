"""Beside the game: its losses, what D says of real and generated points, and how far these are from each other."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.adversarial.measures import MEASURES
from engine.plots.rivals import rivals_figure
from engine.training import Snapshot
from pages.widgets.game_source import KEY, GameSource
from pages.widgets.live_figure import live_figure


def curves(source: GameSource) -> None:
    """Draw the curves over the iterations so far."""
    snapshots = source.snapshots
    steps = [one.step for one in snapshots]
    for name, title, unit, series in (
        ("losses", "Losses", "nats", {"D": "discriminator_loss", "G": "generator_loss"}),
        ("scores", "What D says", "D(x), mean", {"real": "real_score", "generated": "fake_score"}),
    ):
        values = {label: [one.averages[metric] for one in snapshots] for label, metric in series.items()}
        st.markdown(f"**{title}**")
        live_figure(rivals_figure(steps, values, unit), key=f"{KEY}.{name}", height=170, alt=title, file_name=name)
    _ = MEASURES, Snapshot, Sequence
