"""EM against scikit-learn, closed forms and its guarantees: monotone, bounded, indifferent to labels and units."""

from itertools import islice, pairwise
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.mixture import GaussianMixture as Peer

from engine.density.mixture.em import Covariance
from engine.density.mixture.model import GaussianMixture
from engine.density.mixture.selection import count_parameters
from engine.grid import Grid
from engine.model import DataError, HyperparameterError

COVARIANCES = get_args(Covariance)
PEER_NAMES = {"full": "full", "diagonal": "diag", "spherical": "spherical", "tied": "tied"}
CENTRES = np.array([[-3.0, 0.0], [0.0, 2.0], [3.0, -1.0]])


def clouds(n=300, seed=0, centres=CENTRES):
    rng = np.random.default_rng(seed)
    return centres[rng.integers(len(centres), size=n)] + rng.normal(size=(n, 2)) * [0.9, 0.4]


def peer_at(model, **options):
    """Return scikit-learn's mixture set to start from our model's current state."""
    kind = model.hyperparameters.covariance
    precisions = np.linalg.inv(model.covariances)
    shaped = {
        "full": precisions,
        "diagonal": np.diagonal(precisions, axis1=1, axis2=2),
        "spherical": precisions[:, 0, 0],
        "tied": precisions[0],
    }[kind]
    return Peer(
        len(model.weights),
        covariance_type=PEER_NAMES[kind],
        weights_init=model.weights,
        means_init=model.means,
        precisions_init=shaped,
        reg_covar=0,
        **options,
    )


def peer_covariances(peer):
    kind, found = peer.covariance_type, peer.covariances_
    shape = (peer.n_components, 2, 2)
    return {
        "full": lambda: found,
        "diag": lambda: found[:, :, None] * np.eye(2),
        "spherical": lambda: found[:, None, None] * np.eye(2),
        "tied": lambda: np.broadcast_to(found, shape),
    }[kind]()


@pytest.mark.parametrize("scale", [np.ones(2), np.array([1e6, 1e3]), np.array([1e-6, 1e-6])], ids=str)
@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_one_step_is_that_of_scikit_learn(covariance, scale):
    x = clouds() * scale + 5 * scale
    model = GaussianMixture(n_components=4, covariance=covariance, seed=3)
    steps = model.steps(x)
    next(steps)
    for _ in range(2):  # the second start is not one of ours with equal weights
        peer = peer_at(model, max_iter=1).fit(x)
        next(steps)
        np.testing.assert_allclose(model.weights, peer.weights_, rtol=1e-8)
        np.testing.assert_allclose(model.means / scale, peer.means_ / scale, rtol=1e-7, atol=1e-8)
        unit = np.outer(scale, scale)
        np.testing.assert_allclose(model.covariances / unit, peer_covariances(peer) / unit, rtol=1e-6, atol=1e-8)
        assert model.log_likelihood == pytest.approx(peer.score(x), rel=1e-9)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_evaluation_is_that_of_scikit_learn(covariance):
    x = clouds()
    model = GaussianMixture(covariance=covariance, max_iterations=3, tolerance=0).fit(x)
    peer = peer_at(model, max_iter=1)
    peer._initialize_parameters(x, np.random.RandomState(0))
    queries = np.random.default_rng(1).uniform(-8, 8, (500, 2))
    np.testing.assert_allclose(model.log_prob(queries), peer.score_samples(queries), rtol=1e-5)
    np.testing.assert_allclose(model.responsibilities(queries), peer.predict_proba(queries), atol=1e-5)
    assert model.bic(x) == pytest.approx(peer.bic(x), rel=1e-6)
    assert model.aic(x) == pytest.approx(peer.aic(x), rel=1e-6)
    assert model.n_parameters == peer._n_parameters()


