"""Histories side by side: the moments at which several trainings are shown together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.plots.fits import frame_numbers


def common_moments(
    histories: Sequence[Sequence[float]], growing: Sequence[bool] | None = None
) -> tuple[list[float], list[list[int]]]:
    """Return moments, epochs in order, and for each history which of its entries it shows then: its last until then.

    `histories` are the epochs of each history's snapshots, ascending and at least one; one that has not begun shows
    its first. There are as many moments as `frame_numbers` leaves of all epochs. While histories are `growing` the
    moments end where the shortest of these does, so that the end shows all at the same epoch.
    """
    every = np.unique(np.concatenate([np.asarray(epochs, np.float64) for epochs in histories]))
    ends = [epochs[-1] for epochs, grows in zip(histories, growing or [], strict=False) if grows]
    if ends:
        every = every[every <= min(ends)]
    moments = every[frame_numbers(len(every))]
    shown = [np.maximum(np.searchsorted(epochs, moments, side="right") - 1, 0).tolist() for epochs in histories]
    return moments.tolist(), shown
