"""Presets: exact densities against quadrature, samplers against densities, bounds against sentences."""

import pickle
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2, multivariate_normal

from engine.data import load_points, preset, presets
from engine.grid import Grid
from engine.model import DataError

# Spacing of grid cells, in data units, where the default noise is sharp or edges are: about σ/2.
SPACING = {"two_moons": 0.03, "circles": 0.03, "eight_gaussians": 0.03, "twenty_five_gaussians": 0.03}
SPACING |= {"spiral": 0.06, "annulus": 0.02, "checkerboard": 0.05, "pinwheel": 0.06, "gan_lab_ring": 0.01}
SPACING |= {"gan_lab_line": 0.006, "gan_lab_gaussians": 0.02, "gan_lab_disjoint": 0.01, "parallel_lines": 0.01}
SPACING |= {"uniform": 0.001, "exponential": 0.001}
COARSE = 20  # cells along each axis for the chi-square test; the fine cells divide them
WIDER = 0.25  # the grid reaches this share of the domain's width beyond it, so that no tail is lost
WITH_DENSITY = [shape.name for shape in presets() if shape.log_prob() is not None]


def wide_grid(shape, spacing=None):
    margin = [WIDER * (high - low) for low, high in shape.domain]
    domain = [(low - m, high + m) for (low, high), m in zip(shape.domain, margin, strict=True)]
    (low, high), spacing = domain[0], spacing or SPACING.get(shape.name, 0.05)
    return Grid.over(domain, COARSE * round((high - low) / spacing / COARSE))


def names(candidates):
    return [shape.name for shape in candidates]


def test_all_the_shapes_the_lab_promises_are_there():
    assert set(names(presets(2))) == {
        *("gaussian", "two_moons", "circles", "annulus", "spiral", "pinwheel", "checkerboard", "eight_gaussians"),
        *("twenty_five_gaussians", "correlated", "gan_lab_line", "gan_lab_ring", "gan_lab_gaussians"),
        *("gan_lab_disjoint", "parallel_lines"),
    }
    assert set(names(presets(1))) == {"normal", "exponential", "uniform", "bimodal", "integers"}
    assert names(presets()) == names(presets(2)) + names(presets(1))


@pytest.mark.parametrize("name", WITH_DENSITY)
def test_density_integrates_to_one_and_the_sampler_draws_from_it(name):
    shape = preset(name)
    grid = wide_grid(shape)
    log_p = shape.log_density(grid.points, shape.noise)
    p = np.exp(log_p)
    assert grid.integrate(p) == pytest.approx(1, abs=1e-3)

    # The mean log-density of a big sample is −entropy, within sampling error.
    n = 20_000
    x = shape.sample(n, seed=3)
    log_density = shape.log_prob()(x).astype(np.float64)
    entropy = -grid.integrate(p * np.where(p > 0, log_p, 0))
    standard_error = log_density.std() / np.sqrt(n)
    assert np.mean(log_density) == pytest.approx(-entropy, abs=4 * standard_error + 1e-3)

    # Chi-square on coarse cells, merged until each expects 10 points.
    edges = [np.linspace(low, high, COARSE + 1) for low, high in grid.domain]
    observed, _ = np.histogramdd(x, bins=edges)
    mass, _ = np.histogramdd(grid.points, bins=edges, weights=p * grid.cell_volume)
    expected = n * mass.ravel()
    large = expected >= 10
    observed = np.append(observed.ravel()[large], n - observed.ravel()[large].sum())
    expected = np.append(expected[large], n - expected[large].sum())
    statistic = np.sum((observed - expected) ** 2 / np.maximum(expected, 1))
    assert statistic < chi2.ppf(1 - 1e-6, len(expected))


