"""D*: the known optimum of known densities, and a discriminator's distance from it."""

from types import SimpleNamespace

import numpy as np
import pytest

from engine.adversarial.views.densities import SAMPLE, densities
from engine.adversarial.views.optimal import optimal, optimal_gap
from engine.data import preset
from engine.density import KernelDensity
from engine.grid import Grid
from engine.model import DataError

DOMAIN = ((-4.0, 4.0), (-4.0, 4.0))


class Game:
    """Draw from N((shift, 0), I) against the preset "gaussian", with a discriminator by formula."""

    gives_probability = True

    def __init__(self, shift=1.0, discriminate=None, smoothing=0.0):
        self.shift = shift
        self.hyperparameters = SimpleNamespace(label_smoothing=smoothing)
        self.objective = SimpleNamespace(smooths=True)
        self.discriminate = discriminate or self.best

    def state(self):
        return {"shift": np.array(self.shift)}

    def sample(self, n, seed=0):
        return np.random.default_rng(seed).normal([self.shift, 0], size=(n, 2)).astype(np.float32)

    def best(self, x):
        return 1 / (1 + np.exp(self.shift * (x[:, 0] - self.shift / 2)))  # log p/q = shift (shift/2 − x)


def test_the_optimum_of_two_gaussians_is_a_logistic_curve():
    game, grid = Game(), Grid.over(DOMAIN, 40)
    expected = game.best(grid.points).reshape(grid.shape)
    found = optimal(game, DOMAIN, 40, preset="gaussian")
    assert found.dtype == np.float32
    p, q = densities(game, DOMAIN, 40, "gaussian")
    seen = p + q > 0.01
    np.testing.assert_allclose(found[seen], expected[seen], atol=0.08)
    assert np.average(np.abs(found - expected), weights=p + q) < 0.015
    assert grid.integrate(p) == pytest.approx(1, abs=0.01)
    assert grid.integrate(q) == pytest.approx(1, abs=0.01)


def test_equal_densities_give_a_half_and_smoothing_its_share_of_it():
    for name in ("eight_gaussians", "gan_lab_line"):  # sharp, so that only the same blur on both makes them equal
        perfect = Game()
        perfect.sample = lambda n, seed=0, name=name: preset(name).sample(n, seed)
        domain = preset(name).domain
        p, q = densities(perfect, domain, 30, name)
        assert np.average(np.abs(optimal(perfect, domain, 30, name) - 0.5), weights=p + q) < 0.02
        perfect.hyperparameters.label_smoothing = 0.3
        assert np.average(optimal(perfect, domain, 30, name), weights=p + q) == pytest.approx(0.35, abs=0.01)


def test_the_gap_of_the_best_is_nothing_and_that_of_the_blind_is_half_the_total_variation():
    assert optimal_gap(Game(), DOMAIN, preset="gaussian") < 0.015
    blind = Game(discriminate=lambda x: np.full(len(x), 0.5))
    # The mean of |½ − p/(p + q)| under ½ (p + q) is ¼ ∫ |p − q| = ½ TV, and TV of N(0,1), N(1,1) is .382925.
    assert optimal_gap(blind, DOMAIN, preset="gaussian") == pytest.approx(0.382925 / 2, abs=0.01)
    far = Game(shift=30.0, discriminate=lambda x: np.ones(len(x)))  # the generator is out of the picture
    assert optimal_gap(far, DOMAIN, preset="gaussian") == pytest.approx(0, abs=1e-6)


def test_own_points_stand_for_the_data():
    x = preset("gaussian").sample(20_000, seed=5)
    from_points, exact = (optimal(Game(), DOMAIN, 30, **source) for source in ({"x": x}, {"preset": "gaussian"}))
    p, q = densities(Game(), DOMAIN, 30, "gaussian")
    assert np.average(np.abs(from_points - exact), weights=p + q) < 0.02


@pytest.mark.parametrize("cells", [30, 60])
def test_the_blur_on_binned_draws_is_the_kernel_density_estimate(cells):
    game, grid = Game(), Grid.over(DOMAIN, cells)
    q = densities(game, DOMAIN, cells, "gaussian")[1]
    exact = np.exp(KernelDensity(bandwidth=max(grid.spacing)).fit(game.sample(SAMPLE)).log_prob(grid.points))
    assert grid.integrate(np.abs(q - exact.reshape(grid.shape))) < 2e-3


def test_a_model_is_drawn_from_once_until_its_weights_change():
    game, drawn = Game(), []
    plain = game.sample
    game.sample = lambda n, seed=0: drawn.append(n) or plain(n, seed)
    views = [optimal(game, DOMAIN, 30, preset="gaussian"), optimal_gap(game, DOMAIN, preset="gaussian")]
    assert len(drawn) == 1
    game.shift = 2.0
    assert optimal_gap(game, DOMAIN, preset="gaussian") != views[1]
    np.testing.assert_array_equal(
        optimal(game, DOMAIN, 30, preset="gaussian"), optimal(Game(2.0), DOMAIN, 30, "gaussian")
    )
    assert len(drawn) == 2


def test_nowhere_is_a_half_and_bad_requests_get_a_sentence():
    found = optimal(Game(), ((40.0, 48.0), (40.0, 48.0)), 10, preset="gaussian")
    np.testing.assert_array_equal(found, 0.5)
    critic = Game()
    critic.gives_probability = False
    for view in (optimal, optimal_gap):
        with pytest.raises(DataError, match="critic is no probability"):
            view(critic, DOMAIN, preset="gaussian")
        with pytest.raises(DataError, match="needs a preset, or the real points"):
            view(Game(), DOMAIN)
