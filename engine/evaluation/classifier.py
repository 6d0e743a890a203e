"""A small classifier of images: it counts the classes on a manifold and reads the labels of generated digits."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.data import Images, load_images
from engine.grid import Array
from engine.model import DataError
from engine.neural.examples import Data, Space, read_examples
from engine.neural.layers import dense, fold
from engine.neural.minibatches import Schedule, minimise
from engine.neural.model import build, in_chunks

DROPOUT = 0.3  # share of the features that a training step leaves out
_TRAINING = Lock()  # visitors who ask at the same time wait for one training


class Classifier:
    """Learn p(label | image) by two convolutions and a hidden layer, minimising the cross-entropy.

    It is a reader of other models' pictures, not a generative model: judge a count by its own `accuracy` on held-out
    images. Source: LeCun, Bottou, Bengio and Haffner 1998, Gradient-based learning applied to document recognition.
    """

    def __init__(self, epochs: int = 6, seed: int = 0) -> None:
        self.epochs, self.seed = epochs, seed
        self._space: Space | None = None
        self._network: nn.Module | None = None

    def fit(self, images: Data, labels: npt.ArrayLike | None = None) -> Self:
        """Train on images (n, 28, 28) with labels (n,), by default those of `Images`; raise DataError on bad data."""
        examples = read_examples(images, labels, needs_labels=True)
        if examples.space.kind != "images":
            raise DataError("The classifier reads images, not points.")
        self._space = examples.space
        self._network = build(lambda: _network(examples.space.n_classes), self.seed)
        schedule = Schedule(self.epochs, 64, 2e-3, self.seed, noise_size=32 * 7 * 7)
        for _ in minimise(self._losses, self._network.parameters(), examples, schedule):
            pass
        return self

    def probabilities(self, images: Data) -> Array:
        """Return p(label | image), (n, n_classes) float32."""
        network, space = self._fitted()
        return in_chunks(lambda x: network(x).softmax(-1), space.inward(space.read(images))).cpu().numpy()

    def features(self, images: Data) -> Array:
        """Return the activations (n, 128) float32 of the last hidden layer, in which images can be compared."""
        network, space = self._fitted()
        features, head = network.children()
        hidden = nn.Sequential(features, *list(head.children())[:-1])
        return in_chunks(hidden, space.inward(space.read(images))).cpu().numpy()

    def predict(self, images: Data) -> npt.NDArray[np.intp]:
        """Return the most probable label of each image, (n,)."""
        return self.probabilities(images).argmax(axis=1)

    def accuracy(self, images: Data, labels: npt.ArrayLike | None = None) -> float:
        """Return the share of images whose label is predicted; labels are by default those of `Images`."""
        if labels is None and isinstance(images, Images):
            labels = images.labels
        if labels is None:
            raise DataError("The accuracy needs the true labels.")
        return float(np.mean(self.predict(images) == np.asarray(labels)))

    def _losses(self, x: Tensor, labels: Tensor | None, noise: Tensor) -> Mapping[str, Tensor]:
        features, head = self._fitted()[0].children()
        # Dropout by hand, as torch draws from its global generator: erf(noise/√2) is uniform on (−1, 1).
        kept = torch.erf(noise / 2**0.5) > 2 * DROPOUT - 1
        logits = head(features(x) * kept / (1 - DROPOUT))
        assert labels is not None
        return {"loss": functional.cross_entropy(logits, labels)}

    def _fitted(self) -> tuple[nn.Module, Space]:
        if self._network is None or self._space is None:
            raise DataError("The classifier has not been fitted yet; call fit(images) first.")
        return self._network, self._space


def _network(n_classes: int) -> nn.Sequential:
    return nn.Sequential(nn.Sequential(fold(), nn.Flatten()), dense([32 * 7 * 7, 128, n_classes]))


def reader(data: str) -> Classifier:
    """Return the classifier of an image set, such as "mnist": trained on its training images once a process.

    The first call takes some seconds, also for others who ask meanwhile. Raises DataError for an unknown set.
    """
    with _TRAINING:
        return _reader(data)


@lru_cache(maxsize=4)
def _reader(data: str) -> Classifier:
    train, _ = load_images(data)
    return Classifier().fit(train)