@pytest.mark.parametrize(
    ("name", "noise"),
    [("annulus", 0.2), ("checkerboard", 0.3), ("uniform", 0.1), ("integers", 0.2), ("correlated", -0.95)],
)
def test_density_integrates_to_one_away_from_the_default_noise(name, noise):
    shape = preset(name)
    grid = wide_grid(shape, spacing=0.05)
    assert grid.integrate(np.exp(shape.log_density(grid.points, noise))) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "noise", "entropy"),
    [
        ("gaussian", 1.0, 2.8379),
        ("two_moons", 0.05, 0.289),
        ("two_moons", 0.1, 1.008),  # 1.00758, often quoted as 1.010
        ("circles", 0.05, 0.607),
        ("checkerboard", 0.0, 3.4657),
    ],
)
def test_entropy_is_the_known_figure(name, noise, entropy):
    shape = preset(name)
    grid = wide_grid(shape)
    log_p = shape.log_density(grid.points, noise)
    p = np.exp(log_p)
    assert -grid.integrate(p * np.where(p > 0, log_p, 0)) == pytest.approx(entropy, abs=1e-3)


@pytest.mark.parametrize("noise", [0.02, 0.3])
def test_two_moons_density_equals_an_adaptive_quadrature(noise):
    shape = preset("two_moons")
    x = np.array([[0.0, 1.0], [1.03, 0.05], [0.5, 0.25], [-1.02, -0.08], [1.0, -0.5], [0.0, 0.0], [0.4, 0.92]])

    def along(t, point):
        upper, lower = np.array([np.cos(t), np.sin(t)]), np.array([1 - np.cos(t), 0.5 - np.sin(t)])
        squares = [np.sum((point - centre) ** 2) for centre in (upper, lower)]
        return sum(np.exp(-square / (2 * noise**2)) for square in squares) / (4 * np.pi**2 * noise**2)

    angles = np.linspace(0, np.pi, 41)
    expected = [
        sum(quad(along, a, b, args=(point,), epsabs=0, epsrel=1e-10)[0] for a, b in pairwise(angles)) for point in x
    ]
    np.testing.assert_allclose(np.exp(shape.log_density(x, noise)), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "noise"), [("spiral", 0.05), ("gan_lab_ring", 0.01), ("annulus", 0.05), ("circles", 0.02)]
)
def test_curve_density_equals_a_mixture_of_very_many_gaussians(name, noise):
    shape = preset(name)
    count = 100_000
    u = (np.arange(count) + 0.5) / count
    if name == "spiral":
        angle = 3 * np.pi * np.sqrt(u)
        arm = (angle / np.pi)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
        centres = np.concatenate([arm, -arm])
    elif name == "gan_lab_ring":
        centres = np.column_stack([0.5 + 0.3 * np.cos(2 * np.pi * u), 0.45 + 0.25 * np.sin(2 * np.pi * u)])
    elif name == "circles":
        circle = np.column_stack([np.cos(2 * np.pi * u), np.sin(2 * np.pi * u)])
        centres = np.concatenate([circle, circle / 2])
    else:
        radius, angle = np.meshgrid(np.sqrt(1 + 3 * (np.arange(400) + 0.5) / 400), 2 * np.pi * (np.arange(800) / 800))
        centres = np.column_stack([(radius * np.cos(angle)).ravel(), (radius * np.sin(angle)).ravel()])
    x = shape.sample(12, seed=1, noise=noise).astype(np.float64)
    expected = [np.mean(np.exp(-np.sum((point - centres) ** 2, axis=1) / (2 * noise**2))) for point in x]
    np.testing.assert_allclose(
        np.exp(shape.log_density(x, noise)) * 2 * np.pi * noise**2, expected, rtol=1e-5 if name == "annulus" else 1e-7
    )


def test_correlated_density_equals_scipy():
    x = np.array([[0.3, -1.2], [2.0, 2.1], [-3.0, 1.0]])
    expected = multivariate_normal([0, 0], [[1, -0.7], [-0.7, 1]]).logpdf(x)
    np.testing.assert_allclose(preset("correlated").log_density(x, -0.7), expected, rtol=1e-12)


def test_sharp_regions_are_exactly_uniform():
    inside, outside = preset("annulus").log_prob()([[1.5, 0], [0.5, 0]])
    assert inside == pytest.approx(-np.log(3 * np.pi))
    assert outside == -np.inf
    np.testing.assert_allclose(preset("checkerboard").log_prob()([[-3, -3], [-3, -1]]), [-np.log(32), -np.inf])
    np.testing.assert_array_equal(preset("uniform").log_prob()([0.5, 1.5]), [0, -np.inf])


