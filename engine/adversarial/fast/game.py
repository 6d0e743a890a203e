"""The game of two plain dense networks on the CPU, without automatic differentiation: the same figures, sooner."""

from __future__ import annotations

import copy
import math

import numpy as np
import torch

from engine.adversarial.fast.penalised import PenalisedStack, Penalties
from engine.adversarial.fast.stack import DensePlayer, Stack
from engine.adversarial.game.base import Rounds, Tunable
from engine.adversarial.networks import Discriminator, Generator
from engine.adversarial.options import GameOptions
from engine.adversarial.stabilisers import History
from engine.device import device, one_thread
from engine.grid import Array
from engine.model import Metrics
from engine.neural.examples import Examples

ONLY_BY_AUTOGRAD = (
    "batch_normalisation",
    "minibatch_discrimination",
    "virtual_batch_normalisation",
    "spectral_normalisation",
    "feature_matching",
    "unrolled_steps",
)


def suits(options: GameOptions) -> bool:
    """Tell whether a game with these choices can be played here."""
    plain = not any(getattr(options, name, False) for name in ONLY_BY_AUTOGRAD)
    return plain and device().type == "cpu"


class DenseGame(Rounds):
    """Play a plain dense generator against a plain dense discriminator."""

    def __init__(
        self, model: Tunable, examples: Examples, generator: Generator, discriminator: Discriminator
    ) -> None:
        super().__init__(model, examples)
        options, rows = self.options, examples.x.numpy()
        labels = np.zeros((len(rows), 0), np.float32) if examples.labels is None else examples.labels.numpy()
        n, size = options.batch_size, rows.shape[1]
        rule = options.optimiser, options.momentum
        self.averaged = copy.deepcopy(generator) if options.averaging else None
        self._average = None if self.averaged is None else DensePlayer(self.averaged, *rule)
        self._generator, self._discriminator = DensePlayer(generator, *rule), DensePlayer(discriminator, *rule)
        self._histories = History(), History()
        self._n, self._size, self._noise_size = n, size, options.noise_size
        self._known = np.hstack([rows, labels, np.ones((len(rows), 1), np.float32)])
        self._noise = np.ones((n, options.noise_size + labels.shape[1] + 1), np.float32)
        self._push = np.empty((n, size), np.float32)  # gradient of the generator's loss at the generated rows
        mixed = options.penalty if options.objective == "Wasserstein, gradient penalty" else None
        penalties = Penalties(n, mixed, options.real_penalty or None)
        # D sees mixtures of both, if it is penalised there, then the real batch, then the generated one.
        self._parts = np.ones((2 if mixed is None else 3, n, self._known.shape[1]), np.float32)
        self._rows = self._parts.reshape(-1, self._known.shape[1])
        self._real, self._fake = self._parts[-2:]
        self._slopes = np.zeros((1, len(self._rows)), np.float32)
        self._made = np.empty((n, size), np.float32) if options.instance_noise else self._fake[:, :size]
        activation = generator.activation_name
        self._making = Stack(self._generator.blocks, activation, n, self._made.T, generator.bounded)
        critic = self._discriminator.blocks, activation, len(self._rows)
        self._telling = PenalisedStack(*critic, penalties, size) if penalties.rows else Stack(*critic)
        self._judging = Stack(self._discriminator.blocks, activation, n)

    def iterate(self) -> Metrics:
        """Play one iteration and return its figures."""
        with one_thread():
            return super().iterate()

    def _discriminator_turn(self, learns: bool, last: bool) -> dict[str, float]:
        options, player, objective, n = self.options, self._discriminator, self.objective, self._n
        self._draw()
        output = self._telling.forward(self._rows)[0, -2 * n :]
        real, fake, slopes = output[:n], output[n:], self._slopes[0, -2 * n :]
        np.divide(objective.real.slope(real), n, out=slopes[:n])
        np.divide(objective.fake.slope(fake), n, out=slopes[n:])
        smoothing = options.label_smoothing if objective.smooths else 0.0
        if smoothing:
            slopes[:n] += smoothing * (objective.fake.slope(real) / n - slopes[:n])
        figures = self._figures(real, fake, smoothing) if last else {}
        self._telling.backward(self._slopes, player.gradients)
        self._clear_level(player.gradients[-1])
        self._remember(player, 0)
        if learns:
            player.rule.step(player.weights, player.gradient, options.discriminator_learning_rate)
            if options.objective == "Wasserstein, clipped":
                np.clip(player.weights, -options.clip, options.clip, out=player.weights)
        if last:
            figures["discriminator_gradient"] = player.gradient_norm
        return figures

    def _generator_turn(self, learns: bool) -> dict[str, float]:
        options, player, n = self.options, self._generator, self._n
        if options.instance_noise:
            self._blur(self._made, self._fake)
        output = self._judging.forward(self._fake)[0]
        loss = _mean(self.objective.generator.value(output))
        slopes = self._slopes[:, -n:]
        np.divide(self.objective.generator.slope(output), n, out=slopes[0])
        self._judging.backward(slopes, None, self._push)
        self._making.backward(self._push.T, player.gradients)
        self._remember(player, 1)
        if learns:
            player.rule.step(player.weights, player.gradient, options.generator_learning_rate)
            if self._average is not None:
                weights = self._average.weights
                weights += (1 - self._kept(options.averaging)) * (player.weights - weights)
        return {"generator_loss": loss, "generator_gradient": player.gradient_norm}

    def _draw(self) -> None:
        """Fill the buffers with the next real batch, noise, what the generator makes of it, and mixtures of both."""
        n, size, real, fake = self._n, self._size, self._real, self._fake
        np.take(self._known, self._indices(), axis=0, out=real, mode="clip")
        self._noise[:, : self._noise_size] = self._draws.noise(n)
        if real.shape[1] > size + 1:
            labels = real[:, size:-1]
            self._noise[:, self._noise_size : -1] = labels
            self._parts[:, :, size:-1] = labels
        self._making.forward(self._noise)
        if self.options.instance_noise:
            self._blur(real[:, :size], real)
            self._blur(self._made, fake)
        if len(self._parts) > 2:
            share = self._draws.other.random((n, 1), dtype=np.float32)
            self._parts[0, :, :size] = share * real[:, :size] + (1 - share) * fake[:, :size]

    def _blur(self, clean: Array, rows: Array) -> None:
        """Write clean rows (n, size) with this iteration's instance noise into `rows`."""
        deviation = self._instance_noise
        noise = deviation * self._draws.other.standard_normal(clean.shape, dtype=np.float32) if deviation else 0.0
        np.add(clean, noise, out=rows[:, : self._size])

    def _figures(self, real: Array, fake: Array, smoothing: float) -> dict[str, float]:
        objective = self.objective
        loss = _mean(objective.real.value(real)) + _mean(objective.fake.value(fake))
        if smoothing:
            loss += smoothing * _mean(objective.fake.value(real) - objective.real.value(real))
        scores = (_mean(objective.score(part)) for part in (real, fake))
        return {"discriminator_loss": loss} | dict(zip(("real_score", "fake_score"), scores, strict=True))

    def _clear_level(self, gradient: Array) -> None:
        """Take the rounding error from the gradient of D's output bias, the last of `gradient` (1, width + 1).

        A constant added to a critic whose losses have whole slopes changes them by a whole number over the batch
        size, most often 0. Of a sum that is only nearly 0, Adam would make steps as long as any.
        """
        if self.objective.whole and math.isfinite(gradient[0, -1]):
            gradient[0, -1] = round(float(gradient[0, -1]) * self._n) / self._n

    def _remember(self, player: DensePlayer, which: int) -> None:
        """Add the gradient of historical averaging, if it is on."""
        weight = self.options.historical_averaging
        if weight:
            player.gradient += weight * self._histories[which].gradient(torch.from_numpy(player.weights)).numpy()


def _mean(values: Array) -> float:
    return float(np.add.reduce(values)) / len(values)  # in a quarter of the time of np.mean
