"""KL, JS and W₁ from two samples: nothing between equals, the known values of Gaussians, never NaN."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from engine.adversarial import measures as m
from engine.adversarial.measures import MEASURES, measures
from engine.data import preset
from engine.model import DataError


class Draws:
    """Generate what a function of (rng, n) draws."""

    def __init__(self, draw):
        self.draw = draw

    def sample(self, n, seed=0):
        return self.draw(np.random.default_rng(seed), n).astype(np.float32)


def normal(shift=0.0, scale=1.0):
    return Draws(lambda rng, n: scale * rng.normal(size=(n, 2)) + [shift, 0])


def named(figures):
    return dict(zip(MEASURES, figures.tolist(), strict=True))


def js_of_shifted_normals(shift):
    def integrand(x):
        p, q = norm.pdf(x), norm.pdf(x, shift)
        return 0.5 * (p * np.log(2 * p / (p + q)) + q * np.log(2 * q / (p + q)))

    return quad(integrand, -9, 9 + shift)[0]


@pytest.mark.parametrize("name", ["eight_gaussians", "twenty_five_gaussians", "gan_lab_line", "checkerboard"])
def test_a_perfect_generator_is_at_no_distance_within_the_errors(name):
    perfect = Draws(lambda rng, n: preset(name).sample(n, int(rng.integers(1000))))
    figures = [named(measures(perfect, preset=name, seed=seed)) for seed in range(4)]
    for key in ("kl", "js", "w1"):
        mean = np.mean([f[key] for f in figures])
        assert abs(mean) < 1.5 * figures[0][f"{key}_error"], key
    assert figures[0]["w1"] < 0.1 * np.ptp(preset(name).domain[0])


@pytest.mark.parametrize("shift", [0.5, 1.0, 2.0])
def test_shifted_gaussians_have_their_known_values(shift):
    figures = [named(measures(normal(shift), preset="gaussian", seed=seed)) for seed in range(4)]
    mean = {name: np.mean([f[name] for f in figures]) for name in MEASURES}
    # The real sample is the same four times, so its share of the error does not average out.
    assert mean["js"] == pytest.approx(js_of_shifted_normals(shift), abs=2.5 * mean["js_error"])
    assert mean["w1"] == pytest.approx(shift, abs=3 * mean["w1_error"])
    kl = shift**2 / 2
    assert kl - 3 * mean["kl_error"] - 0.15 * kl < mean["kl"] < kl + 2.5 * mean["kl_error"]  # errs to the small side


def test_the_standard_errors_are_as_large_as_the_scatter():
    figures = []
    for seed in range(16):
        rng = np.random.default_rng(seed)
        kl, js = m.neighbour_divergences(rng.normal(size=(1000, 2)), rng.normal([1, 0], size=(1000, 2)))
        figures.append([kl, kl.standard_error, js, js.standard_error])
    kl, kl_error, js, js_error = np.array(figures).T
    assert js_error.mean() == pytest.approx(js.std(), rel=0.5)
    assert 0.6 * kl.std() < kl_error.mean() < 2.5 * kl.std()


def test_js_is_not_a_third_of_itself():
    # GAN Lab's read-out stays far below ln 2 for separate distributions, as it is fed a third of the points.
    apart = named(measures(normal(50.0), preset="gaussian"))
    assert apart["js"] == pytest.approx(np.log(2), abs=1e-3)
    assert apart["w1"] == pytest.approx(50, rel=0.01)


@pytest.mark.parametrize(
    "generator",
    [
        Draws(lambda rng, n: np.zeros((n, 2))),
        Draws(lambda rng, n: np.full((n, 2), 1e20)),
        Draws(lambda rng, n: np.linspace(-1, 1, n)[:, None] * [1, 0]),
    ],
    ids=["a point", "far away", "a line"],
)
def test_degenerate_generators_are_measured_too(generator):
    figures = measures(generator, preset="eight_gaussians")
    assert figures.dtype == np.float32
    assert np.isfinite(figures).all()
    assert named(figures)["js"] > 0.5
    assert named(figures)["modes"] == 0


def test_a_collapsed_generator_covers_one_mode():
    figures = named(measures(Draws(lambda rng, n: np.tile([2.0, 0.0], (n, 1))), preset="eight_gaussians"))
    assert (figures["modes"], figures["n_modes"], figures["high_quality"]) == (1, 8, 1)
    assert figures["w1"] == pytest.approx(
        np.mean(np.hypot(*(preset("eight_gaussians").sample(9000) - [2, 0]).T)), rel=0.1
    )


def test_own_points_are_compared_without_modes():
    x = preset("gaussian").sample(100, seed=3)
    figures = named(measures(normal(), x))
    assert figures["n_modes"] == figures["modes"] == figures["high_quality"] == 0
    assert abs(figures["js"]) < 3 * figures["js_error"]
    assert named(measures(normal(3.0), x))["js"] > 0.3
    for few in (None, x[:15]):
        with pytest.raises(DataError, match="at least 16 real points"):
            measures(normal(), few)
