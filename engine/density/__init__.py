"""Density estimators, each one file with its equation and its paper."""

from engine.density.adaptive import AdaptiveKernelDensity
from engine.density.histogram import Histogram
from engine.density.kernel import KernelDensity
from engine.density.mixture.model import GaussianMixture
from engine.density.naive import NaiveEstimator
from engine.density.neighbours import NearestNeighbours
from engine.density.parametric import ParametricFit

__all__ = [
    "AdaptiveKernelDensity",
    "GaussianMixture",
    "Histogram",
    "KernelDensity",
    "NaiveEstimator",
    "NearestNeighbours",
    "ParametricFit",
]
