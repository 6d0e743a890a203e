"""How well style transfer holds: the share of pictures in which a classifier reads the label that was asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.evaluation.classifier import Classifier
from engine.grid import Array
from engine.latent.views.images import HasLatentSpace, style_codes
from engine.model import DataError
from engine.pictures import Picture

SIDE = 28  # pixels of a cell


@dataclass(frozen=True)
class Share:
    """Hold an estimated share, 0 to 1, and its standard error."""

    value: float
    standard_error: float


def label_share(
    model: HasLatentSpace, images: Array, labels: npt.ArrayLike, classifier: Classifier, n_labels: int = 10
) -> Share:
    """Return the share of style-grid cells that are read as the label asked for.

    The styles of images (n, 28, 28) with their labels (n,) are decoded under every label; see `clustered_share`.
    """
    cells = style_codes(model, model.encode(images, labels), range(n_labels))
    return _share_of(cells.reshape(-1, SIDE, SIDE), classifier, n_labels)


def label_share_of_picture(picture: Picture, classifier: Classifier, n_labels: int = 10) -> Share:
    """Return the same of a picture (28 · styles, 28 · labels) of grey levels, as `style_grid` draws it."""
    height, width = picture.shape
    if height % SIDE or width != n_labels * SIDE:
        raise DataError(f"A style grid has {n_labels} labels across; this picture has {picture.shape} pixels.")
    cells = picture.reshape(-1, SIDE, n_labels, SIDE).swapaxes(1, 2).reshape(-1, SIDE, SIDE)
    return _share_of(cells.astype(np.float32) / 255, classifier, n_labels)


def clustered_share(right: npt.NDArray[np.bool_]) -> Share:
    """Return the mean of right (clusters, members) and its standard error, for clusters drawn independently.

    The ten cells of one style stand or fall together, so that they count as one draw: the error is that of the mean
    of the clusters' own shares. (Liang and Zeger 1986, Longitudinal data analysis using generalized linear models.)
    Raises DataError for fewer than two clusters.
    """
    if len(right) < 2:
        raise DataError("A standard error needs at least two styles.")
    shares = right.mean(axis=1)
    return Share(float(shares.mean()), float(shares.std(ddof=1) / math.sqrt(len(shares))))


def accuracy(classifier: Classifier, images: Array, labels: npt.ArrayLike) -> Share:
    """Return the share of real images (n, 28, 28) whose label (n,) is read, each a draw of its own."""
    return clustered_share((classifier.predict(images) == np.asarray(labels))[:, None])


def separation(codes: Array, labels: npt.ArrayLike) -> float:
    """Return the share of the variance of codes (n, d) that lies between the means of the labels (n,), 0 to 1.

    It is 0 where all labels have the same mean code, and 1 where the label alone fixes the code. (Fisher 1925,
    Statistical methods for research workers: η².)
    """
    given = np.asarray(labels)
    centred = np.asarray(codes, np.float64) - np.mean(codes, axis=0, dtype=np.float64)
    total = np.square(centred).sum()
    if total == 0:
        return 0.0
    names, numbers = np.unique(given, return_inverse=True)
    belongs = (numbers == np.arange(len(names))[:, None]).astype(np.float64)
    means = belongs @ centred / belongs.sum(axis=1, keepdims=True)
    return float((belongs.sum(axis=1) * np.square(means).sum(axis=1)).sum() / total)


def _share_of(cells: Array, classifier: Classifier, n_labels: int) -> Share:
    """Return the share of cells (styles · labels, 28, 28), a style's labels in order, that are read as asked for."""
    return clustered_share(classifier.predict(cells).reshape(-1, n_labels) == np.arange(n_labels))
