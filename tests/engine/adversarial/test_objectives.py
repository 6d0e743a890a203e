"""Objectives: against closed forms, and against the best discriminator found by trying every output."""

import numpy as np
import pytest
import torch

from engine.adversarial import GAN
from engine.adversarial.objectives import OBJECTIVES
from engine.data import load_points
from engine.divergence import js_divergence
from engine.grid import Grid

X = np.linspace(-14, 15, 581)
OUTPUTS = np.sinh(np.linspace(-7, 7, 4001))  # raw outputs a to try, dense around 0


def normal(mean, deviation):
    return np.exp(-0.5 * ((X - mean) / deviation) ** 2) / (deviation * np.sqrt(2 * np.pi))


PAIRS = {"shifted": (normal(0, 1), normal(1, 1)), "wider": (normal(0, 1), normal(0, 2))}
# N(0,1)‖N(1,1) and N(0,1)‖N(0,4); χ²(p‖q) + 1 = ∫ p²/q, which is e for the first and σ² / √(2σ² − 1) for the second.
DIVERGENCES = {
    ("f-GAN KL", "shifted"): 0.5,
    ("f-GAN KL", "wider"): 0.318147,
    ("f-GAN reverse KL", "shifted"): 0.5,
    ("f-GAN reverse KL", "wider"): 0.806853,
    ("f-GAN JS", "shifted"): 2 * 0.111421,
    ("f-GAN Pearson χ²", "shifted"): np.e - 1,
    ("f-GAN Pearson χ²", "wider"): 4 / np.sqrt(7) - 1,
    ("f-GAN total variation", "shifted"): 0.382925,
}


def best(objective, p, q, smoothing=0.0):
    """Return the least of the discriminator's loss over all its outputs, and the outputs that give it."""
    real, fake = objective.real.value(OUTPUTS), objective.fake.value(OUTPUTS)
    real = (1 - smoothing) * real + smoothing * fake
    losses, outputs = np.empty(len(p)), np.empty(len(p))
    for part in np.array_split(np.arange(len(p)), 40):
        tried = p[part, None] * real + q[part, None] * fake
        outputs[part] = OUTPUTS[tried.argmin(axis=1)]
        losses[part] = tried.min(axis=1)
    return losses.sum() * (X[1] - X[0]), outputs


@pytest.mark.parametrize(("name", "pair"), DIVERGENCES)
def test_the_best_discriminator_of_an_f_gan_finds_its_divergence_and_no_other_does_better(name, pair):
    p, q = PAIRS[pair]
    objective, true = OBJECTIVES[name], DIVERGENCES[name, pair]
    least, outputs = best(objective, p, q)
    assert -least == pytest.approx(true, abs=2e-3)
    rng = np.random.default_rng(0)
    for scale in (0.1, 1.0):
        other = outputs + scale * rng.normal(size=len(X))
        loss = (p * objective.real.value(other) + q * objective.fake.value(other)).sum() * (X[1] - X[0])
        assert -loss < true
    assert objective.bounds


@pytest.mark.parametrize("name", [name for name, one in OBJECTIVES.items() if one.optimum])
def test_the_optimum_is_the_best_score_of_all(name):
    objective = OBJECTIVES[name]
    p, q = (density[np.abs(X) < 3] for density in PAIRS["shifted"])
    _, outputs = best(objective, p, q)
    rows = np.abs(p - q) > 0.01  # where they are equal, a sign is neither
    np.testing.assert_allclose(objective.score(outputs)[rows], objective.optimum(p, q)[rows], rtol=0.01, atol=0.01)


@pytest.mark.parametrize("name", ["minimax", "non-saturating"])
def test_the_value_of_the_best_discriminator_is_the_js_divergence(name):
    least, _ = best(OBJECTIVES[name], *PAIRS["shifted"])
    assert -least == pytest.approx(-2 * np.log(2) + 2 * 0.111421, abs=2e-3)


@pytest.mark.parametrize("name", [name for name, one in OBJECTIVES.items() if one.smooths])
def test_smoothing_pulls_the_optimum_at_equality_to_half_the_real_target(name):
    p = normal(0, 1)[np.abs(X) < 2]
    for smoothing in (0.1, 0.3):
        _, outputs = best(OBJECTIVES[name], p, p, smoothing)
        np.testing.assert_allclose(OBJECTIVES[name].score(outputs), (1 - smoothing) / 2, atol=2e-3)
        raw = torch.tensor(outputs)
        real, fake = (curve.value(outputs).mean() for curve in (OBJECTIVES[name].real, OBJECTIVES[name].fake))
        expected = (1 - smoothing) * real + smoothing * fake + fake
        assert OBJECTIVES[name].discriminator_loss(raw, raw, smoothing).item() == pytest.approx(expected)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_slopes_are_those_of_the_values_and_both_languages_agree(name):
    objective, a = OBJECTIVES[name], np.linspace(-3.03, 3.03, 41)
    for curve in (objective.real, objective.fake, objective.generator):
        numeric = (curve.value(a + 1e-5) - curve.value(a - 1e-5)) / 2e-5
        np.testing.assert_allclose(curve.slope(a), numeric, atol=1e-5)
        raw = torch.tensor(a, requires_grad=True)
        curve.of(raw).sum().backward()
        np.testing.assert_allclose(curve.of(raw).detach().numpy(), curve.value(a), atol=1e-9)
        np.testing.assert_allclose(raw.grad.numpy(), curve.slope(a), atol=1e-9)


@pytest.mark.parametrize("name", ["minimax", "non-saturating", "f-GAN JS"])
def test_only_what_the_generator_feels_differs_between_saturating_and_not(name):
    """Where D is sure (D near 0), minimax pushes with slope D and the others with slope 1."""
    slope = OBJECTIVES[name].generator.slope(np.array([-9.0]))[0]
    assert abs(slope) == pytest.approx(0 if name == "minimax" else 1, abs=1e-3)


def test_a_discriminator_trained_on_fixed_densities_becomes_the_optimum():
    """A linear generator that never learns draws from a known Gaussian q; p is a preset with a known density."""
    data = load_points("gaussian", n=20_000, seed=0)
    model = GAN(
        updates="discriminator", generator_layers="", discriminator_layers="32,32", activation="tanh",
        discriminator_learning_rate=5e-3, batch_size=500, iterations=1200, momentum=0.9, seed=1,
    )  # fmt: skip
    losses = [figures["discriminator_loss"] for figures in model.steps(data.x)]
    offset = model.generate(np.zeros((1, 2)))[0].astype(float)
    matrix = (model.generate(np.eye(2)) - offset).T
    grid = Grid.over(((-6.0, 6.0), (-6.0, 6.0)), 200)
    whitened = np.linalg.solve(matrix, (grid.points - offset).T)
    q = np.exp(-0.5 * (whitened**2).sum(axis=0)) / (2 * np.pi * abs(np.linalg.det(matrix)))
    p = np.exp(data.log_prob(grid.points))
    assert grid.integrate(q) == pytest.approx(1, abs=0.02)
    wrong = np.abs(model.discriminate(grid.points) - p / (p + q))
    assert np.average(wrong, weights=p + q) < 0.04
    value = -np.mean(losses[-300:])
    js = js_divergence(np.log(p), np.log(q + 1e-300), grid)
    assert value == pytest.approx(-2 * np.log(2) + 2 * js, abs=0.03)
