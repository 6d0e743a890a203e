"""The denoising autoencoder: it sees a spoilt example and has to bring back the clean one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from engine import model
from engine.device import device
from engine.grid import Array
from engine.latent.autoencoder import Autoencoder
from engine.neural.examples import Data, Space
from engine.neural.options import BatchSize, Epochs, LatentSize, Layers, LearningRate, Loss, RunPrecision, Seed


class DenoisingAutoencoder(Autoencoder):
    """Learn to reconstruct x from a corrupted x̃: Gaussian noise added, or a share of the numbers set to 0.

    Fresh noise is drawn in every step. The Gaussian's standard deviation is in the units of pixels, 0 to 1, or in
    those of standardised points; masking sets standardised coordinates to 0, which is their mean. Reconstruction
    and codes are those of the x given, so corrupt it first to see it cleaned.

    Source: Vincent, Larochelle, Bengio and Manzagol 2008, Extracting and composing robust features with denoising
    autoencoders.
    """

    name = "Denoising autoencoder"
    idea = "Spoil each example with noise and learn to bring back the clean one."
    equation = (
        r"\min_{f, g}\; \frac{1}{n} \sum_{i=1}^n \mathbb{E}_{\tilde{x}}\, L\big(x_i,\, g(f(\tilde{x}))\big)"
        r", \quad \tilde{x} \sim c(\tilde{x} \mid x_i): \;\; \mathcal{N}(x_i, \nu^2 I), \text{ or each } "
        r"\tilde{x}_j = 0 \text{ with probability } \nu, \text{ else } x_{ij}"
    )
    source = "Vincent et al. 2008, Extracting and composing robust features with denoising autoencoders"

    class Hyperparameters(model.Hyperparameters):
        """Choices of a denoising autoencoder."""

        noise: float = Field(
            0.5, ge=0, le=1, description="Standard deviation of the noise, or the share set to zero."
        )
        corruption: Literal["gaussian", "masking"] = Field(
            "gaussian", description="Add Gaussian noise, or set numbers picked at random to zero."
        )
        latent_size: LatentSize = 32
        layers: Layers = "256,256"
        loss: Loss = "cross-entropy"
        epochs: Epochs = 10
        batch_size: BatchSize = 64
        learning_rate: LearningRate = 2e-3
        precision: RunPrecision = "reduced"
        seed: Seed = 0

    hyperparameters: Hyperparameters  # type: ignore[assignment]  # all of the autoencoder's, and two more

    def corrupt(self, x: Data, seed: int = 0) -> Array:
        """Return examples x spoilt as in training, float32 of the same shape; noisy pixels are cut off at 0 and 1."""
        rows = self._rows(x)
        noise = torch.randn(rows.shape, generator=torch.Generator().manual_seed(seed)).to(device())
        return self.space.outward(self._corrupt(rows, noise))

    def _noise_size(self, space: Space) -> int:
        return space.size

    def _losses(self, x: Tensor, labels: Tensor | None, noise: Tensor) -> Mapping[str, Tensor]:
        outputs = self._outputs(self._code(self._corrupt(x, noise), labels), labels)
        return {"loss": self._reconstruction_loss(x, outputs)}

    def _corrupt(self, x: Tensor, noise: Tensor) -> Tensor:
        amount = self.hyperparameters.noise
        if self.hyperparameters.corruption == "gaussian":
            spoilt = x + amount * noise
            return spoilt.clamp(0, 1) if self.data_kind == "images" else spoilt
        # P(noise > t) = 1 − amount for standard normal noise, with t the quantile of `amount`.
        threshold = math.sqrt(2) * torch.erfinv(torch.tensor(2.0 * amount - 1)).item()
        return x * (noise > threshold)