def test_one_component_is_the_maximum_likelihood_gaussian_after_one_step():
    x = clouds()
    model = GaussianMixture(n_components=1, max_iterations=1).fit(x)
    np.testing.assert_allclose(model.means[0], x.mean(axis=0))
    np.testing.assert_allclose(model.covariances[0], np.cov(x.T, bias=True))
    truth = stats.multivariate_normal(x.mean(axis=0), np.cov(x.T, bias=True)).logpdf(x)
    np.testing.assert_allclose(model.log_prob(x), truth, rtol=1e-5)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(COVARIANCES),
    st.sampled_from(["k-means++", "random"]),
    st.integers(1, 12),
    st.integers(0, 10_000),
    st.integers(12, 60),
    st.sampled_from([1e-6, 1e-4, 1e-2]),
    st.booleans(),
)
def test_em_is_monotone_even_where_components_collapse(covariance, start, k, seed, n, floor, rounded):
    x = clouds(n, seed)
    x = x.round() if rounded else x  # repeated points make components collapse
    model = GaussianMixture(
        n_components=k,
        covariance=covariance,
        start=start,
        seed=seed,
        tolerance=0,
        max_iterations=40,
        regularisation=floor,
    )
    trace = [metrics["log_likelihood"] for metrics in model.steps(x)]
    assert np.diff(trace).min(initial=0) >= -1e-9
    assert trace == model.log_likelihoods
    variances = np.linalg.eigvalsh(model.covariances / np.outer(x.std(axis=0), x.std(axis=0)))
    if covariance != "spherical":
        assert variances.min() >= floor * (1 - 1e-6)


def test_steps_begin_at_the_start_and_stop_by_tolerance():
    x = clouds()
    model = GaussianMixture(tolerance=1e-4)
    metrics = list(model.steps(x))
    assert [m["iteration"] for m in metrics] == list(range(len(metrics)))
    gains = np.diff([m["log_likelihood"] for m in metrics])
    assert (gains[:-1] >= 1e-4).all()
    assert gains[-1] < 1e-4
    assert metrics[-1]["log_likelihood"] == pytest.approx(model.log_prob(x).mean(), abs=1e-6)
    assert len(list(GaussianMixture(tolerance=0, max_iterations=7).steps(x))) == 8


def test_start_is_broad_with_means_on_different_points():
    x = clouds()
    model = GaussianMixture(n_components=4)
    next(model.steps(x))
    np.testing.assert_allclose(model.covariances, np.tile(np.cov(x.T, bias=True) / 4, (4, 1, 1)))
    assert (np.abs(x - model.means[:, None]).sum(axis=2).min(axis=1) < 1e-9).all()
    assert len(np.unique(model.means, axis=0)) == 4


def test_recovers_the_mixture_that_made_the_data():
    model = GaussianMixture(n_components=3).fit(clouds(20_000))
    order = model.means[:, 0].argsort()
    np.testing.assert_allclose(model.means[order], CENTRES, atol=0.05)
    np.testing.assert_allclose(model.covariances, np.tile(np.diag([0.81, 0.16]), (3, 1, 1)), atol=0.04)
    np.testing.assert_allclose(model.weights, 1 / 3, atol=0.01)


def test_density_integrates_to_one_in_one_and_two_dimensions():
    plane = Grid.over(((-12, 12), (-8, 8)), 400)
    line = Grid.over(((-12, 12),), 2000)
    assert plane.integrate(GaussianMixture().fit(clouds()).density_on(plane)) == pytest.approx(1, abs=1e-5)
    assert line.integrate(GaussianMixture().fit(clouds()[:, 0]).density_on(line)) == pytest.approx(1, abs=1e-5)


def test_responsibilities_are_shares_even_far_away():
    model = GaussianMixture(n_components=5).fit(clouds())
    shares = model.responsibilities(np.vstack([clouds(), [[1e5, -1e5], [1e200, 1e200]]]))
    assert shares.dtype == np.float32
    assert (shares >= 0).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-6)


