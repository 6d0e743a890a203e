"""One optimiser step of a fully connected VAE on the CPU, with gradients written by hand into memory that stays.

The same step by autograd, operation by operation, takes a third to a half as long again: it allocates every gradient
anew and moves each weight matrix by itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from engine.neural.examples import Examples
from engine.neural.layers import EncoderDecoder
from engine.neural.likelihoods import LOG_2PI, gaussian_kl
from engine.neural.minibatches import Schedule, products


@dataclass(frozen=True)
class Objective:
    """Say what a dense VAE minimises: E_q[−log p(x|z)] + β KL(q(z|x) ‖ p(z)), means over a batch.

    Without a `standard_deviation` pixels are Bernoulli, with one x is N(g(z), h² I); `log_volume` turns the density
    of standardised points into that of their own units.
    """

    beta: float
    standard_deviation: float | None = None
    log_volume: float = 0.0


class DenseStep:
    """Move all weights of `network` once by Adam, for given rows of `data` and noise; see `minimise`."""

    def __init__(self, network: EncoderDecoder, data: Examples, schedule: Schedule, objective: Objective) -> None:
        self.objective, self.precision = objective, schedule.precision
        self.size, self.labels = data.space.size, data.labels
        self.inputs = data.x if data.labels is None else torch.cat([data.x, data.labels], dim=1)
        weights = _flatten(list(network.parameters()))
        self.optimiser = torch.optim.Adam([weights], lr=schedule.learning_rate, fused=True)
        self.encoder, self.decoder = (Stack(_linear(half), schedule.batch_size) for half in network.children())

    @torch.no_grad()
    def __call__(self, rows: Tensor, noise: Tensor) -> dict[str, float]:
        """Do the step and return `loss`, `reconstruction` and `kl`, nats per example."""
        with products(self.precision):
            figures = self.gradient(rows, noise)
        self.optimiser.step()
        return figures

    def gradient(self, rows: Tensor, noise: Tensor) -> dict[str, float]:
        """Write the gradient of the loss to every weight's `grad` and return the figures."""
        x, n, beta = self.inputs.index_select(0, rows), len(rows), self.objective.beta
        mean, log_variance = self.encoder.forward(x).chunk(2, dim=1)
        deviation = (0.5 * log_variance).exp()
        z = mean + deviation * noise
        code = z if self.labels is None else torch.cat([z, x[:, self.size :]], dim=1)
        outputs = self.decoder.forward(code)
        reconstruction, slope = self._reconstruction(outputs, x[:, : self.size])
        along_z = self.decoder.backward(slope)[:, : z.shape[1]]
        # z = μ + σε, so μ gets what z gets, and log σ² gets ½ σε of it; the KL term adds μ and ½ (σ² − 1).
        to_mean = along_z + (beta / n) * mean
        to_log_variance = 0.5 * (along_z * noise * deviation + (beta / n) * (deviation.square() - 1))
        self.encoder.backward(torch.cat([to_mean, to_log_variance], dim=1), inward=False)
        kl = float(gaussian_kl(mean, log_variance).sum()) / n
        return {"loss": reconstruction + beta * kl, "reconstruction": reconstruction, "kl": kl}

    def _reconstruction(self, outputs: Tensor, x: Tensor) -> tuple[float, Tensor]:
        """Return the mean of −log p(x|z), and its slope along the outputs, in the outputs' memory."""
        n, h = len(x), self.objective.standard_deviation
        if h is not None:
            residuals = outputs.sub_(x)
            squares = float(residuals.square().sum()) / (n * h * h)
            constant = 0.5 * self.size * (2 * math.log(h) + LOG_2PI) + self.objective.log_volume
            return 0.5 * squares + constant, residuals.mul_(1 / (n * h * h))
        # −log p(x|l) = softplus(l) − x l, whose slope is sigmoid(l) − x.
        total = float(softplus(outputs).sum()) - float(outputs.reshape(-1).dot(x.reshape(-1)))
        return total / n, outputs.sigmoid_().sub_(x).mul_(1 / n)


class Stack:
    """Linear layers with a ReLU between them, forward and back, in buffers for batches of up to `most` rows."""

    def __init__(self, layers: Sequence[nn.Linear], most: int) -> None:
        self.layers = layers
        self.outputs = [torch.empty(most, layer.out_features) for layer in layers]
        self.slopes = [torch.empty(most, layer.in_features) for layer in layers]
        self.inputs: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs (n, size) of rows x, keeping what `backward` needs."""
        self.inputs = []
        for layer, buffer in zip(self.layers, self.outputs, strict=True):
            if self.inputs:
                x.clamp_min_(0)
            self.inputs.append(x)
            x = torch.addmm(layer.bias, x, layer.weight.T, out=buffer[: len(x)])
        return x

    def backward(self, slope: Tensor, inward: bool = True) -> Tensor:
        """Write every layer's gradient for the `slope` of the loss along the outputs; return that along the inputs.

        Without `inward` the first layer's inputs get none, which saves a product, and `slope` is meaningless after.
        """
        for index in reversed(range(len(self.layers))):
            layer, x = self.layers[index], self.inputs[index]
            torch.mm(slope.T, x, out=layer.weight.grad)
            torch.sum(slope, dim=0, out=layer.bias.grad)
            if index or inward:
                slope = torch.mm(slope, layer.weight, out=self.slopes[index][: len(x)])
            if index:
                torch.ops.aten.threshold_backward.grad_input(slope, x, 0, grad_input=slope)  # of the ReLU
        return slope


def _linear(half: nn.Module) -> list[nn.Linear]:
    return [part for part in half.modules() if isinstance(part, nn.Linear)]


def _flatten(parameters: Sequence[nn.Parameter]) -> Tensor:
    """Move parameters and their gradients into one vector, which an optimiser then moves at once, and return it."""
    flat = torch.cat([parameter.detach().reshape(-1) for parameter in parameters])
    flat.grad = torch.zeros_like(flat)
    sizes = [parameter.numel() for parameter in parameters]
    parts = zip(parameters, flat.split(sizes), flat.grad.split(sizes), strict=True)
    for parameter, weights, gradient in parts:
        parameter.data, parameter.grad = weights.view_as(parameter), gradient.view_as(parameter)
    return flat
