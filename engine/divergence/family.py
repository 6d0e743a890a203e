"""The family of fits: Gaussians and mixtures of them as free real numbers, every value of which is a valid one.

A covariance is L Lᵀ with L = diag(e^a) [[1, 0], [c, 1]], a Cholesky factor with logarithms on its diagonal: a are the
log-scales and c the skew, which has no unit (the correlation is c / √(1 + c²)). Weights are a softmax. Many starts
are one tensor dimension: θ is (S, P). Means and scales are standardised by the target's `Frame`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import torch
from torch import Tensor

from engine.data.frame import Frame
from engine.device import device
from engine.grid import Array

Covariance = Literal["full", "diagonal", "spherical"]


@dataclass(frozen=True)
class Gaussians:
    """Hold S mixtures: log-weights (S, K), means (S, K, d), log-scales a (S, K, d), skews c (S, K) (0 in 1-D)."""

    log_weights: Tensor
    means: Tensor
    log_scales: Tensor
    skews: Tensor

    def natural_parameters(self, log_cell: float = 0.0) -> Tensor:
        """Return Θ (S, K, F), θₖ·φ(x) = log wₖ + log N(x; μₖ, Σₖ) + `log_cell`, φ(x) = (1, xᵢ, xᵢxⱼ for i ≤ j)."""
        inverse = (-self.log_scales).exp()
        precision = inverse.square()  # diagonal of Σ⁻¹, but for the skew's part
        log_norm = self.log_scales.sum(-1) + 0.5 * self.means.shape[-1] * math.log(2 * math.pi)
        if self.means.shape[-1] == 1:
            linear = precision * self.means
            pairs = -0.5 * precision
        else:
            xx = precision[..., 0] * (1 + self.skews.square())
            xy = -self.skews * inverse[..., 0] * inverse[..., 1]
            yy = precision[..., 1]
            x, y = self.means.unbind(-1)
            linear = torch.stack([xx * x + xy * y, xy * x + yy * y], -1)
            pairs = torch.stack([-0.5 * xx, -xy, -0.5 * yy], -1)
        constant = self.log_weights + log_cell - log_norm - 0.5 * (self.means * linear).sum(-1)
        return torch.cat([constant[..., None], linear, pairs], -1)

    @classmethod
    def of(cls, weights: Array, means: Array, covariances: Array) -> Self:
        """Return one mixture (S = 1) from weights (K,), means (K, d) and covariances (K, d, d)."""
        factors = np.linalg.cholesky(covariances)
        scales = np.diagonal(factors, axis1=1, axis2=2)
        skews = factors[:, -1, 0] / scales[:, -1] * (means.shape[1] - 1)
        with np.errstate(divide="ignore"):  # a component may have the weight 0
            arrays = np.log(weights), means, np.log(scales), skews
        return cls(*(torch.as_tensor(array, device=device())[None] for array in arrays))

    def factors(self) -> Tensor:
        """Return Cholesky factors L (S, K, d, d)."""
        scales = self.log_scales.exp()
        lower = torch.diag_embed(scales)
        if self.means.shape[-1] == 1:
            return lower
        corner = torch.zeros_like(lower)
        corner[..., 1, 0] = 1
        return lower + corner * (self.skews * scales[..., 1])[..., None, None]


class Family:
    """Translate between θ (S, P) and mixtures of K Gaussians with one kind of covariance."""

    def __init__(self, covariance: Covariance, n_components: int, frame: Frame) -> None:
        self.covariance, self.n_components, self.frame = covariance, n_components, frame
        self.dimension = len(frame.centre)
        full = covariance == "full" and self.dimension == 2
        self._splits = (
            n_components * self.dimension,
            n_components * (1 if covariance == "spherical" else self.dimension),
            n_components if full else 0,
            n_components if n_components > 1 else 0,
        )
        log_scale = np.log(frame.scale)
        # A circle in data units is an ellipse in standardised ones.
        self._aspect = torch.as_tensor(log_scale.mean() - log_scale, device=device())

    @property
    def size(self) -> int:
        """Number P of free reals (a softmax of K has one more than the K − 1 that it needs)."""
        return sum(self._splits)

    @property
    def n_parameters(self) -> int:
        """Number of free parameters of the distribution."""
        return self.size - (self.n_components > 1)

    def unpack(self, theta: Tensor) -> Gaussians:
        """Return the mixtures that θ (S, P) stands for."""
        means, log_scales, skews, logits = theta.split(self._splits, dim=1)
        shape = (len(theta), self.n_components, self.dimension)
        spread = log_scales.reshape(*shape[:2], -1)
        if self.covariance == "spherical":
            spread = spread + self._aspect
        some = theta.new_zeros(shape[:2])
        return Gaussians(
            torch.log_softmax(logits, 1) if logits.shape[1] else some,
            means.reshape(shape),
            spread,
            skews if skews.shape[1] else some,
        )

    def start(self, means: Array, scale: float | Array) -> Tensor:
        """Return θ (S, P) for means (S, K, d) in data units, deviations of `scale` times the target's, equal weights.

        `scale` is one number or one for each start (S,).
        A spherical start takes the geometric mean of the target's deviations.
        """
        theta = torch.zeros((len(means), self.size), dtype=torch.float64, device=device())
        theta[:, : self._splits[0]] = torch.as_tensor(self.frame.inward(means)).flatten(1)
        log_scales = np.broadcast_to(np.log(scale), len(means))
        theta[:, self._splits[0] : sum(self._splits[:2])] = torch.tensor(log_scales, device=device())[:, None]
        return theta

    def log_density(self, theta: Tensor, phi: Tensor, log_cell: float = 0.0) -> Tensor:
        """Return standardised log-densities (S, n) in nats at the points with features `phi` (F, n).

        `log_cell`, the logarithm of a volume, makes them log-masses.
        """
        natural = self.unpack(theta).natural_parameters(log_cell)
        joint = (natural.flatten(0, 1) @ phi).unflatten(0, natural.shape[:2])
        return joint[:, 0] if self.n_components == 1 else torch.logsumexp(joint, 1)

    def outward(self, theta: Tensor) -> tuple[Array, Array, Array]:
        """Return weights (S, K), means (S, K, d) and covariances (S, K, d, d) in data units."""
        q = self.unpack(theta.detach())
        factors = q.factors()
        arrays = (q.log_weights.exp(), q.means, factors @ factors.mT)
        weights, means, covariances = (array.cpu().numpy() for array in arrays)
        return weights, self.frame.outward(means), self.frame.outward_covariances(covariances)
