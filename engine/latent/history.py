"""What a training's history keeps of a latent-variable model at each of its snapshots: one array a view."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.grid import Array
from engine.latent.vae import VAE
from engine.latent.views import HasLatentSpace, Labels, Picture, manifold, style_grid


def code_moments(model: HasLatentSpace, x: Array, labels: Labels = None) -> tuple[Array, Array]:
    """Return centre and spread (latent,) of where codes are expected: of the prior, or of an autoencoder's codes."""
    if isinstance(model, VAE):
        return np.zeros(model.latent_size), np.ones(model.latent_size)
    codes = model.encode(x, labels)
    return codes.mean(axis=0), codes.std(axis=0)


def manifold_picture(
    model: HasLatentSpace, x: Array, labels: Labels = None, n: int = 15, label: int | None = None
) -> Array | Picture:
    """Return the manifold over the prior's quantiles, or over those of an autoencoder's codes of x."""
    centre, spread = code_moments(model, x, labels)
    return manifold(model, n, label=label, centre=centre, spread=spread)


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


def styles(model: HasLatentSpace, x: Array, labels: npt.ArrayLike) -> Picture:
    """Return the style grid of a conditional model: the images' styles down, all ten labels across."""
    return style_grid(model, x, labels)
