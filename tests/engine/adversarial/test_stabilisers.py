"""Stabilisers: what each computes, and that each changes the gradient it should and no other."""

import numpy as np
import pytest
import torch

from engine.adversarial import GAN
from engine.adversarial.game.autograd import Game
from engine.adversarial.layers import MinibatchDiscrimination, VirtualBatchNorm
from engine.adversarial.networks import Discriminator, Generator
from engine.adversarial.stabilisers import History, feature_matching, gradient_penalty, real_penalty

X = np.random.default_rng(0).normal(size=(200, 2))


def linear_critic(weight):
    critic = Discriminator(2, [], "ReLU")
    with torch.no_grad():
        critic.head.weight.copy_(torch.tensor([weight]))
    return critic


def rows(n=50, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(n, 2)).astype(np.float32))


def test_a_linear_critic_of_unit_norm_has_no_gradient_penalty_and_others_their_own():
    assert gradient_penalty(linear_critic([0.6, 0.8]), rows()).item() == pytest.approx(0, abs=1e-9)
    assert gradient_penalty(linear_critic([3.0, 4.0]), rows()).item() == pytest.approx((5 - 1) ** 2)
    assert real_penalty(linear_critic([3.0, 4.0]), rows()).item() == pytest.approx(0.5 * 25)


def test_features_match_on_the_same_batch_and_differ_by_their_means():
    critic = Discriminator(2, [16], "tanh")
    assert feature_matching(critic, rows(), rows()).item() == 0
    real, fake = rows(seed=1), rows(seed=2).requires_grad_()
    loss = feature_matching(critic, real, fake)
    with torch.no_grad():
        means = [torch.tanh(critic.layers[0](x)).mean(dim=0) for x in (real, fake)]
    assert loss.item() == pytest.approx((means[0] - means[1]).square().sum().item(), rel=1e-5)
    loss.backward()
    assert fake.grad.abs().sum() > 0


def test_minibatch_discrimination_counts_the_others_of_n_identical_rows():
    layer = MinibatchDiscrimination(3)
    same = torch.randn(1, 3, generator=torch.Generator().manual_seed(0)).expand(7, 3)
    torch.testing.assert_close(layer(same), torch.full((7, layer.outputs), 6.0))
    apart = torch.arange(7.0)[:, None] * 1e4 * torch.ones(3)
    torch.testing.assert_close(layer(apart), torch.zeros(7, layer.outputs))
    torch.testing.assert_close(layer(same[:2], same), torch.full((2, layer.outputs), 6.0))


def test_virtual_batch_norm_does_not_let_rows_depend_on_each_other():
    norm, reference = VirtualBatchNorm(2), rows(30)
    alone = norm(torch.cat([reference, rows(1, seed=4)]), 30)[30:]
    together = norm(torch.cat([reference, rows(1, seed=4), 100 * rows(9, seed=5)]), 30)[30:31]
    torch.testing.assert_close(alone, together)
    with_it = torch.cat([reference, rows(1, seed=4)])
    expected = (rows(1, seed=4) - with_it.mean(dim=0)) / (with_it.var(dim=0, unbiased=False) + 1e-5).sqrt()
    torch.testing.assert_close(alone, expected, rtol=1e-4, atol=1e-5)


def test_history_pulls_to_the_mean_of_the_past():
    history, past = History(), []
    for seed in range(4):
        weights = rows(1, seed)[0]
        past.append(weights)
        gradient = history.gradient(weights)
        torch.testing.assert_close(gradient, 2 * (weights - torch.stack(past).mean(dim=0)))


def test_spectral_normalisation_bounds_the_slope_of_every_layer():
    model = GAN(
        spectral_normalisation=True, discriminator_layers="8,8", generator_layers="8", iterations=200, batch_size=64
    )
    model.fit(X)
    critic = model.discriminator.eval()
    for layer in (*critic.layers, critic.head):
        assert torch.linalg.matrix_norm(layer.weight, 2).item() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("more", [{}, {"unrolled_steps": 1}], ids=["written out", "by autograd"])
def test_clipping_bounds_every_weight_of_the_critic(more):
    model = GAN(objective="Wasserstein, clipped", clip=0.02, iterations=20, batch_size=32, **more).fit(X)
    weights = torch.cat([parameter.detach().flatten() for parameter in model.discriminator.parameters()])
    assert weights.abs().max().item() == pytest.approx(0.02)
    assert max(parameter.abs().max().item() for parameter in model.generator.parameters()) > 0.02


def gradients(**options):
    """Return the norms of both players' gradients at the same first weights, on the same first batch."""
    model = GAN(
        generator_layers="16", discriminator_layers="16", activation="tanh", updates="generator", batch_size=64,
        discriminator_learning_rate=0.2, iterations=10, **options,
    )  # fmt: skip
    figures = next(iter(model.steps(X)))
    return figures["discriminator_gradient"], figures["generator_gradient"]


