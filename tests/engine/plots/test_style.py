"""The palette: ten class colours that stay apart from each other on either theme."""

from itertools import combinations

import numpy as np
import pytest

from engine.plots import style
from engine.plots.numbers import written

CLASSES = {"light": style.CLASSES, "dark": tuple(style.DARK.get(colour, colour) for colour in style.CLASSES)}


def rgb(colour):
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], float)


@pytest.mark.parametrize("theme", CLASSES)
def test_class_colours_are_told_apart(theme):
    distances = {pair: np.linalg.norm(rgb(pair[0]) - rgb(pair[1])) for pair in combinations(CLASSES[theme], 2)}
    assert len(distances) == 45
    assert min(distances.values()) > 60, min(distances, key=distances.get)


def test_class_colours_stand_out_on_a_dark_page():
    def luminance(colour):
        part = rgb(colour) / 255
        linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    paper = luminance(style.DARK[style.PAPER])
    # WCAG 2.2 asks a contrast of 3 of graphics.
    assert min((luminance(colour) + 0.05) / (paper + 0.05) for colour in CLASSES["dark"]) > 3


@pytest.mark.parametrize(
    ("value", "form", "text"), [(-2 / 3, ".2f", "−0.67"), (1.5, ".3f", "1.500"), (1e-6, ".3g", "1e−06")]
)
def test_numbers_have_a_true_minus_sign(value, form, text):
    assert written(value, form) == text
