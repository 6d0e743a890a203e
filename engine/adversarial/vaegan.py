"""The VAE/GAN: a VAE's decoder is a GAN's generator, and the discriminator says what a good reconstruction is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, cast

import numpy.typing as npt
import torch
from pydantic import Field
from torch import Tensor, nn

from engine import model
from engine.adversarial import options
from engine.adversarial.base import AdversarialModel
from engine.adversarial.convolutions import ConvolutionalDiscriminator, ConvolutionalEncoder, ConvolutionalGenerator
from engine.adversarial.dcgan import DiscriminatorChannels, GeneratorChannels
from engine.adversarial.game.autograd import Game
from engine.adversarial.game.player import Player, flat
from engine.grid import Array
from engine.model import DataError, Metrics
from engine.neural.examples import Data, Examples, Space
from engine.neural.likelihoods import gaussian_kl, reparametrise
from engine.neural.model import build, in_chunks
from engine.neural.optimisers import Rule
from engine.neural.options import BatchSize, Seed

ReconstructionWeight = Annotated[
    float,
    Field(
        ge=0,
        le=1000,
        description="Weight γ of the reconstruction against the game in what the decoder learns from; the encoder's "
        "does not depend on it.",
    ),
]


class VAEGAN(AdversarialModel):
    """Learn an encoder q(z|x), a decoder G that is also a generator, and a discriminator D with a hidden layer D_l.

    Three losses, means over a batch in nats: the prior KL(q(z|x) ‖ N(0, I)); the reconstruction
    −log N(D_l(x); D_l(G(z)), I) without its constant, ½ ‖D_l(x) − D_l(G(z))‖², for z from q(z|x); and the game
    −log D(x) − log(1 − D(G(z))) − log(1 − D(G(z_p))), for z_p from the prior. Each part learns from its own: the
    encoder from prior + reconstruction, the decoder from γ · reconstruction − game, the discriminator from the game.
    The non-saturating objective takes −log D(G(z)) − log D(G(z_p)) in place of − game. D_l is the last hidden layer.

    Yields `prior` and `reconstruction` too. Source: Larsen, Sønderby, Larochelle and Winther 2016, Autoencoding
    beyond pixels using a learned similarity metric, algorithm 1, which writes L_GAN for log D(x) + log(1 − D(G(z))) +
    log(1 − D(G(z_p))), minus the game above: D raises it and the decoder lowers it.
    """

    name = "VAE/GAN"
    idea = "Let a discriminator's features, not single pixels, say how alike an image and its reconstruction are."
    equation = (
        r"\mathcal{L} = \mathrm{KL}\big(q(z \mid x) \,\|\, p(z)\big) + \tfrac12 \,\|D_l(x) - D_l(G(z))\|^2 "
        r"+ \log D(x) + \log(1 - D(G(z))) + \log(1 - D(G(z_p))), \quad z \sim q(z \mid x),\; z_p \sim p(z): "
        r"\quad \min_G \max_D, \text{ and } q \text{ learns from the first two terms}"
    )
    source = (
        "Larsen, Sønderby, Larochelle and Winther 2016, Autoencoding beyond pixels using a learned similarity metric"
    )
    dimensions = ()
    tunable = ("discriminator_learning_rate", "generator_learning_rate", "updates")

    class Hyperparameters(model.Hyperparameters):
        """Choices of a VAE/GAN."""

        objective: Annotated[
            Literal["minimax", "non-saturating"], Field(description="What the decoder plays for against D.")
        ] = "non-saturating"
        noise_size: options.NoiseSize = 16
        reconstruction_weight: ReconstructionWeight = 0.003
        generator_channels: GeneratorChannels = 24
        discriminator_channels: DiscriminatorChannels = 16
        updates: options.Updates = "both"
        optimiser: options.Optimiser = "Adam"
        discriminator_learning_rate: options.DiscriminatorLearningRate = 2e-4
        generator_learning_rate: options.GeneratorLearningRate = 5e-4
        momentum: options.Momentum = 0.5
        batch_size: BatchSize = 64
        iterations: options.Iterations = 2000
        seed: Seed = 0

        @property
        def noise(self) -> Literal["normal"]:
            """The prior's distribution."""
            return "normal"

        @property
        def averaging(self) -> float:
            """No average: the encoder belongs to the decoder as it is."""
            return 0.0

    hyperparameters: Hyperparameters

    def encode(self, x: Data, labels: npt.ArrayLike | None = None) -> Array:
        """Return the means (n, noise_size) float32 of q(z|x) of images x (n, 28, 28)."""
        rows = self.space.inward(self.space.read(x))
        encoder = self._network("encoder").eval()
        codes = in_chunks(lambda chunk: encoder(chunk)[0], rows).cpu().numpy()
        encoder.train()
        return codes

    def decode(self, z: npt.ArrayLike, labels: npt.ArrayLike | None = None) -> Array:
        """Return the images (n, 28, 28) float32 that codes z (n, noise_size) decode to; the same as `generate`."""
        return self.generate(z, labels)

    def reconstruct(self, x: Data, labels: npt.ArrayLike | None = None) -> Array:
        """Encode and decode images x (n, 28, 28)."""
        return self.decode(self.encode(x))

    def _build_generator(self, space: Space) -> nn.Module:
        if space.kind != "images":
            raise DataError("Convolutions need images; points have no neighbouring pixels.")
        return ConvolutionalGenerator(self.latent_size, self.hyperparameters.generator_channels)

    def _build_discriminator(self, space: Space) -> nn.Module:
        return ConvolutionalDiscriminator(self.hyperparameters.discriminator_channels, normalise=True)

    def _fresh(self, space: Space) -> dict[str, nn.Module]:
        chosen = self.hyperparameters
        encoder = build(
            lambda: ConvolutionalEncoder(chosen.discriminator_channels, self.latent_size), chosen.seed + 2
        )
        return {**super()._fresh(space), "encoder": encoder}

    def _start(self, examples: Examples) -> ThreePartGame:
        networks = self._fresh(examples.space)
        self._become(examples.space, networks)
        return ThreePartGame(self, examples, networks)


