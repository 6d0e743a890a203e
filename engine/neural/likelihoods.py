"""The evidence lower bound and its parts, for Gaussian encoders; all in nats, on torch tensors.

log p(x) ≥ ELBO = E_q[log p(x|z)] − KL(q(z|x) ‖ p(z)), with p(z) = N(0, I) and a diagonal Gaussian q(z|x).
Source: Kingma and Welling 2014, Auto-encoding variational Bayes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from engine.grid import Array

LOG_2PI = math.log(2 * math.pi)


def gaussian_kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return KL(N(μ, σ²) ‖ N(0, 1)) = ½ (μ² + σ² − 1 − log σ²) for every dimension, shape as given."""
    return 0.5 * (mean * mean + log_variance.exp() - 1 - log_variance)


def reparametrise(mean: Tensor, log_variance: Tensor, noise: Tensor) -> Tensor:
    """Return z = μ + σ ε, a draw from N(μ, σ²) through which gradients reach μ and σ, for ε from N(0, 1)."""
    return mean + (0.5 * log_variance).exp() * noise


def gaussian_log_prob(x: Tensor, mean: Tensor, log_variance: Tensor | float) -> Tensor:
    """Return log N(x; μ, diag σ²), summed over the last dimension."""
    log_variance = torch.as_tensor(log_variance, dtype=x.dtype, device=x.device)
    squares = (x - mean).square() * (-log_variance).exp()
    return -0.5 * (squares + log_variance + LOG_2PI).sum(-1)


def bernoulli_log_prob(x: Tensor, logits: Tensor) -> Tensor:
    """Return Σ x log p + (1 − x) log(1 − p) with p = sigmoid(logits), summed over the last dimension.

    A grey level x in [0, 1] counts as the probability that the pixel is white; nothing is binarised.
    """
    return (x * logits).sum(-1) - functional.softplus(logits).sum(-1)


def iwae_bound(log_weights: Tensor) -> Tensor:
    """Return log (1/k) Σ w of log-weights (k, n) → (n,): a lower bound on log p(x) that rises with k in expectation.

    w = p(x|z) p(z) / q(z|x) for z from q(z|x); k = 1 is the ELBO.
    Source: Burda, Grosse and Salakhutdinov 2016, Importance weighted autoencoders.
    """
    return torch.logsumexp(log_weights, dim=0) - math.log(len(log_weights))


def active_units(means: Tensor, threshold: float = 0.01) -> Tensor:
    """Tell which latent dimensions are used: (latent,) bool from posterior means (n, latent).

    A unit is active if the variance over the data of its posterior mean is above `threshold`; one that has collapsed
    onto the prior says nothing about x. Source: Burda, Grosse and Salakhutdinov 2016.
    """
    return means.var(dim=0, unbiased=False) > threshold


class ElboTerms(NamedTuple):
    """Hold the parts of the ELBO in nats: `reconstruction` (n,) = E_q[−log p(x|z)] and `kl` (n, latent)."""

    reconstruction: Array
    kl: Array

    @property
    def elbo(self) -> Array:
        """The evidence lower bound (n,), −reconstruction − Σ kl; β plays no part."""
        return -self.reconstruction - self.kl.sum(axis=1)
