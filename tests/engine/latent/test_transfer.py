"""How well style transfer holds: shares with errors clustered by style, and how far codes part by label."""

import numpy as np
import pytest

from engine.latent.transfer import SIDE, accuracy, clustered_share, label_share, label_share_of_picture, separation
from engine.model import DataError
from engine.pictures import tile


class _Reader:
    """A classifier whose answer stands in an image's first pixel, in tenths."""

    def predict(self, images):
        return np.rint(images[:, 0, 0] * 10).astype(int)


class _Writer:
    """A model whose codes are its images' labels, and which writes the label asked for, but only up to the code."""

    latent_size = 1
    data_kind = "images"

    def encode(self, x, labels=None):
        return np.asarray(labels, np.float32)[:, None]

    def decode(self, z, labels=None):
        images = np.zeros((len(z), SIDE, SIDE), np.float32)
        images[:, 0, 0] = np.minimum(labels, z[:, 0]) / 10
        return images


def test_the_share_counts_cells_and_its_error_counts_styles():
    images, labels = np.zeros((3, SIDE, SIDE), np.float32), np.array([9, 4, 1])
    share = label_share(_Writer(), images, labels, _Reader())
    each = np.array([10, 5, 2]) / 10
    assert share.value == pytest.approx(each.mean())
    assert share.standard_error == pytest.approx(each.std(ddof=1) / np.sqrt(3))


def test_a_drawn_grid_has_the_same_share():
    writer, labels = _Writer(), np.array([9, 4, 1])
    cells = writer.decode(np.repeat(labels, 10)[:, None], np.tile(np.arange(10), 3))
    drawn = label_share_of_picture(tile(cells, 10), _Reader())
    assert drawn == label_share(writer, np.zeros((3, SIDE, SIDE), np.float32), labels, _Reader())
    with pytest.raises(DataError, match="10 labels across"):
        label_share_of_picture(np.zeros((SIDE, 9 * SIDE), np.uint8), _Reader())


def test_independent_draws_have_the_binomial_error():
    right = np.arange(100)[:, None] < 80
    share = clustered_share(right)
    assert share.value == pytest.approx(0.8)
    assert share.standard_error == pytest.approx(np.sqrt(0.8 * 0.2 / 99))
    together = clustered_share(np.repeat(right, 10, axis=1))  # ten cells that agree are no more than one
    assert together.standard_error == pytest.approx(share.standard_error)
    with pytest.raises(DataError, match="two styles"):
        clustered_share(right[:1])


def test_the_error_is_as_wide_as_the_share_scatters():
    generator = np.random.default_rng(0)
    chances = generator.beta(2, 1, (2000, 30, 1))  # of each style, in 2,000 experiments of 30 styles
    shares = [clustered_share(cells) for cells in generator.random((2000, 30, 10)) < chances]
    scatter = np.std([share.value for share in shares])
    assert np.mean([share.standard_error for share in shares]) == pytest.approx(scatter, rel=0.05)


def test_the_accuracy_is_on_real_images():
    images = np.zeros((4, SIDE, SIDE), np.float32)
    images[:, 0, 0] = [0.1, 0.2, 0.3, 0.4]
    assert accuracy(_Reader(), images, np.array([1, 2, 3, 9])).value == 0.75


def test_codes_part_wholly_in_part_or_not_at_all():
    labels = np.repeat([0, 1], 4)
    apart = np.where(labels[:, None], [3.0, 1.0], [0.0, 0.0])
    assert separation(apart, labels) == pytest.approx(1)
    assert separation(np.tile([[1.0, 2.0], [-1.0, 0.0]], (4, 1)), labels) == pytest.approx(0)
    assert separation(np.zeros((8, 2)), labels) == 0
    within = np.tile([-1.0, 1.0], 4)[:, None]
    assert separation(within + 2 * labels[:, None], labels) == pytest.approx(0.5)  # variance 1 between, 1 within


def test_separation_is_r_squared_of_a_regression_on_the_labels():
    generator = np.random.default_rng(1)
    labels = generator.integers(0, 4, 200)
    codes = generator.standard_normal((200, 2)) + labels[:, None] * [1.0, -0.3]
    one_hot = np.eye(4)[labels]
    fitted = one_hot @ np.linalg.lstsq(one_hot, codes, rcond=None)[0]
    left_over = np.square(codes - fitted).sum() / np.square(codes - codes.mean(axis=0)).sum()
    assert separation(codes, labels) == pytest.approx(1 - left_over)
