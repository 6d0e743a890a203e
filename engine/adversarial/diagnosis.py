"""Say in one sentence what goes wrong in a game, as it happens, from the snapshots of its history."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from engine.adversarial.measures import named
from engine.grid import Array

Kind = Literal["divergence", "vanishing gradient", "mode collapse", "oscillation"]

EARLY = 10  # snapshots before which nothing is said
SETTLING = 40  # snapshots before which nothing is said of where the points are: at the start they are a blob
RECENT = 5  # snapshots that all must agree
PERFECT = 0.05  # how near to 1 and 0 the mean scores of real and generated points are of a near-perfect D
VANISHED = 0.1  # of the generator's largest gradient norm so far
BLOWN_UP = 100.0  # times the typical size so far
FAR = 5.0  # times the distance from the data at which the generated points began
MISSED = 0.75  # share of the modes below which the rest counts as lost
ON_MODES = 0.5  # share of samples of high quality: before, the generator has not arrived yet
SHRUNK = 0.15  # of the largest spread that the generated points have had
WINDOW = SETTLING  # snapshots looked at for an oscillation
CROSSINGS = 4  # of its mean
SWING = 0.4  # of the points' spread, the amplitude (standard deviation) that counts
STEADY = 0.7  # of the first half's amplitude that the second half's has: it does not die out


class Moment(Protocol):
    """What is read of a snapshot."""

    @property
    def step(self) -> int: ...  # noqa: D102
    @property
    def averages(self) -> Mapping[str, float]: ...  # noqa: D102
    @property
    def views(self) -> Mapping[str, npt.NDArray[Any]]: ...  # noqa: D102


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
    swing to and fro and do not settle.
    """
    if len(snapshots) < EARLY:
        return None
    found = _divergence(snapshots) or _vanishing_gradient(snapshots)
    if found or len(snapshots) < SETTLING:
        return found
    return _mode_collapse(snapshots) or _oscillation(snapshots)


def _divergence(snapshots: Sequence[Moment]) -> Diagnosis | None:
    for name, what in (
        ("discriminator_gradient", "discriminator's gradient"),
        ("generator_gradient", "generator's gradient"),
    ):
        norms = _series(snapshots, name)
        if norms is None:
            continue
        typical = float(np.median(norms[:-RECENT]))
        if typical > 0 and norms[-RECENT:].min() > BLOWN_UP * typical:
            times = f"{norms[-1] / typical:,.0f} times"
            sentence = f"The game diverges: the {what} is {times} its usual size. Smaller learning rates often help."
            return Diagnosis("divergence", sentence)
    taken = _measures(snapshots)
    if len(taken) > 1 and taken[-1]["w1"] > FAR * taken[0]["w1"]:
        where = f"W₁ from the data has grown from {taken[0]['w1']:.2g} to {taken[-1]['w1']:.2g}"
        return Diagnosis("divergence", f"The game diverges: {where}. Smaller learning rates often help.")
    return None


def _vanishing_gradient(snapshots: Sequence[Moment]) -> Diagnosis | None:
    real, fake = _series(snapshots, "real_score"), _series(snapshots, "fake_score")
    norms = _series(snapshots, "generator_gradient")
    if real is None or fake is None or norms is None:
        return None
    perfect = (np.abs(real[-RECENT:] - 1) < PERFECT).all() and (np.abs(fake[-RECENT:]) < PERFECT).all()
    if not (perfect and norms[-RECENT:].mean() < VANISHED * norms.max()):
        return None
    return Diagnosis(
        "vanishing gradient",
        f"Vanishing gradient: D tells real from generated near perfectly ({real[-1]:.2f} against {fake[-1]:.2f}), "
        f"and G's gradient is down to {100 * norms[-1] / norms.max():.1g} % of its largest, so that G hardly moves.",
    )


