"""The gradients written by hand, against autograd."""

import numpy as np
import pytest
import torch

from engine.latent import VAE, ConditionalVAE
from engine.latent.fast.step import DenseStep, Objective
from engine.neural.examples import read_examples
from engine.neural.minibatches import Schedule, has_bfloat16, minimise, products

CASES = [
    ("digits", VAE, {"layers": "32,16", "latent_size": 3, "beta": 0.5}),
    ("digits", VAE, {"layers": "", "latent_size": 2}),
    ("digits", VAE, {"layers": "24", "decoder": "gaussian", "standard_deviation": 0.3}),
    ("digits", ConditionalVAE, {"layers": "32", "latent_size": 4, "beta": 4.0}),
    ("moons", VAE, {"layers": "16,8", "latent_size": 1, "standard_deviation": 0.2, "beta": 0.0}),
    ("moons", ConditionalVAE, {"layers": "16", "standard_deviation": 0.5}),
]


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1].__name__}-{case[2]['layers']}")
def case(request):
    data, model, hyperparameters = request.param
    return request.getfixturevalue(data), model(**hyperparameters, epochs=2, batch_size=50)


def by_hand(model, examples, schedule):
    deviation = None if model._gives_logits else model.hyperparameters.standard_deviation
    objective = Objective(model.hyperparameters.beta, deviation, model._log_volume)
    return DenseStep(model.network, examples, schedule, objective)


def test_one_gradient_is_that_of_autograd(case):
    data, model = case
    examples = read_examples(data, None, model.conditional)
    model.fit(data)  # so that no unit is where it began
    rows = torch.arange(3, 40)
    noise = torch.randn(len(rows), model.latent_size, generator=torch.Generator().manual_seed(1))
    labels = None if examples.labels is None else examples.labels[rows]
    model.network.zero_grad()
    losses = model._losses(examples.x[rows], labels, noise)
    losses["loss"].backward()
    expected = {name: weight.grad.clone() for name, weight in model.network.named_parameters()}
    step = by_hand(model, examples, Schedule(1, 50, 1e-3, 0))
    with torch.no_grad():
        figures = step.gradient(rows, noise)
    assert figures == pytest.approx({name: value.item() for name, value in losses.items()}, rel=1e-5)
    for name, weight in model.network.named_parameters():
        scale = float(expected[name].abs().max())
        torch.testing.assert_close(weight.grad, expected[name], rtol=1e-4, atol=1e-5 * scale)


def test_a_training_is_that_of_autograd(case):
    data, model = case
    examples = read_examples(data, None, model.conditional)
    options = model.hyperparameters
    hand = list(model.steps(data))
    weights = model.state()
    model._start(examples)
    schedule = Schedule(options.epochs, 50, options.learning_rate, options.seed, model.latent_size)
    auto = list(minimise(model._losses, model.network.parameters(), examples, schedule))
    assert len(auto) == len(hand)
    for ours, theirs in zip(hand, auto, strict=True):
        assert ours == pytest.approx(theirs, rel=2e-3)
    for name, array in model.state().items():
        np.testing.assert_allclose(weights[name], array, atol=2e-3)


def test_pixels_of_extreme_logits_cost_what_they_should(digits):
    model = VAE(layers="", epochs=1).fit(digits)
    examples = read_examples(digits)
    step = by_hand(model, examples, Schedule(1, 4, 1e-3, 0))
    logits = torch.tensor([[-200.0, -30.0, 0.0, 30.0, 200.0] + [0.0] * 779])
    for pixel in (0.0, 1.0):
        x = torch.full((1, 784), pixel)
        cost, slope = step._reconstruction(logits.clone(), x)
        exact = torch.nn.functional.binary_cross_entropy_with_logits(logits.double(), x.double(), reduction="sum")
        assert cost == pytest.approx(float(exact), rel=1e-6)
        torch.testing.assert_close(slope, logits.sigmoid() - x)


def test_weights_loaded_under_way_are_those_that_move_on(digits):
    model = VAE(layers="16", epochs=2, batch_size=100)
    steps = model.steps(digits)
    next(steps)
    start = model.state()
    moved = [next(steps), model.state()]
    model.load_state(start)
    next(steps)
    assert not np.array_equal(model.state()["decoder.0.weight"], start["decoder.0.weight"])
    assert not np.array_equal(moved[1]["decoder.0.weight"], start["decoder.0.weight"])


def test_reduced_precision_touches_no_setting_where_the_hardware_has_none(digits):
    before = torch.backends.mkldnn.matmul.fp32_precision
    with products("reduced"):
        changed = torch.backends.mkldnn.matmul.fp32_precision != before
    assert changed == has_bfloat16()
    assert torch.backends.mkldnn.matmul.fp32_precision == before
    assert VAE().hyperparameters.precision == "reduced"
    if not has_bfloat16() and not torch.cuda.is_available():
        runs = [list(VAE(layers="16", epochs=1, precision=p).steps(digits)) for p in ("float32", "reduced")]
        assert runs[0] == runs[1]
