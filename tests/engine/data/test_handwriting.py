"""A drawn digit becomes an image as MNIST has them."""

import numpy as np
import pytest
from scipy import ndimage

from engine.data import load_images
from engine.data.handwriting import GREYS, as_mnist, decode_digit, encode_digit
from engine.data.link_text import pack
from engine.model import DataError


def stroke(side, row, column, length, width):
    drawing = np.zeros((side, side))
    drawing[row : row + length, column : column + width] = 1
    return drawing


@pytest.mark.parametrize("side", [28, 112, 280])
def test_a_stroke_anywhere_of_any_size_is_centred_in_a_box_of_twenty(side):
    image = as_mnist(stroke(side, side // 10, side // 8, side // 2, side // 12))
    assert image.shape == (28, 28)
    assert image.dtype == np.float32
    np.testing.assert_allclose(ndimage.center_of_mass(image), [14, 14], atol=0.2)
    rows = np.flatnonzero(image.max(axis=1) > 0.5)
    assert 18 <= rows[-1] - rows[0] + 1 <= 22
    assert image.max() == pytest.approx(1)


def test_digits_of_mnist_stay_much_as_they_are():
    images = load_images("mnist")[1].images[:100]
    alike = [np.corrcoef(as_mnist(digit).ravel(), digit.ravel())[0, 1] for digit in images]
    assert np.median(alike) > 0.93
    assert min(alike) > 0.7  # half a pixel moves a thin stroke by its own width


BAD = [np.zeros((28, 28)), np.zeros((0, 0)), np.full((9, 9), 2.0), np.full((3, 3), np.nan), [1.0]]


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_drawing_gets_a_sentence(bad):
    with pytest.raises(DataError, match=r"\.$"):
        as_mnist(bad)


def test_a_link_carries_a_digit_in_few_characters():
    images = load_images("mnist")[1].images[:100]
    texts = [encode_digit(image) for image in images]
    assert max(map(len, texts)) < 300
    assert all(text.replace("-", "").replace("_", "").isalnum() for text in texts)
    for image, text in zip(images, texts, strict=True):
        found = decode_digit(text)
        assert found.dtype == np.float32
        assert np.abs(found - image).max() <= 0.5 / GREYS + 1e-6
        assert encode_digit(found) == text  # who opens a copied link sees the very same digit


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "another version"),
        ("v1abc", "another version"),
        ("d1", "damaged"),
        ("d1!!", "damaged"),
        ("d1" + "A" * 5000, "too long"),
        (pack(bytes(783), "d1"), "damaged"),
        (pack(bytes([16] * 784), "d1"), "damaged"),
        (pack(bytes(10**6), "d1"), "damaged"),
        (encode_digit(np.eye(28))[:-3], "damaged"),
    ],
)
def test_a_hostile_link_gets_a_sentence(text, sentence):
    with pytest.raises(DataError, match=sentence):
        decode_digit(text)
