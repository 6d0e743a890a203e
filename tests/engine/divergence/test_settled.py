"""Measures on cells that follow the densities: beside a fine uniform grid, within three stated errors."""

import numpy as np
import pytest

from engine.data import load_points
from engine.density import GaussianMixture, Histogram, KernelDensity, ParametricFit
from engine.divergence import divergences, settled_divergences
from engine.grid import Grid

NAMES = ("kl", "reverse_kl", "total_variation", "js", "hellinger")


def both(name, noise, model, oracle):
    """Return the measures of a preset from a fit, settled, and on a uniform grid with `oracle` cells an axis."""
    points = load_points(name, n=300, noise=noise)
    fitted = model.fit(points.x)
    domain = tuple((low - 0.25 * (high - low), high + 0.25 * (high - low)) for low, high in points.domain)
    drawn = load_points(name, n=2000, noise=noise, seed=9).x
    hints = np.concatenate([drawn, points.x, fitted.sample(2000)])
    return settled_divergences(points, fitted, domain, hints), divergences(points, fitted, Grid.over(domain, oracle))


@pytest.mark.parametrize(
    ("name", "noise", "model", "oracle"),
    [
        ("eight_gaussians", 0.02, KernelDensity(), 500),
        ("eight_gaussians", 0.02, GaussianMixture(n_components=8), 1000),
        ("eight_gaussians", 0.1, GaussianMixture(n_components=3), 500),
        ("twenty_five_gaussians", 0.05, GaussianMixture(n_components=25), 1000),
        ("checkerboard", 0.0, GaussianMixture(n_components=8), 1600),
        ("annulus", 0.0, Histogram(), 1600),
        ("annulus", 0.05, KernelDensity(), 400),
        ("gaussian", 1.0, Histogram(), 1000),
        ("correlated", 0.99, GaussianMixture(n_components=1), 500),
        ("normal", 1.0, KernelDensity(), 40_000),
        ("uniform", 0.0, ParametricFit(), 200_000),
        ("exponential", 1.0, Histogram(), 200_000),
        ("bimodal", 0.1, KernelDensity(), 40_000),
    ],
)
def test_the_truth_is_within_three_stated_errors(name, noise, model, oracle):
    settled, fine = both(name, noise, model, oracle)
    for measure in NAMES:
        value, truth = getattr(settled, measure), getattr(fine, measure)
        assert value == truth or abs(value - truth) <= 3 * settled.error[measure] + fine.error[measure] + 2e-4, (
            measure
        )
    assert settled.mass_p == pytest.approx(fine.mass_p, abs=0.01)


def test_a_sharp_preset_has_its_known_values():
    settled, _ = both("eight_gaussians", 0.02, KernelDensity(), 16)
    assert settled.error["kl"] < 0.02
    assert settled.error["total_variation"] < 0.003
    assert settled.mass_p == pytest.approx(1, abs=0.005)
