"""MNIST and Fashion-MNIST: 10,000 embedded images of each, or the full sets where there is a network."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.grid import Array
from engine.model import DataError

DIGITS = tuple("0123456789")
CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
CLASS_NAMES = {"mnist": DIGITS, "fashion_mnist": CLOTHES}
OPENML_NAMES = {"mnist": "mnist_784", "fashion_mnist": "Fashion-MNIST"}
HELD_OUT = {10_000: 1_000, 70_000: 10_000}  # the last images; of the full sets these are the official test set


@dataclass(frozen=True, eq=False)
class Images:
    """Hold images (n, 28, 28) float32 in [0, 1] with labels (n,) uint8, which index `class_names`.

    `note` is a sentence for the page where something else was loaded than was asked for, else None.
    """

    images: Array
    labels: npt.NDArray[np.uint8]
    class_names: tuple[str, ...]
    note: str | None = None

    def __len__(self) -> int:
        return len(self.images)


def load_images(
    name: str = "mnist", full: bool = False, classes: Collection[int] | None = None
) -> tuple[Images, Images]:
    """Return (train, held_out) of "mnist" or "fashion_mnist"; the split is always the same.

    The embedded set has 9,000 and 1,000 images. `full` downloads all 70,000 (60,000 and the official 10,000 test
    images); where that fails the embedded set comes with the reason in `note`. `classes` keeps only those labels.
    Raises DataError for an unknown name or class.
    """
    if name not in CLASS_NAMES:
        raise DataError(f"There is no image set named {name!r}; there are {' and '.join(CLASS_NAMES)}.")
    unknown = sorted(set(classes or ()) - set(range(10)))
    if unknown or (classes is not None and not classes):
        raise DataError(f"Classes are numbers from 0 to 9, at least one; these were {list(classes or ())}.")
    note = None
    if full:
        try:
            pixels, labels = _fetch(name)
        # ImportError: scikit-learn reads this format with pandas.
        except (OSError, ValueError, HTTPException, ImportError) as error:
            note = (
                f"The full set could not be downloaded ({_reason(error)}), so these are the embedded 10,000 images."
            )
            pixels, labels = _embedded(name)
    else:
        pixels, labels = _embedded(name)
    split = len(pixels) - HELD_OUT[len(pixels)]
    return (
        _images(name, pixels[:split], labels[:split], classes, note),
        _images(name, pixels[split:], labels[split:], classes, note),
    )


def _images(
    name: str,
    pixels: npt.NDArray[np.uint8],
    labels: npt.NDArray[np.uint8],
    classes: Collection[int] | None,
    note: str | None,
) -> Images:
    if classes is not None:
        keep = np.isin(labels, list(classes))
        pixels, labels = pixels[keep], labels[keep]
    return Images(pixels.astype(np.float32) / 255, labels, CLASS_NAMES[name], note)


def _embedded(name: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    with np.load(Path(__file__).parent / f"{name}_10k.npz", allow_pickle=False) as file:
        return file["images"], file["labels"]


def _fetch(name: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Download all 70,000 images (scikit-learn caches them); raise OSError or ValueError where that fails."""
    from sklearn.datasets import fetch_openml

    pixels, labels = fetch_openml(
        OPENML_NAMES[name], version=1, return_X_y=True, as_frame=False, parser="auto", n_retries=1, delay=0.5
    )
    if np.shape(pixels) != (70_000, 784):
        raise ValueError("OpenML sent something else")
    return np.asarray(pixels).astype(np.uint8).reshape(-1, 28, 28), np.asarray(labels).astype(np.uint8)


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", error)).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
