"""The integrands are the same in NumPy and torch, never NaN, and have gradients where mass is missing."""

import numpy as np
import pytest
import torch

from engine.divergence import integrands

P = np.array([0.5, 0.3, 0.0, 0.0, 0.2, 1e-300])
Q = np.array([0.2, 0.3, 0.4, 0.0, 0.0, 0.1])
FAMILY = {
    "kl": integrands.kl,
    "reverse_kl": integrands.reverse_kl,
    "jeffreys": integrands.jeffreys,
    "js": integrands.js,
    "total_variation": integrands.total_variation,
    "squared_hellinger": integrands.squared_hellinger,
    **{
        f"alpha {order}": lambda p, q, xp, order=order: integrands.alpha(p, q, xp, order)
        for order in (0.0, 0.3, 0.5, 1.0)
    },
}


@pytest.fixture
def logs():
    with np.errstate(divide="ignore"):
        return np.log(P), np.log(Q)


def test_values_by_hand(logs):
    expected = [0.5 * np.log(2.5), 0, 0, 0, np.inf]
    assert integrands.kl(*logs, np)[:5] == pytest.approx(expected)
    assert integrands.reverse_kl(*logs, np)[:4] == pytest.approx([0.2 * np.log(0.4), 0, np.inf, 0])
    assert integrands.jeffreys(*logs, np)[0] == pytest.approx(0.3 * np.log(2.5))
    assert integrands.js(*logs, np)[[2, 4]] == pytest.approx([0.2 * np.log(2), 0.1 * np.log(2)])
    assert integrands.total_variation(*logs, np) == pytest.approx([0.15, 0, 0.2, 0, 0.1, 0.05])
    assert integrands.squared_hellinger(*logs, np)[[0, 2]] == pytest.approx([0.5 * (0.5**0.5 - 0.2**0.5) ** 2, 0.2])
    assert integrands.alpha(*logs, np, 0.5)[[0, 2]] == pytest.approx([4 * (0.35 - 0.1**0.5), 0.8])


@pytest.mark.parametrize("name", FAMILY)
def test_numpy_and_torch_agree_and_nothing_is_nan(logs, name):
    here = FAMILY[name](*logs, np)
    there = FAMILY[name](*map(torch.from_numpy, logs), torch).numpy()
    assert not np.isnan(here).any()
    np.testing.assert_allclose(there, here, rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize("name", FAMILY)
def test_gradients_are_those_of_finite_differences(name):
    rng = np.random.default_rng(1)
    log_p, log_q = torch.from_numpy(rng.normal(size=(2, 12)))
    log_q.requires_grad_()
    assert torch.autograd.gradcheck(lambda q: FAMILY[name](log_p, q, torch), (log_q,))


@pytest.mark.parametrize("name", ["kl", "js", "total_variation", "squared_hellinger", "alpha 0.5", "alpha 1.0"])
def test_gradients_stay_finite_where_p_has_no_mass(name):
    log_p = torch.tensor([0.0, -torch.inf, -1e4], dtype=torch.float64)
    log_q = torch.tensor([-1.0, -1.0, -1.0], dtype=torch.float64, requires_grad=True)
    FAMILY[name](log_p, log_q, torch).sum().backward()
    assert log_q.grad.isfinite().all()


@pytest.mark.parametrize(
    "name", ["js", "total_variation", "squared_hellinger", "alpha 0.0", "alpha 0.3", "alpha 1.0"]
)
def test_bounded_measures_are_non_negative_in_every_cell(logs, name):
    assert (FAMILY[name](*logs, np) >= -1e-15).all()
