"""Small data that the tests of trained networks share."""

import numpy as np
import pytest

from engine.data import Images, load_images, load_points


@pytest.fixture(scope="session")
def digits():
    train, _ = load_images("mnist")
    return Images(train.images[:300], train.labels[:300], train.class_names)


@pytest.fixture(scope="session")
def moons():
    return load_points("two_moons", n=200, noise=0.05, seed=0)


@pytest.fixture(scope="session")
def line():
    """Points along a tilted line, in units of their own."""
    noise = np.random.default_rng(0).standard_normal((400, 2))
    return noise @ np.array([[3.0, 1.0], [0.0, 0.4]]) + [5.0, -2.0]
