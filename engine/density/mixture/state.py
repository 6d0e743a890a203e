"""One state of a Gaussian mixture: everything that can be asked of it, whichever iteration it is from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.data.frame import Frame
from engine.density.mixture.em import Mixtures, chunks, features, natural_parameters, posterior
from engine.device import device
from engine.grid import Array
from engine.model import DataError, as_sample, check_count

_FAR = 1e60  # standard deviations; the density is 0 long before, and squares still fit float64


@dataclass(frozen=True)
class MixtureState:
    """Hold a mixture after some EM iteration; cheap to keep all of, so that a run can be scrubbed.

    `weights` (K,), `means` (K, d), `covariances` (K, d, d) in data units; `log_likelihood` is the mean in nats per
    training point; `collapsed` (K,) marks the components that lie at the variance floor or hold no points.
    """

    iteration: int
    weights: Array
    means: Array
    covariances: Array
    log_likelihood: float
    collapsed: npt.NDArray[np.bool_]

    def log_prob(self, points: Array) -> Array:
        """Return log-densities (n,) float32 in nats at finite `points` (n, d)."""
        log_density = torch.cat([log_density[0] for _, log_density in self._posteriors(points)])
        return (log_density - self._frame.log_volume).float().cpu().numpy()

    def responsibilities(self, points: Array) -> Array:
        """Return each component's share (n, K) float32 of each of `points` (n, d); rows sum to 1."""
        return torch.cat([shares[0] for shares, _ in self._posteriors(points)], dim=1).T.float().cpu().numpy()

    def sample(self, n: int, seed: int) -> Array:
        """Draw n points (n, d) float32: choose a component by weight, then a point from its Gaussian."""
        n, rng = check_count(n), np.random.default_rng(seed)
        chosen = rng.choice(len(self.weights), size=n, p=self.weights / self.weights.sum())
        noise = rng.standard_normal((n, self.means.shape[1]))
        factors = np.linalg.cholesky(self.covariances)[chosen]
        deviations = np.sqrt(np.diagonal(self.covariances, axis1=1, axis2=2))
        return as_sample(self.means[chosen] + (factors @ noise[..., None])[..., 0], deviations.min(axis=0))

    def ellipses(self, scale: float = 2.0, vertices: int = 65) -> Array:
        """Return closed outlines (K, vertices, 2), `scale` standard deviations from each mean.

        Raises DataError unless the mixture is 2-D.
        """
        if self.means.shape[1] != 2:
            raise DataError("Only a mixture in 2-D has ellipses.")
        angle = np.linspace(0, 2 * np.pi, vertices)
        circle = scale * np.column_stack([np.cos(angle), np.sin(angle)])
        return self.means[:, None] + circle @ np.linalg.cholesky(self.covariances).mT

    def relabelled(self, permutation: Sequence[int]) -> MixtureState:
        """Return the same mixture with its components in another order.

        Raises DataError unless `permutation` names each of 0 … K − 1 once.
        """
        order = np.asarray(permutation)
        if not np.array_equal(np.sort(order), np.arange(len(self.weights))):
            raise DataError(f"A relabelling names each of the {len(self.weights)} components once, counted from 0.")
        return replace(
            self,
            weights=self.weights[order],
            means=self.means[order],
            covariances=self.covariances[order],
            collapsed=self.collapsed[order],
        )

    @property
    def collapse_note(self) -> str | None:
        """Say in one sentence which components have collapsed and what helps; None if none has."""
        if not self.collapsed.any():
            return None
        names = [str(k + 1) for k in np.flatnonzero(self.collapsed)]
        subject = f"Components {', '.join(names)} have" if len(names) > 1 else f"Component {names[0]} has"
        return (
            f"{subject} collapsed (shrunk to the variance floor, without which the likelihood would be infinite, or "
            "left without points); try fewer components, another start or a simpler covariance."
        )

    @property
    def _frame(self) -> Frame:
        return Frame.of_mixture(self.weights, self.means, self.covariances)

    def _posteriors(self, points: Array) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield responsibilities (1, K, m) and standardised log-densities (1, m), chunk by chunk."""
        frame = self._frame
        means, covariances = frame.inward(self.means), frame.inward_covariances(self.covariances)
        weights, centres, shapes = (
            torch.as_tensor(array, device=device())[None] for array in (self.weights, means, covariances)
        )
        theta = natural_parameters(Mixtures(weights, centres, shapes, at_floor=weights == 0))
        phi = features(np.clip(frame.inward(points), -_FAR, _FAR))
        return (posterior(theta, part) for part in chunks(phi, len(self.weights)))
