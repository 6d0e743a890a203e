"""Games: written-out passes against automatic differentiation, who learns, labels, seeds, settings, states."""

import numpy as np
import pytest
import torch

from engine.adversarial import DCGAN, GAN, VAEGAN, ConditionalGAN, gan
from engine.adversarial.objectives import OBJECTIVES
from engine.data import load_images
from engine.model import DataError, HyperparameterError
from engine.neural.optimisers import InPlaceRule, Rule

X = np.random.default_rng(0).normal(size=(300, 2)) * [1.0, 0.3]
LABELS = np.arange(300) % 2
SMALL = {"generator_layers": "8,8", "discriminator_layers": "8,8", "batch_size": 50}


def figures(model, x=X, labels=None):
    return [dict(step) for step in model.steps(x, labels)]


def by_autograd(monkeypatch):
    monkeypatch.setattr(gan, "suits", lambda options: False)


CHOICES = [
    # A ReLU that is on for a whole batch adds a constant, of which a critic's losses know nothing: Adam then follows
    # rounding errors, which no two programs share.
    *({"objective": name, "activation": "tanh" if OBJECTIVES[name].whole else "ReLU"} for name in OBJECTIVES),
    {"activation": "tanh", "optimiser": "SGD", "discriminator_learning_rate": 0.1, "generator_learning_rate": 0.03},
    {"activation": "leaky ReLU", "optimiser": "momentum", "momentum": 0.9, "discriminator_steps": 3},
    {"optimiser": "RMSprop", "noise": "uniform", "noise_size": 1, "label_smoothing": 0.1},
    {"averaging": 0.9, "historical_averaging": 0.1, "generator_layers": "", "discriminator_layers": ""},
    {"real_penalty": 0.1, "averaging": 0.9, "momentum": 0.0, "discriminator_layers": "8,8,8"},
    {"real_penalty": 1.0, "activation": "tanh", "instance_noise": 0.3, "discriminator_steps": 2},
    {"objective": "Wasserstein, gradient penalty", "real_penalty": 0.2, "activation": "tanh", "instance_noise": 0.1},
    {"objective": "Wasserstein, gradient penalty", "penalty": 10.0, "discriminator_steps": 2, "optimiser": "SGD"},
    {"instance_noise": 0.5, "label_smoothing": 0.1},
]


@pytest.mark.parametrize("choices", CHOICES, ids=[" ".join(map(str, choice.values())) for choice in CHOICES])
def test_the_written_out_game_is_the_one_by_autograd(choices, monkeypatch):
    model = GAN(iterations=15, **{**SMALL, **choices})
    fast = figures(model)
    drawn = model.sample(20)
    by_autograd(monkeypatch)
    slow_model = GAN(iterations=15, **{**SMALL, **choices})
    slow = figures(slow_model)
    for a, b in zip(fast, slow, strict=True):
        assert a.keys() == b.keys()
        np.testing.assert_allclose(list(a.values()), list(b.values()), rtol=2e-3, atol=2e-4)
    np.testing.assert_allclose(drawn, slow_model.sample(20), rtol=1e-2, atol=2e-3)


@pytest.mark.parametrize("name", ["Adam", "RMSprop"])
def test_where_no_gradient_is_no_step_and_a_tiny_one_takes_torchs(name):
    array, in_place = np.zeros(2, np.float32), InPlaceRule(name, 0.0, 2)
    direction, _ = Rule(name, 0.0).after(torch.tensor([0.0, 1e-8]))
    in_place.step(array, np.array([0, 1e-8], np.float32), 1.0)
    expected = 0.5 if name == "Adam" else 1 / (0.01**0.5 + 1)
    np.testing.assert_allclose(-array, [0, expected], rtol=1e-4)
    np.testing.assert_allclose(direction, [0, expected], rtol=1e-4)


@pytest.mark.parametrize(("objective", "choices"), [
    ("non-saturating", {"real_penalty": 0.1, "averaging": 0.995, "momentum": 0.0}),
    ("Wasserstein, gradient penalty", {"activation": "tanh"}),
])  # fmt: skip
def test_fifty_iterations_by_hand_are_those_by_autograd_to_rounding(objective, choices, monkeypatch):
    layers = {"generator_layers": "32,32", "discriminator_layers": "32,32", "batch_size": 64}
    models = []
    for by in (lambda: None, lambda: by_autograd(monkeypatch)):
        by()
        models.append(GAN(objective=objective, iterations=50, **layers, **choices))
        last = figures(models[-1])[-1]
    mine, theirs = (model.state() for model in models)
    assert last["iteration"] == 50
    for name, value in theirs.items():
        np.testing.assert_allclose(mine[name], value, rtol=1e-3, atol=2e-4)


