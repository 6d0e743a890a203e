"""A batch of one can't be normalised: it is refused when it is chosen, in one sentence."""

import numpy as np
import pytest

from engine.adversarial import DCGAN, GAN, VAEGAN, ConditionalGAN
from engine.model import HyperparameterError


@pytest.mark.parametrize("model", [GAN, ConditionalGAN])
def test_batch_normalisation_needs_two(model):
    with pytest.raises(HyperparameterError, match="Batch normalisation needs a batch size of 2 or more"):
        model(batch_size=1, batch_normalisation=True)
    model(batch_size=2, batch_normalisation=True, iterations=1)


@pytest.mark.parametrize("model", [GAN, ConditionalGAN, DCGAN, VAEGAN])
def test_without_it_and_over_maps_of_many_places_one_is_enough(model):
    images = np.random.default_rng(0).random((17, 28, 28), np.float32)  # the batch of 2 deals round the last of 17
    more = (np.arange(17) % 10,) if model is ConditionalGAN else ()
    for size in (1, 2):
        model(batch_size=size, iterations=10).fit(images, *more)
