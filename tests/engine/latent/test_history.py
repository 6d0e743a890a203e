"""Where the cells of a manifold lie among the codes: what is decoded there is what the cell shows."""

import numpy as np
import pytest

from engine.latent import PCA, VAE, Autoencoder
from engine.latent.views.history import manifold_picture, manifold_places, manifold_quantiles
from engine.latent.views.images import latent_positions
from engine.latent.views.portable import code_plane
from engine.pictures import to_picture

SMALL = {"layers": "16", "batch_size": 100, "epochs": 1}
N = 5


@pytest.mark.parametrize(
    "model",
    [
        PCA(n_components=1), PCA(n_components=2), PCA(n_components=6), Autoencoder(**SMALL),
        VAE(**SMALL), VAE(**SMALL, latent_size=1), VAE(**SMALL, latent_size=5),
    ],
    ids=lambda model: f"{type(model).__name__}-{model.hyperparameters.model_dump().get('latent_size', '')}",
)  # fmt: skip
def test_a_cells_place_decodes_to_the_cell(model, digits):
    model.fit(digits)
    picture = manifold_picture(model, digits.images, n=N)
    size = model.latent_size
    centre, spread = manifold_places(
        latent_positions(model, digits.images), has_prior=isinstance(model, VAE) and size < 3
    )
    quantiles = manifold_quantiles(N, size)
    row, column = 1, 3
    across = quantiles[row * N + column] if size == 1 else quantiles[column]
    up = 0.0 if size == 1 else quantiles[N - 1 - row]
    place = centre + spread * [across, up]
    plane = code_plane(model, digits.images)
    code = plane.centre + plane.axes @ place
    cell = picture[28 * row : 28 * (row + 1), 28 * column : 28 * (column + 1)]
    decoded = to_picture(model.decode(code[None]))[0]
    assert np.abs(cell.astype(int) - decoded).max() <= 1  # grey levels: the axes are float32
