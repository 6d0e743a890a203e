"""The deep convolutional GAN: both players see that pixels have neighbours."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from torch import nn

from engine.adversarial import options
from engine.adversarial.base import AdversarialModel
from engine.adversarial.convolutions import ConvolutionalDiscriminator, ConvolutionalGenerator
from engine.model import DataError
from engine.neural.examples import Space
from engine.neural.options import BatchSize

GeneratorChannels = Annotated[
    int, Field(ge=4, le=128, description="Feature maps of the generator at 14 × 14; at 7 × 7 it has twice as many.")
]
DiscriminatorChannels = Annotated[
    int,
    Field(ge=4, le=128, description="Feature maps of the discriminator at 14 × 14; at 7 × 7 it has twice as many."),
]
DiscriminatorNormalisation = Annotated[
    bool,
    Field(
        description="Batch normalisation in the discriminator too. Gradient penalties take each image by itself, so "
        "they go without it."
    ),
]


class DCGAN(AdversarialModel):
    """Learn a GAN of convolutions on images, small enough for one core.

    The generator enlarges a 7 × 7 map by fractionally-strided convolutions, with batch normalisation, ReLU and a tanh
    at the end; the discriminator shrinks the picture by strided ones, with leaky ReLU of slope 0.2. Noise of two
    dimensions, the default, can be drawn as one map of all that the generator makes. With so little noise classes
    get lost; minibatch discrimination and a generator that learns ten times as fast as the discriminator keep them.

    Source: Radford, Metz and Chintala 2016, Unsupervised representation learning with deep convolutional generative
    adversarial networks.
    """

    name = "Deep convolutional GAN"
    idea = "Let both players work with convolutions, which know that pixels have neighbours."
    equation = (
        r"x = \tanh\!\big(W_3 * \mathrm{ReLU}\,\mathrm{BN}(W_2 * \mathrm{ReLU}\,\mathrm{BN}(W_1 z))\big), \quad "
        r"\min_G \max_D\; \mathbb{E}_{p}[\log D(x)] + \mathbb{E}_{z}[\log(1 - D(G(z)))]"
    )
    source = (
        "Radford, Metz and Chintala 2016, Unsupervised representation learning with deep convolutional generative "
        "adversarial networks"
    )
    dimensions = ()

    class Hyperparameters(options.GameOptions):
        """Choices of a deep convolutional GAN."""

        objective: options.Objective = "non-saturating"
        noise: options.Noise = "normal"
        noise_size: options.NoiseSize = 2
        generator_channels: GeneratorChannels = 24
        discriminator_channels: DiscriminatorChannels = 16
        discriminator_normalisation: DiscriminatorNormalisation = False
        minibatch_discrimination: options.MinibatchDiscrimination = True
        discriminator_learning_rate: options.DiscriminatorLearningRate = 1e-4
        generator_learning_rate: options.GeneratorLearningRate = 1e-3
        batch_size: BatchSize = 64
        iterations: options.Iterations = 2000

    hyperparameters: Hyperparameters

    def _build_generator(self, space: Space) -> nn.Module:
        if space.kind != "images":
            raise DataError("Convolutions need images; points have no neighbouring pixels.")
        return ConvolutionalGenerator(self.latent_size, self.hyperparameters.generator_channels)

    def _build_discriminator(self, space: Space) -> nn.Module:
        chosen = self.hyperparameters
        compared = chosen.batch_size if chosen.minibatch_discrimination else 0
        return ConvolutionalDiscriminator(chosen.discriminator_channels, chosen.discriminator_normalisation, compared)
