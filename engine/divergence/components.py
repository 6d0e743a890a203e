"""A mixture of Gaussians to edit by hand: ellipses with weights, and one line of text for a link."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.divergence.targets import MixtureTarget
from engine.grid import Array
from engine.model import DataError

MOST = 9  # components
NARROWEST, WIDEST = 0.1, 8.0  # standard deviations along an axis, data units
FARTHEST = 20.0  # of a mean from 0 along each axis
SCALE = 2.0  # standard deviations from the mean to the tips of its axes


@dataclass(frozen=True)
class Component:
    """Describe a Gaussian in the plane by its ellipse.

    `weight` is its share beside the others', (`x`, `y`) its mean, `along` and `across` the standard deviations along
    its two axes, `angle` the first axis' direction in degrees from the x axis, from 0 up to 180. Numbers beyond what
    can be edited are moved to the nearest that can.
    """

    weight: float
    x: float
    y: float
    along: float
    across: float
    angle: float

    def __post_init__(self) -> None:
        values = (self.weight, self.x, self.y, self.along, self.across, self.angle)
        if not all(map(math.isfinite, values)):
            raise DataError("A component's weight, mean, deviations and angle must be finite numbers.")
        held = {
            "weight": min(max(self.weight, 0.0), 1.0),
            "angle": self.angle % 180.0,
            **{name: min(max(getattr(self, name), -FARTHEST), FARTHEST) for name in ("x", "y")},
            **{name: min(max(getattr(self, name), NARROWEST), WIDEST) for name in ("along", "across")},
        }
        for name, value in held.items():
            object.__setattr__(self, name, round(float(value), 3))

    @property
    def axes(self) -> Array:
        """Unit vectors (2, 2), one a row: along the first axis and along the second."""
        angle = math.radians(self.angle)
        return np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])

    @property
    def covariance(self) -> Array:
        """Covariance (2, 2) in squared data units."""
        return self.axes.T @ np.diag([self.along**2, self.across**2]) @ self.axes

    @property
    def tips(self) -> dict[str, tuple[float, float]]:
        """Points two standard deviations from the mean, on the axis "along" and on the axis "across"."""
        mean, steps = np.array([self.x, self.y]), SCALE * np.array([[self.along], [self.across]]) * self.axes
        return {name: (float(x), float(y)) for name, (x, y) in zip(("along", "across"), mean + steps, strict=True)}

    def with_tip(self, axis: str, x: float, y: float) -> Component:
        """Turn and stretch the ellipse so that its tip on `axis`, "along" or "across", lies at (x, y)."""
        angle = math.degrees(math.atan2(y - self.y, x - self.x)) - (90.0 if axis == "across" else 0.0)
        return replace(self, angle=angle, **{axis: math.hypot(x - self.x, y - self.y) / SCALE})


def components_of(target: MixtureTarget) -> tuple[Component, ...]:
    """Return a mixture's components; its covariances may be any in the plane."""
    found = []
    for weight, mean, covariance in zip(target.weights, target.means, target.covariances, strict=True):
        variances, axes = np.linalg.eigh(covariance)
        across, along = np.sqrt(variances)
        angle = math.degrees(math.atan2(axes[1, 1], axes[0, 1]))
        found.append(Component(float(weight), float(mean[0]), float(mean[1]), float(along), float(across), angle))
    return tuple(found)


def mixture_of(components: Sequence[Component]) -> MixtureTarget:
    """Return the mixture, weights divided by their sum; DataError if that is 0 or there are no components."""
    weights = np.array([component.weight for component in components])
    if not weights.sum() > 0:
        raise DataError("At least one component must have a weight above 0.")
    means = [(component.x, component.y) for component in components]
    return MixtureTarget(weights / weights.sum(), means, [component.covariance for component in components])


def to_text(components: Sequence[Component]) -> str:
    """Write components as numbers parted by commas, one component after the other parted by semicolons."""
    return ";".join(
        ",".join(f"{value:g}" for value in (one.weight, one.x, one.y, one.along, one.across, one.angle))
        for one in components
    )


def from_text(text: str) -> tuple[Component, ...]:
    """Read what `to_text` wrote; DataError in one sentence for anything else."""
    rows = [row.split(",") for row in text.split(";")]
    if not 1 <= len(rows) <= MOST or any(len(row) != 6 for row in rows):
        raise DataError(f"A mixture has 1 to {MOST} components of six numbers each.")
    try:
        components = tuple(Component(*map(float, row)) for row in rows)
    except ValueError as error:
        raise (
            error if isinstance(error, DataError) else DataError("A component has something not a number.")
        ) from None
    mixture_of(components)
    return components
