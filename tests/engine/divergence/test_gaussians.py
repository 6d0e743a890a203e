"""Closed forms between Gaussians against quadrature that shares no code with them, and covariances that are none."""

import numpy as np
import ot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate
from scipy.stats import multivariate_normal, norm
from scipy.stats import wasserstein_distance as scipy_wasserstein

from engine.divergence import Gaussian, divergences, frechet_distance, gaussians, wasserstein_distance
from engine.grid import Grid
from engine.model import DataError, HyperparameterError

ANCHORS = {
    (1.0, 1.0): {"kl": 0.5, "reverse_kl": 0.5, "jeffreys": 1.0, "wasserstein": 1.0, "frechet": 1.0},
    (0.0, 4.0): {"kl": 0.318147, "reverse_kl": 0.806853, "wasserstein": 0.797885, "frechet": 1.0},
}


@pytest.mark.parametrize("q", ANCHORS)
def test_known_values(q):
    found = gaussians.divergences(Gaussian(0, 1), Gaussian(*q))
    for name, expected in ANCHORS[q].items():
        assert found[name] == pytest.approx(expected, abs=1e-5)


def random_pair(seed, d):
    rng = np.random.default_rng(seed)
    roots = rng.normal(size=(2, d, d))
    covariances = roots @ roots.transpose(0, 2, 1) + 0.3 * np.eye(d)
    return [Gaussian(mean, covariance) for mean, covariance in zip(rng.normal(size=(2, d)), covariances, strict=True)]


@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("seed", range(8))
def test_quadrature_agrees(seed, d):
    p, q = random_pair(seed, d)
    reach = 7 * max(np.sqrt(g.covariance.max()) for g in (p, q)) + max(np.abs(g.mean).max() for g in (p, q))
    grid = Grid.over([(-reach, reach)] * d, 4000 if d == 1 else 300)
    log_p, log_q = (multivariate_normal(g.mean, g.covariance).logpdf(grid.points) for g in (p, q))
    order = [0.0, 0.2, 0.5, 0.9, 1.0][seed % 5]
    exact, summed = gaussians.divergences(p, q, order), divergences(log_p, log_q, grid, order)
    for name in ("kl", "reverse_kl", "jeffreys", "hellinger", "alpha"):
        assert getattr(summed, name) == pytest.approx(exact[name], rel=1e-3, abs=1e-5)
    assert frechet_distance(log_p, log_q, grid) == pytest.approx(exact["frechet"], abs=1e-3)
    if d == 1:
        assert wasserstein_distance(log_p, log_q, grid) == pytest.approx(exact["wasserstein"], abs=1e-4)


def test_wasserstein_1_is_the_integral_between_quantiles():
    p, q = norm(0.3, 1.5), norm(-1, 0.4)
    expected = integrate.quad(lambda u: abs(p.ppf(u) - q.ppf(u)), 0, 1, limit=200)[0]
    assert gaussians.wasserstein_distance(Gaussian(0.3, 2.25), Gaussian(-1, 0.16)) == pytest.approx(
        expected, abs=1e-6
    )
    u = (np.arange(4000) + 0.5) / 4000
    assert scipy_wasserstein(p.ppf(u), q.ppf(u)) == pytest.approx(expected, abs=2e-3)


def test_frechet_distance_is_that_of_the_optimal_map():
    # T(x) = A x with A = Σp^(−½)(Σp^½ Σq Σp^½)^½ Σp^(−½) carries p to q (Olkin and Pukelsheim, 1982).
    p, q = random_pair(3, 3)

    def power(matrix, exponent):
        values, vectors = np.linalg.eigh(matrix)
        return vectors @ np.diag(values**exponent) @ vectors.T

    half, inverse = power(p.covariance, 0.5), power(p.covariance, -0.5)
    a = inverse @ power(half @ q.covariance @ half, 0.5) @ inverse
    moved = np.eye(3) - a
    expected = np.trace(moved @ p.covariance @ moved.T) + np.sum((p.mean - q.mean) ** 2)
    assert frechet_distance(p, q) ** 2 == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(p, q) == pytest.approx(
        float(ot.gaussian.bures_wasserstein_distance(p.mean, q.mean, p.covariance, q.covariance)), rel=1e-6
    )


def test_frechet_distance_of_samples_takes_a_singular_covariance():
    rng = np.random.default_rng(0)
    line = np.column_stack([rng.normal(size=50), np.zeros(50)])
    assert frechet_distance(line, line + np.array([3, 4])) == pytest.approx(5, abs=1e-6)
    assert frechet_distance([[1, 1], [1, 1]], [[4, 5], [4, 5]]) == pytest.approx(5)
    x = rng.normal(size=(40, 2))
    assert frechet_distance(x, Gaussian(x.mean(axis=0), np.cov(x.T))) == pytest.approx(0, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_inequalities(seed, d):
    p, q = random_pair(seed, d)
    found = gaussians.divergences(p, q)
    assert 0 <= found["hellinger"] <= 1
    assert found["hellinger"] ** 2 <= found["kl"] / 2 + 1e-12
    assert found["alpha"] == pytest.approx(4 * found["hellinger"] ** 2)
    assert gaussians.divergences(q, p)["kl"] == pytest.approx(found["reverse_kl"])
    assert frechet_distance(p, q) == pytest.approx(frechet_distance(q, p), abs=1e-7)
    assert max(gaussians.divergences(p, p).values()) < 1e-6
    assert ("wasserstein" in found) == (d == 1)


@pytest.mark.parametrize(
    ("mean", "covariance", "sentence"),
    [
        (0, 0, "singular or not positive definite"),
        (0, -1, "singular or not positive definite"),
        ([0, 0], [[1, 1], [1, 1]], "singular or not positive definite"),
        ([0, 0], [[1, 2], [2, 1]], "singular or not positive definite"),
        ([0, 0], [[1, 0.5], [0, 1]], "not symmetric"),
        ([0, 0], [[1, 0], [0, np.nan]], "NaN or infinite"),
        (np.inf, 1, "NaN or infinite"),
        ([0, 0], 1, r"shape \(2,\) does not go with a covariance of shape \(1, 1\)"),
        ("wide", 1, "must be numbers"),
    ],
)
def test_what_is_no_gaussian_gets_a_sentence(mean, covariance, sentence):
    with pytest.raises(DataError, match=sentence + r".*\.$"):
        Gaussian(mean, covariance)


def test_units_do_not_make_a_covariance_singular():
    assert (
        gaussians.kl_divergence(Gaussian([0, 0], np.diag([1e-12, 1e12])), Gaussian([0, 0], np.diag([1e-12, 1e12])))
        == 0
    )


def test_pairs_that_have_no_answer_get_a_sentence():
    with pytest.raises(DataError, match="One Gaussian is 1-D and the other 2-D"):
        gaussians.kl_divergence(Gaussian(0, 1), Gaussian([0, 0], np.eye(2)))
    with pytest.raises(DataError, match="one dimension only"):
        gaussians.wasserstein_distance(*random_pair(0, 2))
    with pytest.raises(HyperparameterError, match="order α"):
        gaussians.alpha_divergence(Gaussian(0, 1), Gaussian(0, 2), 2)
    with pytest.raises(DataError, match="at least two points"):
        frechet_distance([[0.0, 1.0]], [[0.0, 1.0]])
    with pytest.raises(DataError, match="no mass on the grid"):
        frechet_distance(np.full(9, -np.inf), np.zeros(9), Grid.over([(0, 1)], 9))
