"""From integrands to measures: a weighted sum over cells, or over outcomes, and where it needs one a square root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from engine.divergence import integrands
from engine.evaluation.glossary import MEASURES, check_order
from engine.grid import Array

_INTEGRANDS: Mapping[str, Callable[..., Any]] = {
    "kl": integrands.kl,
    "reverse_kl": integrands.reverse_kl,
    "js": integrands.js,
    "total_variation": integrands.total_variation,
    "jeffreys": integrands.jeffreys,
    "js_distance": integrands.js,
    "hellinger": integrands.squared_hellinger,
    "alpha": integrands.alpha,
}
_ROOTS = ("js_distance", "hellinger")  # square roots of what is summed


def all_measures(log_p: Array, log_q: Array, volume: float, order: float = 0.5) -> dict[str, float]:
    """Return every measure that is a sum over cells, by name, from log-densities (cells,); see `summed`."""
    return {name: float(summed(name, log_p, log_q, volume, order=order)) for name in _INTEGRANDS}


def summed(name: str, log_p: Any, log_q: Any, volume: Any, xp: ModuleType = np, order: float = 0.5) -> Any:
    """Return the measure `name` from log-densities in nats whose last axis (cells,) is summed, with broadcasting.

    `volume` is a cell's, or an array of all cells' volumes; `xp` is `numpy` or `torch`, whichever log_p and log_q
    come from. Raises HyperparameterError for an α-divergence whose order is not between 0 and 1.
    """
    integrand = _INTEGRANDS[name]
    if name == "alpha":
        integrand = partial(integrand, order=check_order(order))
    total = (integrand(log_p, log_q, xp) * volume).sum(-1)
    if name == "total_variation":
        # max(∫(p − q)₊, ∫(q − p)₊) = ½ ∫|p − q| + ½ |∫p − ∫q|: mass beyond the grid counts as one more cell.
        total = total + 0.5 * abs(((xp.exp(log_p) - xp.exp(log_q)) * volume).sum(-1))
    # With mass outside the grid, or from rounding, a sum can leave its range.
    highest = MEASURES[name].highest
    return total.clip(0.0, highest**2) ** 0.5 if name in _ROOTS else total.clip(0.0, highest)
