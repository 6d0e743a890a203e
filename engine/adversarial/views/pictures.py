"""What the lab draws of a GAN of images: manifolds and samples, walks, and the nearest training images."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from engine.adversarial.base import AdversarialModel
from engine.grid import Array
from engine.model import DataError
from engine.pictures import Picture, interpolate, manifold_codes, tile

CORNERS_SEED = 0  # of the four draws at the corners of a manifold over many noise dimensions
ROWS_AT_ONCE = 512  # images whose distances to all others are held at once: 18 MB of 9,000


def noise_codes(model: AdversarialModel, n: int = 15) -> Array:
    """Return the noise (n, n, noise_size) float32 whose images make the manifold.

    Of two dimensions both axes are quantiles of the noise, equally spaced in probability from 0.02 to 0.98; z₁ grows
    to the right and z₂ upwards. A single one runs through all n² cells in reading order. Of more it is a sheet
    between four draws of noise, see `noise_sheet`.
    """
    codes = noise_sheet(n, model.latent_size) if model.latent_size > 2 else manifold_codes(model, n)
    chosen: Any = model.hyperparameters
    return (2 * ndtr(codes) - 1).astype(np.float32) if chosen.noise == "uniform" else codes


def noise_sheet(n: int, size: int) -> Array:
    """Return normal noise (n, n, size) float32 on a sheet between four draws, one at each corner.

    At u, v from 0 to 1 its place is Σ wᵢ zᵢ over the corners' draws zᵢ, with the weights cos πu/2 or sin πu/2 times
    cos πv/2 or sin πv/2. Their squares sum to one, so that every place is itself a draw from N(0, I); a plane through
    the middle of many dimensions is where noise never lies (White 2016, Sampling generative networks).
    """
    corners = np.random.default_rng(CORNERS_SEED).standard_normal((2, 2, size))
    along = 0.5 * np.pi * np.linspace(0, 1, n)
    weights = np.stack([np.cos(along), np.sin(along)])
    return np.einsum("aj,bi,bad->ijd", weights, weights, corners).astype(np.float32)


def picture_manifold(model: AdversarialModel, n: int = 15, label: int | None = None) -> Picture:
    """Return the images of the noise on a grid, see `noise_codes`, as one picture (28n, 28n) uint8.

    A conditional model needs the `label` to draw.
    """
    return tile(model.generate(noise_codes(model, n).reshape(n * n, -1), label), n)


def picture_samples(model: AdversarialModel, n: int = 8, seed: int = 0, label: int | None = None) -> Picture:
    """Return n × n samples as one picture (28n, 28n) uint8: the same noise at every moment of a training.

    A conditional model draws all labels in turn, in reading order, or one `label`.
    """
    labels: npt.NDArray[np.int64] | int | None = label
    if model.conditional and label is None:
        labels = np.arange(n * n) % model.space.n_classes
    return tile(model.sample(n * n, seed, labels), n)


def noise_walk(
    model: AdversarialModel,
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    n: int = 10,
    how: str = "spherical",
    label: int | None = None,
) -> Array:
    """Return the n images (n, 28, 28) float32 on the way from noise a to noise b, each (noise_size,).

    Along the line ("linear") or an arc ("spherical"), see `engine.pictures.interpolate`. Normal noise of many
    dimensions d lies near the sphere of radius √d, which a line leaves and an arc keeps to (White 2016, Sampling
    generative networks).
    """
    return model.generate(interpolate(a, b, n, how), label)


class Neighbours(NamedTuple):
    """Hold the nearest of some images to each of n others: indices (n,) and Euclidean distances (n,) float32."""

    indices: npt.NDArray[np.intp]
    distances: Array


def nearest_images(images: Array, among: Array) -> Neighbours:
    """Return which of `among` (m, 28, 28) lies nearest each of `images` (n, 28, 28), by Euclidean distance of pixels.

    A generator that memorises has its samples far nearer to training images than held-out images are: compare
    `nearest_images(samples, train)` with `nearest_images(held_out, train)`. Distances come from
    ‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b, matrix products for many images at once; those found are then computed plainly.
    Raises DataError where there is nothing to compare with.
    """
    if not len(among):
        raise DataError("There are no images to compare with.")
    rows, others = (np.asarray(x, np.float32).reshape(len(x), -1) for x in (images, among))
    lengths = np.square(others).sum(axis=1)
    parts = [
        (lengths - 2 * (rows[start : start + ROWS_AT_ONCE] @ others.T)).argmin(axis=1)
        for start in range(0, len(rows), ROWS_AT_ONCE)
    ]
    indices = np.concatenate(parts) if parts else np.zeros(0, np.intp)
    return Neighbours(indices, np.linalg.norm(rows - others[indices], axis=1))


def picture_neighbours(images: Array, among: Array, columns: int = 8) -> Picture:
    """Return images (n, 28, 28) with the nearest of `among` under each: a picture of rows of pairs, uint8."""
    nearest = among[nearest_images(images, among).indices]
    n = -(-len(images) // columns) * columns
    pairs = np.zeros((2, n, *images.shape[1:]), np.float32)
    pairs[0, : len(images)], pairs[1, : len(images)] = images, nearest
    stacked = pairs.reshape(2, n // columns, columns, *images.shape[1:]).swapaxes(0, 1)
    return tile(stacked.reshape(2 * n, *images.shape[1:]), columns)