@pytest.mark.parametrize("objective", ["Wasserstein, gradient penalty", "hinge"])
def test_a_critics_level_does_not_follow_rounding_errors(objective):
    model = GAN(objective=objective, iterations=20, generator_learning_rate=1e-9, **{**SMALL, "batch_size": 47})
    steps = model.steps(X)
    next(steps)
    before = model.discriminator.head.bias.item()
    for _ in steps:
        pass
    assert model.discriminator.head.bias.item() == before


def test_the_conditional_game_is_the_one_by_autograd_too(monkeypatch):
    fast = figures(ConditionalGAN(iterations=10, **SMALL), X, LABELS)
    by_autograd(monkeypatch)
    slow = figures(ConditionalGAN(iterations=10, **SMALL), X, LABELS)
    np.testing.assert_allclose([*fast[-1].values()], [*slow[-1].values()], rtol=2e-3, atol=2e-4)


@pytest.mark.parametrize("name", ["SGD", "momentum", "RMSprop", "Adam"])
def test_update_rules_are_torchs(name):
    start = torch.randn(7, generator=torch.Generator().manual_seed(0))
    theirs = start.clone().requires_grad_()
    makers = {
        "SGD": lambda p: torch.optim.SGD(p, lr=0.1),
        "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.8),
        "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.1),
        "Adam": lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.999)),
    }
    optimiser, rule, mine = makers[name]([theirs]), Rule(name, 0.8), start.clone()
    in_place, array = InPlaceRule(name, 0.8, 7), start.numpy().copy()
    for _ in range(5):
        optimiser.zero_grad()
        theirs.pow(4).sum().backward()
        optimiser.step()
        direction, rule = rule.after(4 * mine**3)
        mine = mine - 0.1 * direction
        in_place.step(array, 4 * array**3, 0.1)
    torch.testing.assert_close(mine, theirs.detach(), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(array, mine, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("more", [{}, {"unrolled_steps": 1}], ids=["written out", "by autograd"])
@pytest.mark.parametrize(("who", "still"), [("generator", "discriminator"), ("discriminator", "generator")])
def test_who_does_not_learn_stays_as_it_was_to_the_bit(who, still, more):
    model = GAN(iterations=6, **SMALL, **more)
    steps = model.steps(X)
    for _ in range(3):
        next(steps)
    before = model.state()
    model.tune(updates=who)
    next(steps)
    after = model.state()
    changed = {name.split(".")[0] for name in before if not np.array_equal(before[name], after[name])}
    assert changed == {who}
    assert still not in changed


def test_learning_rates_can_change_under_way_and_the_objective_cannot():
    model = GAN(iterations=4, **SMALL)
    steps = model.steps(X)
    next(steps)
    before = model.state()
    model.tune(discriminator_learning_rate=1e-12, generator_learning_rate=1e-12, discriminator_steps=2)
    epoch = next(steps)["epoch"]
    assert epoch == pytest.approx(3 * 50 / 300)
    for name, value in model.state().items():
        np.testing.assert_allclose(value, before[name], atol=1e-7)
    with pytest.raises(DataError, match="objective"):
        model.tune(objective="hinge")
    with pytest.raises(HyperparameterError):
        model.tune(generator_learning_rate=-1)


def test_the_same_seed_repeats_the_game_and_another_does_not():
    first, again, other = (GAN(iterations=5, seed=seed, **SMALL) for seed in (1, 1, 2))
    assert figures(first) == figures(again)
    assert figures(other) != figures(again)
    np.testing.assert_array_equal(first.sample(5, seed=3), again.sample(5, seed=3))


def test_a_game_learns_a_gaussian():
    model = GAN(
        objective="non-saturating", iterations=1500, batch_size=128, generator_layers="32", discriminator_layers="32",
        real_penalty=0.1, averaging=0.99, momentum=0.0,
    ).fit(X)  # fmt: skip
    drawn = model.sample(4000)
    np.testing.assert_allclose(drawn.mean(axis=0), X.mean(axis=0), atol=0.15)
    np.testing.assert_allclose(drawn.std(axis=0), X.std(axis=0), rtol=0.25)


def test_a_conditional_generator_makes_what_its_label_says():
    centres = np.array([[-3.0, 0.0], [3.0, 1.0]])
    x = centres[LABELS] + 0.2 * np.random.default_rng(1).normal(size=(300, 2))
    model = ConditionalGAN(
        iterations=800, batch_size=100, generator_layers="16", discriminator_layers="32", real_penalty=0.1,
        discriminator_learning_rate=5e-3, generator_learning_rate=5e-3, momentum=0.0,
    ).fit(x, LABELS)  # fmt: skip
    for label in (0, 1):
        np.testing.assert_allclose(model.sample(500, labels=label).mean(axis=0), centres[label], atol=0.6)
    at = model.discriminate(centres, [0, 1]), model.discriminate(centres, [1, 0])
    assert (at[0] > at[1]).all()  # the pair belongs together, or it does not
    with pytest.raises(DataError, match="label"):
        model.generate(np.zeros((2, 2)))


STATES = [
    (GAN, {}), (GAN, {"averaging": 0.9, "spectral_normalisation": True, "minibatch_discrimination": True}),
    (GAN, {"virtual_batch_normalisation": True}), (GAN, {"batch_normalisation": True}), (ConditionalGAN, {}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "options"), STATES)
def test_a_state_makes_the_same_model(kind, options):
    labels = LABELS if kind.conditional else None
    model = kind(iterations=3, **SMALL, **options).fit(X, labels)
    other = kind(iterations=3, **SMALL, **options).load_state(model.state())
    few = None if labels is None else labels[:20]
    np.testing.assert_array_equal(model.sample(20, labels=few), other.sample(20, labels=few))
    np.testing.assert_allclose(model.discriminate(X[:20], few), other.discriminate(X[:20], few), rtol=1e-5)
    with pytest.raises(DataError, match="does not fit"):
        kind(iterations=3, **{**SMALL, "generator_layers": "9"}).load_state(model.state())


@pytest.mark.parametrize("kind", [GAN, ConditionalGAN, DCGAN, VAEGAN])
def test_images_go_through_the_same_classes(kind):
    train, _ = load_images("mnist")
    model = kind(iterations=2, batch_size=16)
    few = type(train)(train.images[:64], train.labels[:64], train.class_names)
    steps = figures(model, few)
    assert all(np.isfinite(value) for step in steps for value in step.values())
    drawn = model.sample(3, labels=[1, 2, 3] if kind.conditional else None)
    assert drawn.shape == (3, 28, 28)
    assert 0 <= drawn.min() <= drawn.max() <= 1
    with pytest.raises(DataError, match="Only points have arrows"):
        model.generator_arrows()


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_arrows_point_down_the_generators_loss(objective):
    model = GAN(objective=objective, activation="tanh", iterations=30, **SMALL).fit(X)
    arrows = model.generator_arrows(8, seed=1)
    raw = model.objective
    network = model.discriminator.double().eval()

    def loss(points):
        rows = torch.from_numpy((points - model.space.frame.centre) / model.space.frame.scale)
        return raw.generator.value(network(rows).detach().numpy())

    points = arrows[:, :2].astype(float)
    for axis in (0, 1):
        nudge = np.eye(2)[axis] * 1e-4
        slope = (loss(points + nudge) - loss(points - nudge)) / 2e-4
        np.testing.assert_allclose(arrows[:, 2 + axis], -slope, rtol=2e-3, atol=1e-4)


def test_a_game_that_runs_away_stops_with_a_sentence():
    model = GAN(objective="f-GAN KL", optimiser="SGD", discriminator_learning_rate=1.0, iterations=500, **SMALL)
    with (
        pytest.raises(DataError, match=r"NaN or infinite at iteration \d+.*learning rate"),
        np.errstate(all="ignore"),
    ):
        model.fit(1e3 * X)


@pytest.mark.parametrize("name", ["momentum", "RMSprop", "Adam"])
def test_a_rule_forgets_what_is_too_small_to_matter(name):
    """Else the memory of a unit that no longer fires stays at float32's denormals, on which many processors crawl."""
    decay, size = 0.9, 6
    in_place, weights = InPlaceRule(name, decay, size), np.ones(size, np.float32)
    rule, still = Rule(name, decay), torch.zeros(size)
    slope = np.full(size, 1e-3, np.float32)
    for step in range(1500 if name != "RMSprop" else 9000):
        slope[:] = 1e-3 if step < 3 else 0
        in_place.step(weights, slope, 0.1)
        _, rule = rule.after(torch.from_numpy(slope) + still)
    tiny = np.finfo(np.float32).tiny
    for memory in (in_place._sum, in_place._squares, *map(np.asarray, rule.memory)):
        assert not ((memory != 0) & (np.abs(memory) < tiny)).any()
    assert np.isfinite(weights).all()
