"""The convolutional autoencoder: its code is itself a small image, 7 × 7."""

from __future__ import annotations

from pydantic import Field
from torch import nn

from engine import model
from engine.latent.autoencoder import NOT_A_GENERATIVE_MODEL, Autoencoder
from engine.model import DataError
from engine.neural.examples import Space
from engine.neural.layers import EncoderDecoder, fold, unfold
from engine.neural.options import BatchSize, Epochs, LearningRate, Loss, RunPrecision, Seed


class ConvolutionalAutoencoder(Autoencoder):
    """Learn an autoencoder of convolutions, 28 → 14 → 7, whose code keeps the picture's layout.

    A code is `channels` maps of 7 × 7 numbers, given flat, (n, 49 · channels); `code_shape` is its shape.

    Source: Masci, Meier, Cireşan and Schmidhuber 2011, Stacked convolutional auto-encoders for hierarchical feature
    extraction.
    """

    name = "Convolutional autoencoder"
    idea = "Shrink the picture to a 7 × 7 picture of features, and learn to enlarge it again."
    equation = r"z = f(x) \in \mathbb{R}^{c \times 7 \times 7}, \quad \hat{x} = g(z)"
    source = "Masci et al. 2011, Stacked convolutional auto-encoders for hierarchical feature extraction"
    cannot = NOT_A_GENERATIVE_MODEL
    dimensions = ()

    class Hyperparameters(model.Hyperparameters):
        """Choices of a convolutional autoencoder."""

        channels: int = Field(1, ge=1, le=16, description="Feature maps in the 7 × 7 code.")
        loss: Loss = "cross-entropy"
        epochs: Epochs = 5
        batch_size: BatchSize = 64
        learning_rate: LearningRate = 2e-3
        precision: RunPrecision = "reduced"
        seed: Seed = 0

    hyperparameters: Hyperparameters  # type: ignore[assignment]  # its own choices, not those of the dense one

    @property
    def code_shape(self) -> tuple[int, int, int]:
        """Shape (channels, 7, 7) of one code."""
        return self.hyperparameters.channels, 7, 7

    @property
    def latent_size(self) -> int:
        """Numbers in one code, 49 · channels."""
        return 49 * self.hyperparameters.channels

    def _build(self, space: Space) -> EncoderDecoder:
        if space.kind != "images":
            raise DataError("Convolutions need images; points have no neighbouring pixels.")
        channels = self.hyperparameters.channels
        encoder = nn.Sequential(fold(), nn.Conv2d(32, channels, 1), nn.Flatten())
        decoder = nn.Sequential(
            nn.Unflatten(1, self.code_shape), nn.Conv2d(channels, 32, 3, padding=1), nn.ReLU(), unfold()
        )
        return EncoderDecoder(encoder, decoder)
