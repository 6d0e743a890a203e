"""What all models with a neural encoder and decoder share: device, seeds, training, and their state as arrays."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Self, TypeVar, cast

import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from engine.device import device
from engine.grid import Array
from engine.model import DataError, Metrics, Model
from engine.neural.examples import Data, Examples, OnExamples, Space, read_codes, read_examples
from engine.neural.layers import EncoderDecoder
from engine.neural.minibatches import Schedule, minimise
from engine.neural.options import TrainingOptions
from engine.neural.weights import load_weights, named_weights

Network = TypeVar("Network", bound=nn.Module)
CHUNK = 4096  # examples that go through a network at once
DRAWS = {"uniform_", "normal_", "kaiming_uniform_", "rand", "randn"}  # with which torch makes weights


class NeuralModel(OnExamples, Model):
    """Train an encoder and a decoder together; every step is one mini-batch.

    A subclass says how its network is built and what a batch costs. Labels may be given to every model, and those
    that are not `conditional` ignore them, so that a page can treat all models alike.
    """

    dimensions: ClassVar[tuple[int, ...]] = (2,)
    conditional: ClassVar[bool] = False

    def __init__(self, **hyperparameters: Any) -> None:
        super().__init__(**hyperparameters)
        self._space: Space | None = None
        self._network: EncoderDecoder | None = None

    @abstractmethod
    def _build(self, space: Space) -> EncoderDecoder:
        """Return a network with fresh weights for data of `space`; raise DataError where there can be none."""

    @abstractmethod
    def _losses(self, x: Tensor, labels: Tensor | None, noise: Tensor) -> Mapping[str, Tensor]:
        """Return named means over a batch x (b, size), in nats per example; the first is minimised."""

    @abstractmethod
    def _code(self, x: Tensor, labels: Tensor | None) -> Tensor:
        """Return codes (n, latent) of rows (n, size)."""

    @abstractmethod
    def _outputs(self, z: Tensor, labels: Tensor | None) -> Tensor:
        """Return what the decoder makes of codes (n, latent): means of the rows (n, size), or their logits."""

    @property
    @abstractmethod
    def _gives_logits(self) -> bool:
        """Whether outputs are logits of pixels instead of means."""

    def _noise_size(self, space: Space) -> int:
        """Return how many standard normal numbers a step needs per example."""
        return 0

    @property
    @abstractmethod
    def latent_size(self) -> int:
        """Number of latent dimensions."""

    def fit(self, data: Data, labels: npt.ArrayLike | None = None) -> Self:
        """Run all of `steps` and return the model."""
        for _ in self.steps(data, labels):
            pass
        return self

    def steps(self, data: Data, labels: npt.ArrayLike | None = None) -> Iterator[Metrics]:
        """Yield after every optimiser step, one mini-batch: `step`, `epoch` (a fraction) and the model's losses.

        `data` are images (n, 28, 28) in [0, 1] or points (n, 2); `labels` (n,) are those of `Images` or `Points`
        unless given. Losses are nats per example. Raises DataError on bad data, and if the loss becomes NaN.
        """
        examples = read_examples(data, labels, self.conditional)
        self._start(examples)
        options = cast(TrainingOptions, self.hyperparameters)
        schedule = Schedule(
            options.epochs,
            options.batch_size,
            options.learning_rate,
            options.seed,
            self._noise_size(examples.space),
            options.precision,
        )
        yield from self._train(examples, schedule)

    def _train(self, examples: Examples, schedule: Schedule) -> Iterator[Metrics]:
        yield from minimise(self._losses, self.network.parameters(), examples, schedule)

    def encode(self, x: Data, labels: npt.ArrayLike | None = None) -> Array:
        """Return the codes (n, latent) float32 of examples x; a conditional model needs their labels."""
        return self._through(self._code, self._rows(x), labels).cpu().numpy()

    def decode(self, z: npt.ArrayLike, labels: npt.ArrayLike | None = None) -> Array:
        """Return the examples (n, 28, 28) in [0, 1] or (n, 2), float32, that codes z (n, latent) decode to."""
        return self.space.outward(self._through(self._means, self._codes(z), labels))

    def reconstruct(self, x: Data, labels: npt.ArrayLike | None = None) -> Array:
        """Encode and decode examples x."""
        return self.decode(self.encode(x, labels), labels)

    @property
    def network(self) -> EncoderDecoder:
        """The trained network; raises DataError before a fit."""
        if self._network is None:
            raise DataError(f"{self.name} has not been fitted yet; call fit(data) first.")
        return self._network

    @property
    def n_parameters(self) -> int | None:
        """Count the weights and biases of encoder and decoder; None before a fit."""
        return sum(parameter.numel() for parameter in self._network.parameters()) if self._network else None

    def state(self) -> dict[str, npt.NDArray]:
        """Return every weight by its dotted name (float32), and what the data was, as arrays `load_state` reads."""
        return {**named_weights(self.network), **self.space.state()}

    def load_state(self, state: Mapping[str, npt.NDArray]) -> Self:
        """Become the model that `state` was taken from; raise DataError if it does not fit these hyperparameters.

        A training of this object that is under way goes on from these weights.
        """
        space = Space.from_state(state)
        if self._network is None or self._space is None or _shape(space) != _shape(self._space):
            network = build(lambda: self._build(space), seed=0)
        else:
            network = self._network
        load_weights(network, state)
        self._become(space, network)
        return self

    def _start(self, examples: Examples) -> None:
        """Become a network with fresh weights, whose outputs start around the mean of the data.

        A decoder that has to learn first which pixels are always black loses an epoch on it.
        """
        space = examples.space
        self._become(space, build(lambda: self._build(space), cast(TrainingOptions, self.hyperparameters).seed))
        bias = list(self.network.decoder.parameters())[-1]
        mean = examples.x.mean(dim=0)
        mean = mean if mean.shape == bias.shape else mean.mean()  # a convolution has one bias for all pixels
        with torch.no_grad():
            bias.copy_(mean.clamp(0.01, 0.99).logit() if self._gives_logits else mean)

    def _means(self, z: Tensor, labels: Tensor | None) -> Tensor:
        outputs = self._outputs(z, labels)
        return outputs.sigmoid() if self._gives_logits else outputs

    def _become(self, space: Space, network: EncoderDecoder) -> None:
        self._space, self._network = space, network
        self.dimension = space.shape[0] if space.kind == "points" else None

    def _rows(self, x: Data) -> Tensor:
        return self.space.inward(self.space.read(x))

    def _codes(self, z: npt.ArrayLike) -> Tensor:
        self.network  # noqa: B018  # an unfitted model says so first
        return torch.tensor(read_codes(z, self.latent_size)).to(device())

    def _one_hot(self, labels: npt.ArrayLike | None, n: int) -> Tensor | None:
        """Return one-hot labels (n, n_classes) if the model is conditional, else None."""
        return self.space.read_labels(labels, n) if self.conditional else None

    def _through(
        self, part: Callable[[Tensor, Tensor | None], Tensor], rows: Tensor, labels: npt.ArrayLike | None
    ) -> Tensor:
        """Send rows through a part of the network without gradients, a chunk at a time."""
        one_hot = self._one_hot(labels, len(rows))
        if one_hot is None:
            return in_chunks(lambda chunk: part(chunk, None), rows)
        return in_chunks(part, rows, one_hot)


def _shape(space: Space) -> tuple[tuple[int, ...], int]:
    return space.shape, space.n_classes


def build(make: Callable[[], Network], seed: int) -> Network:
    """Return a network on the device, its weights drawn from `seed` without touching torch's own generator."""
    with _DrawnFrom(torch.Generator().manual_seed(seed)):
        network = make()
    return network.to(device())


class _DrawnFrom(TorchFunctionMode):
    """Let what this thread draws come from a generator of its own: torch's is the whole process's."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self._generator = generator

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        own = {"generator": self._generator} if func.__name__ in DRAWS else {}
        return func(*args, **(kwargs or {}) | own)


def in_chunks(function: Callable[..., Tensor], *rows: Tensor) -> Tensor:
    """Return `function` of all rows, computed without gradients and a chunk at a time."""
    with torch.inference_mode():
        parts = [function(*chunk) for chunk in zip(*(tensor.split(CHUNK) for tensor in rows), strict=True)]
        return torch.cat(parts)


def append(rows: Tensor, labels: Tensor | None) -> Tensor:
    """Return rows (n, d) with one-hot labels (n, n_classes), if any, as further columns."""
    return rows if labels is None else torch.cat([rows, labels], dim=1)
