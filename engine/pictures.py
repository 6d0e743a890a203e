"""What autoencoders and GANs both draw of a latent space: grids of codes, walks, and images laid out as a picture."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from engine.grid import Array
from engine.model import DataError


def prior_quantiles(low: float, high: float, n: int) -> Array:
    """Return n standard normal quantiles (n,), equally spaced in probability from `low` to `high`."""
    return ndtri(np.linspace(low, high, n))


Picture = npt.NDArray[np.uint8]  # 0 is black, 255 is white


class HasCodes(Protocol):
    """What every model offers that makes examples from codes."""

    @property
    def latent_size(self) -> int: ...  # noqa: D102


def to_picture(images: Array) -> Picture:
    """Return pixels in [0, 1] as grey levels from 0 to 255, same shape."""
    return np.rint(images.clip(0, 1) * 255).astype(np.uint8)


def tile(images: Array, columns: int) -> Picture:
    """Lay images (n, h, w) in [0, 1] out in reading order as one picture (rows · h, columns · w); gaps are black."""
    n, height, width = images.shape
    rows = -(-n // columns)
    padded = np.zeros((rows * columns, height, width), np.float32)
    padded[:n] = images
    return to_picture(padded.reshape(rows, columns, height, width).swapaxes(1, 2).reshape(rows * height, -1))


def manifold_codes(
    model: HasCodes,
    n: int = 15,
    low: float = 0.02,
    high: float = 0.98,
    centre: npt.ArrayLike = 0.0,
    spread: npt.ArrayLike = 1.0,
) -> Array:
    """Return the codes (n, n, latent) float32 whose decodings make the manifold.

    Both axes are normal quantiles, equally spaced in probability from `low` to `high`; z₁ grows to the right and z₂
    upwards. Dimensions beyond the second stay at `centre`; a single one runs through all n² cells in reading order.
    `centre` and `spread` (numbers, or one for each dimension) move the prior N(0, I) to where an autoencoder's codes
    are.
    """
    size = model.latent_size
    if size == 1:
        codes = prior_quantiles(low, high, n * n).reshape(n, n, 1)
    else:
        axis = prior_quantiles(low, high, n)
        codes = np.zeros((n, n, size))
        codes[..., 0], codes[..., 1] = axis[None, :], axis[::-1, None]
    return (np.asarray(centre) + np.asarray(spread) * codes).astype(np.float32)


def interpolate(a: npt.ArrayLike, b: npt.ArrayLike, n: int = 10, how: str = "linear", beyond: float = 0.0) -> Array:
    """Return n steps (n, …) float32 from a to b, two codes or two images, along a line or an arc.

    "spherical" turns the direction at an even rate and changes the length evenly (Shoemake 1985, Animating rotation
    with quaternion curves; White 2016, Sampling generative networks); parallel directions fall back to the line.
    `beyond` extrapolates by this share of the way at both ends. Raises DataError for shapes that differ.
    """
    first, last = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if first.shape != last.shape:
        raise DataError(f"Both ends must have the same shape; they have {first.shape} and {last.shape}.")
    if how not in ("linear", "spherical"):
        raise DataError(f"An interpolation is linear or spherical, not {how!r}.")
    t = np.linspace(-beyond, 1 + beyond, n).reshape(-1, *[1] * first.ndim)
    straight = (1 - t) * first + t * last
    if how == "linear":
        return straight.astype(np.float32)
    lengths = np.linalg.norm(first), np.linalg.norm(last)
    if min(lengths) == 0:
        return straight.astype(np.float32)
    from_, to = first / lengths[0], last / lengths[1]
    angle = np.arccos(np.clip((from_ * to).sum(), -1, 1))
    if np.sin(angle) < 1e-6:
        return straight.astype(np.float32)
    direction = (np.sin((1 - t) * angle) * from_ + np.sin(t * angle) * to) / np.sin(angle)
    return (direction * ((1 - t) * lengths[0] + t * lengths[1])).astype(np.float32)
