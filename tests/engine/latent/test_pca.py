"""PCA against its eigenvalues and scikit-learn, and the linear autoencoder that reaches it."""

import numpy as np
import pytest
import sklearn.decomposition

from engine.latent import PCA, Autoencoder
from engine.model import DataError, HyperparameterError


def residual(model, images):
    """Return the mean squared residual before pixels are cut off at 0 and 1."""
    rebuilt = model.encode(images).astype(float) @ model.components + model.mean
    return ((images.reshape(len(images), -1) - rebuilt) ** 2).sum(axis=1).mean()


@pytest.mark.parametrize("k", [1, 16, 100])
def test_the_residual_is_the_sum_of_the_dropped_eigenvalues(digits, k):
    model = PCA(n_components=k)
    (metrics,) = list(model.steps(digits))
    assert residual(model, digits.images) == pytest.approx(model.eigenvalues[k:].sum(), rel=1e-5)
    assert metrics["residual"] == model.residual() == model.residual(k)
    assert model.residual(0) == pytest.approx(digits.images.reshape(300, -1).var(axis=0).sum(), rel=1e-5)


def test_it_equals_scikit_learn(digits):
    rows = digits.images.reshape(300, -1).astype(float)
    theirs = sklearn.decomposition.PCA(16, svd_solver="full").fit(rows)
    ours = PCA(n_components=16).fit(digits)
    np.testing.assert_allclose(ours.eigenvalues[:16], theirs.explained_variance_ * 299 / 300, rtol=1e-6)
    np.testing.assert_allclose(abs(np.sum(ours.components * theirs.components_, axis=1)), 1, atol=1e-6)
    expected = theirs.inverse_transform(theirs.transform(rows)).reshape(-1, 28, 28)
    np.testing.assert_allclose(ours.reconstruct(digits), expected.clip(0, 1), atol=1e-5)
    np.testing.assert_array_equal(ours.components.argmax(axis=1), abs(ours.components).argmax(axis=1))


def test_points_keep_their_units(line):
    model = PCA(n_components=1).fit(line)
    assert model.data_kind == "points"
    values = np.linalg.eigvalsh(np.cov(line.T, bias=True))
    assert model.residual() == pytest.approx(values[0])
    assert ((line - model.reconstruct(line)) ** 2).sum(axis=1).mean() == pytest.approx(values[0], rel=1e-4)
    assert model.n_parameters == 2 + 1
    np.testing.assert_allclose(PCA(n_components=2).fit(line).reconstruct(line), line, atol=1e-5)


def test_a_linear_autoencoder_reaches_the_residual_of_pca(line, digits):
    standardised = (line - line.mean(axis=0)) / line.std(axis=0)
    *_, last = Autoencoder(
        latent_size=1, layers="", epochs=300, batch_size=400, learning_rate=0.05
    ).steps(line)  # fmt: skip
    assert 2 * last["loss"] == pytest.approx(PCA(n_components=1).fit(standardised).residual(), rel=1e-3)
    *_, last = Autoencoder(
        latent_size=4, layers="", loss="squared error", epochs=600, batch_size=300, learning_rate=0.01
    ).steps(digits)  # fmt: skip
    best = PCA(n_components=4).fit(digits).residual()
    assert best * (1 - 1e-5) <= 2 * last["loss"] <= best * 1.01


def test_state_round_trip(digits):
    model = PCA(n_components=8).fit(digits)
    again = PCA(n_components=8).load_state(model.state())
    codes = model.encode(digits)
    np.testing.assert_array_equal(again.encode(digits), codes)
    np.testing.assert_array_equal(again.decode(codes), model.decode(codes))
    broken = model.state()
    del broken["eigenvalues"]
    with pytest.raises(DataError, match="eigenvalues"):
        PCA().load_state(broken)


def test_bad_input_gets_a_sentence(digits):
    with pytest.raises(DataError, match="fit"):
        PCA().encode(digits)
    with pytest.raises(DataError, match=r"shape \(n, 16\)"):
        PCA().fit(digits).decode(np.zeros((3, 2)))
    with pytest.raises(HyperparameterError):
        PCA(n_components=0)
