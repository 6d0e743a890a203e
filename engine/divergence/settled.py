"""Measures between two densities on cells that follow them, until values have settled, with the error left."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from engine.adaptive import cells_around, integrate
from engine.divergence import integrands
from engine.divergence.measures import Divergences, HasLogProb
from engine.evaluation.glossary import MEASURES, check_order
from engine.grid import Array, Domain
from engine.model import DataError

_COLUMNS = ("kl", "reverse_kl", "js", "total_variation", "squared_hellinger", "alpha", "p", "q")


def settled_divergences(
    p: HasLogProb, q: HasLogProb, domain: Domain, points: npt.ArrayLike, order: float = 0.5, most: int = 20_000
) -> Divergences:
    """Return all measures of p from q over a box, each with an estimate of the error that is left.

    `points` (n, d), draws of both, show where mass is: cells there are small, so that no mode between nodes is
    missed; they are halved where the integrals need it, with about `most` evaluations of each density at most.
    Divergences are infinite where p has mass at a node and q has none. Raises DataError for NaN or infinite
    densities, or where there is none; HyperparameterError as `alpha_divergence` does.
    """
    check_order(order)
    infinite = np.zeros(len(_COLUMNS), bool)

    def values(x: Array) -> Array:
        log_p, log_q = _log_density(p, x), _log_density(q, x)
        found = np.stack(
            [
                integrands.kl(log_p, log_q, np),
                integrands.reverse_kl(log_p, log_q, np),
                integrands.js(log_p, log_q, np),
                integrands.total_variation(log_p, log_q, np),
                integrands.squared_hellinger(log_p, log_q, np),
                integrands.alpha(log_p, log_q, np, order),
                np.exp(log_p),
                np.exp(log_q),
            ],
            axis=1,
        )
        endless = np.isinf(found)
        infinite[:] |= endless.any(axis=0)
        return np.where(endless, 0.0, found)

    cells = cells_around(np.asarray(points, np.float64).reshape(-1, len(domain)), domain)
    found = integrate(values, cells, most=most)
    value = dict(zip(_COLUMNS, np.where(infinite, np.inf, found.value).tolist(), strict=True))
    error = dict(zip(_COLUMNS, np.where(infinite, 0.0, found.error).tolist(), strict=True))
    return _named(value, error, order)


def _named(value: dict[str, float], error: dict[str, float], order: float) -> Divergences:
    """Put sums together as `quadrature.summed` does: mass beyond the box counts as one more cell, roots are taken."""
    mass_p, mass_q = value.pop("p"), value.pop("q")
    value["total_variation"] += 0.5 * abs(mass_p - mass_q)
    error["total_variation"] += 0.5 * (error["p"] + error["q"])
    value["jeffreys"] = value["kl"] + value["reverse_kl"]
    error["jeffreys"] = error["kl"] + error["reverse_kl"]
    for name, square in (("js_distance", value["js"]), ("hellinger", value.pop("squared_hellinger"))):
        off = error["js" if name == "js_distance" else "squared_hellinger"]
        value[name] = max(square, 0.0) ** 0.5
        error[name] = min(off / (2 * value[name]), off**0.5) if value[name] else off**0.5
    measures = {name: min(max(one, 0.0), MEASURES[name].highest) for name, one in value.items()}
    return Divergences(
        **measures, order=order, error={name: error[name] for name in measures}, mass_p=mass_p, mass_q=mass_q
    )


def _log_density(density: HasLogProb, x: Array) -> Array:
    log_prob: Callable[[npt.ArrayLike], Array] | None = density.log_prob
    if log_prob is None:
        raise DataError("One of the two has no known density, so their divergence can't be computed.")
    values = np.asarray(log_prob(x), dtype=np.float64)
    if not (values < 700).all():
        raise DataError("A density is infinite or not a number somewhere on the grid, so no divergence exists.")
    return values
