"""What all five non-parametric estimators share: units, seeds, files, and manners with bad data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.density import AdaptiveKernelDensity, Histogram, KernelDensity, NaiveEstimator, NearestNeighbours
from engine.density.kernels import KERNELS
from engine.grid import Grid
from engine.model import DataError, HyperparameterError, Samples

CHOICES = [
    *((Histogram, {"bin_width": rule}) for rule in ("scott", "freedman-diaconis", "leave-one-out", 0.3)),
    *((NaiveEstimator, {"bandwidth": rule}) for rule in ("scott", "cross-validation", 0.3)),
    *((KernelDensity, {"kernel": kernel}) for kernel in KERNELS),
    *((KernelDensity, {"bandwidth": rule}) for rule in ("silverman", "cross-validation", 0.3)),
    *((KernelDensity, {"covariance": "full", "kernel": kernel}) for kernel in ("gaussian", "tophat")),
    *((AdaptiveKernelDensity, {"method": m, "k": 3}) for m in ("pilot", "nearest-neighbour")),
    (AdaptiveKernelDensity, {"kernel": "epanechnikov", "bandwidth": "cross-validation"}),
    (NearestNeighbours, {"k": 3}),
]
every_choice = pytest.mark.parametrize(
    ("estimator", "choice"), CHOICES, ids=[f"{c.__name__}-{'-'.join(map(str, o.values()))}" for c, o in CHOICES]
)


def cloud(n=60, d=2, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d)) * [1.0, 0.5][:d]


@every_choice
@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_density_scales_with_the_data(estimator, choice, d, scale):
    data, queries = cloud(d=d), cloud(20, d, seed=1)
    scaled = {name: value * scale if isinstance(value, float) else value for name, value in choice.items()}
    expected = estimator(**choice).fit(data).log_prob(queries) - d * np.log(scale)
    np.testing.assert_allclose(estimator(**scaled).fit(scale * data).log_prob(scale * queries), expected, rtol=1e-4)
    grid = Grid.over(((-2 * scale, 2 * scale),) * d, 25)
    small = Grid.over(((-2.0, 2.0),) * d, 25)
    np.testing.assert_allclose(
        estimator(**scaled).fit(scale * data).density_on(grid) * scale**d,
        estimator(**choice).fit(data).density_on(small),
        rtol=1e-3,
        atol=1e-6,
    )


@every_choice
@pytest.mark.parametrize("d", [1, 2])
def test_a_saved_model_answers_the_same(estimator, choice, d, tmp_path):
    model = estimator(**choice).fit(cloud(d=d))
    model.save(tmp_path / "model.npz")
    again = estimator.load(tmp_path / "model.npz")
    np.testing.assert_array_equal(again.log_prob(cloud(20, d, seed=1)), model.log_prob(cloud(20, d, seed=1)))
    if isinstance(model, Samples):
        np.testing.assert_array_equal(again.sample(5, seed=2), model.sample(5, seed=2))
    if hasattr(model, "kernel_shape"):
        np.testing.assert_array_equal(again.kernel_shape().offsets, model.kernel_shape().offsets)


@every_choice
@pytest.mark.parametrize("d", [1, 2])
def test_answers_are_float32_of_the_right_shape_and_fit_takes_one_step(estimator, choice, d):
    model = estimator(**choice)
    (metrics,) = model.steps(cloud(d=d))
    assert all(isinstance(value, int | float) for value in metrics.values())
    grid = Grid(((-2.0, 2.0), (-1.0, 1.0))[:d], (30, 20)[:d])
    density, log_density = model.density_on(grid), model.log_prob(cloud(7, d, seed=1))
    assert (density.dtype, density.shape) == (np.float32, grid.shape)
    assert (log_density.dtype, log_density.shape) == (np.float32, (7,))
    exact = np.exp(model.log_prob(grid.points)).reshape(grid.shape)
    np.testing.assert_allclose(density, exact, rtol=2e-3, atol=1e-3 * exact.max())


@every_choice
@pytest.mark.parametrize("d", [1, 2])
def test_seeds_repeat_and_samples_are_where_the_density_is(estimator, choice, d):
    model = estimator(**choice).fit(cloud(d=d))
    if not isinstance(model, Samples):
        assert model.cannot["sample"]
        return
    draws = model.sample(300, seed=5)
    assert (draws.dtype, draws.shape) == (np.float32, (300, d))
    np.testing.assert_array_equal(draws, model.sample(300, seed=5))
    assert (draws != model.sample(300, seed=6)).any()
    # float32 may round a draw over the edge of a bin or a window
    assert np.isfinite(model.log_prob(draws)).mean() > 0.99
    assert model.sample(0).shape == (0, d)


@every_choice
def test_questions_before_fit_and_in_another_dimension_get_a_sentence(estimator, choice):
    model = estimator(**choice)
    questions = [lambda: model.log_prob([[0.0, 0.0]]), lambda: model.density_on(Grid.over(((0.0, 1.0),), 5))]
    if isinstance(model, Samples):
        questions.append(lambda: model.sample(3))
    for ask in questions:
        with pytest.raises(DataError, match=r"not been fitted yet"):
            ask()
    model.fit(cloud())
    with pytest.raises(DataError, match=r"fitted in 2-D"):
        model.log_prob([0.0])
    with pytest.raises(DataError, match=r"fitted in 2-D"):
        model.density_on(Grid.over(((0.0, 1.0),), 5))


@pytest.mark.parametrize(
    ("estimator", "values"),
    [
        (Histogram, {"bin_width": 0.0}),
        (NaiveEstimator, {"bandwidth": -1.0}),
        (KernelDensity, {"bandwidth": "bogus"}),
        (KernelDensity, {"kernel": "bogus"}),
        (AdaptiveKernelDensity, {"alpha": 1.5}),
        (NearestNeighbours, {"k": 0}),
    ],
)
def test_bad_hyperparameters_get_a_sentence(estimator, values):
    with pytest.raises(HyperparameterError, match=r"\.$"):
        estimator(**values)


BAD = {
    "empty": np.empty((0, 2)),
    "empty list": [],
    "one point": [[0.3, 0.4]],
    "one number": [0.3],
    "two points": [[0.0, 0.0], [1.0, 1.0]],
    "identical": [[0.1, 0.7]] * 20,
    "identical in 1-D": [0.1] * 20,
    "collinear": np.linspace(0, 1, 20)[:, None] * [1.0, 2.0],
    "flat": np.linspace(0, 1, 20)[:, None] * [1.0, 0.0],
    "NaN": [[0.0, np.nan], [1.0, 1.0]],
    "infinite": [[0.0, np.inf], [1.0, 1.0]],
    "text": ["a", "b"],
    "ragged": [[1.0], [1.0, 2.0]],
    "three columns": np.ones((5, 3)),
    "huge": [[1e200, 0.0], [0.0, 1e200], [1.0, 1.0], [2.0, 5.0]],
    "far apart": [[1e14, 0.0], [0.0, 1e14], [1.0, 1.0], [2.0, 5.0]],
    "tiny": np.arange(8)[:, None] * [1e-200, 3e-200],
    "almost identical": 1 + 1e-16 * np.arange(8)[:, None] * [1.0, 3.0],
    "copies": np.repeat(np.arange(4.0)[:, None] * [1.0, 0.5], 5, axis=0) ** 2,
}


def answer_or_sentence(ask, data):
    """Return the answer to ask(data), or the sentence that says why there is none."""
    try:
        return ask(data)
    except DataError as error:
        return str(error)


def assert_finite_or_a_sentence(estimator, choice, data):
    model = answer_or_sentence(estimator(**choice).fit, data)
    if isinstance(model, str):
        assert model.endswith(".")
        return
    d = model.dimension
    queries = np.concatenate([np.zeros((1, d)), np.full((1, d), 0.3), np.full((1, d), -1e300), np.full((1, d), 1e20)])
    assert not np.isnan(model.log_prob(queries)).any()
    assert not np.isposinf(model.log_prob(queries)).any()
    assert not np.isnan(model.log_prob(np.asarray(data, dtype=float))).any()
    for size in (1e-6, 2.0, 1e6):
        density = model.density_on(Grid.over(((-size, size),) * d, 11))
        assert (density >= 0).all()  # and not NaN
    if isinstance(model, Samples):
        assert np.isfinite(model.sample(10)).all()


@every_choice
@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_bad_data_get_a_finite_answer_or_a_sentence(estimator, choice, data):
    assert_finite_or_a_sentence(estimator, choice, data)


@every_choice
@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_selection_curves_of_bad_data_have_no_nan_or_a_sentence(estimator, choice, data):
    curve = answer_or_sentence(estimator(**choice).selection_curve, data)
    if isinstance(curve, str):
        assert curve.endswith(".")
    elif curve is not None:
        assert not any(np.isnan(scores).any() for scores in curve.scores.values())


# Subnormal numbers are off: engine.device flushes them to zero.
values = st.floats(-10, 10, allow_subnormal=False) | st.sampled_from(
    [0.0, 1.0, 1e6, 1e-6, np.nan, np.inf, 1e300, -0.0]
)


@every_choice
@settings(max_examples=15, deadline=None)
@given(rows=st.integers(1, 2).flatmap(lambda d: st.lists(st.lists(values, min_size=d, max_size=d), max_size=12)))
def test_any_numbers_get_a_finite_answer_or_a_sentence(estimator, choice, rows):
    assert_finite_or_a_sentence(estimator, choice, rows)
