"""One game under way: the two players' updates by automatic differentiation, whatever their networks are."""

from __future__ import annotations

import copy
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from engine.adversarial import stabilisers
from engine.adversarial.draws import Draws
from engine.adversarial.objectives import OBJECTIVES, Objective
from engine.adversarial.options import GameOptions
from engine.adversarial.player import Player, Rule, flat
from engine.latent.examples import Examples
from engine.model import Metrics


class HasOptions(Protocol):
    """Hold hyperparameters that may be tuned between two iterations."""

    @property
    def hyperparameters(self) -> Any: ...  # noqa: D102


class Game:
    """Play a generator against a discriminator on `examples`, one iteration at a time.

    Both are modules called with (rows, labels or None); the discriminator also has `features` and `read`. An
    iteration is k updates of the discriminator, each on a fresh batch of examples and of noise, then one of the
    generator, on the last of those batches. `averaged` is the moving average of the generator, if there is one.
    """

    def __init__(self, model: HasOptions, examples: Examples, generator: nn.Module, discriminator: nn.Module) -> None:
        options: GameOptions = model.hyperparameters
        self._model = model
        self._examples = examples
        self.generator = Player(generator, Rule(options.optimiser, options.momentum))
        self.discriminator = Player(discriminator, Rule(options.optimiser, options.momentum))
        self.objective: Objective = OBJECTIVES[options.objective]
        self._draws = Draws(options.seed, len(examples), options.noise, options.noise_size)
        self._histories = (stabilisers.History(), stabilisers.History())
        self.iteration, self._seen = 0, 0
        self.averaged: nn.Module | None = None
        if options.averaging:
            self.averaged = copy.deepcopy(generator)
            self._average = Player(self.averaged, self.generator.rule)

    @property
    def options(self) -> GameOptions:
        """The hyperparameters as they are now."""
        options: GameOptions = self._model.hyperparameters
        return options

    def iterate(self) -> Metrics:
        """Play one iteration and return its figures."""
        options = self.options
        self.iteration += 1
        learns = options.updates != "generator"
        self.generator.freeze(options.updates == "discriminator")
        for _ in range(options.discriminator_steps if learns else 1):
            figures = self._discriminator_turn(learns)
        figures |= self._generator_turn(options.updates != "discriminator")
        return {"iteration": self.iteration, "epoch": self._seen / len(self._examples)} | figures

    def _discriminator_turn(self, learns: bool) -> dict[str, float]:
        """Draw a batch, and let the discriminator take a step on it if it `learns`."""
        options, player = self.options, self.discriminator
        self._draw()
        with torch.no_grad():
            made = self.generator.network(self._z, self._labels)
        real, fake = self._blurred(self._x), self._blurred(made)
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
        fake = self._blurred(player.network(self._z, self._labels))
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
        names = [name for name, _ in player.network.named_parameters()]
        vector, rule, real = player.weights.detach().clone().requires_grad_(), player.rule, self._blurred(self._x)
        for _ in range(options.unrolled_steps):
            parts = player.split(vector)
            weights = dict(zip(names, parts, strict=True))
            outputs = (functional_call(player.network, weights, (rows, self._labels)) for rows in (real, fake))
            loss = self.objective.discriminator_loss(*outputs, options.label_smoothing)
            gradients = torch.autograd.grad(loss, parts, create_graph=True, allow_unused=True)
            direction, rule = rule.after(flat(gradients, parts))
            vector = vector - options.discriminator_learning_rate * direction
        return dict(zip(names, player.split(vector), strict=True))

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
        rows = torch.from_numpy(self._draws.indices(n)).to(x.device)
        self._x = x[rows]
        self._labels = None if self._examples.labels is None else self._examples.labels[rows]
        self._z = torch.from_numpy(self._draws.noise(n)).to(x.device)
        self._seen += n

    def _blurred(self, rows: Tensor) -> Tensor:
        """Return rows with the instance noise of this iteration."""
        options = self.options
        deviation = options.instance_noise * max(0.0, 1 - self.iteration / options.iterations)
        if not deviation:
            return rows
        noise = self._draws.other.standard_normal(tuple(rows.shape), dtype=np.float32)
        return rows + deviation * torch.from_numpy(noise).to(rows.device)

    def _follow(self, averaging: float) -> None:
        """Move the averaged generator after the generator, faster at first, when its past is the first weights."""
        if self.averaged is not None:
            share = min(averaging, self.iteration / (self.iteration + 10))
            self._average.weights.lerp_(self.generator.weights, 1 - share)
            for mine, its in zip(self.averaged.buffers(), self.generator.network.buffers(), strict=True):
                mine.copy_(its)

    def _score(self, output: Tensor) -> float:
        return float(self.objective.score(output.detach().cpu().numpy()).mean())
