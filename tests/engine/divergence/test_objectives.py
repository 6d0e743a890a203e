"""Objectives against closed forms between Gaussians, and against going astray beyond the window."""

import numpy as np
import pytest
import torch

from engine.density import KernelDensity
from engine.divergence import gaussians
from engine.divergence.family import Family
from engine.divergence.gaussians import Gaussian
from engine.divergence.objectives import make_objective, make_objectives
from engine.divergence.table import tabulate
from engine.divergence.targets import MixtureTarget, separated_target, two_mode_target
from engine.model import DataError

NAMES = ("kl", "reverse_kl", "jeffreys", "js", "total_variation", "hellinger", "alpha", "wasserstein", "frechet")
MEAN, COVARIANCE = np.array([0.5, -1.0]), np.array([[1.0, 0.6], [0.6, 2.0]])


def some_theta(family, seed=0, count=3):
    rng = np.random.default_rng(seed)
    return torch.as_tensor(0.2 * rng.normal(size=(count, family.size)))


def setting(target, cells=64, covariance="full", n_components=1):
    table = tabulate(target, cells)
    return table, Family(covariance, n_components, table.frame)


@pytest.mark.parametrize("name", ["kl", "reverse_kl", "jeffreys", "hellinger", "alpha", "frechet"])
@pytest.mark.parametrize("d", [1, 2])
def test_between_gaussians_it_is_the_closed_form(name, d):
    table, family = setting(MixtureTarget([1.0], [MEAN[:d]], [COVARIANCE[:d, :d]]))
    theta = some_theta(family)
    objective = make_objective(name, table, family, order=0.3)
    _, means, covariances = family.outward(theta)
    p = Gaussian(MEAN[:d], COVARIANCE[:d, :d])
    expected = [
        gaussians.divergences(p, Gaussian(m[0], c[0]), order=0.3)[name]
        for m, c in zip(means, covariances, strict=True)
    ]
    np.testing.assert_allclose(objective.report(objective(theta).numpy()), expected, rtol=2e-4, atol=1e-6)


def test_wasserstein_is_exact_on_a_line():
    table, family = setting(MixtureTarget([1.0], [[0.5]], [[[4.0]]]))
    objective = make_objective("wasserstein", table, family)
    theta = some_theta(family)
    _, means, covariances = family.outward(theta)
    p = Gaussian(np.array([0.5]), np.array([[4.0]]))
    expected = [
        gaussians.wasserstein_distance(p, Gaussian(m[0], c[0])) for m, c in zip(means, covariances, strict=True)
    ]
    np.testing.assert_allclose(objective.report(objective(theta).numpy()), expected, rtol=1e-3, atol=2e-4)


def test_a_shift_is_sliced_by_the_mean_cosine():
    table, family = setting(MixtureTarget([1.0], [[0.0, 0.0]], [4 * np.eye(2)]))
    objective = make_objective("wasserstein", table, family)
    theta = family.start(np.array([[[1.0, 0.5]]]), 1.0)
    expected = np.hypot(1.0, 0.5) * 2 / np.pi
    assert float(objective.report(objective(theta).numpy())[0]) == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("covariance", "n_components"), [("full", 1), ("diagonal", 2), ("spherical", 3)])