def test_relabelled_solutions_score_the_same():
    x = clouds()
    model = GaussianMixture(n_components=4).fit(x)
    twin = model.relabelled([2, 0, 3, 1])
    np.testing.assert_allclose(twin.log_prob(x), model.log_prob(x), rtol=1e-5)
    np.testing.assert_array_equal(twin.means[0], model.means[2])
    np.testing.assert_allclose(twin.responsibilities(x), model.responsibilities(x)[:, [2, 0, 3, 1]], atol=1e-5)
    assert not np.allclose(twin.means, model.means)
    for wrong in ([0, 1, 2], [0, 0, 1, 2], [1, 2, 3, 4]):
        with pytest.raises(DataError, match=r"\.$"):
            model.relabelled(wrong)


def test_a_snapshot_brings_an_iteration_back_while_the_run_goes_on():
    x = clouds()
    model = GaussianMixture(n_components=4, seed=1)
    steps = model.steps(x)
    next(steps)
    start = model.snapshot()
    answers = model.log_prob(x)
    for _ in islice(steps, 4):
        pass
    fourth = model.snapshot()
    assert (start.iteration, fourth.iteration) == (0, 4)
    assert fourth.log_likelihood > start.log_likelihood
    np.testing.assert_array_equal(model.restore(start).log_prob(x), answers)
    np.testing.assert_array_equal(GaussianMixture(n_components=4).restore(start).log_prob(x), answers)
    assert next(steps)["iteration"] == 5
    assert model.log_likelihood >= fourth.log_likelihood


def test_means_placed_by_hand_are_the_start_and_the_rest_are_added():
    x = clouds()
    model = GaussianMixture(n_components=3, start="by hand", starts=((1.0, 1.5), (-9.0, 0.25)))
    next(model.steps(x))
    np.testing.assert_allclose(model.means[:2], [[1.0, 1.5], [-9.0, 0.25]])
    assert np.abs(x - model.means[2]).sum(axis=1).min() < 1e-9  # on a data point
    for starts in (((0.0, 0.0),) * 4, ((1.0,),), ((1e9, 0.0),)):
        with pytest.raises(DataError, match=r"^[^.]*\.$"):
            GaussianMixture(n_components=3, start="by hand", starts=starts).fit(x)


def test_a_component_on_one_point_collapses_to_the_floor_and_says_so():
    x = np.vstack([clouds(100), [[50.0, 50.0]] * 3])
    model = GaussianMixture(n_components=2, start="by hand", starts=((0.0, 0.0), (50.0, 50.0)), covariance="diagonal")
    *_, last = model.steps(x)
    assert last["collapsed"] == 1
    np.testing.assert_array_equal(model.collapsed, [False, True])
    np.testing.assert_allclose(np.diagonal(model.covariances[1]), 1e-6 * x.var(axis=0))
    assert model.collapse_note.startswith("Component 2 has collapsed")
    assert model.collapse_note.count(".") == 1
    assert np.isfinite(model.log_likelihood)
    assert GaussianMixture(n_components=2).fit(clouds()).collapse_note is None


def test_a_component_without_points_keeps_its_place_and_says_so():
    model = GaussianMixture(n_components=2, start="by hand", starts=((0.0, 0.0), (900.0, 900.0))).fit(clouds())
    assert model.weights[1] < 1e-6
    np.testing.assert_allclose(model.means[1], [900.0, 900.0])
    assert model.collapsed.tolist() == [False, True]
    assert np.isfinite(model.sample(100)).all()


def test_ellipses_lie_two_standard_deviations_from_their_means():
    model = GaussianMixture(n_components=3).fit(clouds())
    outlines = model.ellipses(scale=2.0)
    assert outlines.shape[::2] == (3, 2)
    offset = outlines - model.means[:, None]
    distance = np.sqrt(np.einsum("kmi,kij,kmj->km", offset, np.linalg.inv(model.covariances), offset))
    np.testing.assert_allclose(distance, 2.0)
    np.testing.assert_allclose(outlines[:, 0], outlines[:, -1])
    with pytest.raises(DataError, match=r"\.$"):
        GaussianMixture().fit(clouds()[:, 0]).ellipses()


