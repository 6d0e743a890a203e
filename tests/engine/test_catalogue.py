"""The protocol: what every model in the catalogue must do, whatever it is."""

import numpy as np
import pytest

from engine.catalogue import MODELS, TAXONOMY, models
from engine.data import load_images
from engine.grid import Grid
from engine.model import DataError, Evaluates, HyperparameterError, Hyperparameters, Model, Samples

EVERY = [model for family in MODELS for model in models(family).values()]
DIMENSIONS = [(model, d) for model in EVERY for d in model.dimensions]


def data(d, n=200, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)) * ([1.0, 0.5][:d])


def make(model):
    """Return a model that trains for two epochs, or twenty iterations, at most."""
    short = {"epochs": 2, "iterations": 20}
    return model(**{name: short[name] for name in short.keys() & model.Hyperparameters.model_fields})


def fitted(model, x):
    """Fit a model to points of the plane; those that need labels get two kinds."""
    labels = {"labels": np.arange(len(x)) % 2} if getattr(model, "conditional", False) else {}
    return make(model).fit(x, **labels), labels


@pytest.mark.parametrize("model", EVERY)
def test_a_model_says_what_it_is(model):
    assert issubclass(model, Model)
    assert issubclass(model.Hyperparameters, Hyperparameters)
    assert model.name
    assert model.idea.endswith(".")
    assert "=" in model.equation
    assert any(character.isdigit() for character in model.source), "the source names a year"
    for name, field in model.Hyperparameters.model_fields.items():
        assert field.description, f"{model.__name__}.{name} has no description"


@pytest.mark.parametrize("model", EVERY)
def test_what_a_model_cannot_do_it_explains(model):
    assert issubclass(model, Samples) or model.cannot["sample"].endswith(".")
    assert issubclass(model, Evaluates) or model.cannot["evaluate"].endswith(".")


PAIRS = [(model, d) for model, d in DIMENSIONS if d == 2 or not hasattr(model, "decode")]  # networks take the plane
FIRST_QUESTIONS = ("log_prob", "encode", "generate")


@pytest.mark.parametrize(("model", "d"), PAIRS)
def test_estimate(model, d):
    x = data(d)
    given = {"labels": np.arange(len(x)) % 2} if getattr(model, "conditional", False) else {}
    metrics = list(make(model).steps(x, **given))
    assert metrics
    assert all(np.isfinite(value) for step in metrics for value in step.values())


@pytest.mark.parametrize(("model", "d"), [(model, d) for model, d in PAIRS if issubclass(model, Evaluates)])
def test_evaluate(model, d, tmp_path):
    x = data(d)
    found, labels = fitted(model, x)
    few = {name: given[:20] for name, given in labels.items()}
    log_prob = found.log_prob(x[:20], **few)
    assert log_prob.shape == (20,)
    assert log_prob.dtype == np.float32
    assert np.isfinite(log_prob).all()
    grid = Grid.over(((-8.0, 8.0),) * d, 160)
    one = dict.fromkeys(labels, 1)
    values = found.density_on(grid, **one)
    assert values.shape == grid.shape
    if model.normalised:
        assert grid.integrate(values) == pytest.approx(1, abs=0.03)
    exact = np.exp(found.log_prob(grid.points, **one)).reshape(grid.shape)
    if hasattr(model, "log_prob_note"):  # a bound, which may lie below but not above, up to its own noise
        assert grid.integrate(exact) < 1.03
    else:
        np.testing.assert_allclose(values, exact, rtol=5e-3, atol=1e-4)
    path = tmp_path / "model.npz"
    found.save(path)
    np.testing.assert_array_equal(model.load(path).log_prob(x[:20], **few), log_prob)


@pytest.mark.parametrize(("model", "d"), [(model, d) for model, d in PAIRS if issubclass(model, Samples)])
def test_sample(model, d):
    found, labels = fitted(model, data(d))
    one = dict.fromkeys(labels, 1)
    drawn = found.sample(50, seed=3, **one)
    assert drawn.shape == (50, d)
    assert drawn.dtype == np.float32
    np.testing.assert_array_equal(drawn, found.sample(50, seed=3, **one))
    assert not np.array_equal(drawn, found.sample(50, seed=4, **one))


@pytest.mark.parametrize("model", [model for model in EVERY if hasattr(model, "decode")])
def test_encode_and_decode(model):
    x = load_images("mnist")[1].images[:100]
    found, labels = fitted(model, x)
    codes = found.encode(x, **labels)
    assert codes.shape == (len(x), found.latent_size)
    assert found.decode(codes, **labels).shape == x.shape


@pytest.mark.parametrize("model", EVERY)
@pytest.mark.parametrize("bad", [[], [[1.0, np.nan]], [[np.inf, 0.0]], [["a", "b"]], np.zeros((3, 4))])
def test_bad_data_gets_a_sentence(model, bad):
    with pytest.raises(DataError) as error:
        model().fit(bad)
    assert str(error.value).endswith(".")


@pytest.mark.parametrize("model", EVERY)
def test_asking_before_fitting_gets_a_sentence(model):
    question = next(name for name in FIRST_QUESTIONS if hasattr(model, name))
    with pytest.raises(DataError, match="fit"):
        getattr(make(model), question)([[0.0, 0.0]])


def test_asking_after_a_refused_fit_gets_a_sentence():
    refused = models("density")["KernelDensity"]()
    with pytest.raises(DataError):
        refused.fit(np.zeros((5, 2)))  # a rule finds no spread in identical points
    with pytest.raises(DataError, match="fit"):
        refused.log_prob([[0.0, 0.0]])


@pytest.mark.parametrize("model", EVERY)
def test_a_bad_hyperparameter_gets_a_sentence(model):
    name = next(iter(model.Hyperparameters.model_fields))
    with pytest.raises(HyperparameterError) as error:
        model(**{name: -1})
    assert error.value.fields[name].endswith(".")
    with pytest.raises(HyperparameterError):
        model(no_such_hyperparameter=1)


def test_the_taxonomy_leads_to_labs_that_stand():
    built = {branch.family for branch in TAXONOMY if branch.built}
    assert built <= set(MODELS)  # the divergence lab compares models and is no kind of its own
    assert any(not branch.built for branch in TAXONOMY)
