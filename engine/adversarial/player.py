"""A player: a network whose weights lie in one flat vector, and the rule by which it learns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

DECAY, SPREAD_DECAY, SMALL = 0.99, 0.999, 1e-8  # of RMSprop's and Adam's mean square; added to its root
MOMENTUM = 0.1  # of batch normalisation's running statistics


@dataclass
class Rule:
    """Choose an update rule by its name, with what it remembers; weights, gradients and steps are flat vectors.

    A rule is a pure function on tensors, so that unrolled steps can be differentiated through it.
    """

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
            return gradient / _root(square), (square,)
        mean = self.momentum * past[0] + (1 - self.momentum) * gradient
        square = SPREAD_DECAY * past[1] + (1 - SPREAD_DECAY) * gradient**2
        rise, spread = 1 - self.momentum ** (self.steps + 1), 1 - SPREAD_DECAY ** (self.steps + 1)
        return mean / rise / _root(square / spread), (mean, square)


def _root(square: Tensor) -> Tensor:
    """Return √square + ε, the small number inside the root: its derivative at 0 must be finite to unroll."""
    return (square + SMALL**2) ** 0.5


@dataclass(eq=False)
class Player:
    """Hold a network, its trainable weights as one flat vector that they are views of, and its update rule."""

    network: nn.Module
    rule: Rule
    weights: Tensor = field(init=False)
    _norms: list[nn.BatchNorm1d | nn.BatchNorm2d] = field(init=False)

    def __post_init__(self) -> None:
        parameters = self.parameters
        self.weights = torch.cat([parameter.detach().reshape(-1) for parameter in parameters])
        for parameter, part in zip(parameters, self.split(self.weights), strict=True):
            parameter.data = part
        norms = (nn.BatchNorm1d, nn.BatchNorm2d)
        self._norms = [module for module in self.network.modules() if isinstance(module, norms)]

    @property
    def parameters(self) -> list[nn.Parameter]:
        """The trainable weights, as the network orders them."""
        return list(self.network.parameters())

    def split(self, vector: Tensor) -> list[Tensor]:
        """Return a flat vector as views of the shapes of the weights."""
        parameters = self.parameters
        parts = vector.split([parameter.numel() for parameter in parameters])
        return [part.view(parameter.shape) for part, parameter in zip(parts, parameters, strict=True)]

    def freeze(self, still: bool) -> None:
        """Keep the running statistics of batch normalisation as they are while `still`."""
        for module in self._norms:
            module.momentum = 0.0 if still else MOMENTUM

    def gradient(self, loss: Tensor) -> Tensor:
        """Return the gradient of `loss` as one flat vector."""
        return flat(torch.autograd.grad(loss, self.parameters, allow_unused=True), self.parameters)

    def step(self, gradient: Tensor, learning_rate: float) -> None:
        """Take one step down `gradient`, in place."""
        direction, self.rule = self.rule.after(gradient)
        self.weights -= learning_rate * direction


def flat(gradients: Sequence[Tensor | None], like: Sequence[Tensor]) -> Tensor:
    """Return gradients, of which None is zero, as one flat vector."""
    parts = [torch.zeros_like(other) if part is None else part for part, other in zip(gradients, like, strict=True)]
    return torch.cat([part.reshape(-1) for part in parts])
