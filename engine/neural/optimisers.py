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
SMALL = 1e-8  # added to a root that something is divided by
TINY = 1e-30  # added inside it: its slope at 0 must be finite for a gradient to pass through
FORGOTTEN, EVERY = 1e-30, 100  # what is remembered below this is taken for 0, once in so many steps
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
        steps = self.steps + 1
        if steps % EVERY == 0:
            memory = tuple(torch.where(past.abs() < FORGOTTEN, 0, past) for past in memory)
        return direction, Rule(self.name, self.momentum, memory, steps)

    def _direction(self, gradient: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        past = self.memory or (torch.zeros_like(gradient),) * 2
        if self.name == "SGD":
            return gradient, ()
        if self.name == "momentum":
            velocity = self.momentum * past[0] + gradient
            return velocity, (velocity,)
        if self.name == "RMSprop":
            square = DECAY * past[0] + (1 - DECAY) * gradient**2
            return gradient / ((square + TINY).sqrt() + SMALL), (square,)
        mean = self.momentum * past[0] + (1 - self.momentum) * gradient
        square = SPREAD_DECAY * past[1] + (1 - SPREAD_DECAY) * gradient**2
        rise, spread = _corrections(self.momentum, self.steps + 1)
        return mean / rise / ((square / spread + TINY).sqrt() + SMALL), (mean, square)


class InPlaceRule:
    """The same rule on float32 arrays, without a new array: Adam by torch's fused kernel, the others chunk by chunk.

    RMSprop remembers the sum Σ βᵏ g² where the rule has a mean, which differs by a factor and takes fewer passes.
    What is remembered of a unit that no longer fires decays to the smallest denormals and stays there, and many
    processors crawl on those: so what no step could show is forgotten, once in a while.
    """

    def __init__(self, name: str, momentum: float, size: int) -> None:
        self._name, self._momentum = name, momentum
        self._sum, self._squares = np.zeros(size, np.float32), np.zeros(size, np.float32)
        self._scratch = np.empty(min(size, CHUNK), np.float32)
        self._taken = 0
        self._steps, self._memory = torch.zeros(()), [torch.from_numpy(past) for past in (self._sum, self._squares)]

    def step(self, weights: Array, gradient: Array, learning_rate: float) -> None:
        """Move weights (size,) one step down the gradient (size,)."""
        self._taken += 1
        if self._taken % EVERY == 0:
            for past in (self._sum, self._squares):
                past[np.abs(past) < FORGOTTEN] = 0
        if self._name == "Adam":
            self._adam(weights, gradient, learning_rate)
            return
        factor = (1 - DECAY) ** 0.5 if self._name == "RMSprop" else 1.0
        for first in range(0, len(weights), CHUNK):
            part = slice(first, first + CHUNK)
            weight, slope = weights[part], gradient[part]
            out = self._scratch[: len(weight)]
            direction = self._direction(slope, self._sum[part], self._squares[part], out)
            weight -= np.multiply(direction, learning_rate / factor, out=out)

    def _adam(self, weights: Array, gradient: Array, learning_rate: float) -> None:
        # What torch.optim.Adam(fused=True) calls; its own bookkeeping takes ten times as long as this on a small net.
        self._steps += 1
        torch._fused_adam_(
            [torch.from_numpy(weights)],
            [torch.from_numpy(gradient)],
            self._memory[:1],
            self._memory[1:],
            [],
            [self._steps],
            lr=learning_rate,
            beta1=self._momentum,
            beta2=SPREAD_DECAY,
            weight_decay=0.0,
            eps=SMALL,
            amsgrad=False,
            maximize=False,
        )

    def _direction(self, slope: Array, total: Array, squares: Array, out: Array) -> Array:
        """Return the direction but for RMSprop's factor, perhaps in `out`."""
        if self._name == "SGD":
            return slope
        if self._name == "momentum":
            total *= self._momentum
            total += slope
            return total
        squares *= DECAY
        squares += np.multiply(slope, slope, out=out)
        root = np.sqrt(squares, out=out)
        root += SMALL * (1 - DECAY) ** -0.5
        return np.divide(slope, root, out=out)


def _corrections(momentum: float, steps: int) -> tuple[float, float]:
    """Return what Adam's means would be of a constant 1 after `steps` steps."""
    return 1 - momentum**steps, 1 - SPREAD_DECAY**steps
