"""The aggregate posterior, against closed forms."""

import numpy as np
import pytest
from scipy.stats import norm

from engine.grid import Grid
from engine.latent import VAE
from engine.latent.aggregate import aggregate_posterior_on, prior_divergence
from engine.model import DataError


def kl_of_one(mean, deviation):
    return 0.5 * (mean**2 + deviation**2 - 1 - np.log(deviation**2)).sum()


@pytest.mark.parametrize("size", [1, 2])
def test_of_posteriors_that_are_all_alike_it_is_theirs(size):
    mean, deviation = np.array([0.7, -1.2])[:size], np.array([0.3, 1.4])[:size]
    value, error = prior_divergence(np.tile(mean, (5, 1)), np.tile(deviation, (5, 1)))
    assert value == pytest.approx(kl_of_one(mean, deviation), abs=1e-6)
    assert error < 1e-6
    assert prior_divergence(np.zeros((3, size)), np.ones((3, size)))[0] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("size", [1, 2])
def test_of_posteriors_far_apart_it_is_their_mean_less_the_logarithm_of_their_number(size):
    """Codes that never overlap tell which example they are of: the mutual information is log n."""
    means = np.array([[-6.0, 1.0], [0.0, -2.0], [6.0, 0.5], [12.0, 0.0]])[:, :size]
    deviations = np.array([[0.5, 0.2], [0.3, 0.4], [0.4, 0.3], [0.6, 0.5]])[:, :size]
    value, error = prior_divergence(means, deviations)
    each = [kl_of_one(*pair) for pair in zip(means, deviations, strict=True)]
    assert value == pytest.approx(np.mean(each) - np.log(4), abs=1e-4)
    assert abs(value - (np.mean(each) - np.log(4))) <= error + 1e-4


def test_the_error_grows_where_a_posterior_is_narrower_than_a_cell():
    means, deviations = np.array([[0.0, 0.0], [40.0, 40.0]]), np.full((2, 2), 0.02)
    value, error = prior_divergence(means, deviations)
    exact = np.mean([kl_of_one(*pair) for pair in zip(means, deviations, strict=True)]) - np.log(2)
    assert error > 0.1
    assert abs(value - exact) < error


def test_it_is_the_mixture_of_the_posteriors_on_the_grid():
    means, deviations = np.array([[0.5, -1.0], [2.0, 0.0]]), np.array([[0.5, 1.0], [0.7, 0.4]])
    grid = Grid(((-6.0, 7.0), (-5.0, 5.0)), (50, 40))
    found = aggregate_posterior_on(grid, means, deviations)
    exact = np.mean(
        [norm(m, s).pdf(grid.points).prod(axis=1) for m, s in zip(means, deviations, strict=True)], axis=0
    )
    np.testing.assert_allclose(found, exact.reshape(grid.shape), atol=1e-12)
    assert grid.integrate(found) == pytest.approx(1, abs=1e-3)
    line = Grid(((-6.0, 7.0),), (50,))
    exact = np.mean(
        [norm(m, s).pdf(line.axes[0]) for m, s in zip(means[:, 0], deviations[:, 0], strict=True)], axis=0
    )
    np.testing.assert_allclose(aggregate_posterior_on(line, means[:, :1], deviations[:, :1]), exact, atol=1e-12)


def test_a_vae_pays_at_least_for_its_aggregate_posterior(moons):
    model = VAE(layers="32", latent_size=1, batch_size=50, epochs=30, learning_rate=0.005).fit(moons)
    value, error = prior_divergence(*model.posterior(moons))
    information = model.elbo_terms(moons).kl.sum(axis=1).mean() - value
    assert 0 < information < np.log(len(moons.x)) + error
    assert value > -error


def test_what_it_can_not_integrate_gets_a_sentence():
    with pytest.raises(DataError, match="not in 3"):
        prior_divergence(np.zeros((4, 3)), np.ones((4, 3)))
    with pytest.raises(DataError, match="can't show 3 latent"):
        aggregate_posterior_on(Grid.over(((-1, 1), (-1, 1)), 4), np.zeros((4, 3)), np.ones((4, 3)))
