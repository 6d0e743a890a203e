"""From integrands to measures: the ends of the α family, the greatest values, and the names of them all."""

import numpy as np
import pytest
from scipy.stats import norm

from engine.divergence import MEASURES, alpha_divergence, divergences, wasserstein_distance
from engine.grid import Grid
from engine.model import HyperparameterError

LINE = Grid.over([(-15, 15)], 3000)
STANDARD = norm(0, 1).logpdf(LINE.axes[0])
WIDE = norm(0, 2).logpdf(LINE.axes[0])  # variance 4


def test_the_alpha_divergence_runs_from_one_kl_to_the_other():
    orders = [0.0, 1e-5, 0.25, 0.5, 0.75, 1 - 1e-5, 1.0]
    values = [alpha_divergence(STANDARD, WIDE, LINE, order) for order in orders]
    assert values[0] == pytest.approx(0.806853, abs=1e-5)
    assert values[-1] == pytest.approx(0.318147, abs=1e-5)
    assert values[1] == pytest.approx(values[0], abs=1e-4)
    assert values[-2] == pytest.approx(values[-1], abs=1e-4)
    # Exchanging p and q exchanges α and 1 − α.
    assert values[2] == pytest.approx(alpha_divergence(WIDE, STANDARD, LINE, 0.75), abs=1e-12)


@pytest.mark.parametrize("order", [-0.1, 1.5, np.nan])
def test_an_order_that_is_not_between_0_and_1_gets_a_sentence(order):
    for call in (alpha_divergence, divergences):
        with pytest.raises(HyperparameterError, match=r"The order α must be between 0 and 1; it was .*\.$"):
            call(STANDARD, WIDE, LINE, order)


def test_the_greatest_value_is_reached_without_overlap_and_infinite_means_inf():
    grid = Grid.over([(0, 4)], 400)
    p, q = (np.where(half, np.log(0.5), -np.inf) for half in (grid.axes[0] < 2, grid.axes[0] > 2))
    result = divergences(p, q, grid)
    for name in ("kl", "reverse_kl", "jeffreys", "js", "js_distance", "total_variation", "hellinger"):
        assert getattr(result, name) == pytest.approx(MEASURES[name].highest, abs=1e-12)
    assert result.alpha == pytest.approx(4)
    assert wasserstein_distance(p, q, grid) == pytest.approx(2)
    assert alpha_divergence(p, q, grid, 1.0) == np.inf
    assert alpha_divergence(p, q, grid, 0.0) == np.inf


def test_every_measure_has_its_labels():
    assert set(divergences(STANDARD, WIDE, LINE).error) | {"wasserstein", "frechet"} == set(MEASURES)
    for measure in MEASURES.values():
        assert measure.idea.endswith(".")
        assert measure.symmetric or not measure.metric
