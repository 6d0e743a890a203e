"""The rounds of a game, however its gradients are found: who moves when, on which batch, and what is told of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from torch import nn

from engine.adversarial.game.batches import Draws
from engine.adversarial.objectives import OBJECTIVES, Objective
from engine.adversarial.options import GameOptions
from engine.model import Metrics
from engine.neural.examples import Examples


class Tunable(Protocol):
    """Hold hyperparameters that may change between two iterations."""

    @property
    def hyperparameters(self) -> Any: ...  # noqa: D102


class Rounds(ABC):
    """Play a generator against a discriminator on `examples`, one iteration at a time.

    An iteration is k updates of the discriminator, each on a fresh batch of examples and of noise, then one of the
    generator, on the noise of the last: its forward pass is then known already.
    """

    averaged: nn.Module | None = None

    def __init__(self, model: Tunable, examples: Examples) -> None:
        options: GameOptions = model.hyperparameters
        self._model, self._examples = model, examples
        self.objective: Objective = OBJECTIVES[options.objective]
        self._draws = Draws(options.seed, len(examples), options.noise, options.noise_size)
        self.iteration, self._seen = 0, 0

    @property
    def options(self) -> GameOptions:
        """The hyperparameters as they are now."""
        options: GameOptions = self._model.hyperparameters
        return options

    def iterate(self) -> Metrics:
        """Play one iteration and return its figures."""
        options = self.options
        self.iteration += 1
        learns = options.updates != "generator"
        figures: dict[str, float] = {}
        for turn in range(options.discriminator_steps if learns else 1, 0, -1):
            figures = self._discriminator_turn(learns, last=turn == 1)
        figures |= self._generator_turn(options.updates != "discriminator")
        return {"iteration": self.iteration, "epoch": self._seen / len(self._examples)} | figures

    @abstractmethod
    def _discriminator_turn(self, learns: bool, last: bool) -> dict[str, float]:
        """Draw a batch, and let the discriminator take a step on it if it `learns`; the `last` turn tells figures."""

    @abstractmethod
    def _generator_turn(self, learns: bool) -> dict[str, float]:
        """Let the generator take a step on the last batch if it `learns`."""

    def _indices(self) -> npt.NDArray[np.int64]:
        """Choose the real examples of the next batch."""
        n = self.options.batch_size
        self._seen += n
        return self._draws.indices(n)

    @property
    def _instance_noise(self) -> float:
        """Standard deviation of the instance noise in this iteration."""
        options = self.options
        return options.instance_noise * max(0.0, 1 - self.iteration / options.iterations)

    def _kept(self, averaging: float) -> float:
        """Share of the past in the moving average; less at first, when the past is the first weights."""
        return min(averaging, self.iteration / (self.iteration + 10))
