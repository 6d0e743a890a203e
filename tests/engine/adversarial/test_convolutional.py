"""DCGAN and VAE/GAN: shapes, what learns from what, and states that round-trip."""

import numpy as np
import pytest
import torch

from engine.adversarial import DCGAN, VAEGAN
from engine.adversarial.convolutions import ConvolutionalDiscriminator, ConvolutionalGenerator
from engine.data import load_images, load_points
from engine.model import DataError

SMALL = {"generator_channels": 4, "discriminator_channels": 4, "batch_size": 32}
BOTH = pytest.mark.parametrize("model", [DCGAN, VAEGAN])


@pytest.fixture(scope="module")
def digits():
    return load_images("mnist")[0].images[:200]


def test_the_players_are_those_of_the_paper():
    generator, discriminator = ConvolutionalGenerator(2, 8), ConvolutionalDiscriminator(8, normalise=True)
    kinds = [type(layer).__name__ for layer in generator.layers]
    assert kinds.count("ConvTranspose2d") == 2
    assert kinds[-2:] == ["Tanh", "Flatten"]
    norms = [m for m in (*generator.modules(), *discriminator.modules()) if isinstance(m, torch.nn.BatchNorm2d)]
    assert norms
    assert all((norm.momentum, norm.eps) == (0.1, 1e-5) for norm in norms)  # often confused
    leaks = [m.negative_slope for m in discriminator.modules() if isinstance(m, torch.nn.LeakyReLU)]
    assert set(leaks) == {0.2}
    rows = generator(torch.randn(5, 2))
    assert rows.shape == (5, 784)
    assert rows.abs().max() <= 1
    assert discriminator.features(rows).shape == (5, 16 * 49)
    torch.testing.assert_close(discriminator.read(discriminator.features(rows)), discriminator(rows))


@BOTH
def test_a_short_training_repeats_and_its_state_round_trips(model, digits):
    first, second = (list(model(**SMALL, iterations=4).steps(digits)) for _ in range(2))
    assert first == second
    assert first[0]["iteration"] == 1
    assert first[-1]["epoch"] == pytest.approx(4 * 32 / 200)
    fitted = model(**SMALL, iterations=4).fit(digits)
    images = fitted.sample(6, seed=1)
    assert images.shape == (6, 28, 28)
    assert images.dtype == np.float32
    assert 0 <= images.min() <= images.max() <= 1
    np.testing.assert_array_equal(fitted.generate(fitted.draw_noise(6, seed=1)), images)
    scores = fitted.discriminate(digits[:7])
    assert scores.shape == (7,)
    assert ((scores > 0) & (scores < 1)).all()
    again = model(**SMALL).load_state(fitted.state())
    np.testing.assert_array_equal(again.sample(6, seed=1), images)
    np.testing.assert_array_equal(again.discriminate(digits[:7]), scores)


@BOTH
def test_only_the_player_whose_turn_it_is_learns(model, digits):
    for updates, still in (("discriminator", ("generator.", "encoder.")), ("generator", ("discriminator.",))):
        fitted = model(**SMALL, iterations=5, updates=updates)
        steps = fitted.steps(digits)
        next(steps)
        before = fitted.state()
        next(steps)
        after = fitted.state()
        for name, weights in before.items():
            # Counters of batches seen may go on: nothing depends on them.
            if name.startswith("data.") or name.endswith("num_batches_tracked"):
                continue
            assert np.array_equal(after[name], weights) == name.startswith(still), name


@BOTH
def test_points_have_no_pixels(model):
    with pytest.raises(DataError, match="need images"):
        model(iterations=1).fit(load_points("two_moons", n=50).x)


def test_gradient_penalties_work_on_convolutions(digits):
    settings = {"real_penalty": 1.0}, {"objective": "Wasserstein, gradient penalty"}
    for chosen in settings:
        figures = list(DCGAN(**SMALL, **chosen, iterations=2).steps(digits))
        assert all(np.isfinite(value) for value in figures[-1].values())


class TestVAEGAN:
    @pytest.fixture
    def game(self, digits):
        model = VAEGAN(**SMALL, objective="minimax", reconstruction_weight=0.3, iterations=3)
        return model._start(model._read_examples(digits, None))

    def test_each_part_learns_from_its_own_losses_only(self, game, digits):
        """Algorithm 1: the encoder prior + like, the decoder γ like − game, the discriminator the game."""
        parts = {part: getattr(game, part) for part in ("encoder", "generator", "discriminator")}
        x, z, noise = torch.tensor(2 * digits[:32].reshape(32, -1) - 1), torch.randn(32, 16), torch.randn(32, 16)
        losses, _ = game.losses(x, z, noise)
        gradients = game.gradients(losses)
        prior, like, adversarial = losses["prior"], losses["reconstruction"], losses["discriminator_loss"]
        wanted = {"encoder": prior + like, "generator": 0.3 * like - adversarial, "discriminator": adversarial}
        for part, loss in wanted.items():
            parameters = parts[part].parameters
            expected = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)
            expected = torch.cat([g.reshape(-1) for g in expected])
            torch.testing.assert_close(gradients[part], expected, rtol=1e-4, atol=1e-5)
            assert expected.norm() > 0

    def test_losses_are_their_formulas(self, game, digits):
        x, z, noise = torch.tensor(2 * digits[:32].reshape(32, -1) - 1), torch.randn(32, 16), torch.randn(32, 16)
        losses, scores = game.losses(x, z, noise)
        encoder, generator, discriminator = (
            getattr(game, part).network for part in ("encoder", "generator", "discriminator")
        )
        mean, log_variance = encoder(x)
        q = torch.distributions.Normal(mean, (0.5 * log_variance).exp())
        prior = torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0)).sum(1).mean()
        rows = torch.cat([x, generator(torch.cat([mean + q.scale * noise, z]))])  # one batch for its normalisation
        features, rebuilt_features, _ = discriminator.features(rows).split(32)
        like = -torch.distributions.Normal(rebuilt_features, 1.0).log_prob(features)
        like = (like.sum(1) - 0.5 * 8 * 49 * np.log(2 * np.pi)).mean()
        d_real, d_rebuilt, d_drawn = torch.sigmoid(discriminator(rows)).split(32)
        value = d_real.log().mean() + (1 - d_rebuilt).log().mean() + (1 - d_drawn).log().mean()
        for name, expected in (("prior", prior), ("reconstruction", like), ("discriminator_loss", -value)):
            torch.testing.assert_close(losses[name], expected, rtol=1e-4, atol=1e-5)
        assert scores["real_score"] == pytest.approx(d_real.mean().item(), rel=1e-5)

    def test_it_encodes_and_learns_to_reconstruct(self, digits):
        model = VAEGAN(**SMALL, reconstruction_weight=1.0, generator_learning_rate=2e-3, iterations=60)
        errors = []
        for step, _ in enumerate(model.steps(digits)):
            if step in (0, 59):
                errors.append(np.square(model.reconstruct(digits[:50]) - digits[:50]).mean())
        assert errors[1] < 0.85 * errors[0]
        codes = model.encode(digits[:5])
        assert codes.shape == (5, 16)
        np.testing.assert_array_equal(model.decode(codes), model.generate(codes))
