"""What every model answers on data that is degenerate or ill given, in the process settings of the app.

Zeros, ties, constant columns, offsets to 10¹², scales from 10⁻⁶ to 10⁶: a model answers in numbers, or refuses in one
sentence; and where its family knows no origin or unit, an offset or another unit changes no answer but by its own.
"""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import evaluation
from engine.adversarial import GAN
from engine.catalogue import models
from engine.density import GaussianMixture, Histogram, KernelDensity, NearestNeighbours, ParametricFit
from engine.divergence import DivergenceFit, MixtureTarget
from engine.grid import Grid
from engine.latent import PCA, VAE, Autoencoder
from engine.model import DataError, Samples

DENSITY = models("density")
RULES = [
    *((name, {}) for name in DENSITY),
    *(("ParametricFit", {"family": family}) for family in ("laplace", "uniform")),
    *(("KernelDensity", {"bandwidth": rule}) for rule in ("silverman", "cross-validation")),
    ("KernelDensity", {"kernel": "epanechnikov"}),
    ("KernelDensity", {"kernel": "exponential", "covariance": "full"}),
    ("AdaptiveKernelDensity", {"method": "nearest-neighbour", "k": 3}),
    ("NaiveEstimator", {"bandwidth": "cross-validation"}),
    *(("Histogram", {"bin_width": rule}) for rule in ("freedman-diaconis", "leave-one-out")),
    ("GaussianMixture", {"n_components": "bic"}),
    ("NearestNeighbours", {"k": 3}),
]
NAMES = ["-".join([name, *map(str, chosen.values())]) for name, chosen in RULES]


def make(name, chosen):
    return DENSITY[name](**chosen)


@st.composite
def degenerate(draw):
    """Points (n, d) from few distinct values or many, with an offset and a scale, and perhaps a constant column."""
    n, d = draw(st.integers(1, 40)), draw(st.integers(1, 2))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    kind = draw(st.sampled_from(["zeros", "mostly zeros", "ties", "normal", "whole", "a line"]))
    x = rng.standard_normal((n, d))
    if kind == "zeros":
        x[:] = 0
    elif kind == "mostly zeros":
        x[rng.random(n) < 0.8] = 0
    elif kind == "ties":
        x = rng.integers(0, 3, (n, d)) / 3
    elif kind == "whole":
        x = rng.poisson(2, (n, d)).astype(float)
    elif kind == "a line":
        x[:] = x[:, :1]
    if d == 2 and draw(st.booleans()):
        x[:, draw(st.integers(0, 1))] = 0
    scale = draw(st.sampled_from([1e-6, 1.0, 1e6]))
    offset = draw(st.sampled_from([0.0, 1.0, -2459000.5, 1.7e9, 1e12]))
    return x * scale + offset


