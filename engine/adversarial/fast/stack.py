"""Forward and backward passes of plain dense networks, written out: for tiny ones, a framework's calls cost the most.

Every layer is one block [W | b] of a flat vector, every hidden layer an array (width + 1, n) whose last row is 1, so
that one matrix product does W h + b and another finds both gradients. All buffers are made once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from engine.adversarial.networks import LEAK
from engine.grid import Array
from engine.neural.optimisers import InPlaceRule

# By torch, whose kernels take a third of NumPy's time.
IN_PLACE: Mapping[str, Callable[[Tensor], Tensor]] = {
    "ReLU": torch.relu_,
    "leaky ReLU": lambda values: nn.functional.leaky_relu_(values, LEAK),
    "tanh": torch.tanh_,
}


class Stack:
    """Pass n rows through layers of `blocks` (outputs, inputs + 1), and gradients back.

    Rows of inputs are (n, inputs + 1) with a last column of 1. `output` is where the last layer writes, (outputs, n)
    by default, or the transpose of somebody's rows; `bounded` puts a tanh on it.
    """

    def __init__(
        self, blocks: Sequence[Array], activation: str, n: int, output: Array | None = None, bounded: bool = False
    ) -> None:
        *hidden, last = blocks
        dtype = last.dtype
        self._blocks, self._activation, self._bounded = list(blocks), activation, bounded
        self._hidden = [np.ones((len(block) + 1, n), dtype) for block in hidden]
        self._values = [torch.from_numpy(rows[:-1]) for rows in self._hidden]  # what the activation is put on
        self._deltas = [np.empty((len(block), n), dtype) for block in hidden]
        self._scratch = [np.empty((len(block), n), bool if activation == "ReLU" else dtype) for block in hidden]
        self.output = np.empty((len(last), n), dtype) if output is None else output
        self._inputs = np.empty((0, n), dtype)

    def forward(self, rows: Array) -> Array:
        """Return the last layer's outputs (outputs, n) of input rows (n, inputs + 1); the buffer is used again."""
        self._inputs = below = rows.T
        for block, hidden, values in zip(self._blocks, self._hidden, self._values, strict=False):
            np.dot(block, below, out=hidden[:-1])
            IN_PLACE[self._activation](values)
            below = hidden
        np.matmul(self._blocks[-1], below, out=self.output)
        return np.tanh(self.output, out=self.output) if self._bounded else self.output

    def backward(self, delta: Array, gradients: Sequence[Array] | None, rows: Array | None = None) -> None:
        """Send the gradient `delta` (outputs, n) of a loss back, and spoil it.

        Writes the gradients of all blocks into `gradients`, and that of the first columns of the first m inputs into
        `rows` (m, columns), each unless it is None.
        """
        if self._bounded:
            delta *= 1 - self.output**2
        for layer in range(len(self._blocks) - 1, -1, -1):
            below = self._hidden[layer - 1] if layer else self._inputs
            if gradients is not None:
                np.dot(delta, below.T, out=gradients[layer])
            if layer:
                delta = np.dot(self._blocks[layer][:, :-1].T, delta, out=self._deltas[layer - 1])
                times_slope(delta, below[:-1], self._activation, self._scratch[layer - 1])
        if rows is not None:
            np.dot(delta[:, : len(rows)].T, self._blocks[0][:, : rows.shape[1]], out=rows)


def times_slope(delta: Array, values: Array, activation: str, scratch: Array) -> None:
    """Multiply `delta` by the slope of the activation that gave `values`, in place."""
    if activation == "tanh":
        np.multiply(values, values, out=scratch)
        np.subtract(1, scratch, out=scratch)
    else:
        np.greater(values, 0, out=scratch)
        if activation != "ReLU":
            np.maximum(scratch, LEAK, out=scratch)
    np.multiply(delta, scratch, out=delta)


class DensePlayer:
    """Hold a plain dense network's weights as one flat vector of blocks, which the network's own are views of."""

    def __init__(self, network: nn.Module, rule: str, momentum: float) -> None:
        layers = [layer for layer in network.modules() if isinstance(layer, nn.Linear)]
        shapes = [(layer.out_features, layer.in_features + 1) for layer in layers]
        self.weights = np.empty(sum(outputs * inputs for outputs, inputs in shapes), np.float32)
        self.gradient = np.zeros_like(self.weights)
        self.blocks, self.gradients = _blocks(self.weights, shapes), _blocks(self.gradient, shapes)
        self.rule = InPlaceRule(rule, momentum, len(self.weights))
        for layer, block in zip(layers, map(torch.from_numpy, self.blocks), strict=True):
            block.copy_(torch.cat([layer.weight.detach(), layer.bias.detach()[:, None]], dim=1))
            layer.weight.data, layer.bias.data = block[:, :-1], block[:, -1]

    @property
    def gradient_norm(self) -> float:
        """Euclidean norm of the whole gradient."""
        return float(np.sqrt(np.dot(self.gradient, self.gradient)))


def _blocks(vector: Array, shapes: Sequence[tuple[int, int]]) -> list[Array]:
    """Return a flat vector as views of these shapes."""
    ends = np.cumsum([outputs * inputs for outputs, inputs in shapes])[:-1]
    return [part.reshape(shape) for part, shape in zip(np.split(vector, ends), shapes, strict=True)]
