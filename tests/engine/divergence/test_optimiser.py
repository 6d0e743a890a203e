"""The batched optimisers on functions whose minima are known."""

import numpy as np
import pytest
import torch

from engine.divergence.optimiser import adam, differentiated, quasi_newton


def rosenbrock(x):
    return (1 - x[:, 0]) ** 2 + 100 * (x[:, 1] - x[:, 0] ** 2) ** 2


def starts(count=20, seed=0):
    return torch.as_tensor(np.random.default_rng(seed).uniform(-2, 2, (count, 2)))


def last(batches, most=1000):
    for _, batch in zip(range(most), batches, strict=False):  # noqa: B007 the last is the result
        pass
    return batch


def test_every_start_finds_the_minimum():
    batch = last(quasi_newton([differentiated(rosenbrock, 2)], starts()))
    assert batch.settled.all()
    torch.testing.assert_close(batch.theta, torch.ones_like(batch.theta), atol=2e-4, rtol=0)


def test_values_never_rise():
    values = torch.stack([batch.values for batch in quasi_newton([differentiated(rosenbrock, 2)], starts())])
    assert (values.diff(dim=0) <= 0).all()


def test_a_batch_is_its_starts_one_by_one():
    evaluate = [differentiated(rosenbrock, 2)]
    together = last(quasi_newton(evaluate, starts()))
    alone = torch.cat([last(quasi_newton(evaluate, row[None])).theta for row in starts()])
    torch.testing.assert_close(together.theta, alone, atol=1e-9, rtol=0)


def test_evaluating_in_parts_changes_nothing():
    whole, parts = differentiated(rosenbrock, 2), differentiated(rosenbrock, 1 << 14)
    torch.testing.assert_close(whole(starts()), parts(starts()))


def test_units_of_the_parameters_hardly_matter():
    scale = torch.tensor([1e3, 1e-3], dtype=torch.float64)
    batch = last(
        quasi_newton([differentiated(lambda x: ((x * scale - 1) ** 2).sum(1), 2)], torch.zeros(1, 2).double())
    )
    torch.testing.assert_close((batch.theta * scale)[0, 0], torch.tensor(1.0).double(), atol=1e-4, rtol=0)


def test_a_second_stage_goes_on_where_the_first_has_settled():
    shifted = differentiated(lambda x: rosenbrock(x + 0.01), 2)
    batches = list(quasi_newton([shifted, differentiated(rosenbrock, 2)], starts(5)))
    torch.testing.assert_close(batches[-1].theta, torch.ones_like(batches[-1].theta), atol=2e-4, rtol=0)
    only = len(list(quasi_newton([shifted], starts(5))))
    assert len(batches) < only + 15  # it knows the curvature


def test_a_start_without_a_value_is_left_alone():
    theta = starts(3)
    theta[1] = torch.nan
    batch = last(quasi_newton([differentiated(rosenbrock, 2)], theta))
    assert batch.theta[1].isnan().all()
    torch.testing.assert_close(batch.theta[[0, 2]], torch.ones(2, 2).double(), atol=2e-4, rtol=0)


def test_a_cliff_is_not_stepped_over():
    # The function is not a number beyond 1; its minimum lies before.
    batch = last(
        quasi_newton([differentiated(lambda x: (-torch.log(1 - x) - 2 * x).sum(1), 1)], torch.zeros(1, 1).double())
    )
    assert float(batch.theta[0, 0]) == pytest.approx(0.5, abs=1e-4)


def test_a_kink_ends_the_search():
    batches = list(
        zip(range(200), quasi_newton([differentiated(lambda x: x.abs().sum(1), 2)], starts(4)), strict=False)
    )
    assert batches[-1][1].settled.all()
    assert batches[-1][1].values.max() < 0.1


def test_adam_comes_to_rest_under_noise():
    generator = torch.Generator().manual_seed(0)

    def noisy(x):
        return ((x - 1 + 0.5 * torch.randn(x.shape, generator=generator, dtype=x.dtype)) ** 2).sum(1)

    exact = differentiated(lambda x: ((x - 1) ** 2).sum(1), 2)
    batches = list(adam(differentiated(noisy, 2), exact, starts(6), 0.05, 600))
    assert len(batches) == 601
    assert batches[-1].values.max() < 0.02
    assert batches[-1].settled.all()
    assert not batches[-2].settled.any()
