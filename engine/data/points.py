"""Point sets by name, in one and two dimensions, with their exact log-density where it is known."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from engine.data.curves import CURVES
from engine.data.gan_lab import GAN_LAB
from engine.data.gaussians import GAUSSIANS
from engine.data.one_dimensional import ONE_DIMENSIONAL
from engine.data.preset import Labels, LogProb, Preset
from engine.data.regions import REGIONS
from engine.grid import Array, Domain
from engine.model import DataError

PRESETS = {shape.name: shape for shape in (*CURVES, *REGIONS, *GAUSSIANS, *GAN_LAB, *ONE_DIMENSIONAL)}


@dataclass(frozen=True, eq=False)
class Points:
    """Hold a sample: x (n, d) float32, classes (n,) uint8 or None, and the truth behind it.

    `log_prob` maps points (n, d) to exact log-densities (n,) float32 in nats, or is None where there is no density.
    `domain` is the box to draw, the same for every sample of one preset.
    """

    name: str
    x: Array
    labels: Labels | None
    log_prob: LogProb | None
    domain: Domain

    @property
    def dimension(self) -> int:
        """Number of dimensions, 1 or 2."""
        return self.x.shape[1]


def presets(dimension: int | None = None) -> tuple[Preset, ...]:
    """List all presets, or those of one dimension (1 or 2), in the order a menu shows them."""
    return tuple(preset for preset in PRESETS.values() if dimension in (None, preset.dimension))


def preset(name: str) -> Preset:
    """Look a preset up by its name; raise DataError with near matches for an unknown one."""
    if name not in PRESETS:
        near = get_close_matches(name, PRESETS, n=3, cutoff=0.5) or list(PRESETS)
        raise DataError(f"There is no preset named {name!r}; try {', '.join(near)}.")
    return PRESETS[name]


def load_points(name: str, n: int | None = None, noise: float | None = None, seed: int = 0) -> Points:
    """Draw n points from the preset `name`; the same n, noise and seed repeat the draw.

    n defaults to the preset's usual number (500 for most), noise to its default; both have bounds.
    Raises DataError for an unknown name and for values out of bounds.
    """
    shape = preset(name)
    x, labels = shape.labelled_sample(shape.points if n is None else n, seed, noise)
    return Points(name, x, labels, shape.log_prob(noise), shape.domain)
