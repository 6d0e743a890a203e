"""Probability vectors as a person edits them: written as text, drawn at random, one probability moved at a time.

All of them are whole thousandths that sum to 1, so that what is written is exactly what is used.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.grid import Array
from engine.model import DataError

_PARTS = 1000
_SUM_TOLERANCE = 0.01  # three rounded numbers by hand seldom sum to 1: .33, .33, .33


def rounded(probabilities: npt.ArrayLike) -> Array:
    """Return the nearest probabilities (n,) in thousandths that sum to 1, by the largest remainders.

    `probabilities` (n,) are normalised first. Raises DataError for numbers that are not finite, negative or all 0.
    """
    vector = np.asarray(probabilities, dtype=np.float64)
    if not np.isfinite(vector).all() or (vector < 0).any() or not vector.sum() > 0:
        raise DataError("Probabilities must be finite and 0 or more, and one of them above 0.")
    parts = vector / vector.sum() * _PARTS
    whole = np.floor(parts + 1e-9)
    short = round(_PARTS - whole.sum())
    whole[np.argsort(whole - parts, kind="stable")[:short]] += 1
    return whole / _PARTS


def moved(probabilities: Array, outcome: int, value: float) -> Array:
    """Return the probabilities (n,) with that of `outcome` set to `value`, the others rescaled by one factor.

    `value` is held between 0 and 1. Where all others are 0, which no factor changes, they share the rest evenly.
    """
    others = np.array(probabilities, dtype=np.float64)
    others[outcome] = 0
    if not others.sum() > 0:
        others[:] = 1
        others[outcome] = 0
    held = float(np.clip(value, 0, 1))
    others *= (1 - held) / others.sum()
    others[outcome] = held
    return rounded(others)


def falling(n: int) -> Array:
    """Return probabilities (n,) that fall by equal steps, in proportion to n, n − 1, …, 1."""
    return rounded(np.arange(n, 0, -1))


def random(n: int, seed: int) -> Array:
    """Draw probabilities (n,) evenly from all there are, Dirichlet(1, …, 1); the same seed repeats the draw."""
    return rounded(np.random.default_rng(seed).dirichlet(np.ones(n)))


def to_text(probabilities: Array) -> str:
    """Write probabilities (n,) as short text, such as "0.4,0.3,0.3"."""
    return ",".join(f"{value:.3f}".rstrip("0").rstrip(".") for value in probabilities)


def from_text(text: str, n: int) -> Array:
    """Read n probabilities that commas part; the result (n,) is `rounded`.

    Raises DataError, a sentence each, for another count, what is no number, a number that is not between 0 and 1,
    and a sum that misses 1 by more than 0.01.
    """
    words = text.split(",")
    if len(words) != n:
        raise DataError(f"There are {n} outcomes and {len(words)} numbers between commas.")
    try:
        values = np.array([float(word) for word in words])
    except ValueError:
        raise DataError("Only numbers, parted by commas, are probabilities.") from None
    if not ((values >= 0) & (values <= 1)).all():
        raise DataError("A probability must lie between 0 and 1.")
    if abs(values.sum() - 1) > _SUM_TOLERANCE + 1e-9:
        raise DataError(f"The probabilities must sum to 1; they sum to {values.sum():.3g}.")
    return rounded(values)
