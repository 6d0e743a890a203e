"""The update rules on one flat vector: as pure functions of tensors, to unroll, and in place on arrays, for speed.

SGD; momentum (Polyak 1964, Some methods of speeding up the convergence of iteration methods); RMSprop (Tieleman and
Hinton 2012, Lecture 6.5); Adam (Kingma and Ba 2015, Adam: A method for stochastic optimization).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.grid import Array

DECAY, SPREAD_DECAY = 0.99, 0.999  # of the mean square in RMSprop and in Adam
SMALL = 1e-8  # squared, inside the root: its slope at 0 must be finite for a gradient to pass through
CHUNK = 1 << 15  # numbers that stay in the cache while a rule passes over them


@dataclass(frozen=True)
class Rule:
    """Choose a rule by its name, with what it remembers after `steps` steps."""

    name: str
    momentum: float
    memory: tuple[Tensor, ...] = ()
    steps: int = 0

    def after(self, gradient: Tensor) -> tuple[Tensor, Rule]:
        """Return the direction of descent, to be scaled by the learning rate, and the rule after it."""
        direction, memory = self._direction(gradient)
        return direction, Rule(self.name, self.momentum, memory, self.steps + 1)

    def _direction(self, gradient: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        past = self.memory or (torch.zeros_like(gradient),) * 2
        if self.name == "SGD":
            return gradient, ()
        if self.name == "momentum":
            velocity = self.momentum * past[0] + gradient
            return velocity, (velocity,)
        if self.name == "RMSprop":
            square = DECAY * past[0] + (1 - DECAY) * gradient**2
            return gradient / (square + SMALL**2).sqrt(), (square,)
        mean = self.momentum * past[0] + (1 - self.momentum) * gradient
        square = SPREAD_DECAY * past[1] + (1 - SPREAD_DECAY) * gradient**2
        rise, spread = _corrections(self.momentum, self.steps + 1)
        return mean / rise / (square / spread + SMALL**2).sqrt(), (mean, square)


class InPlaceRule:
    """The same rule on float32 arrays, a chunk at a time and without a new array."""

    def __init__(self, name: str, momentum: float, size: int) -> None:
        self._name, self._momentum, self._steps = name, momentum, 0
        self._mean, self._square = np.zeros(size, np.float32), np.zeros(size, np.float32)
        self._scratch = np.empty(min(size, CHUNK), np.float32)

    def step(self, weights: Array, gradient: Array, learning_rate: float) -> None:
        """Move weights (size,) one step down the gradient (size,)."""
        self._steps += 1
        for weight, slope, mean, square in self._chunks(weights, gradient):
            scratch = self._scratch[: len(weight)]
            factor = self._direction(slope, mean, square, scratch)
            scratch *= learning_rate * factor
            weight -= scratch

    def _chunks(self, weights: Array, gradient: Array) -> Iterator[tuple[Array, Array, Array, Array]]:
        if len(weights) <= CHUNK:
            yield weights, gradient, self._mean, self._square
            return
        for first in range(0, len(weights), CHUNK):
            part = slice(first, first + CHUNK)
            yield weights[part], gradient[part], self._mean[part], self._square[part]

    def _direction(self, slope: Array, mean: Array, square: Array, out: Array) -> float:
        """Write the direction into `out` but for a factor, which is returned."""
        if self._name == "SGD":
            np.copyto(out, slope)
            return 1.0
        if self._name == "momentum":
            mean *= self._momentum
            mean += slope
            np.copyto(out, mean)
            return 1.0
        adam = self._name == "Adam"
        _blend(square, SPREAD_DECAY if adam else DECAY, np.multiply(slope, slope, out=out))
        if not adam:
            np.add(square, SMALL**2, out=out)
            np.divide(slope, np.sqrt(out, out=out), out=out)
            return 1.0
        rise, spread = _corrections(self._momentum, self._steps)
        np.copyto(out, slope)
        _blend(mean, self._momentum, out)
        np.add(square, SMALL**2 * spread, out=out)
        np.divide(mean, np.sqrt(out, out=out), out=out)
        return float(np.sqrt(spread)) / rise


def _blend(past: Array, decay: float, now: Array) -> None:
    """Make past ← decay · past + (1 − decay) · now, and spoil `now`."""
    past *= decay
    now *= 1 - decay
    past += now


def _corrections(momentum: float, steps: int) -> tuple[float, float]:
    """Return what Adam's means would be of a constant 1 after `steps` steps."""
    return 1 - momentum**steps, 1 - SPREAD_DECAY**steps
