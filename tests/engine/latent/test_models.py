"""The protocol of this family: what every neural model does, on images and on points."""

import threading

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from engine.data import Images
from engine.latent import VAE, Autoencoder, ConditionalVAE, ConvolutionalAutoencoder, DenoisingAutoencoder
from engine.model import DataError, Evaluates, HyperparameterError, Samples
from engine.neural.model import build

SMALL = {"layers": "32", "batch_size": 64, "epochs": 3, "learning_rate": 0.005}
ON_IMAGES = [
    (Autoencoder, SMALL),
    (Autoencoder, SMALL | {"loss": "squared error", "latent_size": 3}),
    (DenoisingAutoencoder, SMALL),
    (DenoisingAutoencoder, SMALL | {"corruption": "masking"}),
    (ConvolutionalAutoencoder, {"epochs": 3, "channels": 2, "learning_rate": 0.005}),
    (VAE, SMALL),
    (VAE, SMALL | {"decoder": "gaussian", "standard_deviation": 0.3, "latent_size": 5}),
    (VAE, {"architecture": "convolutional", "epochs": 3}),
    (ConditionalVAE, SMALL),
    (ConditionalVAE, {"architecture": "convolutional", "epochs": 3}),
]
ON_POINTS = [(model, kw | {"epochs": 30}) for model, kw in ON_IMAGES if kw.get("layers")]


def name(case):
    return case[0].__name__ + "-" + "-".join(str(value) for value in case[1].values())


@pytest.fixture(params=ON_IMAGES + ON_POINTS, ids=[*map(name, ON_IMAGES), *(f"points-{name(c)}" for c in ON_POINTS)])
def case(request, digits, moons):
    model, hyperparameters = request.param
    data = moons if request.param in ON_POINTS else digits
    return model, hyperparameters, data, data.images if data is digits else data.x, data.labels


