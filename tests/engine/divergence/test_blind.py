"""Distances that are blind, and one that is not: parallel lines and coins against the normal distribution."""

import numpy as np
import pytest
from scipy import integrate
from scipy.stats import binom, kstest, norm

from engine.divergence import (
    MEASURES,
    Gaussian,
    coin_sum,
    gaussians,
    js_divergence,
    parallel_lines,
    total_variation,
    wasserstein_distance,
)
from engine.grid import Grid
from engine.model import DataError, HyperparameterError

THETA = np.array([-3.0, -0.5, 0.0, 1e-9, 0.01, 1.0, 50.0])


def test_sharp_lines():
    found = parallel_lines(THETA)
    apart = THETA != 0
    assert set(found) == set(MEASURES)
    for name in ("kl", "reverse_kl", "jeffreys"):
        np.testing.assert_array_equal(found[name], np.where(apart, np.inf, 0))
    np.testing.assert_allclose(found["js"], apart * np.log(2), rtol=1e-15)
    np.testing.assert_array_equal(found["total_variation"], apart)
    np.testing.assert_array_equal(found["wasserstein"], np.abs(THETA))


def test_the_distance_of_the_lines_is_that_of_their_points():
    heights = np.linspace(0, 1, 200)
    left, right = (np.column_stack([np.full(200, x), heights]) for x in (0.0, 0.7))
    assert wasserstein_distance(left, right[::-1]) == pytest.approx(parallel_lines(0.7)["wasserstein"][0])


@pytest.mark.parametrize("blur", [0.05, 1.0, 3.0])
def test_blurred_lines_have_the_closed_forms_of_gaussians(blur):
    found = parallel_lines(THETA, blur, order=0.3)
    for i, theta in enumerate(THETA):
        exact = gaussians.divergences(Gaussian(0, blur**2), Gaussian(theta, blur**2), 0.3)
        for name, value in exact.items():
            assert found[name][i] == pytest.approx(value, rel=1e-7, abs=1e-7), name
    np.testing.assert_allclose(found["total_variation"], 2 * norm.cdf(np.abs(THETA) / (2 * blur)) - 1, atol=1e-9)
    np.testing.assert_allclose(found["js_distance"] ** 2, found["js"], atol=1e-12)


@pytest.mark.parametrize("ratio", [0.3, 1.0, 4.0, 15.0])
def test_js_of_blurred_lines_is_its_integral(ratio):
    expected = integrate.quad(
        lambda x: norm.pdf(x) * (np.log(2) - np.logaddexp(0, ratio * x - ratio**2 / 2)), -12, 12
    )
    assert parallel_lines(ratio * 0.1, 0.1)["js"][0] == pytest.approx(expected[0], abs=1e-9)


def test_lines_blurred_in_the_plane_are_the_same():
    # The blurred segment's height is one factor of both densities, so it changes nothing.
    grid = Grid.over([(-3, 4), (-2, 3)], 300)
    x, y = grid.points.T
    log_height = np.log(norm.cdf(y / 0.4) - norm.cdf((y - 1) / 0.4))
    p, q = (norm(centre, 0.4).logpdf(x) + log_height for centre in (0.0, 0.9))
    found = parallel_lines([0.9], blur=0.4)
    assert js_divergence(p, q, grid) == pytest.approx(found["js"][0], abs=1e-5)
    assert total_variation(p, q, grid) == pytest.approx(found["total_variation"][0], abs=1e-4)


@pytest.mark.parametrize(("theta", "blur"), [(np.nan, 0), ([0, np.inf], 1), (1, -1), (1, np.nan), (1, np.inf)])
def test_lines_that_are_nowhere_get_a_sentence(theta, blur):
    with pytest.raises(DataError, match=r"\.$"):
        parallel_lines(theta, blur)
    with pytest.raises(HyperparameterError, match="order α"):
        parallel_lines(1, 1, order=7)


@pytest.mark.parametrize("n", [1, 2, 3, 10, 101, 10_000])
def test_coins_have_the_binomial_distribution(n):
    coins = coin_sum(n)
    np.testing.assert_allclose(coins.pmf, binom.pmf(np.arange(n + 1), n, 0.5), rtol=1e-8, atol=1e-300)
    assert coins.pmf @ coins.support == pytest.approx(0, abs=1e-10)
    assert coins.pmf @ coins.support**2 == pytest.approx(1, abs=1e-10)


@pytest.mark.parametrize("n", [1, 2, 3, 10, 31])
def test_wasserstein_distance_of_coins_is_its_integral(n):
    coins = coin_sum(n)
    edges = [-40, -9, *coins.support, 9, 40]
    levels = [0, 0, *np.cumsum(coins.pmf).clip(max=1), 1]
    expected = 0.0
    for low, high, level in zip(edges, edges[1:], levels, strict=False):
        kink = np.clip(norm.ppf(level), low, high)  # where quadrature would lose its digits
        for a, b in ((low, kink), (kink, high)):
            expected += abs(integrate.quad(lambda x, c=level: c - norm.cdf(x), a, b, epsabs=1e-13)[0])
    assert coins.measures["wasserstein"] == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("n", [1, 2, 5, 40])
def test_kolmogorov_distance_is_that_of_scipy(n):
    coins = coin_sum(n)
    counts = binom.pmf(np.arange(n + 1), n, 0.5) * 2**n if n <= 10 else None
    if counts is not None:  # a sample in which every outcome occurs as often as it should
        assert coins.kolmogorov == pytest.approx(
            kstest(np.repeat(coins.support, np.round(counts).astype(int)), norm.cdf).statistic, abs=1e-12
        )
    x = np.sort(np.concatenate([coins.support, coins.support - 1e-12]))
    gaps = np.abs(binom.cdf(np.floor((x * np.sqrt(n) + n) / 2 + 1e-13), n, 0.5) - norm.cdf(x))
    assert coins.kolmogorov >= gaps.max() - 1e-9


def test_only_the_wasserstein_distance_sees_coins_become_normal():
    found = [coin_sum(n) for n in (1, 4, 16, 64, 256, 1024)]
    for coins in found:
        assert coins.measures["total_variation"] == coins.measures["hellinger"] == 1
        assert coins.measures["kl"] == np.inf
        assert coins.measures["js"] == np.log(2)
    distances = np.array([coins.measures["wasserstein"] for coins in found])
    np.testing.assert_allclose(distances[1:] / distances[:-1], 0.5, atol=0.1)  # as 1/√n
    assert found[-1].kolmogorov < found[0].kolmogorov / 10


@pytest.mark.parametrize("n", [0, -3, 10_001])
def test_no_coins_or_too_many_get_a_sentence(n):
    with pytest.raises(HyperparameterError, match=f"between 1 and 10000; it was {n}"):
        coin_sum(n)
