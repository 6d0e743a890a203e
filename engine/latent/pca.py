"""Principal component analysis: the best linear code, in closed form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field

from engine import model
from engine.device import device
from engine.grid import Array
from engine.model import DataError, Metrics, Model, as_sample
from engine.neural.examples import Data, OnExamples, Space, read_codes, read_space


class PCA(OnExamples, Model):
    """Project onto the directions of largest variance; one step.

    z = Wᵀ(x − x̄) and x̂ = x̄ + W z, with the columns of W the eigenvectors of the covariance (1/n) Σ (x − x̄)(x − x̄)ᵀ
    that have the K largest eigenvalues λ₁ ≥ λ₂ ≥ …. The mean of ‖x − x̂‖² over the training data is Σ_{k>K} λ_k.
    After `fit`: `mean` (d,), `components` (K, d), each with its largest entry positive, and all `eigenvalues` (d,).
    Points are centred but not rescaled.

    Source: Pearson 1901, On lines and planes of closest fit to systems of points in space.
    """

    name = "Principal component analysis"
    idea = "Keep the few directions in which the data varies most, and drop the rest."
    equation = r"\hat{x} = \bar{x} + W W^\top (x - \bar{x})"
    source = "Pearson 1901, On lines and planes of closest fit to systems of points in space"
    cannot: ClassVar[Mapping[str, str]] = {
        "evaluate": "PCA is a projection, not a density: it says how far a point is from the plane and no more.",
        "sample": "PCA says in which plane the data lies and not how it is spread there, so it can't draw.",
    }
    dimensions = (2,)
    state_names = ("mean", "components", "eigenvalues")
    conditional = False

    class Hyperparameters(model.Hyperparameters):
        """Choose how much to keep."""

        n_components: int = Field(16, ge=1, le=784, description="Number K of directions kept; points have only two.")

    hyperparameters: Hyperparameters
    mean: Array
    components: Array
    eigenvalues: Array

    def __init__(self, **hyperparameters: int) -> None:
        super().__init__(**hyperparameters)
        self._space: Space | None = None

    def fit(self, data: Data, labels: npt.ArrayLike | None = None) -> Self:
        """Run all of `steps` and return the model."""
        for _ in self.steps(data, labels):
            pass
        return self

    def steps(self, data: Data, labels: npt.ArrayLike | None = None) -> Iterator[Metrics]:
        """Find the directions, in one step; yields `residual`, the mean of ‖x − x̂‖². Labels are ignored.

        Raises DataError on bad data.
        """
        space, examples = read_space(data)
        rows = torch.as_tensor(examples.reshape(len(examples), -1), dtype=torch.float64).to(device())
        centre = rows.mean(dim=0)
        covariance = (rows - centre).T @ (rows - centre) / len(rows)
        mean, eigenvalues, vectors = (part.cpu().numpy() for part in (centre, *torch.linalg.eigh(covariance)))
        components = vectors.T[::-1][: self.hyperparameters.n_components]
        largest = np.take_along_axis(components, np.abs(components).argmax(axis=1)[:, None], axis=1)
        self.mean, self.components = mean, components * np.sign(largest)
        self.eigenvalues = eigenvalues[::-1].clip(min=0)  # rounding makes a zero slightly negative
        self._become(space)
        yield {"residual": self.residual()}

    def encode(self, x: Data, labels: npt.ArrayLike | None = None) -> Array:
        """Return the codes (n, K) float32 of examples x."""
        return ((self._rows(x) - self.mean) @ self.components.T).astype(np.float32)

    def decode(self, z: npt.ArrayLike, labels: npt.ArrayLike | None = None) -> Array:
        """Return the examples (n, 28, 28), cut off at 0 and 1, or (n, 2), float32, of codes z (n, K)."""
        space = self.space
        codes = read_codes(z, self.latent_size)
        examples = (codes @ self.components + self.mean).reshape(-1, *space.shape)
        if space.kind == "images":
            return examples.astype(np.float32).clip(0, 1)
        return as_sample(examples, space.frame.scale)

    def reconstruct(self, x: Data, labels: npt.ArrayLike | None = None) -> Array:
        """Encode and decode examples x."""
        return self.decode(self.encode(x))

    def residual(self, n_components: int | None = None) -> float:
        """Return Σ_{k>K} λ_k, the mean of ‖x − x̂‖² on the training data, for K directions or those kept."""
        self.space  # noqa: B018  # an unfitted model says so
        kept = self.latent_size if n_components is None else n_components
        return float(self.eigenvalues[kept:].sum())

    @property
    def latent_size(self) -> int:
        """Number of directions kept."""
        return len(self.components) if self._space else self.hyperparameters.n_components

    @property
    def n_parameters(self) -> int | None:
        """Count the mean and the K orthonormal directions, d + Kd − K(K + 1)/2; None before a fit."""
        if self._space is None:
            return None
        kept, size = self.components.shape
        return size + kept * size - kept * (kept + 1) // 2

    def state(self) -> dict[str, npt.NDArray]:
        """Return the fitted arrays, and what the data was, as `load_state` reads them."""
        return {**self.space.state(), **{name: getattr(self, name) for name in self.state_names}}

    def load_state(self, state: Mapping[str, npt.NDArray]) -> Self:
        """Become the model that `state` was taken from; raise DataError if it is not all there."""
        space = Space.from_state(state)
        try:
            mean, components, eigenvalues = (np.asarray(state[name]) for name in self.state_names)
        except KeyError as error:
            raise DataError(f"This state has no {error.args[0]!r}.") from None
        if mean.shape != (space.size,) or components.shape[1:] != mean.shape or eigenvalues.shape != mean.shape:
            raise DataError("The arrays of this state do not fit each other.")
        self.mean, self.components, self.eigenvalues = mean, components, eigenvalues
        self._become(space)
        return self

    def _become(self, space: Space) -> None:
        self._space = space
        self.dimension = space.shape[0] if space.kind == "points" else None

    def _rows(self, x: Data) -> Array:
        examples = self.space.read(x)
        return examples.reshape(len(examples), -1)
