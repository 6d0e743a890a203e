"""The generative adversarial network of dense layers, for points and images, with every objective and stabiliser."""

from __future__ import annotations

from torch import nn

from engine.adversarial import options
from engine.adversarial.model import AdversarialModel
from engine.adversarial.networks import Discriminator, Generator
from engine.latent.examples import Space
from engine.latent.layers import widths


class GAN(AdversarialModel):
    """Learn a generator x = G(z) whose samples a discriminator D can't tell from the data.

    min over G of max over D of E_p[log D(x)] + E_z[log(1 − D(G(z)))], or another objective (`objectives.py`). For a
    fixed G with density q the best discriminator is D* = p / (p + q), and the value is then −2 ln 2 + 2 JS(p, q).

    Source: Goodfellow et al. 2014, Generative adversarial nets.
    """

    name = "Generative adversarial network"
    idea = "A generator turns noise into examples, and a discriminator that tells them from real ones teaches it."
    equation = r"\min_G \max_D\; V = \mathbb{E}_{x \sim p}[\log D(x)] + \mathbb{E}_{z}[\log(1 - D(G(z)))]"
    source = "Goodfellow et al. 2014, Generative adversarial nets"

    class Hyperparameters(options.GameOptions):
        """Choices of a GAN."""

        objective: options.Objective = "non-saturating"
        noise: options.Noise = "normal"
        noise_size: options.NoiseSize = 2
        generator_layers: options.GeneratorLayers = "128,128"
        discriminator_layers: options.DiscriminatorLayers = "128,128"
        activation: options.Activation = "ReLU"
        batch_normalisation: options.BatchNormalisation = False
        minibatch_discrimination: options.MinibatchDiscrimination = False
        virtual_batch_normalisation: options.VirtualBatchNormalisation = False
        spectral_normalisation: options.SpectralNormalisation = False

    hyperparameters: Hyperparameters

    def _build_generator(self, space: Space) -> nn.Module:
        chosen = self.hyperparameters
        return Generator(
            chosen.noise_size + self._n_labels(space),
            widths(chosen.generator_layers),
            space.size,
            chosen.activation,
            chosen.batch_normalisation,
            bounded=space.kind == "images",
        )

    def _build_discriminator(self, space: Space) -> nn.Module:
        chosen = self.hyperparameters
        return Discriminator(
            space.size + self._n_labels(space), widths(chosen.discriminator_layers), chosen.activation
        )

    def _n_labels(self, space: Space) -> int:
        return space.n_classes if self.conditional else 0
