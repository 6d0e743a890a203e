"""What of a game's history shows that something goes wrong: where it is plain, where it is clear of it by a margin.

Between the two lies a band in which what was said before still holds (see `diagnosis`). All looks back only: entry k
of anything here depends on the snapshots up to k. What swings is in `swings`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.adversarial.views.moments import Mask, Moment, clouds_of, measures_of, running_mean, series, spreads_of

# Each a pair: what shows it plainly, and what is clear of it.
IMPERFECT = (0.05, 0.1)  # how far from 1 and 0 the mean scores of real and generated points are, of a near-perfect D
VANISHED = (0.1, 0.2)  # of the generator's largest gradient norm so far
BLOWN_UP = (100.0, 30.0)  # times the typical size so far
FAR = (5.0, 4.0)  # times the distance from the data at which the generated points began
COVERED = (0.75, 0.85)  # share of the modes below which the rest counts as lost
SHRUNK = (0.15, 0.25)  # of the largest spread that the generated points have had

ON_MODES = 0.5  # share of samples of high quality: before, the generator has not arrived yet
PULSE = 30  # snapshots within which a collapsed cloud that swells, on its way to the next place, shrinks again
LESS = "Smaller learning rates often help."


@dataclass(frozen=True, eq=False)
class Symptom:
    """Tell at which snapshots (n,) it is `plain` and at which it is `gone`, and the `sentence` at one of them.

    It is over when it has been gone for `calm` snapshots in a row.
    """

    plain: Mask
    gone: Mask
    sentence: Callable[[int], str]
    calm: int = 5


def diverging_gradient(snapshots: Sequence[Moment], player: str, recent: int) -> Symptom | None:
    """Look for a gradient norm of the `player` many times the median up to `recent` snapshots ago."""
    norms = series(snapshots, f"{player}_gradient")
    if norms is None or len(norms) <= recent:
        return None
    typical = np.full(len(norms), np.inf)
    typical[recent:] = [np.median(norms[: k - recent + 1]) for k in range(recent, len(norms))]
    times = np.divide(norms, typical, out=np.zeros_like(norms), where=typical > 0)
    return Symptom(
        times > BLOWN_UP[0],
        times < BLOWN_UP[1],
        lambda k: f"The game diverges: the {player}'s gradient is {times[k]:,.0f} times its usual size. {LESS}",
    )


def diverging_distance(snapshots: Sequence[Moment]) -> Symptom | None:
    """Look for generated points much farther from the data, in W₁, than where they began."""
    taken = measures_of(snapshots)
    if taken is None:
        return None
    w1 = taken["w1"]
    first = w1[np.isfinite(w1)][0]
    return Symptom(
        w1 > FAR[0] * first,
        w1 < FAR[1] * first,
        lambda k: f"The game diverges: W₁ from the data has grown from {first:.2g} to {w1[k]:.2g}. {LESS}",
    )


def vanishing_gradient(snapshots: Sequence[Moment], recent: int) -> Symptom | None:
    """Look for a near-perfect discriminator that leaves the generator next to no gradient, on average of `recent`."""
    real, fake = series(snapshots, "real_score"), series(snapshots, "fake_score")
    norms = series(snapshots, "generator_gradient")
    if real is None or fake is None or norms is None:
        return None
    off = np.maximum(np.abs(real - 1), np.abs(fake))
    largest = np.maximum.accumulate(norms)
    usual = running_mean(norms, recent)
    return Symptom(
        (off < IMPERFECT[0]) & (usual < VANISHED[0] * largest),
        (off > IMPERFECT[1]) | (usual > VANISHED[1] * largest),
        lambda k: (
            f"Vanishing gradient: D tells real from generated near perfectly ({real[k]:.2f} against {fake[k]:.2f}), "
            f"and G's gradient is down to {100 * norms[k] / largest[k]:.1g} % of its largest, so that G hardly moves."
        ),
    )


def lost_modes(snapshots: Sequence[Moment]) -> Symptom | None:
    """Look for a generator that has arrived at the data and has too few of its modes.

    A cloud on its way from one mode to the next lies on none: that ends nothing.
    """
    taken = measures_of(snapshots)
    if taken is None:
        return None
    modes, n_modes, quality = taken["modes"], taken["n_modes"], taken["high_quality"]
    return Symptom(
        (n_modes > 1) & (quality >= ON_MODES) & (modes < COVERED[0] * n_modes),
        modes >= COVERED[1] * n_modes,
        lambda k: (
            f"Mode collapse{'' if modes[k] < COVERED[0] * n_modes[k] else ', perhaps over'}: the generator covers "
            f"{modes[k]:.0f} of {n_modes[k]:.0f} modes, with "
            f"{100 * quality[k]:.0f} % of its samples within 3σ of one."
        ),
    )


def shrunk_spread(snapshots: Sequence[Moment]) -> Symptom | None:
    """Look for generated points that have shrunk, unless they are on all modes that there are.

    A collapsed cloud pulses: it swells while it moves, and shrinks where it arrives.
    """
    clouds, taken = clouds_of(snapshots), measures_of(snapshots)
    if clouds is None:
        return None
    spreads = spreads_of(clouds)
    share = spreads / np.maximum.accumulate(np.maximum(spreads, np.finfo(float).tiny))
    on_all = np.zeros(len(spreads), bool)
    if taken is not None:
        on_all = taken["high_quality"] >= ON_MODES
        on_all &= (taken["n_modes"] > 1) & (taken["modes"] >= COVERED[0] * taken["n_modes"])
    return Symptom(
        (share <= SHRUNK[0]) & ~on_all,
        (share > SHRUNK[1]) | on_all,
        lambda k: (
            f"Mode collapse: the generated points have shrunk to {100 * share[max(0, k - PULSE) : k + 1].min():.0f} "
            f"% of their largest spread; just now it is {100 * share[k]:.0f} %."
        ),
        calm=PULSE,
    )
