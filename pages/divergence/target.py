"""What a fit in the divergence lab aims at: named by all that decides it, so that it can be cached and printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from engine.density import KernelDensity
from engine.divergence import PRESETS, components
from engine.divergence.components import Component


class Target(Protocol):
    """Name a target by all that decides it, so that fits to it can be cached and printed."""

    @property
    def density(self) -> Any:
        """The target itself: it has `log_prob`, and a `domain` or `sample`."""

    @property
    def code(self) -> str:
        """Python that makes the same `target`."""


@dataclass(frozen=True)
class PresetTarget:
    """A preset whose modes a slider parts."""

    name: str
    separation: float

    @property
    def density(self) -> Any:
        """The mixture."""
        return PRESETS[self.name](self.separation)

    @property
    def code(self) -> str:
        """Python that makes the same `target`."""
        return f"from engine.divergence import PRESETS\n\ntarget = PRESETS[{self.name!r}]({self.separation!r})\n"


@dataclass(frozen=True)
class EditedTarget:
    """A mixture edited by hand."""

    components: tuple[Component, ...]

    @property
    def density(self) -> Any:
        """The mixture."""
        return components.mixture_of(self.components)

    @property
    def code(self) -> str:
        """Python that makes the same `target`."""
        p = self.density
        arrays = (np.round(array, 6).tolist() for array in (p.weights, p.means, p.covariances))
        made = f"target = MixtureTarget({', '.join(map(str, arrays))})"
        return f"from engine.divergence import MixtureTarget\n\n{made}\n"


@dataclass(frozen=True)
class DrawnTarget:
    """Points (float64 bytes) under a kernel density estimate; `origin` is Python that makes them as `x`."""

    points: bytes
    bandwidth: float | None
    origin: str

    @property
    def density(self) -> Any:
        """The kernel density estimate; DataError for points that have none."""
        x = np.frombuffer(self.points, np.float64).reshape(-1, 2)
        return KernelDensity(**self._arguments).fit(x)

    @property
    def code(self) -> str:
        """Python that makes the same `target`."""
        arguments = ", ".join(f"{name}={value!r}" for name, value in self._arguments.items())
        return f"from engine.density import KernelDensity\n{self.origin}target = KernelDensity({arguments}).fit(x)\n"

    @property
    def _arguments(self) -> dict[str, Any]:
        return {} if self.bandwidth is None else {"bandwidth": self.bandwidth}
