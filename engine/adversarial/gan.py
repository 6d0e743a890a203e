"""The generative adversarial network of dense layers, for points and images, with every objective and stabiliser."""

from __future__ import annotations

from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from engine.adversarial import options
from engine.adversarial.base import IMAGE_LABEL, AdversarialModel
from engine.adversarial.fast.game import DenseGame, suits
from engine.adversarial.game.base import Rounds
from engine.adversarial.game.batches import draw_noise
from engine.adversarial.networks import Discriminator, Generator
from engine.neural.examples import Examples, Space
from engine.neural.layers import widths

REFERENCE = 64  # rows that virtual batch normalisation refers to


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
        sizes = [chosen.noise_size + self._n_labels(space), *widths(chosen.generator_layers), space.size]
        reference = self._reference(space) if chosen.virtual_batch_normalisation else None
        return Generator(sizes, chosen.activation, space.kind == "images", chosen.batch_normalisation, reference)

    def _build_discriminator(self, space: Space) -> nn.Module:
        chosen = self.hyperparameters
        return Discriminator(
            space.size + self._n_labels(space),
            widths(chosen.discriminator_layers),
            chosen.activation,
            chosen.spectral_normalisation,
            chosen.batch_size if chosen.minibatch_discrimination else 0,
        )

    def _game(self, examples: Examples, generator: nn.Module, discriminator: nn.Module) -> Rounds:
        dense = isinstance(generator, Generator) and isinstance(discriminator, Discriminator)
        if dense and suits(self.hyperparameters):
            return DenseGame(self, examples, cast(Generator, generator), cast(Discriminator, discriminator))
        return super()._game(examples, generator, discriminator)

    def _reference(self, space: Space) -> Tensor:
        """Return the generator's inputs that virtual batch normalisation refers to (REFERENCE, inputs)."""
        chosen = self.hyperparameters
        rng = np.random.default_rng(chosen.seed)
        noise = draw_noise(rng, chosen.noise, REFERENCE, chosen.noise_size)
        kinds = np.eye(max(1, space.n_classes), dtype=np.float32)[:, : self._n_labels(space)]
        if space.kind == "images":
            kinds *= IMAGE_LABEL
        return torch.from_numpy(np.hstack([noise, kinds[rng.integers(len(kinds), size=REFERENCE)]]))

    def _n_labels(self, space: Space) -> int:
        return space.n_classes if self.conditional else 0