def test_samples_have_the_mixture_moments():
    model = GaussianMixture(n_components=3).fit(clouds())
    draws = model.sample(60_000, seed=2).astype(float)
    mean = model.weights @ model.means
    spread = np.einsum(
        "k,kij->ij", model.weights, model.covariances + np.einsum("ki,kj->kij", model.means, model.means)
    )
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=0.04)
    np.testing.assert_allclose(np.cov(draws.T), spread - np.outer(mean, mean), atol=0.12)
    shares = model.responsibilities(draws).mean(axis=0)
    np.testing.assert_allclose(shares, model.weights, atol=0.01)


def test_bic_finds_the_number_of_clouds_and_the_curve_agrees_with_fits():
    x = clouds(500)
    model = GaussianMixture(n_components="bic").fit(x)
    curve = model.selection_curve(x)
    assert len(model.weights) == curve.best["BIC"] == 3
    assert len(GaussianMixture(n_components="aic").fit(x).weights) == curve.best["AIC"]
    np.testing.assert_array_equal(curve.values, np.arange(1, 13))
    for k in (1, 2, 3):
        fit = GaussianMixture(n_components=k).fit(x)
        assert curve.scores["BIC"][k - 1] == pytest.approx(fit.bic(x), abs=0.5)
        assert curve.scores["AIC"][k - 1] == pytest.approx(fit.aic(x), abs=0.5)


def test_the_curve_on_many_points_is_polished_on_all_of_them():
    x = clouds(12_000)
    curve = GaussianMixture().selection_curve(x)
    assert curve.best["BIC"] == 3
    assert curve.scores["BIC"][2] == pytest.approx(GaussianMixture(n_components=3).fit(x).bic(x), abs=2)


def test_bic_does_not_choose_a_collapsed_mixture():
    integers = [3, 5, 4, 4, 4, 4, 5, 6, 5, 4]
    assert not GaussianMixture(n_components="bic").fit(integers).collapsed.any()
    assert GaussianMixture(n_components=3).fit(integers).collapsed.any()


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_units_change_nothing_but_the_units(covariance):
    x = clouds()
    model, scaled = (
        GaussianMixture(n_components=4, covariance=covariance).fit(data) for data in (x, 1e-6 * x + 3e-5)
    )
    assert scaled.iteration == model.iteration
    assert scaled.log_likelihood - 2 * np.log(1e6) == pytest.approx(model.log_likelihood, abs=1e-8)
    np.testing.assert_allclose(scaled.means, 1e-6 * model.means + 3e-5, rtol=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(COVARIANCES),
    st.sampled_from([1, 2, 5, "bic"]),
    st.sampled_from(["plane", "line", "axis", "integers", "one dimension", "two places"]),
    st.sampled_from([1e-6, 1.0, 1e6]),
    st.sampled_from([0.0, 1e6]),
    st.integers(0, 25),
)
def test_any_data_gives_finite_answers_or_a_sentence(covariance, k, shape, scale, place, n):
    plane = clouds(n)
    x = {
        "plane": plane,
        "line": plane[:, :1] * [1.0, -2.0],
        "axis": plane * [1.0, 0.0],
        "integers": plane.round(),
        "one dimension": plane[:, 0],
        "two places": np.sign(plane[:, :1]),
    }[shape] * scale + place
    model = GaussianMixture(n_components=k, covariance=covariance, max_iterations=20)
    try:
        model.fit(x)
    except DataError as error:
        assert str(error).endswith(".")  # noqa: PT017 either outcome is right
        return
    assert np.isfinite(model.log_likelihoods).all()
    assert np.isfinite(model.log_prob(x)).all()
    assert np.isfinite(model.sample(20)).all()
    assert not np.isnan(model.log_prob(np.asarray(x) * 1e200)).any()


