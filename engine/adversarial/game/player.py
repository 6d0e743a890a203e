"""A player: a network whose weights lie in one flat vector, and the rule by which it learns."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import ParametrizationList

from engine.neural.optimisers import Rule

MOMENTUM = 0.1  # of batch normalisation's running statistics


class Player:
    """Hold a network, its trainable weights as one flat vector that they are views of, and its update rule."""

    def __init__(self, network: nn.Module, rule: Rule) -> None:
        self.network = network
        self.rule = rule
        self.parameters = list(network.parameters())
        self.names = [name for name, _ in network.named_parameters()]
        self.weights = flat(self.parameters, self.parameters).detach()
        for parameter, part in zip(self.parameters, self.split(self.weights), strict=True):
            parameter.data = part
        norms = (nn.BatchNorm1d, nn.BatchNorm2d)
        self._norms = [module for module in network.modules() if isinstance(module, norms)]
        self._spectra = [module for module in network.modules() if isinstance(module, ParametrizationList)]

    def split(self, vector: Tensor) -> list[Tensor]:
        """Return a flat vector as views of the shapes of the weights."""
        parts = vector.split([parameter.numel() for parameter in self.parameters])
        return [part.view(parameter.shape) for part, parameter in zip(parts, self.parameters, strict=True)]

    def freeze(self, still: bool) -> None:
        """Keep running statistics and singular vectors, which no gradient moves, as they are while `still`."""
        for module in self._norms:
            module.momentum = 0.0 if still else MOMENTUM
        for spectrum in self._spectra:
            spectrum.train(not still)

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
