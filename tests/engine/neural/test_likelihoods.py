"""The parts of the ELBO against closed forms and torch.distributions."""

import math

import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from engine.neural.likelihoods import (
    active_units,
    bernoulli_log_prob,
    gaussian_kl,
    gaussian_log_prob,
    iwae_bound,
    reparametrise,
)


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_kl_equals_torch_distributions():
    mean, log_variance = draw(50, 3), draw(50, 3, seed=1)
    expected = kl_divergence(Normal(mean, (0.5 * log_variance).exp()), Normal(0.0, 1.0))
    torch.testing.assert_close(gaussian_kl(mean, log_variance), expected)


@pytest.mark.parametrize(("mean", "variance", "kl"), [(0, 1, 0), (1, 1, 0.5), (0, math.e, (math.e - 2) / 2)])
def test_kl_by_hand(mean, variance, kl):
    value = gaussian_kl(torch.tensor(float(mean)), torch.tensor(math.log(variance)))
    assert value.item() == pytest.approx(kl, abs=1e-6)


def test_log_likelihoods_equal_torch_distributions():
    x, outputs, log_variance = draw(20, 7), draw(20, 7, seed=1), draw(20, 7, seed=2)
    expected = Normal(outputs, (0.5 * log_variance).exp()).log_prob(x).sum(-1)
    torch.testing.assert_close(gaussian_log_prob(x, outputs, log_variance), expected)
    torch.testing.assert_close(
        gaussian_log_prob(x, outputs, 2 * math.log(0.3)), Normal(outputs, 0.3).log_prob(x).sum(-1)
    )
    grey = x.sigmoid()
    expected = Bernoulli(logits=outputs, validate_args=False).log_prob(grey).sum(-1)
    torch.testing.assert_close(bernoulli_log_prob(grey, outputs), expected)


def test_bernoulli_survives_extreme_logits():
    logits = torch.tensor([[1e4, -1e4], [-1e4, 1e4]])
    torch.testing.assert_close(bernoulli_log_prob(torch.tensor([[1.0, 0.0]] * 2), logits), torch.tensor([0.0, -2e4]))


def test_the_gradient_goes_through_the_draw():
    mean, log_variance, noise = draw(4, 2).requires_grad_(), draw(4, 2, seed=1).requires_grad_(), draw(4, 2, seed=2)
    assert torch.autograd.gradcheck(reparametrise, (mean, log_variance, noise))
    z = reparametrise(mean, log_variance, noise)
    by_mean, by_log_variance = torch.autograd.grad(z.pow(3).sum(), (mean, log_variance))
    # dz/dμ = 1 and dz/d log σ² = σ ε / 2 for the fixed ε.
    torch.testing.assert_close(by_mean, 3 * z**2)
    torch.testing.assert_close(by_log_variance, 3 * z**2 * noise * (0.5 * log_variance).exp() / 2)


def test_iwae_bound_is_the_log_of_the_mean_weight():
    log_weights = draw(6, 5)
    torch.testing.assert_close(iwae_bound(log_weights), log_weights.exp().mean(0).log())
    torch.testing.assert_close(iwae_bound(log_weights[:1]), log_weights[0])
    assert torch.isfinite(iwae_bound(log_weights - 1e5)).all()


def test_active_units_are_those_whose_mean_moves():
    means = draw(1000, 3) * torch.tensor([1.0, 0.05, 0.2])  # variances 1, .0025, .04
    assert active_units(means).tolist() == [True, False, True]
