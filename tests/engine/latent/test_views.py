"""The pictures: their shapes, their order, and that they show what they say."""

import numpy as np
import pytest
from scipy.stats import norm

from engine import pictures
from engine.latent import PCA, VAE, Autoencoder, ConditionalVAE
from engine.latent.views import images as views
from engine.model import DataError

SMALL = {"layers": "32", "batch_size": 64, "epochs": 2}


@pytest.fixture(scope="module")
def vae(digits):
    return VAE(**SMALL).fit(digits)


@pytest.fixture(scope="module")
def conditional(digits):
    return ConditionalVAE(**SMALL).fit(digits)


def test_tile_lays_images_out_in_reading_order():
    images = np.arange(5)[:, None, None] / 10 * np.ones((5, 2, 3))
    picture = pictures.tile(images, 3)
    assert picture.shape == (4, 9)
    assert picture.dtype == np.uint8
    np.testing.assert_array_equal(picture[::2, ::3], np.rint([[0, 25.5, 51], [76.5, 102, 0]]))


def test_the_manifold_runs_through_the_quantiles_of_the_prior(vae):
    codes = pictures.manifold_codes(vae, n=5, low=0.1, high=0.9)
    assert codes.shape == (5, 5, 2)
    probabilities = norm.cdf(codes)
    np.testing.assert_allclose(probabilities[0, :, 0], [0.1, 0.3, 0.5, 0.7, 0.9], atol=1e-6)
    np.testing.assert_allclose(probabilities[:, 0, 1], [0.9, 0.7, 0.5, 0.3, 0.1], atol=1e-6)
    picture = views.manifold(vae, n=5, low=0.1, high=0.9)
    assert picture.shape == (140, 140)
    cell = pictures.to_picture(vae.decode(codes[1, 3][None]))[0]
    np.testing.assert_array_equal(picture[28:56, 84:112], cell)


def test_a_manifold_of_other_latent_sizes(digits, moons):
    big = VAE(**SMALL, latent_size=4).fit(digits)
    codes = pictures.manifold_codes(big, n=3, centre=[1, 2, 3, 4], spread=2)
    assert (codes[..., 2:] == [3, 4]).all()
    np.testing.assert_allclose(codes[1, 1], [1, 2, 3, 4])
    assert views.manifold(big, n=3).shape == (84, 84)
    points = VAE(**SMALL, latent_size=1).fit(moons)
    curve = pictures.manifold_codes(points, n=3).ravel()
    assert (np.diff(curve) > 0).all()
    assert views.manifold(points, n=3).shape == (3, 3, 2)


def test_a_manifold_of_each_label(conditional):
    with pytest.raises(DataError, match="label"):
        views.manifold(conditional, n=3)
    assert not np.array_equal(views.manifold(conditional, n=3, label=0), views.manifold(conditional, n=3, label=1))


def test_latent_positions_are_means_or_their_principal_plane(vae, digits, moons):
    np.testing.assert_array_equal(views.latent_positions(vae, digits.images, digits.labels), vae.encode(digits))
    assert views.latent_axes(vae) == ("z₁", "z₂")
    big = Autoencoder(**SMALL, latent_size=6).fit(digits)
    plane, codes = views.latent_positions(big, digits), big.encode(digits)
    assert plane.shape == (300, 2)
    variances = np.linalg.eigvalsh(np.cov(codes.T, bias=True))[::-1][:2]
    np.testing.assert_allclose(np.cov(plane.T, bias=True), np.diag(variances), atol=1e-3 * variances[0])
    assert "principal" in views.latent_axes(big)[0]
    thin = VAE(**SMALL, latent_size=1).fit(moons)
    assert (views.latent_positions(thin, moons)[:, 1] == 0).all()
    assert views.latent_axes(thin) == ("z₁", "")


