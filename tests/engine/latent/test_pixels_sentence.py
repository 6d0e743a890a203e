"""A pixel just above 1 is named so that it can be told from 1."""

import numpy as np
import pytest

from engine.latent import Autoencoder
from engine.model import DataError


def test_the_pixels_that_are_refused_are_written_in_full():
    images = np.ones((20, 28, 28), np.float32)
    images[0, 0, 0] = np.nextafter(np.float32(1), np.float32(2))
    with pytest.raises(DataError, match=r"from 1 to 1\.0000001"):
        Autoencoder(epochs=1).fit(images)
