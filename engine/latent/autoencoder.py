"""The autoencoder: a network squeezes each example through a few numbers and learns to bring it back."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from engine import model
from engine.neural.examples import Space
from engine.neural.layers import EncoderDecoder, dense, widths
from engine.neural.likelihoods import bernoulli_log_prob
from engine.neural.model import NeuralModel
from engine.neural.options import BatchSize, Epochs, LatentSize, Layers, LearningRate, Loss, RunPrecision, Seed

NOT_A_GENERATIVE_MODEL = {
    "evaluate": "An autoencoder has no distribution over its codes, so it gives no density to a point.",
    "sample": "Nothing tells where the codes lie, so a code drawn at random decodes to nothing in particular.",
}


class Autoencoder(NeuralModel):
    """Learn an encoder f and a decoder g, fully connected, that reconstruct x from z = f(x).

    The squared error is ½‖x − g(f(x))‖², the negative log-likelihood of a Gaussian with unit variance but for its
    constant; the cross-entropy takes g's outputs as logits. Without hidden layers and with the squared error it is
    linear, and its optimum spans the plane of PCA (Baldi and Hornik 1989).

    Source: Hinton and Salakhutdinov 2006, Reducing the dimensionality of data with neural networks.
    """

    name = "Autoencoder"
    idea = "Squeeze every example through a few numbers, and learn to bring it back from them."
    equation = r"\min_{f, g}\; \frac{1}{n} \sum_{i=1}^n L\big(x_i,\, \hat{x}_i\big), \quad \hat{x} = g(f(x))"
    source = "Hinton and Salakhutdinov 2006, Reducing the dimensionality of data with neural networks"
    cannot = NOT_A_GENERATIVE_MODEL

    class Hyperparameters(model.Hyperparameters):
        """Choices of an autoencoder."""

        latent_size: LatentSize = 2
        layers: Layers = "256,256"
        loss: Loss = "cross-entropy"
        epochs: Epochs = 10
        batch_size: BatchSize = 64
        learning_rate: LearningRate = 2e-3
        precision: RunPrecision = "reduced"
        seed: Seed = 0

    hyperparameters: Hyperparameters

    @property
    def latent_size(self) -> int:
        """Number of latent dimensions."""
        return self.hyperparameters.latent_size

    def _build(self, space: Space) -> EncoderDecoder:
        sizes = [space.size, *widths(self.hyperparameters.layers), self.latent_size]
        return EncoderDecoder(dense(sizes), dense(sizes[::-1]))

    def _losses(self, x: Tensor, labels: Tensor | None, noise: Tensor) -> Mapping[str, Tensor]:
        return {"loss": self._reconstruction_loss(x, self._outputs(self._code(x, labels), labels))}

    def _code(self, x: Tensor, labels: Tensor | None) -> Tensor:
        return self.network.encoder(x)

    def _outputs(self, z: Tensor, labels: Tensor | None) -> Tensor:
        return self.network.decoder(z)

    def _reconstruction_loss(self, x: Tensor, outputs: Tensor) -> Tensor:
        """Return the mean over the batch of the loss, in nats per example."""
        if self._gives_logits:
            return -bernoulli_log_prob(x, outputs).mean()
        return 0.5 * (x - outputs).square().sum(-1).mean()

    @property
    def _gives_logits(self) -> bool:
        return self.data_kind == "images" and self.hyperparameters.loss == "cross-entropy"