@pytest.mark.parametrize("name", WITH_DENSITY)
def test_densities_stay_finite_or_minus_infinite_far_away_and_pickle(name):
    shape = preset(name)
    far = np.array([-1e200, -1e6, -30.0, 30.0, 1e6, 1e200])
    x = np.column_stack([far] * shape.dimension)
    log_prob = pickle.loads(pickle.dumps(shape.log_prob()))
    log_p = log_prob(x)
    assert log_p.dtype == np.float32
    assert log_p.shape == (6,)
    assert (log_p < -1).all()  # false for NaN


@pytest.mark.parametrize("shape", presets(), ids=names(presets()))
def test_domain_holds_the_sample_and_is_square(shape):
    for noise, share in [(shape.noise, 0.995), (shape.noise_bounds[1], 0.97)]:
        x = shape.sample(5000, seed=2, noise=noise)
        low, high = np.array(shape.domain).T
        assert np.mean(((x >= low) & (x <= high)).all(axis=1)) >= share
        assert np.ptp(high - low) == pytest.approx(0)


@pytest.mark.parametrize("shape", presets(), ids=names(presets()))
def test_seed_repeats_and_other_seeds_differ(shape):
    n = 64
    first, again, other = (load_points(shape.name, n=n, seed=seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first.x, again.x)
    assert first.x.shape == (n, shape.dimension) == (n, first.dimension)
    assert first.x.dtype == np.float32
    assert first.domain == shape.domain
    assert not np.array_equal(first.x, other.x)
    if first.labels is not None:
        np.testing.assert_array_equal(first.labels, again.labels)
        assert first.labels.dtype == np.uint8
        assert set(first.labels.tolist()) == {0, 1}


def test_moons_and_circles_give_half_the_points_to_each_class():
    for name in ("two_moons", "circles", "spiral"):
        assert load_points(name, n=101).labels.sum() == 50
    circles = load_points("circles", n=400, noise=0.02)
    radius = np.hypot(*circles.x.T)
    np.testing.assert_allclose(radius[circles.labels == 1].mean(), 0.5, atol=0.01)


def test_moons_have_scikit_learns_geometry():
    from sklearn.datasets import make_moons

    expected, _ = make_moons(4000, noise=0)
    ours = load_points("two_moons", n=4000, noise=0.02).x
    np.testing.assert_allclose(ours.mean(axis=0), expected.mean(axis=0), atol=0.03)
    np.testing.assert_allclose(np.cov(ours.T), np.cov(expected.T), atol=0.03)


def test_the_classic_integer_sample_comes_first():
    classic = [3, 5, 4, 4, 4, 4, 5, 6, 5, 4]
    np.testing.assert_array_equal(load_points("integers").x[:, 0], classic)
    np.testing.assert_array_equal(load_points("integers", n=4).x[:, 0], classic[:4])
    more = load_points("integers", n=5000, seed=1)
    np.testing.assert_array_equal(more.x[:10, 0], classic)
    assert more.x.mean() == pytest.approx(np.mean(classic), abs=4 * np.std(classic) / np.sqrt(5000))
    assert more.log_prob is None
    assert load_points("integers", noise=0.1).log_prob is not None
    assert len(load_points("annulus").x) == 900


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"name": "two_moon"}, "try two_moons"),
        ({"name": "xyzzy"}, "try two_moons, circles"),
        ({"name": "gaussian", "n": 0}, "between 1 and 100,000; it was 0"),
        ({"name": "gaussian", "n": 100_001}, "it was 100001"),
        (
            {"name": "two_moons", "noise": 3.0},
            r"Two moons: Noise σ \(data units\) must lie between 0.02 and 0.3; it was 3",
        ),
        ({"name": "correlated", "noise": float("nan")}, "must lie between -0.99 and 0.99"),
        ({"name": "gaussian", "seed": -1}, "seed must be a whole number"),
    ],
)
def test_bad_arguments_get_a_sentence(arguments, sentence):
    with pytest.raises(DataError, match=sentence):
        load_points(**arguments)


def test_density_refuses_points_of_another_dimension():
    with pytest.raises(DataError, match="1-D"):
        preset("normal").log_prob()([[0.0, 1.0]])
