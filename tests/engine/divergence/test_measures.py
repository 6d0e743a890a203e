"""Divergences against closed forms, inequalities that hold for all densities, and input that has no divergence."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from engine.data import load_points, preset
from engine.divergence import (
    alpha_divergence,
    divergences,
    hellinger_distance,
    jeffreys_divergence,
    js_distance,
    js_divergence,
    kl_divergence,
    reverse_kl_divergence,
    total_variation,
    wasserstein_distance,
)
from engine.grid import Grid
from engine.model import DataError

LINE = Grid.over([(-15, 15)], 3000)
STANDARD = norm(0, 1).logpdf(LINE.axes[0])
SHIFTED = norm(1, 1).logpdf(LINE.axes[0])
WIDE = norm(0, 2).logpdf(LINE.axes[0])  # variance 4


@dataclass
class Normal:
    mean: float
    deviation: float

    def log_prob(self, x):
        return norm(self.mean, self.deviation).logpdf(np.asarray(x)[:, 0]).astype(np.float32)


@pytest.mark.parametrize(
    ("measure", "q", "expected"),
    [
        (kl_divergence, SHIFTED, 0.5),
        (reverse_kl_divergence, SHIFTED, 0.5),
        (total_variation, SHIFTED, 0.382925),
        (js_divergence, SHIFTED, 0.111421),
        (kl_divergence, WIDE, 0.318147),
        (reverse_kl_divergence, WIDE, 0.806853),
        (jeffreys_divergence, WIDE, 1.125),
        (hellinger_distance, SHIFTED, np.sqrt(1 - np.exp(-1 / 8))),
        (js_distance, SHIFTED, np.sqrt(0.111421)),
        (alpha_divergence, SHIFTED, 4 * (1 - np.exp(-1 / 8))),
        (wasserstein_distance, SHIFTED, 1.0),
        (wasserstein_distance, WIDE, np.sqrt(2 / np.pi)),
    ],
)
def test_normal_distributions_have_the_known_divergences(measure, q, expected):
    assert measure(STANDARD, q, LINE) == pytest.approx(expected, abs=2e-6)


def test_models_and_arrays_give_the_same():
    assert kl_divergence(Normal(0, 1), Normal(0, 2), LINE) == pytest.approx(0.318147, abs=1e-5)
    assert kl_divergence(STANDARD, Normal(0, 2), LINE) == pytest.approx(0.318147, abs=1e-5)


def test_gaussians_in_the_plane_have_the_closed_form():
    grid = Grid.over([(-9, 9), (-9, 9)], 240)
    mean, covariance = np.array([0.5, -1.0]), np.array([[1.0, 0.6], [0.6, 2.0]])
    p = multivariate_normal(mean, covariance).logpdf(grid.points)
    q = multivariate_normal([0, 0], np.diag([2.0, 1.5])).logpdf(grid.points)
    inverse = np.diag([1 / 2, 1 / 1.5])
    expected = 0.5 * (
        np.trace(inverse @ covariance) + mean @ inverse @ mean - 2 + np.log(3.0 / np.linalg.det(covariance))
    )
    result = divergences(p, q.reshape(grid.shape), grid)
    assert result.kl == pytest.approx(expected, abs=1e-6)
    assert result.mass_p == pytest.approx(1, abs=1e-6)
    assert result.mass_q == pytest.approx(1, abs=1e-6)


def test_uniform_against_uniform():
    grid = Grid.over([(0, 4)], 400)
    x = grid.axes[0]
    p = np.where(x < 2, np.log(0.5), -np.inf)
    q = np.where(x < 4, np.log(0.25), -np.inf)
    disjoint = np.where(x > 2, np.log(0.5), -np.inf)
    assert kl_divergence(p, q, grid) == pytest.approx(np.log(2))
    assert kl_divergence(q, p, grid) == np.inf  # q has mass where p has none
    assert total_variation(p, q, grid) == pytest.approx(0.5)
    assert js_divergence(p, disjoint, grid) == pytest.approx(np.log(2))
    assert total_variation(p, disjoint, grid) == pytest.approx(1)
    for measure in (kl_divergence, reverse_kl_divergence, js_divergence, total_variation):
        assert measure(p, p, grid) == 0


def test_total_variation_counts_mass_beyond_the_grid():
    # On (−8, 1) the truth is all there while half of the other density lies outside.
    grid = Grid.over([(-8, 1)], 3000)
    p, q = norm(-3.5, 0.5).logpdf(grid.axes[0]), norm(1, 0.5).logpdf(grid.axes[0])
    assert total_variation(p, q, grid) == pytest.approx(1, abs=1e-4)
    assert divergences(p, q, grid).mass_q == pytest.approx(0.5, abs=1e-4)


@st.composite
def log_densities(draw):
    """Two random histograms on 1 to 30 cells, with empty cells."""
    cells = draw(st.integers(1, 30))
    weights = st.lists(st.floats(0, 1).map(lambda w: w if w > 1e-3 else 0.0), min_size=cells, max_size=cells)
    p, q = (np.array(draw(weights.filter(any))) for _ in range(2))
    with np.errstate(divide="ignore"):
        return np.log(p / p.sum()), np.log(q / q.sum()), Grid.over([(0, cells)], cells)


@settings(max_examples=150, deadline=None)
@given(log_densities())
def test_inequalities_hold_for_all_densities(pair):
    p, q, grid = pair
    result = divergences(p, q, grid)
    tv, js, slack = result.total_variation, result.js, 1e-9
    assert min(result.kl, result.reverse_kl, js, tv) >= 0
    assert js <= np.log(2)
    assert tv <= 1
    assert tv <= np.sqrt(result.kl / 2) + slack  # Pinsker
    assert js <= np.log(2) * tv + slack  # Lin
    # The Hellinger distance H² = 1 − ∫√(pq) bounds total variation from both sides (Le Cam).
    hellinger = 1 - np.sum(np.exp(0.5 * (p + q)))
    assert hellinger - slack <= tv <= np.sqrt(2 * hellinger + slack)
    assert result.hellinger**2 == pytest.approx(hellinger, abs=1e-9)
    assert result.js_distance**2 == pytest.approx(js, abs=1e-12)
    assert result.jeffreys == pytest.approx(result.kl + result.reverse_kl, abs=1e-12)
    assert result.alpha == pytest.approx(4 * hellinger, abs=1e-8)
    assert js_divergence(q, p, grid) == pytest.approx(js, abs=1e-12)
    assert all(
        np.isfinite(error) or result.kl == np.inf or result.reverse_kl == np.inf for error in result.error.values()
    )


def test_error_covers_the_distance_from_the_exact_value_on_a_coarse_grid():
    grid = Grid.over([(-9, 10)], 15)
    p, q = norm(0, 1).logpdf(grid.axes[0]), norm(1, 1).logpdf(grid.axes[0])
    result = divergences(p, q, grid)
    for name, exact in {"kl": 0.5, "reverse_kl": 0.5, "js": 0.111421, "total_variation": 0.382925}.items():
        assert abs(getattr(result, name) - exact) <= result.error[name]
    assert all(error < 1e-5 for error in divergences(STANDARD, WIDE, LINE).error.values())


def test_the_bayes_error_of_two_classes_is_half_of_one_minus_total_variation():
    # An oracle that shares no code with the integral: classify a sample by the larger density.
    grid = Grid.over([(-12, 12)], 2000)
    p, q = Normal(0, 1), Normal(1.5, 2)
    tv = total_variation(p, q, grid)
    rng, n = np.random.default_rng(0), 200_000
    x, y = rng.normal(0, 1, (n, 1)), rng.normal(1.5, 2, (n, 1))
    error = 0.5 * np.mean(p.log_prob(x) < q.log_prob(x)) + 0.5 * np.mean(q.log_prob(y) < p.log_prob(y))
    assert error == pytest.approx((1 - tv) / 2, abs=4 * np.sqrt(0.25 / (2 * n)))


def test_preset_against_itself_with_more_noise():
    grid = Grid.over(preset("two_moons").domain, 200)
    sharp, soft = load_points("two_moons", noise=0.1), load_points("two_moons", noise=0.2)
    assert kl_divergence(sharp, sharp, grid) == 0
    assert 0.1 < kl_divergence(sharp, soft, grid) < kl_divergence(soft, sharp, grid)


@pytest.mark.parametrize(
    ("p", "sentence"),
    [
        (np.full(3000, np.nan), "infinite or not a number"),
        (np.full(3000, np.inf), "infinite or not a number"),
        (np.full(3000, 1e6), "infinite or not a number"),
        (np.zeros(7), r"have shape \(7,\), and the grid has shape \(3000,\)"),
        (load_points("integers"), "no known density"),
    ],
)
def test_input_without_a_divergence_gets_a_sentence(p, sentence):
    for measure in (kl_divergence, js_divergence, total_variation, divergences):
        with pytest.raises(DataError, match=sentence):
            measure(p, STANDARD, LINE)


@settings(max_examples=100, deadline=None)
@given(log_densities(), st.integers(0, 2**32 - 1))
def test_the_metrics_keep_the_triangle_inequality(pair, seed):
    p, q, grid = pair
    with np.errstate(divide="ignore"):
        third = np.log(np.random.default_rng(seed).dirichlet(np.full(p.size, 0.3)))
    for metric in (js_distance, hellinger_distance, total_variation, wasserstein_distance):
        assert metric(p, q, grid) <= metric(p, third, grid) + metric(third, q, grid) + 1e-7