def test_the_gradient_is_that_of_differences(name, covariance, n_components):
    table, family = setting(two_mode_target(), 32, covariance, n_components)
    theta = some_theta(family, 1, 1).requires_grad_()
    # The sum of |p − q| has kinks, so its gradient holds only where none is near: a tiny step.
    torch.autograd.gradcheck(make_objective(name, table, family), theta, eps=1e-6, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_starts_do_not_see_each_other(name):
    table, family = setting(two_mode_target(), 48, n_components=2)
    objective, theta = make_objective(name, table, family), some_theta(family, 2, 5)
    alone = torch.cat([objective(row[None]) for row in theta])
    torch.testing.assert_close(objective(theta), alone, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", ["reverse_kl", "jeffreys", "js", "total_variation", "hellinger", "alpha"])
def test_leaving_the_window_never_pays(name):
    table, family = setting(separated_target(4.0))
    objective = make_objective(name, table, family, order=0.0 if name == "alpha" else 0.5)
    (_, right), _ = table.grid.domain
    x = np.linspace(2.0, right + 10, 60)
    means = np.column_stack([x, np.zeros_like(x)])[:, None]
    values = objective(family.start(means, 0.4)).numpy()
    assert (np.diff(values) > -1e-3).all()
    assert values[-1] > values[0] + 0.2


def test_falling_between_the_cells_never_pays():
    table, family = setting(separated_target(4.0), 32)
    corner = [axis[16] + 0.5 * step for axis, step in zip(table.grid.axes, table.grid.spacing, strict=True)]
    values = [
        float(make_objective("reverse_kl", table, family)(family.start(np.array([[corner]]), scale))[0])
        for scale in (0.5, 0.05, 0.01)
    ]
    assert values[0] < values[1] < values[2]


@pytest.mark.parametrize("name", NAMES)
def test_every_second_cell_gives_nearly_the_same(name):
    table, family = setting(two_mode_target())
    coarse, fine = make_objectives(name, table, family)
    theta = some_theta(family)
    # Kinks, and tails beyond a window that is shifted by half a cell, are the differences.
    tolerance = {"total_variation": 1e-2, "wasserstein": 2e-2}.get(name, 1e-3)
    torch.testing.assert_close(coarse(theta), fine(theta), rtol=tolerance, atol=tolerance)


def test_cells_too_wide_for_the_target_are_not_halved():
    narrow = MixtureTarget([0.5, 0.5], [[-3, 0.1], [3.07, 0]], [0.08 * np.eye(2)] * 2)
    table, family = setting(narrow, 64)
    assert len(make_objectives("kl", table, family)) == 1


@pytest.mark.parametrize("name", ["reverse_kl", "jeffreys"])
def test_a_target_without_tails_gets_a_sentence(name):
    bounded = KernelDensity(kernel="epanechnikov").fit(np.random.default_rng(0).normal(size=(100, 2)))
    table, family = setting(bounded)
    with pytest.raises(DataError, match=r"infinite.*\.$"):
        make_objective(name, table, family)
    assert torch.isfinite(make_objective("js", table, family)(some_theta(family))).all()
    with pytest.raises(DataError, match=r"infinite.*\.$"):
        make_objective("alpha", table, family, order=0.0)


class Scaled:
    """Be a Gaussian times a factor, on a domain that may miss it."""

    def __init__(self, factor, domain=((-6.0, 6.0), (-6.0, 6.0))):
        self.factor, self.domain = factor, domain

    def log_prob(self, x):
        x = np.asarray(x)
        with np.errstate(divide="ignore"):
            return np.log(self.factor) - 0.5 * (x**2).sum(axis=1) - np.log(2 * np.pi)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Scaled(0.9), "0.9 of the target's mass"),
        (Scaled(3.0), "3 of the target's mass"),
        (Scaled(0.0), "no mass on the window"),
        (Scaled(1.0, ((60.0, 70.0), (60.0, 70.0))), "no mass on the window"),
        (Scaled(1.0, ((1.0, -1.0), (0.0, 1.0))), "low below high"),
        (Scaled(1.0, None), "no domain"),
    ],
)
def test_a_target_that_is_not_on_the_window_gets_a_sentence(target, words):
    with pytest.raises(DataError, match=words) as error:
        tabulate(target, 64)
    assert str(error.value).endswith(".")


def test_a_domain_too_small_for_the_target_is_widened():
    table = tabulate(Scaled(1.0, ((-2.0, 2.0), (-2.0, 2.0))), 64)
    assert all(low < -3 and high > 3 for low, high in table.grid.domain)
    np.testing.assert_allclose(table.covariance, np.eye(2), atol=0.02)