@pytest.mark.parametrize(("name", "chosen"), RULES, ids=NAMES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(x=degenerate())
def test_a_model_answers_degenerate_data_in_numbers_or_refuses_it_in_a_sentence(name, chosen, x):
    try:
        model = make(name, chosen).fit(x)
    except DataError as error:
        refused = str(error)
    else:
        refused = None
    if refused:
        assert refused.endswith(".")
        return
    at = np.concatenate([x, x + 1, x - 1e6, np.zeros((1, x.shape[1]))])
    score = model.log_prob(at)
    assert not np.isnan(score).any()
    assert not (score == np.inf).any()
    assert np.isfinite(score[: len(x)]).all()
    low, high = x.min(axis=0) - 1, x.max(axis=0) + 1
    density = model.density_on(Grid.over(tuple(zip(low, high, strict=True)), 8))
    assert np.isfinite(density).all()
    assert (density >= 0).all()
    if isinstance(model, Samples):
        assert np.isfinite(model.sample(20)).all()


def shifted(offset):
    """Return 300 points at an offset, and the very same without it."""
    at = offset + 0.1 * np.random.default_rng(0).standard_normal((300, 1))
    return at, at - offset


@pytest.mark.parametrize("offset", [2459000.5, 1.7e9, -4096.0])
@pytest.mark.parametrize(("name", "chosen"), RULES, ids=NAMES)
def test_an_offset_changes_no_score(name, chosen, offset):
    far, near = shifted(offset)
    rounding = 1e-6 + 40 * np.spacing(abs(offset))  # of the data's own numbers, through slopes of the log-density
    there, here = make(name, chosen).fit(far), make(name, chosen).fit(near)
    np.testing.assert_allclose(there.log_prob(far).mean(), here.log_prob(near).mean(), atol=rounding)
    kept, moved = Grid.over(((-0.5, 0.5),), 50), Grid.over(((offset - 0.5, offset + 0.5),), 50)
    if name not in ("Histogram", "NaiveEstimator") and chosen.get("family") != "uniform":  # whose edges may round
        np.testing.assert_allclose(there.density_on(moved), here.density_on(kept), rtol=5e-4, atol=1e-4)
    if isinstance(there, Samples):
        drawn = there.sample(1000)
        assert len(np.unique(drawn)) > 900
        np.testing.assert_allclose(drawn - offset, here.sample(1000), atol=1e-5)
        assert here.sample(5).dtype == np.float32


def test_julian_dates_have_the_likelihood_of_a_normal_sample():
    far, near = shifted(2459000.5)
    exact = -0.5 * np.log(2 * np.pi * near.var()) - 0.5
    score = evaluation.held_out_log_likelihood(ParametricFit().fit(far), far)
    assert score.mean == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize(("name", "chosen"), RULES, ids=NAMES)
def test_evaluation_at_an_offset(name, chosen):
    far, near = (x[:100] for x in shifted(2459000.5))
    there, here = (evaluation.cross_validated_log_likelihood(lambda: make(name, chosen), x) for x in (far, near))
    assert there.n_zero == here.n_zero
    if not here.n_zero:
        assert there.mean == pytest.approx(here.mean, abs=1e-5)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
@pytest.mark.parametrize(("name", "chosen"), RULES, ids=NAMES)
def test_another_unit_changes_scores_by_its_logarithm(name, chosen, scale):
    x = np.random.default_rng(1).standard_normal((200, 1))
    plain, scaled = make(name, chosen).fit(x).log_prob(x), make(name, chosen).fit(x * scale).log_prob(x * scale)
    np.testing.assert_allclose(scaled + np.log(scale), plain, atol=2e-5)


def test_neighbours_of_a_sample_far_away_keep_their_distances():
    far, near = shifted(2459000.5)
    np.testing.assert_allclose(
        NearestNeighbours(k=3).fit(far).log_prob(far), NearestNeighbours(k=3).fit(near).log_prob(near), atol=1e-4
    )


def test_networks_of_points_far_away_draw_points_apart():
    x = np.column_stack([2459000.5 + 0.1 * np.random.default_rng(0).standard_normal(64), np.linspace(0, 1, 64)])
    for model in (GAN(iterations=2, generator_layers="4", discriminator_layers="4"), VAE(layers="4", epochs=1)):
        drawn = model.fit(x).sample(200)
        assert len(np.unique(drawn[:, 0])) > 150
    for model in (PCA(n_components=2), Autoencoder(layers="4", epochs=1)):
        assert len(np.unique(model.fit(x).reconstruct(x)[:, 0])) > 30


X = np.random.default_rng(2).standard_normal((40, 2))
DRAWING = {
    **{name: lambda name=name: DENSITY[name]().fit(X) for name in DENSITY if issubclass(DENSITY[name], Samples)},
    "GAN": lambda: GAN(iterations=1).fit(X),
    "VAE": lambda: VAE(layers="4", epochs=1).fit(X),
    "DivergenceFit": lambda: DivergenceFit(max_iterations=2, cells=32).fit(TARGET),
    "MixtureTarget": lambda: TARGET,
}
TARGET = MixtureTarget([1.0], [[0.0, 0.0]], [np.eye(2)])


@pytest.mark.parametrize("name", DRAWING)
def test_how_many_points_to_draw_is_a_whole_number(name):
    model = DRAWING[name]()
    for n in (-1, 1.5, "3", None, True):
        with pytest.raises(DataError, match=r"must be a whole number from 0 up; it was .*\.$"):
            model.sample(n)
    assert model.sample(0).shape == (0, 2)
    assert model.sample(np.int64(3)).shape == (3, 2)


@pytest.mark.parametrize("name", [*DENSITY, "GAN", "VAE", "PCA", "Autoencoder"])
def test_masked_values_are_no_numbers(name):
    model = {"GAN": GAN(iterations=1), "VAE": VAE(epochs=1), "PCA": PCA(), "Autoencoder": Autoencoder(epochs=1)}
    masked = np.ma.masked_array(X, mask=np.zeros(X.shape, bool))
    masked.mask[3] = True
    with pytest.raises(DataError, match=r"2 of 80 values are masked.*\.$"):
        (model.get(name) or DENSITY[name]()).fit(masked)
    KernelDensity().fit(np.ma.masked_array(X, mask=np.zeros(X.shape, bool)))  # none is
    with pytest.raises(DataError, match="masked"):
        KernelDensity().fit(X).log_prob(masked)


@pytest.mark.parametrize(("column", "axis"), [(0, "x"), (1, "y")])
def test_a_constant_column_is_named(column, axis):
    x = X.copy()
    x[:, column] = 7
    for rule in ("scott", "freedman-diaconis", "leave-one-out"):
        with pytest.raises(DataError) as refused:
            Histogram(bin_width=rule).fit(x)
        assert f"Nothing varies along {axis}" in str(refused.value)
    with pytest.raises(DataError, match="lie on a line"):
        ParametricFit().fit(x)
    for model in (KernelDensity(), GaussianMixture()):
        assert np.isfinite(model.fit(x).log_prob(x)).all()
