"""How good generated images are, as a classifier sees them: inception score, Fréchet distance, coverage, labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import entr

from engine.data import Images, load_images
from engine.evaluation.classifier import Classifier, reader
from engine.evaluation.wasserstein import Estimate
from engine.grid import Array
from engine.model import DataError

N_SCORED = 1000  # images a score is taken of: as many as are held out, for the Fréchet distance falls with n
REPEATS = 50  # of the bootstrap
COVERED_SHARE, COVERED_PROBABILITY = 0.01, 0.9


@dataclass(frozen=True, eq=False)
class Scores:
    """Hold the scores of `n` images, each an `Estimate` whose standard error comes from a bootstrap over the images.

    `inception_score` goes from 1 to the number of classes, higher is better; `frechet_distance` from 0, lower is
    better, in squared units of the classifier's features; `coverage` counts classes and `shares` (n_classes,) are
    those of images read as each; `label_accuracy` is the share read as they were asked for, None without labels.
    """

    n: int
    inception_score: Estimate
    frechet_distance: Estimate
    coverage: Estimate
    shares: Array
    label_accuracy: Estimate | None


class Judge:
    """Score images with a classifier `reader`, against `reference` images that they should look like.

    `held_out` are real images that the reader has not seen; their scores are the best that can be expected.
    """

    def __init__(self, reader: Classifier, reference: Images, held_out: Images) -> None:
        self.reader, self.held_out = reader, held_out
        self._reference = moments(reader.features(reference))

    @cached_property
    def real(self) -> Scores:
        """The scores of held-out real images: the Fréchet distance's floor, and the other scores' ceiling."""
        return self.scores(self.held_out.images, self.held_out.labels)

    def scores(self, images: Array, labels: npt.ArrayLike | None = None, seed: int = 0) -> Scores:
        """Return the scores of images (n, 28, 28) in [0, 1], drawn for `labels` (n,) if there are any.

        Compare Fréchet distances of one n only: fewer images give a larger one. Raises DataError for fewer than two.
        """
        if len(images) < 2:
            raise DataError(f"Scores need at least two images; there are {len(images)}.")
        probabilities, features = self.reader.probabilities(images), self.reader.features(images)
        read = probabilities.argmax(axis=1)
        right = None if labels is None else read == np.broadcast_to(labels, len(images))
        return Scores(
            len(images),
            bootstrap(inception_score, probabilities, seed=seed),
            bootstrap(lambda rows: frechet_distance(moments(rows), self._reference), features, seed=seed),
            bootstrap(coverage, probabilities, seed=seed),
            np.bincount(read, minlength=probabilities.shape[1]) / len(images),
            None if right is None else bootstrap(lambda rows: float(rows.mean()), right, seed=seed),
        )


@lru_cache(maxsize=4)
def judge(data: str) -> Judge:
    """Return the judge of an image set, whose `reader` takes some seconds to train, once a process."""
    train, held_out = load_images(data)
    return Judge(reader(data), train, held_out)


def inception_score(probabilities: Array) -> float:
    """Return exp(mean over x of KL(p(y|x) ‖ p(y))) of class probabilities (n, n_classes), p(y) their mean.

    It is 1 where all images look alike or unreadable, and the number of classes where each is read with certainty
    and all classes are as frequent. Source: Salimans et al. 2016, Improved techniques for training GANs.
    """
    rows = np.asarray(probabilities, np.float64)
    return float(np.exp(entr(rows.mean(axis=0)).sum() - entr(rows).sum(axis=1).mean()))


@dataclass(frozen=True, eq=False)
class Moments:
    """Hold the mean (d,) and the covariance (d, d) of features."""

    mean: Array
    covariance: Array

    @cached_property
    def root(self) -> Array:
        """The symmetric square root of the covariance."""
        values, vectors = np.linalg.eigh(self.covariance)
        return (vectors * np.sqrt(values.clip(0))) @ vectors.T


def moments(features: Array) -> Moments:
    """Return mean and unbiased covariance of features (n, d)."""
    rows = np.asarray(features, np.float64)
    centred = rows - rows.mean(axis=0)
    return Moments(rows.mean(axis=0), centred.T @ centred / (len(rows) - 1))


def frechet_distance(p: Moments, q: Moments) -> float:
    """Return the squared Fréchet (Wasserstein-2) distance between the normal distributions with these moments.

    ‖μ₁ − μ₂‖² + tr Σ₁ + tr Σ₂ − 2 Σ √λ, with the eigenvalues λ of Σ₁Σ₂, which are those of Σ₂^½ Σ₁ Σ₂^½. Sources:
    Dowson and Landau 1982, The Fréchet distance between multivariate normal distributions; Heusel et al. 2017, GANs
    trained by a two time-scale update rule.
    """
    eigenvalues = np.linalg.eigvalsh(q.root @ p.covariance @ q.root)
    traces = np.trace(p.covariance) + np.trace(q.covariance) - 2 * np.sqrt(eigenvalues.clip(0)).sum()
    return float(np.square(p.mean - q.mean).sum() + max(traces, 0.0))


def coverage(probabilities: Array) -> float:
    """Return how many classes at least 1 % of the images belong to with a probability of at least 0.9."""
    certain = probabilities >= COVERED_PROBABILITY
    return float(np.count_nonzero(certain.mean(axis=0) >= COVERED_SHARE))


def bootstrap(statistic: Callable[[Array], float], rows: Array, repeats: int = REPEATS, seed: int = 0) -> Estimate:
    """Return `statistic` of rows (n, ...) with its standard error: its spread over samples drawn again from them.

    Source: Efron 1979, Bootstrap methods: another look at the jackknife.
    """
    generator = np.random.default_rng(seed)
    again = [statistic(rows[generator.integers(len(rows), size=len(rows))]) for _ in range(repeats)]
    return Estimate(statistic(rows), "bootstrap", float(np.std(again, ddof=1)))
