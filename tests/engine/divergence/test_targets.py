"""Targets: mixtures of Gaussians, checked against scipy's densities, and the sentences for those that are none."""

import pickle

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from engine.divergence.targets import PRESETS, MixtureTarget, separated_target, two_mode_target
from engine.grid import Grid
from engine.model import DataError

EYE = np.eye(2)


def test_log_prob_is_scipys():
    target = two_mode_target()
    x = np.random.default_rng(0).normal(scale=3, size=(50, 2))
    parts = [
        0.2 * multivariate_normal((-2.5, 2.5), [[0.5, 0.1], [0.1, 0.5]]).pdf(x),
        0.8 * multivariate_normal((0.5, -0.7), [[1, 1], [1, 2]]).pdf(x),
    ]
    log_prob = target.log_prob(x)
    assert log_prob.dtype == np.float32
    np.testing.assert_allclose(log_prob, np.log(sum(parts)), rtol=1e-5)


def test_moments_are_those_of_draws():
    target = two_mode_target()
    draws = target.sample(200_000, seed=1)
    np.testing.assert_allclose(target.mean, draws.mean(axis=0), atol=0.02)
    np.testing.assert_allclose(target.covariance, np.cov(draws.T), atol=0.05)
    np.testing.assert_array_equal(target.sample(5, seed=2), target.sample(5, seed=2))
    assert not np.array_equal(target.sample(5, seed=2), target.sample(5, seed=3))


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("separation", [0.0, 1.0, 2.5])
def test_a_preset_lies_in_its_domain(name, separation):
    target = PRESETS[name](separation)
    grid = Grid.over(target.domain, 160)
    assert grid.integrate(np.exp(target.log_prob(grid.points))) == pytest.approx(1, abs=5e-6)
    assert len({round(high - low, 9) for low, high in target.domain}) == 1  # square


@pytest.mark.parametrize("name", PRESETS)
def test_separation_scales_the_distances_of_the_modes(name):
    one, three = PRESETS[name](1.0).means, PRESETS[name](3.0).means
    np.testing.assert_allclose(three - three[0], 3 * (one - one[0]), atol=1e-12)
    np.testing.assert_allclose(np.ptp(PRESETS[name](0.0).means, axis=0), 0, atol=1e-12)


def test_separated_modes_part_evenly_along_x():
    target = separated_target(6.0, weight=0.2)
    np.testing.assert_allclose(target.means, [[-3, 0], [3, 0]])
    np.testing.assert_allclose(target.weights, [0.2, 0.8])


def test_the_domain_reaches_five_deviations():
    assert MixtureTarget([1.0], [2.0], [4.0]).domain == ((-8.0, 12.0),)


def test_a_target_travels_to_another_process_and_cannot_be_written_to():
    target = pickle.loads(pickle.dumps(two_mode_target()))
    np.testing.assert_array_equal(target.log_prob([[0.0, 0.0]]), two_mode_target().log_prob([[0.0, 0.0]]))
    for array in (two_mode_target().weights, two_mode_target().means, two_mode_target().covariances):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0


@pytest.mark.parametrize(
    ("weights", "means", "covariances", "words"),
    [
        ([0.5, 0.6], [[0, 0], [1, 1]], [EYE, EYE], "sum to 1.1 "),
        ([1.5, -0.5], [[0, 0], [1, 1]], [EYE, EYE], "Weight 2 is negative"),
        ([0.5, 0.5], [[0, 0], [1, 1]], [EYE, [[1, 1], [1, 1]]], "Covariance 2 is singular"),
        ([0.5, 0.5], [[0, 0], [1, 1]], [[[1, 2], [2, 1]], EYE], "Covariance 1 is singular or not positive"),
        ([1.0], [[0, 0]], [np.zeros((2, 2))], "singular"),
        ([1.0], [[0, 0]], [-EYE], "singular or not positive"),
        ([1.0], [[0, 0]], [[[1, 0], [0, -2]]], "singular or not positive"),
        ([1.0], [[0, 0]], [[[1, 0.5], [0.1, 1]]], "not symmetric"),
        ([1.0], [[0, np.nan]], [EYE], "finite"),
        ([np.nan], [[0, 0]], [EYE], "finite"),
        ([1.0], [[0, 0]], [np.full((2, 2), np.inf)], "finite"),
        ([1.0], [[0, 0, 0]], [np.eye(3)], "one or two dimensions"),
        ([1.0], [[0, 0]], [[1.0]], "shapes"),
        ([], np.empty((0, 2)), np.empty((0, 2, 2)), "shapes"),
        (["a"], [[0, 0]], [EYE], "numbers"),
    ],
)
def test_what_is_no_mixture_gets_a_sentence(weights, means, covariances, words):
    with pytest.raises(DataError, match=words) as error:
        MixtureTarget(weights, means, covariances)
    assert str(error.value).endswith(".")


def test_units_do_not_make_a_covariance_singular():
    tiny = MixtureTarget([1.0], [[0, 0]], [np.diag([1e-12, 1e12])])
    assert np.isfinite(tiny.log_prob([[0.0, 0.0]])).all()


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_a_bad_separation_gets_a_sentence(bad):
    with pytest.raises(DataError, match=r"separation.*\.$"):
        two_mode_target(bad)
    with pytest.raises(DataError, match=r"separation.*\.$"):
        separated_target(bad)


def test_a_bad_weight_gets_a_sentence():
    with pytest.raises(DataError, match=r"weight lies.*\.$"):
        separated_target(2.0, weight=1.5)
