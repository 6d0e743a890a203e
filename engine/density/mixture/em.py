"""Expectation-maximisation for Gaussian mixtures, as two matrix products an iteration.

The logarithm of a Gaussian is linear in the features φ(x) = (1, xᵢ, xᵢxⱼ), so log wₖ N(x; μₖ, Σₖ) = θₖ·φ(x). With the
features Φ (F, n) computed once, Θ Φ gives every log-joint and R Φᵀ, with the responsibilities R, every sum that the
M-step needs. Several mixtures run side by side on one data set: arrays begin with (B, K), B mixtures of K components.

Source: Dempster, Laird and Rubin 1977, Maximum likelihood from incomplete data via the EM algorithm.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import threshold

from engine.device import device
from engine.grid import Array

Covariance = Literal["full", "diagonal", "spherical", "tied"]

_ELEMENTS = 2**16  # log-joints worked on at once: half a megabyte, which stays in the second-level cache
_FAINTEST = 1e-260  # a share under this of the largest is 0: its products stay clear of float64's denormals
_EMPTY = 1e-10  # points; a component that holds less keeps its mean and covariance, since 0/0 has no answer


@dataclass(frozen=True)
class Mixtures:
    """Hold B mixtures: weights (B, K), means (B, K, d), covariances (B, K, d, d), and who is at the floor (B, K)."""

    weights: Tensor
    means: Tensor
    covariances: Tensor
    at_floor: Tensor

    def __getitem__(self, chosen: npt.NDArray[np.integer]) -> Mixtures:
        """Return the mixtures numbered `chosen` (b,)."""
        return Mixtures(*(getattr(self, field.name)[chosen] for field in fields(self)))


@dataclass(frozen=True)
class Constraint:
    """Describe which covariances an M-step may choose, in coordinates in which every axis has variance 1.

    No eigenvalue goes under `floor`. Clipping the eigenvalues of a component's scatter gives the *exact* maximiser
    under that bound, so EM still never lowers the likelihood, and the likelihood can't diverge on a single point.
    `aspect` (d,) is each axis's variance over their mean in data units: a sphere there is an ellipsoid here.

    Source: Hathaway 1985, A constrained formulation of maximum-likelihood estimation for normal mixtures; Ingrassia
    and Rocci 2007, Constrained monotone EM algorithms for finite mixture of multivariate Gaussians.
    """

    kind: Covariance
    floor: float
    aspect: Tensor

    def apply(self, scatter: Tensor, counts: Tensor) -> tuple[Tensor, Tensor]:
        """Return the most likely allowed covariances for `scatter` (B, K, d, d), and which lie at the floor (B, K).

        `counts` (B, K) are the points each component holds; tied covariances share their mean weighted by them.
        """
        if self.kind == "full":
            return self._clip_eigenvalues(scatter)
        if self.kind == "tied":
            shares = (counts / counts.sum(1, keepdim=True))[..., None, None]
            pooled, at_floor = self._clip_eigenvalues((shares * scatter).sum(1, keepdim=True))
            return pooled.expand_as(scatter), at_floor.expand_as(counts)
        variances = scatter.diagonal(dim1=-2, dim2=-1)
        if self.kind == "spherical":
            variances = (variances * self.aspect).mean(-1, keepdim=True)
        at_floor = (variances <= self.floor).any(-1)
        variances = variances.clamp(min=self.floor)
        if self.kind == "spherical":
            variances = variances / self.aspect
        return torch.diag_embed(variances), at_floor

    def _clip_eigenvalues(self, scatter: Tensor) -> tuple[Tensor, Tensor]:
        eigenvalues, axes = torch.linalg.eigh(scatter)
        clipped = (axes * eigenvalues.clamp(min=self.floor)[..., None, :]) @ axes.mT
        below = eigenvalues[..., 0] <= self.floor
        return torch.where(below[..., None, None], clipped, scatter), below


def features(points: Array) -> Tensor:
    """Return φ(x) = (1, xᵢ, xᵢxⱼ for i ≤ j) of `points` (n, d) as float64 (F, n) on the device."""
    x = torch.as_tensor(points, dtype=torch.float64, device=device()).T
    i, j = torch.triu_indices(len(x), len(x))
    return torch.cat([torch.ones_like(x[:1]), x, x[i] * x[j]])


def natural_parameters(mixtures: Mixtures) -> Tensor:
    """Return Θ (B, K, F) with θₖ·φ(x) = log wₖ + log N(x; μₖ, Σₖ)."""
    dimension = mixtures.means.shape[-1]
    i, j = torch.triu_indices(dimension, dimension)
    factor = torch.linalg.cholesky(mixtures.covariances)
    precision = torch.cholesky_inverse(factor)
    linear = (precision @ mixtures.means[..., None])[..., 0]
    log_determinant = 2 * factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)
    at_zero = dimension * math.log(2 * math.pi) + log_determinant + (mixtures.means * linear).sum(-1)
    constant = mixtures.weights.log() - 0.5 * at_zero
    pairs = precision[..., i, j] * torch.where(i == j, -0.5, -1.0).to(precision)
    return torch.cat([constant[..., None], linear, pairs], dim=-1)


def posterior(theta: Tensor, phi: Tensor) -> tuple[Tensor, Tensor]:
    """Return responsibilities (B, K, n) and log-densities (B, n) in nats at the points with features `phi` (F, n)."""
    joint = (theta.flatten(0, 1) @ phi).unflatten(0, theta.shape[:2])
    peak = joint.amax(1, keepdim=True)
    shares = joint.sub_(peak).clamp_(min=math.log(_FAINTEST) - 1).exp_()
    total = threshold(shares, _FAINTEST, 0, inplace=True).sum(1, keepdim=True)
    return joint.div_(total), (peak + total.log()).squeeze(1)


def chunks(phi: Tensor, components: int) -> tuple[Tensor, ...]:
    """Split `phi` (F, n) along the points so that `components` log-joints for each fit the cache."""
    return phi.split(max(256, _ELEMENTS // components), dim=1)


class ExpectationMaximisation:
    """Run EM from given starts on `points` (n, d), standardised so that every axis has variance 1."""

    def __init__(self, points: Array, constraint: Constraint) -> None:
        self.constraint = constraint
        self.n = len(points)
        self.phi = features(points)
        self.scatter = torch.as_tensor(points.T @ points / self.n, device=self.phi.device)

    def start(self, means: Array, sizes: Array) -> Mixtures:
        """Return B starts from `means` (B, K, d), of which the first `sizes` (B,) are used.

        Weights are equal. Every component has the data's covariance over K^(2/d): together they fill its volume, so
        the ellipses begin broad and shrink onto what they claim.
        """
        centres = torch.as_tensor(means, dtype=torch.float64, device=self.phi.device)
        size = torch.as_tensor(sizes, dtype=torch.float64, device=centres.device)[:, None]
        used = torch.arange(centres.shape[1], device=centres.device) < size
        share = size[..., None, None] ** (-2 / centres.shape[-1])
        covariances, at_floor = self.constraint.apply(share * self.scatter.expand(*used.shape, -1, -1), used / size)
        return Mixtures(used / size, centres, covariances, at_floor & used)

    def iterate(self, mixtures: Mixtures) -> Iterator[tuple[Mixtures, Tensor]]:
        """Yield the mixtures and their mean log-likelihoods (B,), first as given, then after each EM iteration."""
        while True:
            statistics, log_likelihood = self.expectation(mixtures)
            yield mixtures, log_likelihood
            mixtures = self.maximisation(statistics, mixtures)

    def expectation(self, mixtures: Mixtures) -> tuple[Tensor, Tensor]:
        """Return the sums Σᵢ rᵢₖ φ(xᵢ) (B, K, F) and the mean log-likelihoods (B,) in nats per point."""
        theta = natural_parameters(mixtures)
        statistics = torch.zeros_like(theta)
        log_likelihood = theta.new_zeros(len(theta))
        for phi in chunks(self.phi, theta.shape[0] * theta.shape[1]):
            responsibilities, log_density = posterior(theta, phi)
            statistics += responsibilities @ phi.T
            log_likelihood += log_density.sum(1)
        return statistics, log_likelihood / self.n

    def maximisation(self, statistics: Tensor, previous: Mixtures) -> Mixtures:
        """Return the mixtures with the highest expected log-likelihood under the constraint."""
        dimension = previous.means.shape[-1]
        i, j = torch.triu_indices(dimension, dimension)
        counts = statistics[..., 0]
        held = counts > _EMPTY
        moments = statistics[..., 1:] / counts.where(held, counts.new_ones(()))[..., None]
        means = moments[..., :dimension].where(held[..., None], previous.means)
        second = moments.new_empty(previous.covariances.shape)
        second[..., i, j] = second[..., j, i] = moments[..., dimension:]
        scatter = second - means[..., None] * means[..., None, :]
        scatter = scatter.where(held[..., None, None], previous.covariances)
        covariances, at_floor = self.constraint.apply(scatter, counts)
        return Mixtures(counts / self.n, means, covariances, at_floor & held)
