"""The measures' names: title, symbol, unit, range and one plain sentence each, for labels and tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from engine.model import HyperparameterError

# Of two equal Gaussians this many of their σ apart, the best one Gaussian by reverse KL covers both; farther, one.
PICKS_BEYOND = 5.6


@dataclass(frozen=True)
class Measure:
    """Describe one measure of how far q is from p.

    `symbol` is LaTeX, `short` what fits a narrow column, `unit` is empty where there is none, and `highest` is its
    least upper bound (the lowest value of all is 0). `symmetric` says that p and q may be exchanged, `metric` that
    the triangle inequality holds as well.
    """

    title: str
    symbol: str
    short: str
    unit: str
    idea: str
    highest: float = math.inf
    symmetric: bool = False
    metric: bool = False


MEASURES: Mapping[str, Measure] = {
    "kl": Measure(
        "KL divergence",
        r"\mathrm{KL}(p \,\|\, q)",
        "KL",
        "nats",
        "The nats lost on data from p by coding it with q; infinite where p has mass and q has none.",
    ),
    "reverse_kl": Measure(
        "Reverse KL divergence",
        r"\mathrm{KL}(q \,\|\, p)",
        "reverse KL",
        "nats",
        "The nats lost on data from q by coding it with p; infinite where q has mass and p has none.",
    ),
    "jeffreys": Measure(
        "Jeffreys divergence",
        r"\mathrm{KL}(p \,\|\, q) + \mathrm{KL}(q \,\|\, p)",
        "Jeffreys",
        "nats",
        "The sum of both KL divergences.",
        symmetric=True,
    ),
    "js": Measure(
        "Jensen-Shannon divergence",
        r"\mathrm{JS}(p, q)",
        "JS",
        "nats",
        "What one draw tells, in nats, about which of the two it came from.",
        math.log(2),
        symmetric=True,
    ),
    "js_distance": Measure(
        "Jensen-Shannon distance",
        r"\sqrt{\mathrm{JS}(p, q)}",
        "√JS",
        "√nats",
        "The square root of the Jensen-Shannon divergence, which is a metric.",
        math.sqrt(math.log(2)),
        symmetric=True,
        metric=True,
    ),
    "total_variation": Measure(
        "Total variation",
        r"\mathrm{TV}(p, q)",
        "TV",
        "",
        "The greatest difference between the probabilities that p and q give to one event.",
        1.0,
        symmetric=True,
        metric=True,
    ),
    "hellinger": Measure(
        "Hellinger distance",
        r"\mathrm{H}(p, q)",
        "Hellinger",
        "",
        "The Euclidean distance between the square roots of the densities, scaled to at most 1.",
        1.0,
        symmetric=True,
        metric=True,
    ),
    "alpha": Measure(
        "α-divergence",
        r"\mathrm{D}_\alpha(p, q)",
        "α",
        "nats",
        "A family that runs from the reverse KL divergence at α = 0 to the KL divergence at α = 1.",
    ),
    "wasserstein": Measure(
        "Wasserstein-1 distance",
        r"\mathrm{W}_1(p, q)",
        "W₁",
        "data units",
        "The least mean distance that mass has to travel to turn p into q.",
        symmetric=True,
        metric=True,
    ),
    "frechet": Measure(
        "Fréchet distance",
        r"\mathrm{W}_2(\mathcal{N}_p, \mathcal{N}_q)",
        "W₂",
        "data units",
        "The Wasserstein-2 distance between the Gaussians with the means and covariances of p and q.",
        symmetric=True,  # and no metric: distributions with equal moments are at distance 0
    ),
}


LOG_2 = 0.6931471805599453


def check_order(order: float) -> float:
    """Return the order α of an α-divergence; raise HyperparameterError unless it is between 0 and 1."""
    if not 0 <= order <= 1:
        raise HyperparameterError({"order": f"The order α must be between 0 and 1; it was {order}."})
    return order
