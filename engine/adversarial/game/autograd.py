"""A game by automatic differentiation, whatever the players' networks are."""

from __future__ import annotations

import copy
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from engine.adversarial import stabilisers
from engine.adversarial.game.base import Rounds, Tunable
from engine.adversarial.game.player import Player, flat
from engine.neural.examples import Examples
from engine.neural.optimisers import Rule


@runtime_checkable
class Remembers(Protocol):
    """A discriminator that is told every real batch it learns from."""

    def remember(self, x: Tensor, labels: Tensor | None) -> None: ...  # noqa: D102


class Game(Rounds):
    """Play any generator against any discriminator.

    Both are modules called with (rows, labels or None); the discriminator also has `features` and `read`, and may
    `remember` a batch. `averaged` is the moving average of the generator, if there is one.
    """

    def __init__(self, model: Tunable, examples: Examples, generator: nn.Module, discriminator: nn.Module) -> None:
        super().__init__(model, examples)
        options = self.options
        self.averaged = copy.deepcopy(generator) if options.averaging else None
        self.generator = Player(generator, Rule(options.optimiser, options.momentum))
        self.discriminator = Player(discriminator, Rule(options.optimiser, options.momentum))
        self._average = None if self.averaged is None else Player(self.averaged, self.generator.rule)
        self._histories = stabilisers.History(), stabilisers.History()

    def _discriminator_turn(self, learns: bool, last: bool) -> dict[str, float]:
        """Draw a batch, and let the discriminator take a step on it if it `learns`."""
        options, player = self.options, self.discriminator
        self._draw()
        player.freeze(not learns)
        self.generator.freeze(options.updates == "discriminator")
        if learns and isinstance(player.network, Remembers):
            player.network.remember(self._x, self._labels)
        with torch.set_grad_enabled(last):  # the generator's turn goes on from here: its weights are still the same
            self._made = self.generator.network(self._z, self._labels)
        real, fake = self._blurred(self._x), self._blurred(self._made.detach())
        real_output = player.network(real, self._labels)
        fake_output = player.network(fake, self._labels)
        loss = self.objective.discriminator_loss(real_output, fake_output, options.label_smoothing)
        gradient = player.gradient(loss + self._penalties(real, fake))
        if options.historical_averaging:
            gradient += options.historical_averaging * self._histories[0].gradient(player.weights)
        if learns:
            player.step(gradient, options.discriminator_learning_rate)
            if options.objective == "Wasserstein, clipped":
                player.weights.clamp_(-options.clip, options.clip)
        return {
            "discriminator_loss": loss.item(),
            "real_score": self._score(real_output),
            "fake_score": self._score(fake_output),
            "discriminator_gradient": gradient.norm().item(),
        }

    def _generator_turn(self, learns: bool) -> dict[str, float]:
        """Let the generator take a step on the last batch if it `learns`."""
        options, player = self.options, self.generator
        self.discriminator.freeze(True)
        fake = self._blurred(self._made)
        loss = self._generator_loss(fake)
        gradient = player.gradient(loss)
        if options.historical_averaging:
            gradient += options.historical_averaging * self._histories[1].gradient(player.weights)
        if learns:
            player.step(gradient, options.generator_learning_rate)
            self._follow(options.averaging)
        return {"generator_loss": loss.item(), "generator_gradient": gradient.norm().item()}

    def _generator_loss(self, fake: Tensor) -> Tensor:
        options, network = self.options, self.discriminator.network
        if options.feature_matching:
            return stabilisers.feature_matching(network, self._blurred(self._x), fake, self._labels)
        if options.unrolled_steps:
            weights = self._unrolled(fake)
            return self.objective.generator_loss(functional_call(network, weights, (fake, self._labels)))
        return self.objective.generator_loss(network(fake, self._labels))

    def _unrolled(self, fake: Tensor) -> dict[str, Tensor]:
        """Return the discriminator's weights after the steps it would take, as functions of the generated rows.

        Source: Metz et al. 2017, Unrolled generative adversarial networks.
        """
        options, player = self.options, self.discriminator
        vector, rule, real = player.weights.detach().clone().requires_grad_(), player.rule, self._blurred(self._x)
        for _ in range(options.unrolled_steps):
            parts = player.split(vector)
            weights = dict(zip(player.names, parts, strict=True))
            at_real, at_fake = (functional_call(player.network, weights, (x, self._labels)) for x in (real, fake))
            loss = self.objective.discriminator_loss(at_real, at_fake, options.label_smoothing)
            gradients = torch.autograd.grad(loss, parts, create_graph=True, allow_unused=True)
            direction, rule = rule.after(flat(gradients, parts))
            vector = vector - options.discriminator_learning_rate * direction
        return dict(zip(player.names, player.split(vector), strict=True))

    def _penalties(self, real: Tensor, fake: Tensor) -> Tensor:
        options, network = self.options, self.discriminator.network
        penalty = real.new_zeros(())
        if options.real_penalty:
            penalty = penalty + options.real_penalty * stabilisers.real_penalty(network, real, self._labels)
        if options.objective == "Wasserstein, gradient penalty":
            share = torch.from_numpy(self._draws.other.random((len(real), 1), dtype=np.float32)).to(real.device)
            between = share * real + (1 - share) * fake
            penalty = penalty + options.penalty * stabilisers.gradient_penalty(network, between, self._labels)
        return penalty

    def _draw(self) -> None:
        """Take the next batch of real examples x (b, size), with their labels, and of noise z (b, noise_size)."""
        n, x = self.options.batch_size, self._examples.x
        rows = torch.from_numpy(self._indices()).to(x.device)
        self._x = x[rows]
        self._labels = None if self._examples.labels is None else self._examples.labels[rows]
        self._z = torch.from_numpy(self._draws.noise(n)).to(x.device)

    def _blurred(self, rows: Tensor) -> Tensor:
        """Return rows with the instance noise of this iteration."""
        deviation = self._instance_noise
        if not deviation:
            return rows
        noise = self._draws.other.standard_normal(tuple(rows.shape), dtype=np.float32)
        return rows + deviation * torch.from_numpy(noise).to(rows.device)

    def _follow(self, averaging: float) -> None:
        """Move the averaged generator after the generator."""
        if self._average is not None:
            self._average.weights.lerp_(self.generator.weights, 1 - self._kept(averaging))
            buffers = self._average.network.buffers(), self.generator.network.buffers()
            for mine, its in zip(*buffers, strict=True):
                # Statistics of batch normalisation belong to the weights, so they are averaged like them.
                if mine.is_floating_point():
                    mine.lerp_(its, 1 - self._kept(averaging))
                else:
                    mine.copy_(its)

    def _score(self, output: Tensor) -> float:
        return float(self.objective.score(output.detach().cpu().numpy()).mean())
