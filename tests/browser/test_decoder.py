"""The decoder in the browser computes what the model's own does, for every kind of decoder."""

import base64

import numpy as np
import pytest

from engine.latent import PCA, VAE, Autoencoder, ConditionalVAE, ConvolutionalAutoencoder
from engine.latent.views.images import latent_positions
from engine.latent.views.portable import code_plane, portable_decoder
from engine.model import DataError
from tests.browser.conftest import ROOT

DECODE = """async ([script, file, places, label]) => {
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const { Decoder } = await import(url);
  const decoder = new Decoder(Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0)).buffer);
  const codes = places.map(([x, y]) => decoder.codeAt(x, y));
  const start = performance.now();
  const decoded = codes.map((code) => Array.from(decoder.decode(code, label)));
  return { codes: codes.map((code) => Array.from(code)), decoded, ms: (performance.now() - start) / codes.length };
}"""
SCRIPT = (ROOT / "pages/components/decoded_view/decoder.js").read_text("utf-8")
PLACES = [[0.0, 0.0], [0.7, -1.2], [-2.0, 1.5]]


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).random((96, 28, 28), dtype=np.float32)


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    yield page
    page.close()


def in_browser(page, model, x, labels=None, label=0):
    file = base64.b64encode(portable_decoder(model, code_plane(model, x, labels))).decode()
    return page.evaluate(DECODE, [SCRIPT, file, PLACES, label])


@pytest.mark.parametrize(
    "model",
    [
        VAE(epochs=1, layers="64,32"),
        VAE(epochs=1, latent_size=1, layers=""),
        VAE(epochs=1, latent_size=5, layers="32", decoder="gaussian"),
        VAE(epochs=1, architecture="convolutional"),
        Autoencoder(epochs=1, latent_size=3, layers="32", loss="squared error"),
        ConvolutionalAutoencoder(epochs=1, channels=2),
        PCA(n_components=7),
    ],
    ids=lambda model: f"{type(model).__name__}, {model.hyperparameters.code}",
)
def test_it_decodes_images_as_the_model_does(page, images, model):
    model.fit(images)
    answer = in_browser(page, model, images)
    np.testing.assert_allclose(
        np.reshape(answer["decoded"], (-1, 28, 28)), model.decode(np.float32(answer["codes"])), atol=1e-5
    )
    assert answer["ms"] < 100


def test_a_conditional_decoder_is_told_the_label(page, images):
    labels = np.arange(96) % 10
    model = ConditionalVAE(epochs=1, layers="32").fit(images, labels)
    answer = in_browser(page, model, images, labels, label=7)
    expected = model.decode(np.float32(answer["codes"]), 7)
    np.testing.assert_allclose(np.reshape(answer["decoded"], (-1, 28, 28)), expected, atol=1e-5)
    assert np.abs(expected - model.decode(np.float32(answer["codes"]), 2)).max() > 1e-3


@pytest.mark.parametrize("model", [VAE(epochs=1, layers="16"), PCA(n_components=1)], ids=["VAE", "PCA"])
def test_it_decodes_points_as_the_model_does(page, model):
    x = np.random.default_rng(1).normal([3.0, -50.0], [0.1, 20.0], (200, 2))
    answer = in_browser(page, model.fit(x), x)
    np.testing.assert_allclose(answer["decoded"], model.decode(np.float32(answer["codes"])), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("latent_size", [1, 2, 6])
def test_a_place_in_the_figure_is_the_code_drawn_there(images, latent_size):
    model = PCA(n_components=latent_size).fit(images)
    centre, axes = code_plane(model, images)
    codes = model.encode(images)
    places = latent_positions(model, images)
    back = centre + places @ axes.T
    # Of more than two dimensions the plane holds the nearest codes: what is left is across both axes.
    np.testing.assert_allclose((codes - back) @ axes, 0, atol=1e-4)
    if latent_size <= 2:
        np.testing.assert_allclose(back, codes, atol=1e-5)


def test_a_decoder_too_large_to_send_is_refused(images):
    model = Autoencoder(epochs=1, layers="2048,2048").fit(images[:4])
    with pytest.raises(DataError, match="million weights"):
        portable_decoder(model, code_plane(model, images))