class ThreePartGame(Game):
    """Let encoder, decoder (the generator) and discriminator learn at once, each from its own losses."""

    def __init__(self, model: VAEGAN, examples: Examples, networks: Mapping[str, nn.Module]) -> None:
        super().__init__(model, examples, networks["generator"], networks["discriminator"])
        self.encoder = Player(networks["encoder"], Rule(self.options.optimiser, self.options.momentum))

    def iterate(self) -> Metrics:
        """Take one step of all three parts, from the same batch and the same weights; return the figures."""
        self.iteration += 1
        chosen = cast(VAEGAN.Hyperparameters, self.options)
        learns = {
            "encoder": (self.encoder, chosen.generator_learning_rate, "discriminator"),
            "generator": (self.generator, chosen.generator_learning_rate, "discriminator"),
            "discriminator": (self.discriminator, chosen.discriminator_learning_rate, "generator"),
        }
        for player, _, alone in learns.values():
            player.freeze(chosen.updates == alone)
        self._draw()
        noise = torch.from_numpy(self._draws.noise(len(self._x))).to(self._x.device)
        losses, figures = self.losses(self._x, self._z, noise)
        gradients = self.gradients(losses)
        for part, (player, learning_rate, alone) in learns.items():
            if chosen.updates != alone:
                player.step(gradients[part], learning_rate)
        return {
            "iteration": self.iteration,
            "epoch": self._seen / len(self._examples),
            **{name: loss.item() for name, loss in losses.items()},
            **figures,
            **{f"{part}_gradient": gradient.norm().item() for part, gradient in gradients.items()},
        }

    def losses(self, x: Tensor, z: Tensor, noise: Tensor) -> tuple[dict[str, Tensor], dict[str, float]]:
        """Return the losses of rows x (b, 784), codes z from the prior and `noise` for q(z|x); and mean scores."""
        mean, log_variance = self.encoder.network(x)
        made = self.generator.network(torch.cat([reparametrise(mean, log_variance, noise), z]))
        discriminator, b = cast(ConvolutionalDiscriminator, self.discriminator.network), len(x)
        features = discriminator.features(torch.cat([x, made]))
        real, rebuilt, drawn = discriminator.read(features).split(b)
        chosen, objective = cast(VAEGAN.Hyperparameters, self.options), self.objective
        saturating = chosen.objective == "minimax"
        prior = gaussian_kl(mean, log_variance).sum(dim=1).mean()
        reconstruction = 0.5 * (features[:b] - features[b : 2 * b]).square().sum(dim=1).mean()
        game = objective.real.of(real).mean() + objective.fake.of(rebuilt).mean() + objective.fake.of(drawn).mean()
        # The real images' term counts too: batch normalisation makes it depend on the generated ones.
        against = -game if saturating else objective.generator_loss(rebuilt) + objective.generator_loss(drawn)
        losses = {
            "prior": prior,
            "reconstruction": reconstruction,
            "discriminator_loss": game,
            "generator_loss": chosen.reconstruction_weight * reconstruction + against,
        }
        scores = {"real_score": self._score(real), "fake_score": self._score(torch.cat([rebuilt, drawn]))}
        return losses, scores

    def gradients(self, losses: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the flat gradient of each part, from its own losses alone."""
        wanted = {
            "encoder": (self.encoder, losses["prior"] + losses["reconstruction"]),
            "generator": (self.generator, losses["generator_loss"]),
            "discriminator": (self.discriminator, losses["discriminator_loss"]),
        }
        return {
            part: flat(torch.autograd.grad(loss, player.parameters, retain_graph=True), player.parameters)
            for part, (player, loss) in wanted.items()
        }
