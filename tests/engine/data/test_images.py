"""Images: the embedded sets, their split, and the full sets with and without a network."""

from urllib.error import URLError

import numpy as np
import pytest
import sklearn.datasets

from engine.data import load_images
from engine.model import DataError


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_embedded_images(name):
    train, held_out = load_images(name)
    assert train.images.shape == (9000, 28, 28)
    assert held_out.images.shape == (1000, 28, 28)
    assert len(held_out) == 1000
    for part in (train, held_out):
        assert part.images.dtype == np.float32
        assert part.images.min() == 0
        assert part.images.max() == 1
        assert part.labels.dtype == np.uint8
        assert part.note is None
        assert len(part.class_names) == 10
        # All classes are there, none twice as often as it should be.
        assert np.bincount(part.labels, minlength=10).min() > 0.07 * len(part)
        assert np.bincount(part.labels, minlength=10).max() < 0.13 * len(part)
    np.testing.assert_array_equal(load_images(name)[1].images[:5], held_out.images[:5])
    distinct = {image.tobytes() for image in train.images}
    assert not any(image.tobytes() in distinct for image in held_out.images)


def test_labels_say_what_the_images_show():
    train, held_out = load_images("mnist")
    centroids = np.stack([train.images[train.labels == label].mean(axis=0).ravel() for label in range(10)])
    distance = ((held_out.images.reshape(-1, 1, 784)[:300] - centroids) ** 2).sum(axis=2)
    assert np.mean(distance.argmin(axis=1) == held_out.labels[:300]) > 0.75  # nearest centroid reaches 82 % on MNIST
    assert load_images("fashion_mnist")[0].class_names[9] == "Ankle boot"


def test_classes_can_be_chosen():
    train, held_out = load_images("mnist", classes=[3, 8])
    assert set(train.labels.tolist()) == set(held_out.labels.tolist()) == {3, 8}


@pytest.mark.parametrize("arguments", [{"name": "cifar"}, {"classes": [10]}, {"classes": []}])
def test_unknown_names_get_a_sentence(arguments):
    with pytest.raises(DataError):
        load_images(**arguments)


def test_full_set_is_split_as_the_official_one(monkeypatch):
    labels = (np.arange(70_000) % 10).astype(str)
    pixels = np.zeros((70_000, 784), dtype=np.uint8)
    pixels[60_000:, 5] = 255
    asked = []

    def fetch(name, **options):
        asked.append((name, options["version"]))
        return pixels, labels

    monkeypatch.setattr(sklearn.datasets, "fetch_openml", fetch)
    train, held_out = load_images("fashion_mnist", full=True, classes=[4])
    assert asked == [("Fashion-MNIST", 1)]
    assert (len(train), len(held_out)) == (6000, 1000)
    assert train.images.max() == 0
    assert held_out.images[:, 0, 5].min() == 1
    assert held_out.labels.dtype == np.uint8
    assert train.note is None


@pytest.mark.parametrize(
    "error",
    [URLError("no route to host"), OSError("no route to host"), ValueError("no route to host"), ImportError()],
)
def test_without_a_network_the_embedded_set_comes_with_a_note(monkeypatch, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(sklearn.datasets, "fetch_openml", fail)
    train, held_out = load_images("mnist", full=True, classes=[0])
    assert len(train) + len(held_out) < 2000
    assert train.note == held_out.note
    reason = "ImportError" if isinstance(error, ImportError) else "no route to host"
    assert train.note.startswith(f"The full set could not be downloaded ({reason}), so these are the embedded")


def test_a_download_of_something_else_is_not_used(monkeypatch):
    monkeypatch.setattr(sklearn.datasets, "fetch_openml", lambda *_, **__: (np.zeros((3, 784)), np.zeros(3)))
    train, _ = load_images("mnist", full=True)
    assert len(train) == 9000
    assert "something else" in train.note
