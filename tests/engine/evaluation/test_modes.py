"""Modes: where presets have them, and when one counts as covered."""

import numpy as np
import pytest

from engine.data import preset
from engine.evaluation.modes import FAIR_SHARE, coverage, modes_of
from engine.model import DataError

WITH_MODES = {"eight_gaussians": 8, "twenty_five_gaussians": 25, "gan_lab_gaussians": 2, "gan_lab_disjoint": 3}


@pytest.mark.parametrize(("name", "count"), WITH_MODES.items())
def test_the_data_covers_all_its_own_modes(name, count):
    for noise in (None, preset(name).noise_bounds[0]):
        found = coverage(preset(name).sample(20_000, noise=noise), modes_of(name, noise))
        assert found.covered == found.n_modes == count
        assert found.high_quality == pytest.approx(1 - np.exp(-4.5), abs=0.003)  # of a normal within 3σ in the plane
        np.testing.assert_allclose(found.shares, found.high_quality / count, atol=0.012)


def test_modes_have_the_presets_own_density():
    # The mixture of these modes is the preset.
    from scipy.stats import multivariate_normal

    modes = modes_of("gan_lab_gaussians", 1.3)
    x = preset("gan_lab_gaussians").sample(50, noise=1.3)
    parts = [
        multivariate_normal(c, np.diag(d**2)).pdf(x) for c, d in zip(modes.centres, modes.deviations, strict=True)
    ]
    np.testing.assert_allclose(
        np.log(np.mean(parts, axis=0)), preset("gan_lab_gaussians").log_prob(1.3)(x), rtol=1e-4
    )


def test_a_mode_counts_from_a_fifth_of_its_fair_share_on():
    modes = modes_of("eight_gaussians")
    n = 1000
    enough = int(np.ceil(FAIR_SHARE * n / 8))
    for at_second, covered in ((enough - 1, 1), (enough, 2)):
        x = np.repeat(modes.centres[[0, 1]], [n - at_second, at_second], axis=0)
        assert coverage(x, modes).covered == covered
    edge = np.add(modes.centres[:1], [3.001 * 0.05, 0])
    assert coverage(np.repeat(edge, n, axis=0), modes).high_quality == 0
    assert coverage(np.repeat(edge - [[0.002 * 0.05, 0]], n, axis=0), modes).high_quality == 1


def test_other_data_has_no_modes_and_bad_noise_a_sentence():
    assert modes_of("two_moons") is modes_of(None) is modes_of("drawn") is None
    with pytest.raises(DataError, match="must lie between"):
        modes_of("eight_gaussians", 3.0)
