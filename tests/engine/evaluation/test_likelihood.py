"""Held-out and cross-validated likelihood against closed forms and scikit-learn's folds."""

import numpy as np
import pytest
from scipy.stats import norm

from engine.evaluation import cross_validated_log_likelihood, held_out_log_likelihood
from engine.model import DataError


class FittedNormal:
    """Normal maximum likelihood that remembers what it saw."""

    seen = ()

    def fit(self, data):
        self.seen = np.asarray(data)
        self.mean, self.deviation = self.seen.mean(), self.seen.std()
        return self

    def log_prob(self, x):
        return norm(self.mean, self.deviation).logpdf(np.asarray(x)[:, 0])


class Fixed:
    def __init__(self, values):
        self.values = np.array(values, dtype=np.float32)

    def log_prob(self, x):
        return self.values[: len(x)]


def test_score_is_mean_and_standard_error():
    values = [-1.0, -2.0, -4.0, -1.0]
    score = held_out_log_likelihood(Fixed(values), np.zeros((4, 1)))
    assert (score.mean, score.n, score.n_zero) == (-2.0, 4, 0)
    assert score.standard_error == pytest.approx(np.std(values, ddof=1) / 2)


def test_standard_error_is_that_of_repeated_experiments():
    model = FittedNormal().fit(np.array([[-1.0], [1.0]]))
    rng = np.random.default_rng(0)
    scores = [held_out_log_likelihood(model, rng.normal(size=(100, 1))) for _ in range(400)]
    assert np.mean([score.standard_error for score in scores]) == pytest.approx(
        np.std([score.mean for score in scores]), rel=0.15
    )
    # E log N(x; 0, 1) under N(0, 1) is −entropy.
    assert np.mean([score.mean for score in scores]) == pytest.approx(-0.5 * np.log(2 * np.pi * np.e), abs=0.015)


def test_points_without_density_make_the_mean_minus_infinity_and_are_counted():
    score = held_out_log_likelihood(Fixed([-1, -np.inf, -np.inf]), np.zeros((3, 1)))
    assert (score.mean, score.standard_error, score.n_zero) == (-np.inf, None, 2)
    assert held_out_log_likelihood(Fixed([np.inf, -1]), np.zeros((2, 1))).standard_error is None
    assert held_out_log_likelihood(Fixed([-1]), np.zeros((1, 1))).standard_error is None


@pytest.mark.parametrize("values", [[np.nan, 1.0], [np.inf, -np.inf]])
def test_a_mean_that_does_not_exist_gets_a_sentence(values):
    with pytest.raises(DataError, match="does not exist"):
        held_out_log_likelihood(Fixed(values), np.zeros((2, 1)))
    with pytest.raises(DataError, match="no held-out points"):
        held_out_log_likelihood(Fixed(values), np.zeros((0, 1)))


def test_every_point_is_scored_once_by_a_model_that_did_not_see_it():
    data = np.random.default_rng(0).normal(size=(53, 1))
    scored = []

    class Watching(FittedNormal):
        def log_prob(self, x):
            assert not np.isin(x, self.seen).any()
            assert len(x) + len(self.seen) == 53
            scored.extend(x[:, 0])
            return super().log_prob(x)

    cross_validated_log_likelihood(Watching, data, folds=5)
    assert sorted(scored) == sorted(data[:, 0])


def test_leave_one_out_has_its_value_in_any_order():
    data = np.random.default_rng(1).normal(size=(12, 1))
    expected = [FittedNormal().fit(np.delete(data, i, 0)).log_prob(data[i : i + 1])[0] for i in range(12)]
    for seed in (0, 1):
        score = cross_validated_log_likelihood(FittedNormal, data, folds=12, seed=seed)
        assert score.mean == pytest.approx(np.mean(expected))
        assert score.standard_error == pytest.approx(np.std(expected, ddof=1) / np.sqrt(12))


def test_seed_deals_the_folds():
    data = np.random.default_rng(1).normal(size=(40, 1))
    first, again, other = (cross_validated_log_likelihood(FittedNormal, data, seed=seed) for seed in (0, 0, 1))
    assert first == again
    assert first != other


@pytest.mark.parametrize("folds", [1, 11])
def test_impossible_folds_get_a_sentence(folds):
    with pytest.raises(DataError, match=f"2 to 10 folds for 10 points; it was {folds}"):
        cross_validated_log_likelihood(FittedNormal, np.zeros((10, 1)), folds=folds)
