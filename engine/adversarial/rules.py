"""The update rules on one flat vector: as pure functions of tensors, to unroll, and in place on arrays, for speed.

SGD; momentum (Polyak 1964, Some methods of speeding up the convergence of iteration methods); RMSprop (Tieleman and
Hinton 2012, Lecture 6.5); Adam (Kingma and Ba 2015, Adam: A method for stochastic optimization).
"""

from __future__ import annotations

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
    """The same rule on float32 arrays, a chunk at a time and without a new array.

    It remembers sums Σ βᵏ g and Σ βᵏ g² where the rule has means, which differ by a factor and take fewer passes.
    """

    def __init__(self, name: str, momentum: float, size: int) -> None:
        self._name, self._momentum, self._steps = name, momentum, 0
        self._sum, self._squares = np.zeros(size, np.float32), np.zeros(size, np.float32)
        self._scratch = np.empty(min(size, CHUNK), np.float32)

    def step(self, weights: Array, gradient: Array, learning_rate: float) -> None:
        """Move weights (size,) one step down the gradient (size,)."""
        self._steps += 1
        factor, small = self._factors()
        for first in range(0, len(weights), CHUNK):
            part = slice(first, first + CHUNK)
            weight, slope = weights[part], gradient[part]
            out = self._scratch[: len(weight)]
            direction = self._direction(slope, self._sum[part], self._squares[part], small, out)
            weight -= np.multiply(direction, learning_rate * factor, out=out)

    def _factors(self) -> tuple[float, float]:
        """Return what the direction lacks as a factor, and what is added to the sum of squares."""
        if self._name == "RMSprop":
            return (1 - DECAY) ** -0.5, SMALL**2 / (1 - DECAY)
        if self._name != "Adam":
            return 1.0, 0.0
        rise, spread = _corrections(self._momentum, self._steps)
        scale = spread / (1 - SPREAD_DECAY)
        return (1 - self._momentum) / rise * scale**0.5, SMALL**2 * scale

    def _direction(self, slope: Array, total: Array, squares: Array, small: float, out: Array) -> Array:
        """Return the direction but for its factor, perhaps in `out`."""
        if self._name in ("momentum", "Adam"):
            total *= self._momentum
            total += slope
        if self._name in ("SGD", "momentum"):
            return slope if self._name == "SGD" else total
        squares *= SPREAD_DECAY if self._name == "Adam" else DECAY
        squares += np.multiply(slope, slope, out=out)
        root = np.sqrt(np.add(squares, small, out=out), out=out)
        return np.divide(total if self._name == "Adam" else slope, root, out=out)


def _corrections(momentum: float, steps: int) -> tuple[float, float]:
    """Return what Adam's means would be of a constant 1 after `steps` steps."""
    return 1 - momentum**steps, 1 - SPREAD_DECAY**steps