def test_interpolation_meets_its_ends_and_keeps_its_rate():
    a, b = np.array([3.0, 0.0]), np.array([0.0, 1.0])
    for how in ("linear", "spherical"):
        path = pictures.interpolate(a, b, 5, how)
        np.testing.assert_allclose(path[[0, -1]], [a, b], atol=1e-6)
        assert path.dtype == np.float32
    np.testing.assert_allclose(pictures.interpolate(a, b, 3)[1], [1.5, 0.5])
    arc = pictures.interpolate(a, b, 5, "spherical")
    np.testing.assert_allclose(np.degrees(np.arctan2(arc[:, 1], arc[:, 0])), [0, 22.5, 45, 67.5, 90], atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(arc, axis=1), np.linspace(3, 1, 5), rtol=1e-6)
    np.testing.assert_allclose(
        pictures.interpolate(a, b, 5, beyond=0.5)[[0, -1]], [1.5 * a - 0.5 * b, 1.5 * b - 0.5 * a]
    )
    for parallel in (2 * a, -a, 0 * a):
        np.testing.assert_allclose(pictures.interpolate(a, parallel, 3, "spherical")[1], (a + parallel) / 2)
    assert pictures.interpolate(np.zeros((28, 28)), np.ones((28, 28)), 4).shape == (4, 28, 28)
    with pytest.raises(DataError, match="same shape"):
        pictures.interpolate(a, np.zeros(3))
    with pytest.raises(DataError, match="linear or spherical"):
        pictures.interpolate(a, b, how="cubic")


def test_an_analogy_of_twice_the_same_is_the_third(vae, conditional, digits):
    a, c = digits.images[0], digits.images[1]
    expected = vae.reconstruct(c[None])
    np.testing.assert_allclose(views.analogy(vae, np.stack([a, a, c])), expected, atol=1e-5)
    labels = digits.labels[[0, 0, 1]]
    expected = conditional.reconstruct(c[None], labels[2:])
    np.testing.assert_allclose(views.analogy(conditional, np.stack([a, a, c]), labels), expected, atol=1e-5)
    with pytest.raises(DataError, match="three"):
        views.analogy(vae, digits.images[:2])


def test_the_style_grid_has_a_row_for_each_style_and_a_column_for_each_label(conditional, digits):
    images, labels = digits.images[:3], digits.labels[:3]
    grid = views.style_grid(conditional, images, labels, range(4))
    assert grid.shape == (3 * 28, 4 * 28)
    cell = conditional.decode(conditional.encode(images, labels)[2:], 1)
    np.testing.assert_array_equal(grid[56:, 28:56], pictures.to_picture(cell)[0])


def test_reconstructions_stand_below_their_images(vae, digits):
    picture = views.reconstructions(vae, digits.images[:4])
    np.testing.assert_array_equal(picture[:28, 28:56], pictures.to_picture(digits.images[1]))
    np.testing.assert_array_equal(picture[28:, 28:56], pictures.to_picture(vae.reconstruct(digits.images[1:2]))[0])


def test_posterior_samples_scatter_around_the_reconstruction(vae, digits, moons):
    drawn = views.posterior_samples(vae, digits.images[:2], n=5)
    assert drawn.shape == (2, 5, 28, 28)
    points = VAE(**SMALL, latent_size=1).fit(moons)
    drawn = views.posterior_samples(points, moons.x[:1], n=4000)[0]
    mean, deviation = points.posterior(moons.x[:1])
    z = mean + deviation * np.random.default_rng(9).standard_normal((4000, 1))
    np.testing.assert_allclose(drawn.mean(axis=0), points.decode(z).mean(axis=0), atol=0.1)


@pytest.mark.parametrize("model", [PCA(n_components=3), Autoencoder(**SMALL), VAE(**SMALL)])
def test_every_model_shows_what_a_normal_draw_decodes_to(model, digits):
    model.fit(digits)
    drawn = views.prior_samples(model, 6, seed=1)
    assert drawn.shape == (6, 28, 28)
    np.testing.assert_array_equal(drawn, views.prior_samples(model, 6, seed=1))
    assert views.manifold(model, n=2).shape == (56, 56)
    assert views.reconstructions(model, digits.images[:2]).shape == (56, 56)
    np.testing.assert_array_equal(
        views.prior_samples(model, 2, spread=0, centre=np.ones(model.latent_size)),
        model.decode(np.ones((2, model.latent_size))),
    )
