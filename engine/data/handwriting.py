"""A digit drawn by hand: in the form of MNIST, scaled into a box of 20 pixels, and as a short text for a link."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from engine.data.link_text import broken, pack, unpack
from engine.grid import Array
from engine.model import DataError

SIDE, BOX = 28, 20  # pixels of an image, and of what is written on it
MIDDLE = 14  # row and column of the centre of mass, rounded up from 13.5 as MNIST's is
INK = 0.1  # a pixel darker than this is paper
GREYS = 15  # steps from paper to ink that a link tells apart
VERSION, WHAT = "d1", "drawn digit"


def as_mnist(drawing: npt.ArrayLike) -> Array:
    """Return a drawing (h, w), ink 1 on paper 0, as an image (28, 28) float32 in [0, 1].

    What is drawn is scaled so that its longer side is 20 pixels, and moved so that its centre of mass is at pixel
    (14, 14) from 0. Raises DataError for a drawing without ink or with numbers beyond 0 to 1. (LeCun, Bottou,
    Bengio and Haffner, 1998, "Gradient-based learning applied to document recognition".)
    """
    ink = np.asarray(drawing, dtype=np.float64)
    if ink.ndim != 2 or not np.isfinite(ink).all() or ink.min(initial=0) < 0 or ink.max(initial=0) > 1:
        raise DataError("A drawing is a picture (height, width) with numbers from 0 to 1.")
    rows, columns = (np.flatnonzero((ink > INK).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise DataError("Nothing is drawn yet.")
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = BOX / max(cut.shape)
    # Averaging before thinning out keeps thin strokes; a picture that grows needs none.
    soft = ndimage.gaussian_filter(cut, max(0.0, 0.3 * (1 / scale - 1)), mode="constant")
    centre = np.array(ndimage.center_of_mass(soft))
    steps = np.indices((SIDE, SIDE)).reshape(2, -1) - MIDDLE
    values = ndimage.map_coordinates(soft, centre[:, None] + steps / scale, order=1, mode="constant")
    image = values.reshape(SIDE, SIDE)
    return (image / image.max()).astype(np.float32)


def encode_digit(image: Array) -> str:
    """Return an image (28, 28) in [0, 1] as URL-safe text of about 170 characters, each pixel rounded to 1/15."""
    return pack(np.rint(np.asarray(image) * GREYS).astype(np.uint8).tobytes(), VERSION)


def decode_digit(text: str) -> Array:
    """Return the image (28, 28) float32 that `encode_digit` put into text; raise DataError for anything else."""
    levels = np.frombuffer(unpack(text, VERSION, SIDE * SIDE, WHAT), np.uint8)
    if levels.shape != (SIDE * SIDE,) or levels.max() > GREYS:
        raise DataError(broken(WHAT))
    return (levels.reshape(SIDE, SIDE) / GREYS).astype(np.float32)
