"""Rules of thumb against scipy, cross-validation against brute force."""

import numpy as np
import pytest
from scipy import stats
from sklearn.model_selection import LeaveOneOut
from sklearn.neighbors import KernelDensity as Peer

from engine.density import KernelDensity, NaiveEstimator
from engine.density.bandwidth import CRITERION, likelihood_curve
from engine.density.kernels import KERNELS
from engine.model import DataError


def stretched_cloud(n, d=2):
    return np.random.default_rng(0).standard_normal((n, d)) @ np.array([[2.0, 0.7], [0.0, 0.3]])[:d, :d]


@pytest.mark.parametrize("rule", ["scott", "silverman"])
@pytest.mark.parametrize("d", [1, 2])
def test_full_covariance_equals_scipy(rule, d):
    data, queries = stretched_cloud(60, d), stretched_cloud(200, d)[100:]
    model = KernelDensity(bandwidth=rule, covariance="full").fit(data)
    np.testing.assert_allclose(model.log_prob(queries), stats.gaussian_kde(data.T, rule).logpdf(queries.T), rtol=1e-5)


@pytest.mark.parametrize("rule", ["scott", "silverman"])
def test_isotropic_bandwidth_is_scipys_factor_times_the_spread(rule):
    data = stretched_cloud(60)
    factor = stats.gaussian_kde(data.T, rule).factor
    spread = np.sqrt(np.trace(np.cov(data.T)) / 2)
    assert KernelDensity(bandwidth=rule).fit(data).bandwidth == pytest.approx(factor * spread)


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_rule_adds_the_same_variance_with_every_kernel(kernel):
    data = stretched_cloud(500)
    model = KernelDensity(kernel=kernel).fit(data)
    added = np.trace(np.cov(model.sample(200_000).T)) - np.trace(np.cov(data.T, bias=True))
    assert added == pytest.approx(2 * KernelDensity().fit(data).bandwidth ** 2, rel=0.15)


@pytest.mark.parametrize(("kernel", "peer"), [("gaussian", "gaussian"), ("epanechnikov", "epanechnikov")])
def test_cross_validation_equals_brute_force(kernel, peer):
    data = stretched_cloud(30)
    curve = KernelDensity(kernel=kernel).selection_curve(data)
    for h, score in list(zip(curve.values, curve.scores[CRITERION], strict=True))[::5]:
        left_out = [
            Peer(kernel=peer, bandwidth=h, rtol=0).fit(data[a]).score(data[b]) for a, b in LeaveOneOut().split(data)
        ]
        assert score == pytest.approx(np.mean(left_out), rel=1e-6)
    chosen = KernelDensity(kernel=kernel, bandwidth="cross-validation").fit(data).bandwidth
    assert chosen == curve.best[CRITERION] == curve.values[np.argmax(curve.scores[CRITERION])]


def test_cross_validation_of_the_window_equals_brute_force():
    data = stretched_cloud(25)
    curve = NaiveEstimator().selection_curve(data)
    gaps = np.abs(data[:, None] - data).max(axis=2)
    for h, score in list(zip(curve.values, curve.scores[CRITERION], strict=True))[-5:]:
        counts = (gaps <= h / 2).sum(axis=1) - 1
        expected = np.mean(np.log(counts / (24 * h**2))) if counts.all() else -np.inf
        assert score == pytest.approx(expected)


def test_cross_validation_finds_narrow_clusters_that_rules_blur():
    generator = np.random.default_rng(0)
    centres = 4 * np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    data = centres[generator.integers(4, size=400)] + 0.05 * generator.standard_normal((400, 2))
    held_out = centres[generator.integers(4, size=400)] + 0.05 * generator.standard_normal((400, 2))
    scores = [KernelDensity(bandwidth=b).fit(data).log_prob(held_out).mean() for b in ("scott", "cross-validation")]
    assert scores[1] > scores[0] + 2


def test_copies_do_not_drive_the_bandwidth_to_zero():
    whole = np.array([3, 5, 4, 4, 4, 4, 5, 6, 5, 4.0])
    assert 0.2 < KernelDensity(bandwidth="cross-validation").fit(whole).bandwidth < 2
    twice = np.repeat(stretched_cloud(50), 2, axis=0)
    once = KernelDensity(bandwidth="cross-validation").fit(twice[::2]).bandwidth
    assert KernelDensity(bandwidth="cross-validation").fit(twice).bandwidth == pytest.approx(once, rel=0.3)


def test_a_subset_of_many_points_chooses_nearly_the_same_bandwidth():
    data = stretched_cloud(4000)
    rule = KernelDensity(bandwidth="silverman").fit(data).bandwidth
    chosen = KernelDensity(bandwidth="cross-validation", covariance="full").fit(data).bandwidth
    full_rule = KernelDensity(bandwidth="silverman", covariance="full").fit(data).bandwidth
    assert chosen == pytest.approx(full_rule, rel=0.35)  # Silverman's is the best for a Gaussian
    assert full_rule < rule


def test_the_loneliest_point_sets_a_bounded_kernels_bandwidth():
    data = np.array([[0.0], [0.1], [0.2], [50.0]])
    curve = likelihood_curve(KERNELS["epanechnikov"], data)
    assert np.isneginf(curve.scores[CRITERION][0])
    assert curve.best[CRITERION] > 49.8


@pytest.mark.parametrize("data", [[[1.0, 2.0]], [[1.0, 2.0]] * 5, [4.0]])
@pytest.mark.parametrize("rule", ["scott", "silverman", "cross-validation"])
def test_no_spread_is_a_sentence_and_a_bandwidth_by_hand_works(data, rule):
    with pytest.raises(DataError, match=r"choose the bandwidth by hand\.$"):
        KernelDensity(bandwidth=rule).fit(data)
    model = KernelDensity(bandwidth=0.5).fit(data)
    d = np.ndim(data[0]) + 1 if np.ndim(data[0]) else 1
    assert model.log_prob(data)[0] == pytest.approx(-d / 2 * np.log(2 * np.pi * 0.25), rel=1e-5)


@pytest.mark.parametrize("line", [[1.0, 1.0], [1.0, 0.0], [0.3, 1e6]])
def test_points_on_a_line_have_no_full_covariance(line):
    data = np.linspace(-1, 1, 20)[:, None] * line
    with pytest.raises(DataError, match=r"on one line.*\.$"):
        KernelDensity(covariance="full").fit(data)
    assert np.isfinite(KernelDensity().fit(data).log_prob(data)).all()


def test_copies_of_a_point_are_left_out_with_it_and_the_curve_says_so():
    x = np.array([0.0, 0.0, 0.0, 1.0, 2.5, 4.0])[:, None]
    curve = likelihood_curve(KERNELS["gaussian"], x)
    assert "together with all that equal it" in curve.note
    h = curve.values[20]
    others = [x[x[:, 0] != one] for one in x[:, 0]]
    brute = np.mean(
        [np.log(stats.norm.pdf(one, rest[:, 0], h).mean()) for one, rest in zip(x[:, 0], others, strict=True)]
    )
    assert curve.scores[CRITERION][20] == pytest.approx(brute)
    assert likelihood_curve(KERNELS["gaussian"], np.unique(x, axis=0)).note == ""
