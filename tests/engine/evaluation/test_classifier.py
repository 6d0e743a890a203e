"""The classifier that reads generated digits."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np
import pytest
import torch

from engine.data import Images, load_images
from engine.evaluation import classifier
from engine.evaluation.classifier import Classifier, reader
from engine.model import DataError


def test_it_learns_to_read(digits):
    train, held_out = load_images("mnist")
    before = torch.random.get_rng_state()
    reader = Classifier(epochs=2).fit(Images(train.images[:3000], train.labels[:3000], train.class_names))
    assert reader.accuracy(held_out) > 0.8
    assert torch.equal(torch.random.get_rng_state(), before)
    probabilities = reader.probabilities(held_out.images[:20])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(probabilities.argmax(axis=1), reader.predict(held_out.images[:20]))
    again, other = (Classifier(epochs=1, seed=seed).fit(digits).probabilities(digits) for seed in (0, 1))
    np.testing.assert_array_equal(Classifier(epochs=1).fit(digits).probabilities(digits), again)
    assert not np.array_equal(again, other)


def test_bad_input_gets_a_sentence(digits, moons):
    with pytest.raises(DataError, match="not been fitted"):
        Classifier().predict(digits)
    with pytest.raises(DataError, match="images, not points"):
        Classifier().fit(moons)
    with pytest.raises(DataError, match="label"):
        Classifier().fit(digits.images)
    with pytest.raises(DataError, match="true labels"):
        Classifier(epochs=1).fit(digits).accuracy(digits.images)


def test_the_reader_of_a_set_is_trained_once_whoever_asks(monkeypatch, digits):
    trained = []

    class Slow(Classifier):
        def fit(self, images, labels=None):
            trained.append(images)
            time.sleep(0.1)
            return self

    monkeypatch.setattr(classifier, "Classifier", Slow)
    monkeypatch.setattr(classifier, "_reader", lru_cache(classifier._reader.__wrapped__))
    with ThreadPoolExecutor(4) as visitors:
        readers = list(visitors.map(reader, ["mnist"] * 4))
    assert len(trained) == 1
    assert all(one is readers[0] for one in readers)
    assert len(trained[0]) == 9000
    assert reader("fashion_mnist") is not readers[0]
    with pytest.raises(DataError, match="no image set"):
        reader("letters")
