"""Where reverse KL's best Gaussian goes from both of two equal modes to one, by plain quadrature."""

import numpy as np
import pytest

from engine.evaluation.glossary import PICKS_BEYOND

X = np.linspace(-16, 16, 2001)


def best(separation, means):
    """Return the least KL(q‖p), over these means and a range of widths, of N(m, s²) from two unit Gaussians."""
    m, s = means[:, None, None], np.linspace(0.7, 4.5, 200)[None, :, None]
    log_q = -0.5 * ((X - m) / s) ** 2 - np.log(s)
    log_p = np.logaddexp(-0.5 * (X - separation / 2) ** 2, -0.5 * (X + separation / 2) ** 2) - np.log(2)
    return (np.exp(log_q) * (log_q - log_p)).sum(axis=2).min() * (X[1] - X[0]) / np.sqrt(2 * np.pi)


@pytest.mark.parametrize(("off", "covers"), [(-0.1, True), (-0.5, True), (0.1, False), (0.5, False)])
def test_reverse_kl_covers_both_of_two_equal_modes_up_to_there(off, covers):
    separation = PICKS_BEYOND + off
    both, one = best(separation, np.zeros(1)), best(separation, separation * np.linspace(0.4, 0.52, 13))
    assert (both < one) == covers
