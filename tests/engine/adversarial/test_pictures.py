"""Pictures of GANs of images: where each cell comes from, and which training image is nearest."""

import numpy as np
import pytest
from scipy.stats import chi, kstest, norm

from engine.adversarial import GAN, ConditionalGAN
from engine.adversarial.views.pictures import (
    nearest_images,
    noise_codes,
    noise_sheet,
    noise_walk,
    picture_manifold,
    picture_neighbours,
    picture_samples,
)
from engine.data import load_images
from engine.model import DataError
from engine.pictures import to_picture

SMALL = {"generator_layers": "8", "discriminator_layers": "8", "batch_size": 16, "iterations": 2}


@pytest.fixture(scope="module")
def digits():
    return load_images("mnist")[0]


@pytest.fixture(scope="module")
def gan(digits):
    return GAN(**SMALL).fit(digits.images[:100])


def cell(picture, row, column):
    return picture[28 * row : 28 * row + 28, 28 * column : 28 * column + 28]


def test_the_manifold_is_a_grid_of_noise_quantiles(gan, digits):
    codes = noise_codes(gan, 5)
    assert codes.shape == (5, 5, 2)
    np.testing.assert_allclose(norm.cdf(codes[0, :, 0]), np.linspace(0.02, 0.98, 5), atol=1e-6)
    assert codes[0, 0, 1] > codes[-1, 0, 1]  # upwards
    picture = picture_manifold(gan, 5)
    assert picture.shape == (140, 140)
    assert picture.dtype == np.uint8
    np.testing.assert_array_equal(cell(picture, 1, 3), to_picture(gan.generate(codes[1, 3:4])[0]))
    uniform = GAN(**SMALL, noise="uniform").fit(digits.images[:100])
    np.testing.assert_allclose(noise_codes(uniform, 5)[0, :, 0], np.linspace(-0.96, 0.96, 5), atol=1e-6)


def test_a_manifold_of_many_dimensions_lies_where_noise_does(digits):
    wide = GAN(**SMALL, noise_size=64).fit(digits.images[:100])
    codes = noise_codes(wide, 5)
    np.testing.assert_array_equal(codes, noise_sheet(5, 64))
    assert chi(64).cdf(np.linalg.norm(codes, axis=-1)).min() > 0.01
    assert chi(64).cdf(np.linalg.norm(codes, axis=-1)).max() < 0.99
    corners = codes[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert np.abs(np.corrcoef(corners) - np.eye(4)).max() < 0.4
    np.testing.assert_allclose(codes[0, 2], (corners[0] + corners[1]) / 2**0.5, rtol=1e-5)


def test_every_place_of_a_sheet_is_a_draw_of_noise():
    # Of many dimensions, which are independent: mean 0, variance 1, and normal.
    sheet = noise_sheet(4, 20_000).reshape(16, -1)
    assert np.abs(sheet.mean(axis=1)).max() < 4 / 20_000**0.5
    assert np.abs(sheet.var(axis=1) - 1).max() < 4 * (2 / 20_000) ** 0.5
    assert max(kstest(row, "norm").statistic for row in sheet) < 2 / 20_000**0.5


def test_samples_of_a_conditional_model_are_of_all_labels_or_one(digits):
    model = ConditionalGAN(**SMALL).fit(digits.images[:300], digits.labels[:300].astype(int))
    z = model.draw_noise(25, seed=0)
    mixed = model.generate(z, np.arange(25) % 10)
    np.testing.assert_array_equal(cell(picture_samples(model, 5), 2, 3), to_picture(mixed[13]))
    ones = picture_samples(model, 5, label=1)
    np.testing.assert_array_equal(cell(ones, 2, 3), to_picture(model.generate(z, 1)[13]))
    with pytest.raises(DataError, match="label"):
        picture_manifold(model, 3)
    assert picture_manifold(model, 3, label=4).shape == (84, 84)


def test_samples_repeat(gan):
    picture = picture_samples(gan, 4)
    assert picture.shape == (112, 112)
    np.testing.assert_array_equal(picture, picture_samples(gan, 4))
    np.testing.assert_array_equal(cell(picture, 0, 1), to_picture(gan.sample(16, 0)[1]))


def test_a_walk_goes_from_noise_to_noise(gan):
    a, b = gan.draw_noise(2, seed=3)
    for how in ("linear", "spherical"):
        images = noise_walk(gan, a, b, 7, how)
        assert images.shape == (7, 28, 28)
        np.testing.assert_allclose(images[[0, -1]], gan.generate(np.stack([a, b])), atol=1e-5)
    middle = noise_walk(gan, a, b, 3, "linear")[1]
    np.testing.assert_allclose(middle, gan.generate((a + b)[None] / 2)[0], atol=1e-5)


def test_the_nearest_image_is_found(digits):
    among, images = digits.images[:400], digits.images[400:460]
    found = nearest_images(images, among)
    distances = np.sqrt(np.square(images[:, None] - among[None]).sum(axis=(2, 3)))
    np.testing.assert_array_equal(found.indices, distances.argmin(axis=1))
    np.testing.assert_allclose(found.distances, distances.min(axis=1), rtol=1e-5)
    itself = nearest_images(among[:9], among)
    np.testing.assert_array_equal(itself.indices, np.arange(9))
    np.testing.assert_array_equal(itself.distances, 0)
    pairs = picture_neighbours(images[:5], among, columns=4)
    assert pairs.shape == (4 * 28, 4 * 28)
    np.testing.assert_array_equal(cell(pairs, 2, 0), to_picture(images[4]))
    np.testing.assert_array_equal(cell(pairs, 3, 0), to_picture(among[found.indices[4]]))
    assert not cell(pairs, 3, 3).any()
    with pytest.raises(DataError, match="no images"):
        nearest_images(images, among[:0])
