"""A critic whose loss also holds its own slope at some rows, written out: R₁ and the gradient penalty by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.adversarial.fast.stack import Stack, times_slope
from engine.grid import Array

SMALL = 1e-12  # added to a squared norm, so that its root has a slope at 0


@dataclass(frozen=True)
class Penalties:
    """Weigh two penalties on a critic's slopes: λ E[(‖∇a(x̂)‖ − 1)²] on mixed rows, γ ½ E[‖∇a(x)‖²] on real ones.

    A batch has n rows of each; either weight may be None, and its rows are then not among the penalised.
    Sources: Gulrajani et al. 2017, Improved training of Wasserstein GANs; Mescheder, Geiger and Nowozin 2018, Which
    training methods for GANs do actually converge?
    """

    n: int
    mixed: float | None
    real: float | None

    @property
    def rows(self) -> int:
        """Number of rows penalised: the mixed ones, then the real ones."""
        return self.n * ((self.mixed is not None) + (self.real is not None))

    def differentiate(self, slopes: Array) -> None:
        """Replace slopes ∇a (rows, size) by the gradient of the penalties with respect to them."""
        rest = slopes
        if self.mixed is not None:
            mixed, rest = slopes[: self.n], slopes[self.n :]
            norm = np.sqrt(np.einsum("ij,ij->i", mixed, mixed) + SMALL)
            mixed *= (2 * self.mixed / self.n * (1 - 1 / norm))[:, None]
        if self.real is not None:
            rest *= self.real / self.n


class PenalisedStack(Stack):
    """A critic a(x) of n rows, the first of which add a function r of their slope to its loss: Σᵢ r(∇a(xᵢ)).

    With the layers a_l = W_l h_{l−1}, h_l = φ(a_l), the slope is ∇a = W₁ᵀ δ₁, where δ_l = φ'(a_l) W_{l+1}ᵀ δ_{l+1}
    comes back from a last δ of 1. With v = ∂r/∂∇a held fixed, r changes with the weights as v·∇a does; that is the
    derivative of a along v, which goes forward: t₀ = v, t_l = φ'(a_l) W_l t_{l−1} (Pearlmutter 1994, Fast exact
    multiplication by the Hessian). So a row whose loss has the slope s in a(x) adds

        δ_l (s h_{l−1} + t_{l−1})ᵀ

    to the gradient of W_l: one product for both. Where φ is curved, t also changes through the a_l in φ'(a_l), which
    then have gradients φ''(a_l) (W_{l+1}ᵀ δ_{l+1}) (W_l t_{l−1}) of their own, sent back as any loss is.
    """

    def __init__(self, blocks: Sequence[Array], activation: str, n: int, penalties: Penalties, size: int) -> None:
        super().__init__(blocks, activation, n)
        dtype, m = blocks[0].dtype, penalties.rows
        self._penalties, self._curved = penalties, activation == "tanh"
        self._ones = np.ones((1, n), dtype)
        self._slopes = np.empty((m, size), dtype)  # ∇a, then v
        self._sums = [np.empty((block.shape[1], n), dtype) for block in blocks]  # s h + t below each block
        self._along = [np.empty((len(block), m), dtype) for block in blocks[:-1]]  # W t, then t
        self._bent = [np.empty((len(block), m), dtype) for block in blocks[:-1]] if self._curved else []

    def backward(self, delta: Array, gradients: Sequence[Array] | None, rows: Array | None = None) -> None:
        """Write the gradients of the whole loss into `gradients`; `delta` (1, n) is that of the rest by a(x)."""
        if gradients is None:
            super().backward(delta, gradients, rows)
            return
        super().backward(self._ones, None, self._slopes)
        self._penalties.differentiate(self._slopes)
        size, m = self._slopes.shape[1], len(self._slopes)
        below, along = self._inputs, self._slopes.T
        for layer, (block, total) in enumerate(zip(self._blocks, self._sums, strict=True)):
            np.multiply(below, delta, out=total)
            total[: len(along), :m] += along
            back = self._deltas[layer] if layer < len(self._deltas) else self._ones
            np.dot(back, total.T, out=gradients[layer])
            if layer < len(self._hidden):
                weights = block[:, :size] if layer == 0 else block[:, :-1]
                along = np.dot(weights, along, out=self._along[layer])
                below = self._hidden[layer]
                values, scratch = below[:-1, :m], self._scratch[layer][:, :m]
                if self._curved:  # φ'' = −2 h φ' of tanh
                    bent = np.multiply(along, back[:, :m], out=self._bent[layer])
                    bent *= np.multiply(values, -2, out=scratch)
                times_slope(along, values, self._activation, scratch)
        if self._curved:
            self._bend(gradients, m)

    def _bend(self, gradients: Sequence[Array], m: int) -> None:
        """Add what the slopes φ'(a_l) of the hidden layers change by, sent back from each."""
        for layer in range(len(self._bent) - 1, -1, -1):
            bent, below = self._bent[layer], self._hidden[layer - 1] if layer else self._inputs
            gradients[layer] += np.dot(bent, below[:, :m].T)
            if layer:
                back = np.dot(self._blocks[layer][:, :-1].T, bent, out=self._along[layer - 1])
                times_slope(back, below[:-1, :m], self._activation, self._scratch[layer - 1][:, :m])
                self._bent[layer - 1] += back
