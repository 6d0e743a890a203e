"""Convergence: rates that theory knows, and curves that grow fit by fit."""

import numpy as np
import pytest
from scipy.stats import norm

from engine.data import preset
from engine.density import KernelDensity, ParametricFit
from engine.evaluation import convergence, convergence_steps
from engine.model import DataError

NORMAL = preset("normal")


class ToyKernel:
    """Gaussian kernel estimate with the bandwidth that is best for a standard normal."""

    def fit(self, data):
        self.data = np.asarray(data, dtype=np.float64)[:, 0]
        return self

    def log_prob(self, x):
        bandwidth = 1.06 * len(self.data) ** -0.2
        return np.log(norm.pdf((x - self.data) / bandwidth).mean(axis=1) / bandwidth)


class ToyNormal(ToyKernel):
    """Normal maximum likelihood: the right family, so its error falls like 1/n."""

    def log_prob(self, x):
        return norm(self.data.mean(), self.data.std()).logpdf(x[:, 0])


class Offset:
    """The truth plus a constant: an error known exactly."""

    def fit(self, data):
        return self

    def log_prob(self, x):
        return np.log(norm.pdf(x[:, 0]) + 0.01)


class Picky(ToyNormal):
    def fit(self, data):
        if len(data) < 50:
            raise DataError("Picky needs 50 points.")
        return super().fit(data)


def run(make, **options):
    return convergence(make, NORMAL.sample, NORMAL.log_prob(), NORMAL.domain, **options)


def test_slopes_are_those_of_theory():
    result = run({"kernel": ToyKernel, "normal": ToyNormal}, sizes=(50, 150, 500, 1500), repeats=8)
    assert result.reference_slope == -0.8
    assert result.slopes["kernel"] == pytest.approx(-0.8, abs=0.2)
    assert result.slopes["normal"] == pytest.approx(-1, abs=0.3)
    assert (np.diff(result.errors["kernel"]) < 0).all()
    # The asymptotic error of a kernel estimate with this bandwidth, R(K)/nh + h⁴ R(f'')/4 (Silverman, 1986).
    n = result.sizes
    bandwidth = 1.06 * n**-0.2
    asymptotic = 1 / (2 * np.sqrt(np.pi) * n * bandwidth) + bandwidth**4 * 3 / (8 * np.sqrt(np.pi)) / 4
    assert (
        np.abs(result.errors["kernel"] - asymptotic) < 4 * result.standard_errors["kernel"] + 0.2 * asymptotic
    ).all()


def test_error_is_the_integral_of_the_squared_difference():
    result = run({"offset": Offset}, sizes=(5, 10), repeats=2)
    np.testing.assert_allclose(result.errors["offset"], 1e-4 * 10, rtol=1e-6)  # 0.01² over a domain of length 10
    np.testing.assert_allclose(result.standard_errors["offset"], 0, atol=1e-8)
    assert result.slopes["offset"] == pytest.approx(0, abs=1e-5)


def test_the_plane_has_its_own_reference():
    shape = preset("gaussian")

    class Truth(Offset):
        def density_on(self, grid):
            return np.exp(shape.log_density(grid.points, 1.0)).reshape(grid.shape) * 1.1

    result = convergence({"truth": Truth}, shape.sample, shape.log_prob(), shape.domain, sizes=(5,), repeats=1)
    assert result.reference_slope == pytest.approx(-2 / 3)
    assert result.errors["truth"][0] == pytest.approx(0.01 / (4 * np.pi), rel=1e-3)  # ∫ p² = 1/4π
    assert result.slopes == {}


def kernel(scale, power):
    """Make kernel estimates whose bandwidth is scale · n^power."""

    class Kernel:
        def fit(self, data):
            self.fitted = KernelDensity(bandwidth=scale * len(data) ** power).fit(data)
            self.log_prob, self.density_on = self.fitted.log_prob, self.fitted.density_on
            return self

    return Kernel


def test_edges_slow_a_kernel_estimate_as_the_page_says():
    # A jump leaves a bias of order 1 in a strip of width h, the variance is 1 / (n hᵈ); here in the plane, d = 2.
    shape, d = preset("checkerboard"), 2
    make = {"best": kernel(1.0, -1 / (1 + d)), "Scott": KernelDensity}
    sample = lambda n, seed: shape.sample(n, seed, 0.0)  # noqa: E731
    found = convergence(make, sample, shape.log_prob(0.0), shape.domain, (1600, 6400, 25600), repeats=2)
    assert found.slopes["best"] == pytest.approx(-1 / (1 + d), abs=0.06)
    assert found.slopes["Scott"] == pytest.approx(-1 / (4 + d), abs=0.06)


