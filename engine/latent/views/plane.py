"""What a training's history keeps of a latent-variable model of points in the plane: one array a view."""

from __future__ import annotations

import numpy as np

from engine.grid import Array, Domain, Grid
from engine.latent.aggregate import aggregate_posterior_on, prior_divergence
from engine.latent.vae import VAE
from engine.latent.views.history import manifold_picture
from engine.latent.views.images import HasLatentSpace, Labels

LATENT_DOMAIN = (-4.0, 4.0)  # of each latent axis where the aggregate posterior is drawn


def manifold_vertices(model: HasLatentSpace, x: Array, labels: Labels = None, n: int = 21) -> Array:
    """Return what the decoder makes of the prior's quantiles, float32: a curve (n², 2), or a net (n, n, 2).

    A curve for one latent dimension, a net for two, or for the two principal axes of more; of models without a prior
    over the quantiles of their codes of x. A conditional model has one for each class, along a first axis.
    """
    shape = (n * n, 2) if model.latent_size == 1 else (n, n, 2)
    if not getattr(model, "conditional", False):
        return np.asarray(manifold_picture(model, x, n=n), np.float32).reshape(shape)
    each = [manifold_picture(model, x, labels, n, label) for label in range(_n_classes(labels))]
    return np.asarray(each, np.float32).reshape(-1, *shape)


def aggregate_posterior(model: VAE, x: Array, labels: Labels = None, cells: int = 64) -> Array:
    """Return q(z) over the codes of x, float32 (cells,) or (cells, cells), on the grid over LATENT_DOMAIN."""
    grid = Grid.over((LATENT_DOMAIN,) * model.latent_size, cells)
    return aggregate_posterior_on(grid, *model.posterior(x, labels)).astype(np.float32)


def aggregate_divergence(model: VAE, x: Array, labels: Labels = None) -> Array:
    """Return KL(q(z) ‖ p(z)) over the codes of x in nats, and its error, (2,)."""
    return np.array(prior_divergence(*(part.astype(np.float64) for part in model.posterior(x, labels))))


def density(model: VAE, domain: Domain, labels: Labels = None, cells: int = 60) -> Array:
    """Return p(x) by quadrature over z at every cell centre of the grid over `domain`, float32 (cells, cells).

    Of a conditional model Σ_y p(y) p(x|y), with the frequencies of `labels` for p(y).
    """
    grid = Grid.over(domain, cells)
    if not model.conditional:
        return model.density_on(grid)
    classes, counts = np.unique(np.asarray(labels), return_counts=True)
    each = [
        share * model.density_on(grid, int(label))
        for label, share in zip(classes, counts / counts.sum(), strict=True)
    ]
    return np.sum(each, axis=0, dtype=np.float32)


def bounds(model: VAE, x: Array, labels: Labels = None, k: int = 64) -> Array:
    """Return the ELBO and the IWAE bound with k samples, nats a point of x, each with its standard error, (2, 2).

    A quarter of the draws do for the ELBO, whose error is that of the points.
    """
    rows = np.stack([model.elbo(x, labels, k // 4), model.iwae(x, k, labels)]).astype(np.float64)
    return np.column_stack([rows.mean(axis=1), rows.std(axis=1) / np.sqrt(len(x))])


def _n_classes(labels: Labels) -> int:
    return int(np.max(np.asarray(labels))) + 1
