"""Penalties on a critic's slope by hand: the gradients of automatic differentiation, in float64."""

import numpy as np
import pytest
import torch

from engine.adversarial.fast.penalised import PenalisedStack, Penalties
from engine.adversarial.networks import ACTIVATIONS, Discriminator
from engine.adversarial.stabilisers import gradient_penalty, real_penalty

SIZE, LABELS, N = 3, 2, 7
RNG = np.random.default_rng(0)


def blocks_of(critic):
    layers = [*critic.layers, critic.head]
    return [torch.cat([one.weight, one.bias[:, None]], dim=1).detach().numpy() for one in layers]


def by_autograd(critic, rows, labels, slopes, mixed, real):
    """Return the gradients of all blocks of Σ s a(x) and the penalties, each on its own N rows."""
    loss = (slopes * critic(rows, labels)).sum()
    penalties = [(mixed, gradient_penalty), (real, real_penalty)]
    chosen = [(weight, penalty) for weight, penalty in penalties if weight is not None]
    for (weight, penalty), x, y in zip(chosen, rows.split(N), labels.split(N), strict=False):
        loss = loss + weight * penalty(critic, x, y)
    layers = [*critic.layers, critic.head]
    found = torch.autograd.grad(loss, [part for one in layers for part in (one.weight, one.bias)])
    pairs = zip(found[::2], found[1::2], strict=True)
    return [torch.cat([weight, bias[:, None]], dim=1).numpy() for weight, bias in pairs]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("layers", [[], [5], [6, 4, 5]], ids=str)
@pytest.mark.parametrize(("mixed", "real"), [(None, 0.7), (2.0, None), (2.0, 0.7)], ids=["R₁", "mixed", "both"])
def test_the_gradient_is_that_of_automatic_differentiation(activation, layers, mixed, real):
    torch.manual_seed(1)
    critic = Discriminator(SIZE + LABELS, layers, activation).double()
    rows, labels = RNG.normal(size=(4 * N, SIZE)), RNG.normal(size=(4 * N, LABELS))
    slopes = RNG.normal(size=4 * N)
    blocks = blocks_of(critic)
    stack = PenalisedStack(blocks, activation, 4 * N, Penalties(N, mixed, real), SIZE)
    gradients = [np.full_like(block, np.nan) for block in blocks]
    expected = by_autograd(critic, *map(torch.from_numpy, (rows, labels, slopes)), mixed, real)
    for _ in range(2):  # the buffers are used again
        stack.forward(np.hstack([rows, labels, np.ones((4 * N, 1))]))
        stack.backward(slopes[None], gradients)
        for mine, theirs in zip(gradients, expected, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-12)


def test_a_flat_critic_has_a_finite_gradient():
    blocks = [np.zeros((4, SIZE + 1)), np.zeros((1, 5))]
    stack = PenalisedStack(blocks, "tanh", N, Penalties(N, 10.0, None), SIZE)
    gradients = [np.empty_like(block) for block in blocks]
    stack.forward(np.ones((N, SIZE + 1)))
    stack.backward(np.zeros((1, N)), gradients)
    assert all((part == 0).all() for part in gradients)
