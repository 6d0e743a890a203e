"""The protocol: what every model in the catalogue must do, whatever it is."""

import numpy as np
import pytest

from engine.catalogue import MODELS, TAXONOMY, models
from engine.grid import Grid
from engine.model import DataError, Evaluates, HyperparameterError, Hyperparameters, Model, Samples

EVERY = [model for family in MODELS for model in models(family).values()]
DIMENSIONS = [(model, d) for model in EVERY for d in model.dimensions]


def data(d, n=200, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)) * ([1.0, 0.5][:d])


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


@pytest.mark.parametrize(("model", "d"), DIMENSIONS)
def test_estimate_evaluate_sample(model, d, tmp_path):
    x = data(d)
    metrics = list(model().steps(x))
    assert metrics
    assert all(np.isfinite(value) for step in metrics for value in step.values())
    fitted = model().fit(x)
    log_prob = fitted.log_prob(x[:20])
    assert log_prob.shape == (20,)
    assert log_prob.dtype == np.float32
    assert np.isfinite(log_prob).all()
    grid = Grid.over(((-8.0, 8.0),) * d, 160)
    values = fitted.density_on(grid)
    assert values.shape == grid.shape
    np.testing.assert_allclose(values, np.exp(fitted.log_prob(grid.points)).reshape(grid.shape), rtol=5e-3, atol=1e-4)
    if model.normalised:
        assert grid.integrate(values) == pytest.approx(1, abs=0.03)
    if issubclass(model, Samples):
        drawn = fitted.sample(50, seed=3)
        assert drawn.shape == (50, d)
        assert drawn.dtype == np.float32
        np.testing.assert_array_equal(drawn, fitted.sample(50, seed=3))
        assert not np.array_equal(drawn, fitted.sample(50, seed=4))
    path = tmp_path / "model.npz"
    fitted.save(path)
    np.testing.assert_array_equal(model.load(path).log_prob(x[:20]), log_prob)


@pytest.mark.parametrize("model", EVERY)
@pytest.mark.parametrize("bad", [[], [[1.0, np.nan]], [[np.inf, 0.0]], [["a", "b"]], np.zeros((3, 4))])
def test_bad_data_gets_a_sentence(model, bad):
    with pytest.raises(DataError) as error:
        model().fit(bad)
    assert str(error.value).endswith(".")


@pytest.mark.parametrize("model", EVERY)
def test_asking_before_fitting_gets_a_sentence(model):
    with pytest.raises(DataError, match="fit"):
        model().log_prob([[0.0, 0.0]])


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