PLAIN = {"objective": "non-saturating"}
WHOSE = [
    ("feature_matching", True, "G"),
    ("label_smoothing", 0.2, "D"),
    ("instance_noise", 0.5, "both"),
    ("real_penalty", 1.0, "D"),
    ("unrolled_steps", 3, "G"),
    ("virtual_batch_normalisation", True, "both"),  # another generator, whose rows the discriminator sees
    ("spectral_normalisation", True, "both"),
    ("minibatch_discrimination", True, "both"),
    ("averaging", 0.9, "nobody"),
    ("historical_averaging", 0.5, "nobody"),  # yet: the first weights are their own mean
]


@pytest.mark.parametrize(("name", "value", "whose"), WHOSE, ids=[name for name, *_ in WHOSE])
def test_every_stabiliser_changes_the_gradient_it_should_and_no_other(name, value, whose):
    before, after = gradients(**PLAIN), gradients(**PLAIN, **{name: value})
    changed = [abs(a / b - 1) > 1e-3 for a, b in zip(after, before, strict=True)]
    assert changed == [whose in ("D", "both"), whose in ("G", "both")]


def test_the_gradient_penalty_is_the_discriminators():
    before = gradients(objective="Wasserstein, gradient penalty", penalty=0)
    after = gradients(objective="Wasserstein, gradient penalty", penalty=10)
    assert after[0] != pytest.approx(before[0], rel=1e-3)
    assert after[1] == pytest.approx(before[1], rel=1e-5)


def test_historical_averaging_acts_once_there_is_a_history():
    plain, averaged = (
        list(GAN(iterations=3, batch_size=32, historical_averaging=weight).steps(X)) for weight in (0.0, 1.0)
    )
    assert plain[0]["generator_gradient"] == averaged[0]["generator_gradient"]
    for name in ("generator_gradient", "discriminator_gradient"):
        assert plain[2][name] != averaged[2][name]


def test_instance_noise_is_gone_at_the_end():
    model = GAN(instance_noise=0.5, iterations=10, batch_size=32)
    game = model._start(model._read_examples(X, None))
    amounts = []
    for _ in range(10):
        game.iterate()
        amounts.append(game._instance_noise)
    np.testing.assert_allclose(amounts, 0.5 * (1 - np.arange(1, 11) / 10), atol=1e-12)


def unrolled_loss(generator, critic, z, x, steps, rate):
    """Return the generator's loss against a linear critic (w, b) after so many steps of its own, in float64.

    The non-saturating game by hand: D = σ(w·x + b), whose gradient is −(1 − D(x)) x on real and D(y) y on generated
    rows.
    """
    y = z @ generator[:4].reshape(2, 2).T + generator[4:]
    weight, bias = critic[:2].copy(), critic[2]
    for _ in range(steps):
        real, fake = (1 / (1 + np.exp(-(rows @ weight + bias))) for rows in (x, y))
        slope = -((1 - real)[:, None] * x).mean(axis=0) + (fake[:, None] * y).mean(axis=0)
        weight, bias = weight - rate * slope, bias - rate * (fake.mean() - (1 - real).mean())
    return np.logaddexp(0, -(y @ weight + bias)).mean()


@pytest.mark.parametrize("steps", [0, 1, 5])
def test_the_unrolled_gradient_is_that_of_the_whole_way(steps):
    model = GAN(
        generator_layers="", discriminator_layers="", optimiser="SGD", unrolled_steps=steps, batch_size=40,
        discriminator_learning_rate=0.7, iterations=5, seed=3,
    )  # fmt: skip
    model._start(model._read_examples(X, None))
    game = Game(model, model._read_examples(X, None), model.generator, model.discriminator)
    game._draw()
    before = game.discriminator.weights.clone()
    fake = game.generator.network(game._z, None)
    found = game.generator.gradient(game._generator_loss(fake)).numpy()
    torch.testing.assert_close(game.discriminator.weights, before)
    generator, critic = (player.weights.double().numpy() for player in (game.generator, game.discriminator))
    z, x = (part.double().numpy() for part in (game._z, game._x))
    numeric = np.empty(6)
    for k in range(6):
        nudge = np.eye(6)[k] * 1e-5
        ends = [unrolled_loss(generator + sign * nudge, critic, z, x, steps, 0.7) for sign in (1, -1)]
        numeric[k] = (ends[0] - ends[1]) / 2e-5
    np.testing.assert_allclose(found, numeric, rtol=2e-4, atol=1e-6)


def test_a_batch_normalised_generator_answers_each_row_alone():
    generator = Generator([2, 8, 2], "ReLU", bounded=False, normalise=True)
    generator(rows(64))
    generator.eval()
    with torch.no_grad():
        torch.testing.assert_close(generator(rows(10))[:3], generator(rows(10)[:3]))
