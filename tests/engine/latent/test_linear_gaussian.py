"""A VAE without hidden layers is linear and Gaussian: its likelihood and posterior are known in closed form."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from engine.grid import Grid
from engine.latent import VAE

H = 0.5
W = np.array([[0.9], [-0.6]])
B = np.array([0.2, -0.1])
PRECISION = 1 + (W**2).sum() / H**2  # of the posterior
LOG_VARIANCE = -np.log(PRECISION)
GAIN = (W.T / H**2 / PRECISION)[0]  # the posterior mean is GAIN (x − b)


@pytest.fixture(scope="module")
def start(line):
    return VAE(latent_size=1, layers="", standard_deviation=H, epochs=1).fit(line).state()


def linear_vae(start, gain=GAIN, log_variance=LOG_VARIANCE):
    """Return a VAE of known decoder, and an encoder N(gain (x − b), exp(log_variance))."""
    weights = {
        "encoder.0.weight": np.stack([gain, np.zeros(2)]),
        "encoder.0.bias": np.array([-gain @ B, log_variance]),
        "decoder.0.weight": W,
        "decoder.0.bias": B,
    }
    return VAE(latent_size=1, layers="", standard_deviation=H).load_state({**start, **weights})


def exact_log_prob(start, x):
    """Return log N(x; b, WWᵀ + h²I), which holds for standardised points, in data units."""
    scale = start["data.scale"]
    standardised = (x - start["data.centre"]) / scale
    marginal = multivariate_normal(B, W @ W.T + H**2 * np.eye(2))
    return marginal.logpdf(standardised) - np.log(scale).sum()


def test_both_bounds_are_exact_at_the_exact_posterior(start, line):
    model, log_prob = linear_vae(start), exact_log_prob(start, line[:50])
    for k in (1, 16):  # each weight p(x, z) / q(z|x) is p(x) itself
        np.testing.assert_allclose(model.iwae(line[:50], k), log_prob, atol=1e-4)
    np.testing.assert_allclose(model.elbo(line[:50], k=20_000), log_prob, atol=0.05)


def test_the_gap_is_the_divergence_from_the_posterior(start, line):
    gain, log_variance = 0.5 * GAIN, LOG_VARIANCE + 0.8
    model, x = linear_vae(start, gain, log_variance), line[:20]
    gap = exact_log_prob(start, x) - model.elbo(x, k=20_000)
    shift = ((x - start["data.centre"]) / start["data.scale"] - B) @ (gain - GAIN)
    ratio = np.exp(log_variance) * PRECISION
    kl = 0.5 * (PRECISION * shift**2 + ratio - 1 - np.log(ratio))
    assert kl.min() > 0.1
    np.testing.assert_allclose(gap, kl, atol=0.06)


def test_iwae_rises_with_k_and_stays_below(start, line):
    model = linear_vae(start, 0.5 * GAIN, 0.0)
    means = [model.iwae(line, k).mean() for k in (1, 4, 16, 64, 256)]
    assert (np.diff(means) > 0).all()
    log_prob = exact_log_prob(start, line).mean()
    assert means[0] < log_prob - 0.3
    assert means[-1] == pytest.approx(log_prob, abs=0.01)
    assert model.elbo(line, k=64).mean() == pytest.approx(means[0], abs=0.1)


def test_the_marginal_density_and_the_samples_are_the_gaussian(start, line):
    model = linear_vae(start)
    grid = Grid.over(((-10.0, 20.0), (-10.0, 6.0)), 80)
    exact = np.exp(exact_log_prob(start, grid.points)).reshape(grid.shape)
    density = model.density_on(grid)
    np.testing.assert_allclose(density, exact, atol=1e-3 * exact.max())
    assert grid.integrate(density) == pytest.approx(1, abs=1e-3)
    scale = start["data.scale"]
    covariance = (W @ W.T + H**2 * np.eye(2)) * np.outer(scale, scale)
    np.testing.assert_allclose(np.cov(model.sample(40_000).T), covariance, rtol=0.05)


def test_maximum_likelihood_finds_the_covariance_of_the_data(line):
    """Train it: the marginal that maximises the ELBO is probabilistic PCA's, and h fits the smaller eigenvalue."""
    correlation = np.corrcoef(line.T)
    model = VAE(
        latent_size=1, layers="", standard_deviation=np.sqrt(np.linalg.eigvalsh(correlation)[0]),
        epochs=1000, batch_size=400, learning_rate=0.05,
    ).fit(line)  # fmt: skip
    weights = model.state()["decoder.0.weight"]
    variance = model.hyperparameters.standard_deviation**2
    np.testing.assert_allclose(weights @ weights.T + variance * np.eye(2), correlation, atol=0.06)