def test_estimate_encode_decode(case):
    model, hyperparameters, data, x, labels = case
    fitted = model(**hyperparameters)
    before = torch.random.get_rng_state()
    metrics = list(fitted.steps(data))
    per_epoch = -(-len(x) // fitted.hyperparameters.batch_size)
    assert [m["step"] for m in metrics] == list(range(1, 1 + per_epoch * fitted.hyperparameters.epochs))
    assert metrics[per_epoch - 1]["epoch"] == 1
    assert metrics[0]["epoch"] == pytest.approx(1 / per_epoch)
    assert all(type(value) is float for m in metrics for value in m.values())
    first, last = (np.mean([m["loss"] for m in part]) for part in (metrics[:per_epoch], metrics[-per_epoch:]))
    assert last < first
    codes = fitted.encode(x, labels)
    assert codes.shape == (len(x), fitted.latent_size)
    assert codes.dtype == np.float32
    rebuilt = fitted.decode(codes, labels)
    assert rebuilt.shape == x.shape
    assert rebuilt.dtype == np.float32
    if fitted.data_kind == "images":
        assert 0 <= rebuilt.min() <= rebuilt.max() <= 1
    np.testing.assert_array_equal(fitted.reconstruct(x, labels), rebuilt)
    assert fitted.n_parameters == sum(w.size for n, w in fitted.state().items() if not n.startswith("data."))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert fitted.encode(x[:0], labels[:0]).shape == (0, fitted.latent_size)


def test_a_seed_repeats_the_run_and_the_state_is_all_of_it(case):
    model, hyperparameters, data, x, labels = case
    hyperparameters = hyperparameters | {"epochs": 1}
    first = model(**hyperparameters).fit(data)
    torch.manual_seed(99)  # what others draw has no part in it
    second = model(**hyperparameters).fit(data)
    other = model(**hyperparameters, seed=1).fit(data)
    codes = first.encode(x, labels)
    np.testing.assert_array_equal(second.encode(x, labels), codes)
    assert not np.array_equal(other.encode(x, labels), codes)
    state = first.state()
    assert all(array.dtype == np.float32 for name, array in state.items() if not name.startswith("data."))
    again = model(**hyperparameters).load_state(state)
    np.testing.assert_array_equal(again.encode(x, labels), codes)
    np.testing.assert_array_equal(again.decode(codes, labels), first.decode(codes, labels))
    assert again.data_kind == first.data_kind
    # A state belongs to its caller: training on does not change it.
    kept = {name: array.copy() for name, array in state.items()}
    again.fit(data)
    assert all(np.array_equal(kept[name], state[name]) for name in kept)
    other.load_state(state)
    np.testing.assert_array_equal(other.encode(x, labels), codes)


@pytest.mark.parametrize("precision", ["float32", "reduced"])
def test_reduced_precision_repeats_and_puts_the_setting_back(digits, precision):
    setting = torch.backends.mkldnn.matmul
    before = setting.fp32_precision
    runs = [list(VAE(**SMALL, precision=precision).steps(digits)) for _ in range(2)]
    assert runs[0] == runs[1]
    assert setting.fp32_precision == before
    plain = list(VAE(**SMALL).steps(digits))
    assert runs[0][-1]["loss"] == pytest.approx(plain[-1]["loss"], rel=0.02)


def test_what_a_vae_trains_on_is_its_elbo(digits):
    *_, last = VAE(**SMALL, beta=2.0).steps(digits)
    assert last["loss"] == pytest.approx(last["reconstruction"] + 2 * last["kl"], rel=1e-5)
    model = VAE(**(SMALL | {"batch_size": 300, "learning_rate": 1e-9, "epochs": 1}))
    *_, last = model.steps(digits)
    terms = model.elbo_terms(digits, k=200)
    assert terms.kl.shape == (300, 2)
    assert -terms.elbo.mean() == pytest.approx(last["loss"], rel=2e-3)
    np.testing.assert_allclose(terms.elbo, model.elbo(digits, k=200))
    assert (model.log_prob(digits) > model.elbo(digits, k=200) - 0.5).all()
    mean, deviation = model.posterior(digits)
    np.testing.assert_allclose(terms.kl, 0.5 * (mean**2 + deviation**2 - 1 - 2 * np.log(deviation)), atol=1e-4)
    assert not model.active_units(digits).any()  # it has hardly begun


def test_points_are_scored_in_their_own_units(moons):
    """Scaling the points by s lowers every log-density by 2 log s and moves nothing else."""
    model, scaled = (VAE(**SMALL).fit(moons.x * s) for s in (1, 100))
    np.testing.assert_allclose(scaled.log_prob(moons.x * 100), model.log_prob(moons.x) - 2 * np.log(100), atol=1e-3)
    np.testing.assert_allclose(scaled.sample(10), 100 * model.sample(10), rtol=1e-3)


def test_samples_repeat_and_follow_the_model(digits, moons):
    model = VAE(**SMALL).fit(digits)
    assert model.sample(5, seed=1).shape == (5, 28, 28)
    np.testing.assert_array_equal(model.sample(5, seed=1), model.sample(5, seed=1))
    assert not np.array_equal(model.sample(5, seed=1), model.sample(5, seed=2))
    assert set(np.unique(model.sample(5, noise=True))) == {0.0, 1.0}
    points = VAE(**SMALL, standard_deviation=0.2).fit(moons)
    means, noisy = points.sample(20_000, noise=False), points.sample(20_000)
    np.testing.assert_allclose((noisy - means).std(axis=0), 0.2 * moons.x.std(axis=0), rtol=0.05)


def test_what_can_not_be_asked_is_explained():
    for model in (Autoencoder, ConvolutionalAutoencoder, DenoisingAutoencoder):
        assert not issubclass(model, Samples | Evaluates)
        assert model.cannot["sample"].endswith(".")
        assert model.cannot["evaluate"].endswith(".")
    assert "bound" in VAE.log_prob_note


def test_corruption_spoils_as_much_as_it_says(digits, moons):
    model = DenoisingAutoencoder(**SMALL, noise=0.3, corruption="masking").fit(digits)
    white = np.ones((50, 28, 28), np.float32)
    spoilt = model.corrupt(white, seed=1)
    assert set(np.unique(spoilt)) == {0.0, 1.0}
    assert (spoilt == 0).mean() == pytest.approx(0.3, abs=0.01)
    np.testing.assert_array_equal(spoilt, model.corrupt(white, seed=1))
    for noise, share in ((0.0, 0.0), (1.0, 1.0)):
        edge = DenoisingAutoencoder(**SMALL, noise=noise, corruption="masking").fit(digits)
        assert (edge.corrupt(white) == 0).mean() == share
    points = DenoisingAutoencoder(**SMALL, noise=0.3).fit(moons)
    x = np.tile(moons.x, (50, 1))
    np.testing.assert_allclose((points.corrupt(x) - x).std(axis=0), 0.3 * moons.x.std(axis=0), rtol=0.05)


def test_labels_tell_the_conditional_model_what_to_draw(digits):
    model = ConditionalVAE(layers="64", epochs=30, learning_rate=0.005).fit(digits)
    z = np.zeros((10, 2))
    means = np.stack([digits.images[digits.labels == k].mean(axis=0) for k in range(10)])
    drawn = model.decode(z, np.arange(10))
    distances = ((drawn[:, None] - means) ** 2).sum(axis=(2, 3))
    assert (distances.argmin(axis=1) == np.arange(10)).mean() >= 0.9
    np.testing.assert_allclose(model.decode(z, 3), model.decode(z, np.full(10, 3)))
    # The encoder hears the label too.
    assert not np.allclose(model.encode(digits.images[:5], 1), model.encode(digits.images[:5], 7))
    assert model.log_prob(digits.images, digits.labels).mean() > model.log_prob(digits.images, 0).mean()
    assert ConditionalVAE(**SMALL).fit(digits.images, digits.labels).sample(4, labels=2).shape == (4, 28, 28)


@pytest.mark.parametrize("model", [Autoencoder, DenoisingAutoencoder, ConvolutionalAutoencoder, VAE, ConditionalVAE])
@pytest.mark.parametrize(
    "bad",
    [
        [],
        [["a", "b"]],
        [[1.0, np.nan]] * 3,
        np.zeros((3, 4)),
        np.zeros((5, 2)),
        np.zeros((3, 14, 14)),
        np.full((3, 28, 28), 255),
        np.full((3, 28, 28), np.nan),
        np.zeros((1, 28, 28)),
    ],
    ids=lambda bad: str(np.shape(bad)),
)
def test_bad_data_gets_a_sentence(model, bad):
    with pytest.raises(DataError) as error:
        model().fit(bad, np.zeros(len(bad), int))
    assert str(error.value).endswith(".")


def test_bad_questions_get_a_sentence(digits, moons):
    for ask in (lambda m: m.encode(digits), lambda m: m.decode([[0.0, 0.0]]), lambda m: m.log_prob(digits)):
        with pytest.raises(DataError, match="fit"):
            ask(VAE())
    with pytest.raises(DataError, match="fit"):
        VAE().state()
    model = VAE(**SMALL).fit(digits)
    with pytest.raises(DataError, match="fitted to images"):
        model.encode(moons)
    for codes in ([[0.0]], [0.0, 0.0], [[np.nan, 0.0]], [["a", "b"]]):
        with pytest.raises(DataError, match=r"[Cc]odes"):
            model.decode(codes)
    with pytest.raises(DataError, match="does not fit"):
        VAE(**(SMALL | {"layers": "16"})).load_state(model.state())
    with pytest.raises(DataError, match="what data"):
        VAE().load_state({})
    with pytest.raises(DataError, match="neighbouring"):
        ConvolutionalAutoencoder().fit(moons)
    with pytest.raises(DataError, match="dense"):
        VAE(architecture="convolutional").fit(moons)
    with pytest.raises(DataError, match="at least one sample"):
        model.iwae(digits, k=0)


def test_bad_labels_get_a_sentence(digits):
    model = ConditionalVAE(**SMALL)
    with pytest.raises(DataError, match="needs a label"):
        model.fit(digits.images)
    for labels in (digits.labels[:5], digits.labels.astype(float), np.full(300, -1), np.full(300, 1000)):
        with pytest.raises(DataError, match="abel"):
            model.fit(digits.images, labels)
    model.fit(Images(digits.images, digits.labels, digits.class_names))
    for labels in (None, 10, [0, 1]):
        with pytest.raises(DataError, match=r"[Ll]abel"):
            model.encode(digits.images[:3], labels)


@pytest.mark.parametrize("layers", ["a", "0", "-1", "9999", "1,", "1;2", "²", "1,2,3,4,5,6,7"])
def test_bad_layers_get_a_sentence(layers):
    with pytest.raises(HyperparameterError) as error:
        VAE(layers=layers)
    assert error.value.fields["layers"].startswith("Layers should be")
    assert error.value.fields["layers"].endswith(".")


def test_layers_may_be_written_with_spaces():
    assert VAE(layers=" 256, 64 ").hyperparameters.layers == "256,64"
    with pytest.raises(HyperparameterError):
        Autoencoder(latent_size=-1)


def test_a_run_that_diverges_says_so(digits):
    with pytest.raises(DataError, match="NaN or infinite in step"):
        VAE(layers="32", learning_rate=1.0, epochs=20).fit(digits)


def test_a_run_is_resumed_by_pulling_on_under_no_grad(digits):
    whole = list(VAE(**SMALL).steps(digits))
    steps = VAE(**SMALL).steps(digits)
    pulled = [next(steps) for _ in range(4)]
    with torch.no_grad():
        pulled += list(steps)
    assert pulled == whole


def test_others_who_draw_meanwhile_change_no_weight():
    """Weights come from a generator of their own, not from the process's, though torch's layers know of no other."""
    torch.manual_seed(7)
    expected = nn.Sequential(nn.Linear(3, 4), nn.Conv2d(1, 2, 3), spectral_norm(nn.Linear(4, 4))).state_dict()
    other = threading.Event()

    def make():
        first = nn.Linear(3, 4)
        thread = threading.Thread(target=lambda: (torch.randn(5), other.set()))
        thread.start()
        thread.join()
        return nn.Sequential(first, nn.Conv2d(1, 2, 3), spectral_norm(nn.Linear(4, 4)))

    before = torch.manual_seed(3).get_state()
    made = build(make, 7).state_dict()
    assert other.is_set()
    for name, weights in expected.items():
        torch.testing.assert_close(made[name].cpu(), weights, rtol=0, atol=0)
    torch.randn(5, generator=(same := torch.Generator().manual_seed(3)))
    assert torch.equal(torch.get_rng_state(), same.get_state())  # only the other has drawn from it
    assert not torch.equal(torch.get_rng_state(), before)
