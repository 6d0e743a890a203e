"""What all models of this family share: a generator and a discriminator, questions to both, and their state."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from engine.adversarial.game.autograd import Game
from engine.adversarial.game.base import Rounds
from engine.adversarial.game.batches import draw_noise
from engine.adversarial.objectives import OBJECTIVES, Objective
from engine.adversarial.options import GameOptions
from engine.data.frame import Frame
from engine.device import device
from engine.grid import Array
from engine.model import DataError, Metrics, Model, Samples, check_count
from engine.neural.examples import Data, Examples, OnExamples, Space, read_codes, read_examples
from engine.neural.model import build, in_chunks
from engine.neural.weights import load_weights, named_weights

CENTRED = Frame(np.full(1, 0.5, np.float32), np.full(1, 0.5, np.float32))  # pixels from −1 to 1
IMAGE_LABEL = 7.0  # length of an image's label: one of 1 is overlooked beside a row of 784 pixels, about 28 long
PARTS = ("generator", "discriminator", "averaged")


class AdversarialModel(OnExamples, Model, Samples):
    """Train a generator G against a discriminator D; one step is k updates of D and one of G.

    A subclass builds the two networks, modules called with (rows, labels or None): G maps noise (n, noise_size) to
    rows (n, size), D rows to raw outputs (n,), with `features` and `read` as its two halves. Rows are points in
    standardised units or pixels from −1 to 1. Labels may be given to every model; one that is not `conditional`
    ignores them.
    """

    dimensions: ClassVar[tuple[int, ...]] = (2,)
    conditional: ClassVar[bool] = False
    tunable: ClassVar[tuple[str, ...]] = (
        "discriminator_learning_rate",
        "generator_learning_rate",
        "discriminator_steps",
        "updates",
    )
    cannot: ClassVar[Mapping[str, str]] = {
        "evaluate": "A GAN only learns to sample; its density is implied and has no formula to evaluate."
    }

    def __init__(self, **hyperparameters: Any) -> None:
        super().__init__(**hyperparameters)
        self._space: Space | None = None
        self._networks: dict[str, nn.Module] = {}

    @abstractmethod
    def _build_generator(self, space: Space) -> nn.Module:
        """Return a generator with fresh weights for data of `space`; raise DataError where there can be none."""

    @abstractmethod
    def _build_discriminator(self, space: Space) -> nn.Module:
        """Return a discriminator with fresh weights; raise DataError where there can be none."""

    def fit(self, data: Data, labels: npt.ArrayLike | None = None) -> Self:
        """Run all of `steps` and return the model."""
        for _ in self.steps(data, labels):
            pass
        return self

    def steps(self, data: Data, labels: npt.ArrayLike | None = None) -> Iterator[Metrics]:
        """Yield after every iteration: k updates of the discriminator, then one of the generator.

        The figures: `iteration`; `epoch`, the real examples seen by D over their number; both losses (nats where the
        objective has logarithms); `real_score` and `fake_score`, the mean of D, or of the critic's value, on the two
        halves of the last batch; `discriminator_gradient` and `generator_gradient`, the Euclidean norms of the whole
        gradients. A player that does not learn (`updates`) is evaluated all the same.

        `data` are images (n, 28, 28) in [0, 1] or points (n, 2). Raises DataError on bad data, and after a loss that
        is NaN or infinite.
        """
        game = self._start(self._read_examples(data, labels))
        for _ in range(self._options.iterations):
            figures = game.iterate()
            yield figures
            if not math.isfinite(figures["discriminator_loss"] + figures["generator_loss"]):
                raise DataError(
                    f"A loss became NaN or infinite at iteration {game.iteration}, so the training stopped. "
                    "A smaller learning rate often helps."
                )

    def sample(self, n: int, seed: int = 0, labels: npt.ArrayLike | None = None) -> Array:
        """Draw n points (n, 2) or images (n, 28, 28); a conditional model draws labels too, unless given."""
        n = check_count(n)
        if self.conditional and labels is None:
            labels = self.draw_labels(n, seed)
        return self.generate(self.draw_noise(n, seed), labels)

    def generate(self, z: npt.ArrayLike, labels: npt.ArrayLike | None = None) -> Array:
        """Return what noise z (n, noise_size) becomes: points (n, 2), data units, or images (n, 28, 28) in [0, 1]."""
        generator = self.shown_generator
        codes = torch.tensor(read_codes(z, self.latent_size)).to(device())
        return self.space.outward(_evaluated(generator, codes, self._one_hot(labels, len(codes))))

    def discriminate(self, x: Data, labels: npt.ArrayLike | None = None) -> Array:
        """Return D(x) in [0, 1], or the critic's value unless `gives_probability`, (n,) float32 of examples x."""
        rows = self.space.inward(self.space.read(x))
        raw = _evaluated(self.discriminator, rows, self._one_hot(labels, len(rows)))
        return self.objective.score(raw.cpu().numpy()).astype(np.float32)

    def generator_arrows(self, n: int = 60, seed: int = 0) -> Array:
        """Return n generated points and the way each is pushed, (n, 4) float32: x, y, −∂L/∂x, −∂L/∂y in data units.

        L is the generator's loss of that one point. Raises DataError on images.
        """
        space = self.space
        if space.kind != "points":
            raise DataError("Only points have arrows; this model was fitted to images.")
        labels = self.draw_labels(n, seed) if self.conditional else None
        points = self.generate(self.draw_noise(n, seed), labels)
        rows = space.inward(points).requires_grad_()
        with _evaluating(self.discriminator) as discriminator:
            outputs = discriminator(rows, self._one_hot(labels, n))
        (gradient,) = torch.autograd.grad(self.objective.generator.of(outputs).sum(), rows)
        return np.hstack([points, -gradient.cpu().numpy() / space.frame.scale]).astype(np.float32)

    def draw_noise(self, n: int, seed: int = 0) -> Array:
        """Draw noise (n, noise_size) float32; the same seed repeats the draw."""
        return draw_noise(np.random.default_rng(seed), self._options.noise, n, self.latent_size)

    def draw_labels(self, n: int, seed: int = 0) -> npt.NDArray[np.int64]:
        """Draw n labels, all alike probable; the same seed repeats the draw."""
        return np.random.default_rng(seed).integers(max(1, self.space.n_classes), size=n)

    @property
    def latent_size(self) -> int:
        """Number of noise dimensions."""
        return self._options.noise_size

    @property
    def objective(self) -> Objective:
        """What the players play for."""
        return OBJECTIVES[self._options.objective]

    @property
    def gives_probability(self) -> bool:
        """Whether `discriminate` gives D(x) in [0, 1] rather than a critic's value."""
        return self.objective.gives_probability

    @property
    def generator(self) -> nn.Module:
        """The generator that learns; raises DataError before a fit."""
        return self._network("generator")

    @property
    def discriminator(self) -> nn.Module:
        """The discriminator, or critic; raises DataError before a fit."""
        return self._network("discriminator")

    @property
    def shown_generator(self) -> nn.Module:
        """The generator that samples: the moving average where there is one."""
        return self._networks.get("averaged") or self.generator

    @property
    def n_parameters(self) -> int | None:
        """Count the weights and biases of both players; None before a fit."""
        parts = [network for name, network in self._networks.items() if name != "averaged"]
        return sum(parameter.numel() for part in parts for parameter in part.parameters()) or None

    def state(self) -> dict[str, npt.NDArray]:
        """Return every weight by its dotted name, "generator.…" first, and what the data was."""
        return {**named_weights(nn.ModuleDict(self._networks)), **self.space.state()}

    def load_state(self, state: Mapping[str, npt.NDArray]) -> Self:
        """Become the model that `state` was taken from; raise DataError if it does not fit these hyperparameters."""
        space = Space.from_state(state)
        networks = self._fresh(space)
        load_weights(nn.ModuleDict(networks), state)
        self._become(space, networks)
        return self

    @property
    def _options(self) -> GameOptions:
        return cast(GameOptions, self.hyperparameters)

    def _read_examples(self, data: Data, labels: npt.ArrayLike | None) -> Examples:
        """Read the data; pixels go from −1 to 1, which a tanh reaches."""
        examples = read_examples(data, labels, self.conditional)
        if examples.space.kind == "points":
            return examples
        labels = None if examples.labels is None else IMAGE_LABEL * examples.labels
        return replace(examples, x=2 * examples.x - 1, labels=labels, space=replace(examples.space, frame=CENTRED))

    def _game(self, examples: Examples, generator: nn.Module, discriminator: nn.Module) -> Rounds:
        """Return the game that trains these networks."""
        return Game(self, examples, generator, discriminator)

    def _start(self, examples: Examples) -> Rounds:
        """Become a model with fresh weights, and return the game that trains it."""
        networks = self._fresh(examples.space)
        game = self._game(examples, networks["generator"], networks["discriminator"])
        if game.averaged is not None:
            networks["averaged"] = game.averaged
        self._become(examples.space, networks)
        return game

    def _fresh(self, space: Space) -> dict[str, nn.Module]:
        """Return networks with weights drawn from the seed; the average starts as the generator."""
        networks = {
            "generator": build(lambda: self._build_generator(space), self._options.seed),
            "discriminator": build(lambda: self._build_discriminator(space), self._options.seed + 1),
        }
        if self._options.averaging:
            networks["averaged"] = build(lambda: self._build_generator(space), self._options.seed)
        return networks

    def _become(self, space: Space, networks: dict[str, nn.Module]) -> None:
        self._space, self._networks = space, networks
        self.dimension = space.shape[0] if space.kind == "points" else None

    def _network(self, name: str) -> nn.Module:
        if name not in self._networks:
            raise DataError(f"{self.name} has not been fitted yet; call fit(data) first.")
        return self._networks[name]

    def _one_hot(self, labels: npt.ArrayLike | None, n: int) -> Tensor | None:
        """Return one-hot labels (n, n_classes), those of images longer, if the model is conditional, else None."""
        if not self.conditional:
            return None
        one_hot = self.space.read_labels(labels, n)
        return IMAGE_LABEL * one_hot if self.space.kind == "images" else one_hot


class _evaluating:  # noqa: N801  # reads as a statement
    """Have a network in evaluation mode for a while."""

    def __init__(self, network: nn.Module) -> None:
        self._network = network

    def __enter__(self) -> nn.Module:
        return self._network.eval()

    def __exit__(self, *_: object) -> None:
        self._network.train()


def _evaluated(network: nn.Module, rows: Tensor, labels: Tensor | None) -> Tensor:
    """Return what a network in evaluation mode makes of rows, without gradients and a chunk at a time."""
    with _evaluating(network):
        if labels is None:
            return in_chunks(lambda chunk: network(chunk, None), rows)
        return in_chunks(network, rows, labels)
