"""What the labs draw of a latent-variable model: plain arrays from a model, in a few milliseconds each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.grid import Array
from engine.latent.vae import VAE
from engine.model import DataError
from engine.neural.examples import Data, Kind
from engine.pictures import HasCodes, Picture, manifold_codes, tile

Labels = npt.ArrayLike | None


class HasLatentSpace(HasCodes, Protocol):
    """What every model of this family offers."""

    @property
    def data_kind(self) -> Kind | None: ...  # noqa: D102
    def encode(self, x: Data, labels: Labels = None) -> Array: ...  # noqa: D102
    def decode(self, z: npt.ArrayLike, labels: Labels = None) -> Array: ...  # noqa: D102


def manifold(
    model: HasLatentSpace,
    n: int = 15,
    low: float = 0.02,
    high: float = 0.98,
    label: int | None = None,
    centre: npt.ArrayLike = 0.0,
    spread: npt.ArrayLike = 1.0,
) -> Array | Picture:
    """Decode a grid of codes, see `manifold_codes`: a picture (28n, 28n) uint8, or points (n, n, 2) float32.

    A conditional model needs the `label` to draw.
    """
    codes = manifold_codes(model, n, low, high, centre, spread)
    decoded = model.decode(codes.reshape(n * n, -1), label)
    return tile(decoded, n) if model.data_kind == "images" else decoded.reshape(n, n, 2)


def latent_positions(model: HasLatentSpace, x: Data, labels: Labels = None) -> Array:
    """Return where to draw examples x in the latent space, (n, 2) float32: posterior means, or codes.

    `latent_axes` names the coordinates. Two dimensions are drawn as they are, one along a line with 0 beside it, and
    of more the first two principal axes of these codes.
    """
    codes = model.encode(x, labels)
    if codes.shape[1] == 1:
        return np.column_stack([codes, np.zeros_like(codes)])
    return codes if codes.shape[1] == 2 else ((codes - codes.mean(axis=0)) @ principal_axes(codes)).astype(np.float32)


def latent_axes(model: HasLatentSpace) -> tuple[str, str]:
    """Return the names of the two axes of `latent_positions`."""
    if model.latent_size == 1:
        return "z₁", ""
    return ("z₁", "z₂") if model.latent_size == 2 else ("First principal axis of z", "Second principal axis of z")


def analogy(model: HasLatentSpace, x: Data, labels: Labels = None) -> Array:
    """Return the decoding (1, 28, 28) or (1, 2) of z(a) − z(b) + z(c) for the three examples x = (a, b, c).

    A conditional model decodes it under the label of c.
    """
    codes = model.encode(x, labels)
    if len(codes) != 3:
        raise DataError(f"An analogy takes three examples a, b and c; there are {len(codes)}.")
    label = None if labels is None else np.broadcast_to(labels, 3)[2:]
    return model.decode(codes[:1] - codes[1:2] + codes[2:], label)


def style_codes(model: HasLatentSpace, codes: Array, target_labels: Sequence[int] = range(10)) -> Array:
    """Return the decodings (styles, labels, 28, 28) of every code (styles, latent) under every target label."""
    targets = np.tile(np.asarray(target_labels), len(codes))
    decoded = model.decode(np.repeat(codes, len(target_labels), axis=0), targets)
    return decoded.reshape(len(codes), len(target_labels), *decoded.shape[1:])


def style_grid(
    model: HasLatentSpace, x: Data, labels: npt.ArrayLike, target_labels: Sequence[int] = range(10)
) -> Picture:
    """Return the picture (28 · styles, 28 · labels) of every image's style, down, under every label, across."""
    grid = style_codes(model, model.encode(x, labels), target_labels)
    return tile(grid.reshape(-1, *grid.shape[2:]), len(target_labels))


def reconstructions(model: HasLatentSpace, x: Array, labels: Labels = None) -> Picture:
    """Return a picture (56, 28n): images above, their reconstructions below."""
    rebuilt = model.decode(model.encode(x, labels), labels)
    return tile(np.concatenate([x, rebuilt]), len(x))


def posterior_samples(model: VAE, x: Data, n: int = 10, seed: int = 0, labels: Labels = None) -> Array:
    """Return decoded draws from q(z|x) of each example, (examples, n, 28, 28) or (examples, n, 2) float32."""
    mean, deviation = model.posterior(x, labels)
    noise = np.random.default_rng(seed).standard_normal((n, *mean.shape))
    codes = (mean + deviation * noise).swapaxes(0, 1).reshape(-1, mean.shape[1])
    repeated = None if labels is None else np.repeat(np.broadcast_to(labels, len(mean)), n)
    decoded = model.decode(codes, repeated)
    return decoded.reshape(len(mean), n, *decoded.shape[1:])


def prior_samples(
    model: HasLatentSpace,
    n: int = 100,
    seed: int = 0,
    labels: Labels = None,
    centre: npt.ArrayLike = 0.0,
    spread: npt.ArrayLike = 1.0,
) -> Array:
    """Return the decodings (n, 28, 28) or (n, 2) of normal draws of z, whatever the model: from N(0, I), or moved.

    For an autoencoder these show why it is no generative model: even with the `centre` and `spread` of its own codes,
    most draws lie where there is no code. The decoder's noise is left out.
    """
    draws = np.random.default_rng(seed).standard_normal((n, model.latent_size))
    return model.decode(np.asarray(centre) + np.asarray(spread) * draws, labels)


def most_likely_label(model: VAE, image: Array, n_labels: int = 10) -> int:
    """Return the label y under which a conditional VAE bounds log p(x|y) of an image (28, 28) highest."""
    copies = np.repeat(np.asarray(image)[None], n_labels, axis=0)
    return int(np.argmax(model.iwae(copies, 10, np.arange(n_labels))))


def principal_axes(codes: Array) -> Array:
    """Return the two principal axes of codes (n, d) as columns (d, 2)."""
    centred = codes - codes.mean(axis=0)
    axes = np.linalg.eigh(centred.T @ centred)[1][:, :-3:-1]
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])  # eigh's could flip between epochs
    return axes * signs
