"""What a training's history keeps of a latent-variable model at each of its snapshots: one array a view."""

from __future__ import annotations

import numpy as np

from engine.grid import Array
from engine.latent.vae import VAE
from engine.latent.views.images import HasLatentSpace, Labels, manifold, principal_axes
from engine.pictures import Picture, prior_quantiles, tile

LOW, HIGH = 0.02, 0.98  # probabilities between which a manifold lies


def code_moments(model: HasLatentSpace, x: Array, labels: Labels = None) -> tuple[Array, Array]:
    """Return centre and spread (latent,) of where codes are expected: of the prior, or of an autoencoder's codes."""
    if isinstance(model, VAE):
        return np.zeros(model.latent_size), np.ones(model.latent_size)
    codes = model.encode(x, labels)
    return codes.mean(axis=0), codes.std(axis=0)


def manifold_picture(
    model: HasLatentSpace, x: Array, labels: Labels = None, n: int = 15, label: int | None = None
) -> Array | Picture:
    """Return the manifold over the prior's quantiles, or over those of an autoencoder's codes of x.

    Of more than two dimensions it spans the codes' two principal axes, as `latent_positions` draws them, since single
    dimensions may carry nothing.
    """
    if model.latent_size > 2:
        return _principal_manifold(model, x, labels, n, label)
    centre, spread = code_moments(model, x, labels)
    return manifold(model, n, LOW, HIGH, label, centre, spread)


def manifold_places(codes: Array, has_prior: bool) -> tuple[Array, Array]:
    """Return the centre and the spread (2,) along both axes, where `latent_positions` draws codes (m, 2).

    The manifold's cells lie there at centre + spread · quantile, see `manifold_picture`: those of N(0, I) with a
    prior over the axes, else those of a normal with the drawn codes' moments.
    """
    if has_prior:
        return np.zeros(2), np.ones(2)
    return codes.mean(axis=0, dtype=np.float64), codes.std(axis=0, dtype=np.float64)


def manifold_quantiles(n: int, latent_size: int) -> Array:
    """Return the quantiles of N(0, 1) at a manifold's cells: of n columns, or of all n² cells of one dimension."""
    return prior_quantiles(LOW, HIGH, n * n if latent_size == 1 else n)


def _principal_manifold(
    model: HasLatentSpace, x: Array, labels: Labels, n: int, label: int | None
) -> Array | Picture:
    codes = model.encode(x, labels)
    centre, axes = codes.mean(axis=0), principal_axes(codes)
    spread = ((codes - centre) @ axes).std(axis=0)
    quantiles = manifold_quantiles(n, model.latent_size)
    right, up = np.meshgrid(quantiles, quantiles[::-1])
    grid = centre + (np.stack([right, up], axis=-1).reshape(-1, 2) * spread) @ axes.T
    decoded = model.decode(grid, label)
    return tile(decoded, n) if model.data_kind == "images" else decoded.reshape(n, n, 2)


def held_out_terms(model: HasLatentSpace, x: Array, labels: Labels = None, seed: int = 0) -> Array:
    """Return the means over x of a VAE's reconstruction term and KL term, nats per example, (2,) float64.

    Of other models: the reconstruction's error, half the squared distance, and 0.
    """
    if isinstance(model, VAE):
        terms = model.elbo_terms(x, labels, seed=seed)
        return np.array([terms.reconstruction.mean(dtype=np.float64), terms.kl.sum(axis=1).mean(dtype=np.float64)])
    rebuilt = model.decode(model.encode(x, labels), labels)
    return np.array([0.5 * np.square(x - rebuilt, dtype=np.float64).reshape(len(x), -1).sum(axis=1).mean(), 0.0])


def kl_per_dimension(model: VAE, x: Array, labels: Labels = None) -> Array:
    """Return the KL term of each latent dimension, nats, averaged over x, (latent,) float32."""
    return model.elbo_terms(x, labels).kl.mean(axis=0)
