"""The game in the plane, live: choose a lesson or a setting, play, and look back at every moment of it."""

from __future__ import annotations


def show() -> None:
    """Draw the lab's first tab."""
