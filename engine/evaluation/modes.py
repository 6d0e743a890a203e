"""Modes of the presets that have them, and how many of them a sample has found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.data import preset
from engine.data.gan_lab import PAIR, PAIR_DEVIATIONS, TRIPLE
from engine.data.gaussians import EIGHT, LATTICE
from engine.grid import Array

NEAR = 3.0  # standard deviations of a mode within which a sample counts as its
FAIR_SHARE = 0.2  # of the share that equal modes would have, which a covered mode gets at least

# Name → centres (K, 2), and standard deviations (2,) or (K, 2) for a noise of 1, by which the preset multiplies them.
_MIXTURES: Mapping[str, tuple[Array, Array]] = {
    "eight_gaussians": (EIGHT, np.ones(2)),
    "twenty_five_gaussians": (LATTICE, np.ones(2)),
    "gan_lab_gaussians": (PAIR, PAIR_DEVIATIONS),
    "gan_lab_disjoint": (TRIPLE, np.ones(2)),
}


@dataclass(frozen=True, eq=False)
class Modes:
    """Hold the equally likely Gaussian modes of a data set: centres (K, 2), standard deviations (K, 2) by axis."""

    centres: Array
    deviations: Array

    def __len__(self) -> int:
        return len(self.centres)


@dataclass(frozen=True, eq=False)
class Coverage:
    """Hold what a sample has found: the modes `covered` of `n_modes`, each one's share of it (K,), and its quality.

    `high_quality` is the share of the sample within three standard deviations of a mode; of the data itself it is
    1 − e^(−9/2) = 98.9 %.
    """

    covered: int
    n_modes: int
    shares: Array
    high_quality: float


def modes_of(name: str | None, noise: float | None = None) -> Modes | None:
    """Return the modes of a preset at this noise (its own for None), or None for one, or for data, that has none."""
    if name is None or name not in _MIXTURES:
        return None
    centres, deviations = _MIXTURES[name]
    return Modes(centres, np.broadcast_to(deviations, centres.shape) * preset(name).check_noise(noise))


def coverage(x: Array, modes: Modes) -> Coverage:
    """Count the modes that a sample x (n, 2) covers, and the share of it that is of high quality.

    A sample is of high quality within three standard deviations of its nearest mode, distances being in units of the
    mode's standard deviations (Srivastava, Valkov, Russell, Gutmann and Sutton, 2017, "VEEGAN: Reducing mode collapse
    in GANs using implicit variational learning", who call a mode captured that has any such sample). Here a mode is
    covered when it has at least a fifth of its fair share, n / 5K samples of high quality: one is luck.
    """
    z = (np.asarray(x, np.float64)[:, None] - modes.centres) / modes.deviations
    squares = np.square(z).sum(axis=2)
    nearest = squares.argmin(axis=1)
    near = squares[np.arange(len(squares)), nearest] <= NEAR**2
    shares = np.bincount(nearest[near], minlength=len(modes)) / len(x)
    covered = int(np.count_nonzero(shares >= FAIR_SHARE / len(modes)))
    return Coverage(covered, len(modes), shares, float(near.mean()))
