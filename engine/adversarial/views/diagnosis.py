"""Say in one sentence what goes wrong in a game, as it happens, from the snapshots of its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.adversarial.views.moments import Mask, Moment
from engine.adversarial.views.swings import oscillation, restless_crowd
from engine.adversarial.views.symptoms import (
    Symptom,
    diverging_distance,
    diverging_gradient,
    lost_modes,
    shrunk_spread,
    vanishing_gradient,
)

Kind = Literal["divergence", "vanishing gradient", "mode collapse", "oscillation"]

EARLY = 10  # snapshots before which nothing is said
SETTLING = 40  # snapshots before which nothing is said of where the points are: at the start they are a blob
RECENT = 5  # snapshots that all must agree


@dataclass(frozen=True)
class Diagnosis:
    """Name what goes wrong, and say it in one sentence with the figures that show it."""

    kind: Kind
    sentence: str


def diagnose(snapshots: Sequence[Moment]) -> Diagnosis | None:
    """Return what the newest of these snapshots (oldest first) suffer from, or None if nothing is amiss.

    It reads the averages of both losses, scores and gradient norms and, where they are kept, the views "generated"
    and "measures". In this order: the game diverges; D is near-perfect and G's gradient has vanished; the generator
    covers fewer than three quarters of the modes, or has shrunk to a seventh of its spread; the generated points
    swing to and fro, and the swings do not shrink.

    Each is said with hysteresis: it begins where five snapshots in a row show it plainly, and ends where five in a
    row (thirty for a spread, which pulses) are clear of it by a margin, so that a figure about its threshold makes no
    sentence come and go.
    """
    return diagnoses(snapshots)[-1] if snapshots else None


def sentences(history: Sequence[Moment]) -> list[str]:
    """Return for every snapshot of a history the sentence about what went wrong then, empty where nothing did."""
    return [found.sentence if found else "" for found in diagnoses(history)]


def diagnoses(snapshots: Sequence[Moment]) -> list[Diagnosis | None]:
    """Return for every snapshot what was to be said at its time: entry k is `diagnose(snapshots[: k + 1])`."""
    found: list[Diagnosis | None] = [None] * len(snapshots)
    for kind, after, symptom in _symptoms(snapshots):
        begins = _lasting(symptom.plain, RECENT) & (np.arange(len(snapshots)) >= after - 1)
        for k in np.flatnonzero(_held(begins, _lasting(symptom.gone, symptom.calm))):
            found[k] = found[k] or Diagnosis(kind, symptom.sentence(int(k)))
    return found


def _symptoms(snapshots: Sequence[Moment]) -> list[tuple[Kind, int, Symptom]]:
    """Return those that the history tells of, first what goes before, with how many snapshots each needs."""
    looked_for: list[tuple[Kind, int, Symptom | None]] = [
        ("divergence", EARLY, diverging_gradient(snapshots, "discriminator", RECENT)),
        ("divergence", EARLY, diverging_gradient(snapshots, "generator", RECENT)),
        ("divergence", EARLY, diverging_distance(snapshots)),
        ("vanishing gradient", EARLY, vanishing_gradient(snapshots, RECENT)),
        ("mode collapse", SETTLING, lost_modes(snapshots)),
        ("mode collapse", SETTLING, shrunk_spread(snapshots)),
        ("mode collapse", SETTLING, restless_crowd(snapshots, SETTLING)),
        ("oscillation", SETTLING, oscillation(snapshots, SETTLING)),
    ]
    return [(kind, after, symptom) for kind, after, symptom in looked_for if symptom is not None]


def _lasting(seen: Mask, count: int) -> Mask:
    """Tell where it is seen in each of the last `count` snapshots."""
    unbroken = np.zeros(len(seen), bool)
    if len(seen) >= count:
        unbroken[count - 1 :] = sliding_window_view(seen, count).all(axis=1)
    return unbroken


def _held(begins: Mask, ends: Mask) -> Mask:
    """Tell where the last beginning is later than the last end."""
    at = np.arange(len(begins))
    since, until = (np.maximum.accumulate(np.where(seen, at, -1)) for seen in (begins, ends))
    return since > until