def _mode_collapse(snapshots: Sequence[Moment]) -> Diagnosis | None:
    taken = _measures(snapshots)
    if taken:
        modes, n_modes, quality = (taken[-1][name] for name in ("modes", "n_modes", "high_quality"))
        if n_modes > 1 and quality >= ON_MODES:
            if modes >= MISSED * n_modes:
                return None
            return Diagnosis(
                "mode collapse",
                f"Mode collapse: the generator covers {modes:.0f} of {n_modes:.0f} modes, with {100 * quality:.0f} % "
                "of its samples within 3σ of one.",
            )
    spreads = _spreads(snapshots)
    if spreads is None or spreads[-RECENT:].max() > SHRUNK * spreads.max():
        return None
    return Diagnosis(
        "mode collapse",
        f"Mode collapse: the generated points have shrunk to {100 * spreads[-1] / spreads.max():.0f} % of their "
        "largest spread.",
    )


def _oscillation(snapshots: Sequence[Moment]) -> Diagnosis | None:
    recent = snapshots[-WINDOW:]
    spreads, path = _spreads(recent), _path(recent)
    if path is None or spreads is None:
        return None
    swing = path - path.mean()
    half = len(swing) // 2
    first, second = swing[:half].std(), swing[half:].std()
    crossings = int(np.count_nonzero(np.diff(np.sign(swing))))
    spread = float(np.median(spreads))
    if crossings < CROSSINGS or second < STEADY * first or swing.std() < SWING * spread:
        return None
    reach = f"±{math.sqrt(2) * swing.std():.2g} data units"
    taken = _measures(snapshots)
    if taken and taken[-1]["n_modes"] > 1 and taken[-1]["modes"] < MISSED * taken[-1]["n_modes"]:
        modes, n_modes = taken[-1]["modes"], taken[-1]["n_modes"]
        return Diagnosis(
            "mode collapse",
            f"Mode collapse: the generated points crowd together and move to and fro by {reach}; just now they cover "
            f"{modes:.0f} of {n_modes:.0f} modes.",
        )
    return Diagnosis(
        "oscillation",
        f"Oscillation: the generated points swing to and fro by {reach} and do "
        f"not settle ({crossings} changes of side since iteration {recent[0].step:,}).",
    )


def _series(snapshots: Sequence[Moment], name: str) -> Array | None:
    """Return a figure's averages at all snapshots, or None where one has none."""
    values = [snapshot.averages.get(name) for snapshot in snapshots]
    return None if None in values else np.array(values, np.float64)


def _measures(snapshots: Sequence[Moment]) -> list[dict[str, float]]:
    """Return the first and the last of the measures that are kept, by name."""
    taken = [view for snapshot in snapshots if (view := snapshot.views.get("measures")) is not None]
    return [named(view) for view in (*taken[:1], *taken[-1:])]


def _clouds(snapshots: Sequence[Moment]) -> list[Array] | None:
    clouds = [snapshot.views.get("generated") for snapshot in snapshots]
    if any(cloud is None or cloud.ndim != 2 for cloud in clouds):
        return None
    return [np.asarray(cloud, np.float64) for cloud in clouds]


def _spreads(snapshots: Sequence[Moment]) -> Array | None:
    """Return the standard deviation of the generated points at each snapshot, both axes together."""
    clouds = _clouds(snapshots)
    return None if clouds is None else np.sqrt([cloud.var(axis=0).sum() for cloud in clouds])


def _path(snapshots: Sequence[Moment]) -> Array | None:
    """Return how the mean of the generated points moves along the axis on which it moves most."""
    clouds = _clouds(snapshots)
    if clouds is None:
        return None
    means = np.array([cloud.mean(axis=0) for cloud in clouds])
    centred = means - means.mean(axis=0)
    axis = np.linalg.eigh(centred.T @ centred)[1][:, -1]
    return centred @ axis


def diagnosed(history: Sequence[Moment]) -> str:
    """Return the sentence about what goes wrong in a game, empty where nothing does."""
    found = diagnose(history)
    return found.sentence if found else ""
