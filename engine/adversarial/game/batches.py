"""What chance decides in a game: batches of real examples and noise, drawn for many iterations at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from engine.grid import Array

BLOCK = 1 << 16  # numbers drawn at once


def draw_noise(rng: np.random.Generator, kind: str, n: int, size: int) -> Array:
    """Return n rows of noise (n, size) float32: standard normal, or uniform from −1 to 1."""
    if kind == "normal":
        return rng.standard_normal((n, size), dtype=np.float32)
    return 2 * rng.random((n, size), dtype=np.float32) - 1


class Stream:
    """Deal rows out of blocks that `draw` makes."""

    def __init__(self, draw: Callable[[], npt.NDArray]) -> None:
        self._draw = draw
        self._block = draw()
        self._used = 0

    def take(self, n: int) -> npt.NDArray:
        """Return the next n rows; a view that is good until the next call."""
        if self._used + n > len(self._block):
            left = self._block[self._used :]
            parts = [left]
            while sum(map(len, parts)) < n:
                parts.append(self._draw())
            self._block, self._used = np.concatenate(parts), 0
        rows = self._block[self._used : self._used + n]
        self._used += n
        return rows


class Draws:
    """Deal batches: indices of real examples by shuffled passes over all of them, and noise.

    Each has a generator of its own, so that what is drawn does not depend on the sizes of blocks.
    """

    def __init__(self, seed: int, n: int, kind: str, noise_size: int) -> None:
        order, noise, self.other = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3))
        passes = max(1, BLOCK // n)
        self._order = Stream(lambda: order.permuted(np.tile(np.arange(n), (passes, 1)), axis=1).reshape(-1))
        rows = max(1, BLOCK // noise_size)
        self._noise = Stream(lambda: draw_noise(noise, kind, rows, noise_size))

    def indices(self, n: int) -> npt.NDArray[np.int64]:
        """Return the next n indices of real examples (n,)."""
        return self._order.take(n)

    def noise(self, n: int) -> Array:
        """Return the next n rows of noise (n, noise_size)."""
        return self._noise.take(n)