@pytest.mark.parametrize(
    "x",
    [
        [],
        [1.0],
        [[1.0, 2.0]],
        np.full((9, 2), 0.1),
        [[1.0, np.nan], [2.0, 3.0]],
        [1.0, 2.0],
        [1e200, 0, 1],
        [0, 1e-99, 0],
    ],
    ids=["empty", "one", "one in the plane", "identical", "NaN", "fewer than K", "huge", "tiny"],
)
def test_impossible_data_gets_one_sentence(x):
    model = GaussianMixture(n_components=3)
    with pytest.raises(DataError, match=r"^[A-Z0-9][^.]*\.$"):
        model.fit(x)
    with pytest.raises(DataError, match="not been fitted"):
        model.log_prob([[0.0, 0.0]])


def test_a_refused_refit_leaves_the_model_as_it_was():
    model = GaussianMixture().fit(clouds())
    before = model.log_prob(clouds())
    for wrong in (np.ones(10), [1.0, 2.0], np.full((9, 1), np.nan)):
        with pytest.raises(DataError):
            model.fit(wrong)
    np.testing.assert_array_equal(model.log_prob(clouds()), before)


def test_bad_hyperparameters_are_named():
    for wrong in ({"n_components": 0}, {"n_components": "few"}, {"covariance": "round"}, {"regularisation": 0}):
        with pytest.raises(HyperparameterError):
            GaussianMixture(**wrong)


@pytest.mark.parametrize("start", ["k-means++", "random"])
def test_the_same_seed_repeats_the_run(start):
    first, second, other = (GaussianMixture(n_components=6, start=start, seed=s).fit(clouds()) for s in (1, 1, 2))
    np.testing.assert_array_equal(first.means, second.means)
    assert first.log_likelihoods[0] != other.log_likelihoods[0]
    np.testing.assert_array_equal(first.sample(20, seed=3), second.sample(20, seed=3))
    assert not np.array_equal(first.sample(20, seed=3), first.sample(20, seed=4))


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_save_and_load(covariance, tmp_path):
    x = clouds()
    model = GaussianMixture(covariance=covariance, start="by hand", starts=((0.0, 1.0),)).fit(x)
    model.save(tmp_path / "mixture.npz")
    loaded = GaussianMixture.load(tmp_path / "mixture.npz")
    np.testing.assert_array_equal(loaded.log_prob(x), model.log_prob(x))
    assert loaded.hyperparameters == model.hyperparameters
    assert loaded.snapshot().log_likelihood == model.log_likelihood
    assert loaded.n_parameters == model.n_parameters


def test_more_components_have_more_parameters():
    for covariance in COVARIANCES:
        counts = [count_parameters(k, 2, covariance) for k in range(1, 6)]
        assert all(a < b for a, b in pairwise(counts))
    assert count_parameters(3, 1, "full") == 8


def test_a_k_that_only_collapses_is_marked_and_the_winner_is_on_show():
    from engine.plots.curves import selection_figure

    rng = np.random.default_rng(1)
    counts = np.concatenate([np.zeros(800), rng.integers(1, 31, 200)])[:, None]  # most components end on the zeros
    curve = GaussianMixture().selection_curve(counts)
    assert curve.excluded.any()
    assert "collapsed" in curve.note
    low, high = selection_figure(curve).layout.yaxis.range
    for name, best in curve.best.items():
        at = int(np.argmin(np.abs(curve.values - best)))
        assert not curve.excluded[at]
        assert low <= curve.scores[name][at] <= high
    sound = GaussianMixture().selection_curve(rng.standard_normal((300, 1)))
    assert not sound.excluded[:2].any()
    assert sound.note == "" or sound.excluded.any()
