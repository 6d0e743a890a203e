"""How far one distribution is from another.

Densities on a grid are compared by the functions here; `gaussians`, `discrete` and `samples` each have a
`divergences` of their own, and all of them name their results as `MEASURES` does.
"""

from engine.divergence import discrete, gaussians
from engine.divergence.blind import CoinSum, coin_sum, parallel_lines
from engine.divergence.discrete import Events, events
from engine.divergence.fit import DivergenceFit, FitState
from engine.divergence.gaussians import Gaussian, frechet_distance
from engine.divergence.landscape import Integrands, Landscape, Optimum, gaussian_landscape, kl_integrands
from engine.divergence.measures import (
    Divergences,
    alpha_divergence,
    divergences,
    hellinger_distance,
    jeffreys_divergence,
    js_distance,
    js_divergence,
    kl_divergence,
    reverse_kl_divergence,
    total_variation,
)
from engine.divergence.optima import BasinMap, FittedOptimum, Optima, all_optima, basin_map
from engine.divergence.settled import settled_divergences
from engine.divergence.targets import PRESETS, MixtureTarget, separated_target, two_mode_target
from engine.divergence.wasserstein import wasserstein_distance
from engine.evaluation import samples
from engine.evaluation.glossary import MEASURES, Measure
from engine.evaluation.wasserstein import Estimate

__all__ = [
    "MEASURES",
    "PRESETS",
    "BasinMap",
    "CoinSum",
    "DivergenceFit",
    "Divergences",
    "Estimate",
    "Events",
    "FitState",
    "FittedOptimum",
    "Gaussian",
    "Integrands",
    "Landscape",
    "Measure",
    "MixtureTarget",
    "Optima",
    "Optimum",
    "all_optima",
    "alpha_divergence",
    "basin_map",
    "coin_sum",
    "discrete",
    "divergences",
    "events",
    "frechet_distance",
    "gaussian_landscape",
    "gaussians",
    "hellinger_distance",
    "jeffreys_divergence",
    "js_distance",
    "js_divergence",
    "kl_divergence",
    "kl_integrands",
    "parallel_lines",
    "reverse_kl_divergence",
    "samples",
    "separated_target",
    "settled_divergences",
    "total_variation",
    "two_mode_target",
    "wasserstein_distance",
]
