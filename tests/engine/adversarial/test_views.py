"""What a history keeps of a game: shapes, order, and that noise and manifold belong together."""

import numpy as np
import pytest
from scipy.stats import norm

from engine.adversarial import GAN
from engine.adversarial.views import plane as views
from engine.data import load_points, preset

DOMAIN = preset("gan_lab_gaussians").domain
SMALL = {"generator_layers": "8,8", "discriminator_layers": "8,8", "batch_size": 50, "iterations": 5}


def game(**hyperparameters):
    return GAN(**{**SMALL, **hyperparameters}).fit(load_points("gan_lab_gaussians", 300).x)


@pytest.fixture(scope="module")
def played():
    return game()


def test_the_field_is_d_at_the_cell_centres_with_rows_along_y(played):
    field = views.field(played, DOMAIN, 10)
    assert field.shape == (10, 10)
    assert field.dtype == np.float32
    low, high = DOMAIN[0]
    cell = (high - low) / 10
    at = [[low + 7.5 * cell, low + 2.5 * cell]]
    assert field[2, 7] == pytest.approx(played.discriminate(at)[0], rel=1e-6)


def test_generated_points_come_from_the_noise_of_the_same_seed(played):
    points = views.generated(played, 50, seed=4)
    assert points.shape == (50, 2)
    np.testing.assert_array_equal(points, played.generate(played.draw_noise(50, 4)))


def test_the_manifold_is_the_image_of_the_noise_grid(played):
    grid, image = views.noise_grid(played, 6), views.manifold(played, 6)
    assert grid.shape == image.shape == (7, 7, 2)
    probabilities = norm.cdf(grid)
    np.testing.assert_allclose(probabilities[2, :, 0], np.linspace(0.02, 0.98, 7), atol=1e-6)
    np.testing.assert_allclose(probabilities[:, 3, 1], np.linspace(0.02, 0.98, 7), atol=1e-6)
    np.testing.assert_allclose(image[1, 4], played.generate(grid[1, 4][None])[0], rtol=1e-5)


def test_uniform_noise_is_a_square_and_one_dimension_a_curve():
    square = views.noise_grid(game(noise="uniform"), 4)
    np.testing.assert_allclose(square[0, :, 0], [-1, -0.5, 0, 0.5, 1])
    thin = game(noise_size=1)
    line, curve = views.noise_grid(thin, 4), views.manifold(thin, 4)
    assert line.shape == curve.shape == (17, 1, 2)
    assert (line[..., 1] == 0).all()
    assert (np.diff(line[:, 0, 0]) > 0).all()
    np.testing.assert_allclose(curve[:, 0], thin.generate(line[:, :, 0]), rtol=1e-5)


def test_more_noise_dimensions_show_the_plane_of_the_first_two():
    deep = game(noise_size=5)
    grid, image = views.noise_grid(deep, 3), views.manifold(deep, 3)
    assert grid.shape == image.shape == (4, 4, 2)
    z = np.concatenate([grid[2, 1], np.zeros(3)])
    np.testing.assert_allclose(image[2, 1], deep.generate(z[None])[0], rtol=1e-5)


def test_arrows_stand_on_generated_points(played):
    arrows = views.arrows(played, 20)
    assert arrows.shape == (20, 4)
    np.testing.assert_allclose(arrows[:, :2], views.generated(played, 20), rtol=1e-5)