@pytest.mark.parametrize("noise", [0.02, 0.1])
def test_modes_between_the_nodes_of_a_coarse_grid_are_not_missed(noise):
    shape = preset("eight_gaussians")

    class Half(Offset):
        def density_on(self, grid):
            return np.exp(shape.log_density(grid.points, noise)).reshape(grid.shape) / 2

    found = convergence(
        {"half": Half}, lambda n, seed: shape.sample(n, seed, noise), shape.log_prob(noise), shape.domain, (5,), 1
    )
    # ¼ ∫ p² of eight normal densities far from each other.
    assert found.errors["half"][0] == pytest.approx(1 / (4 * 8 * 4 * np.pi * noise**2), rel=0.02)


def test_steps_grow_one_fit_at_a_time():
    steps = list(
        convergence_steps(
            {"a": ToyNormal, "b": ToyKernel},
            NORMAL.sample,
            NORMAL.log_prob(),
            NORMAL.domain,
            sizes=(10, 20),
            repeats=2,
        )
    )
    assert [step.done for step in steps] == list(range(1, 9))
    assert {step.total for step in steps} == {8}
    assert np.isnan(steps[0].errors["b"]).all()
    assert np.isfinite(steps[0].errors["a"]).tolist() == [True, False]
    assert np.isnan(steps[0].standard_errors["a"]).all()
    assert np.isfinite(steps[-1].standard_errors["b"]).all()
    last = run({"a": ToyNormal, "b": ToyKernel}, sizes=(10, 20), repeats=2)
    np.testing.assert_array_equal(last.errors["b"], steps[-1].errors["b"])


def test_samples_are_shared_by_estimators_and_by_nothing_else():
    drawn = []

    def sample(n, seed):
        drawn.append((n, seed))
        return NORMAL.sample(n, seed)

    make = {"a": ToyNormal, "b": ToyNormal}
    result = convergence(make, sample, NORMAL.log_prob(), NORMAL.domain, sizes=(10, 20), repeats=3)
    assert len({seed for _, seed in drawn}) == len(drawn) == 6
    np.testing.assert_array_equal(result.errors["a"], result.errors["b"])


def test_an_estimator_that_refuses_leaves_a_gap_and_its_sentence():
    result = run({"picky": Picky, "normal": ToyNormal}, sizes=(20, 60, 80), repeats=2)
    assert np.isnan(result.errors["picky"]).tolist() == [True, False, False]
    assert result.failures == {"picky": "Picky needs 50 points."}
    assert np.isfinite(result.errors["normal"]).all()
    assert set(result.slopes) == {"picky", "normal"}


@pytest.mark.parametrize("options", [{"sizes": ()}, {"sizes": (0, 5)}, {"repeats": 0}])
def test_impossible_plans_get_a_sentence(options):
    with pytest.raises(DataError, match="all positive"):
        run({"normal": ToyNormal}, **options)


def test_a_fit_with_edges_has_the_error_between_them_and_the_truths():
    # Between the edges of the sample and those of the truth p̂ is 0 and p is 1; inside p̂ is 1 / (max − min).
    uniform = preset("uniform")
    sizes = (50, 500, 5000)
    found = convergence(
        {"uniform": lambda: ParametricFit(family="uniform")},
        lambda n, seed: uniform.sample(n, seed, 0.0),
        uniform.log_prob(0.0), uniform.domain, sizes, repeats=3,
    )  # fmt: skip
    for row, n in enumerate(sizes):
        exact = []
        for repeat in range(3):
            seed = int(np.random.SeedSequence([0, row, repeat]).generate_state(1)[0])
            width = float(np.ptp(uniform.sample(n, seed, 0.0).astype(np.float64)))
            exact.append((1 - width) + width * (1 / width - 1) ** 2)
        assert found.errors["uniform"][row] == pytest.approx(np.mean(exact), rel=0.1)
    assert found.errors["uniform"][-1] == pytest.approx(2 / 5001, rel=0.9)
