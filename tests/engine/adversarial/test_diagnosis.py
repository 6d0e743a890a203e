"""Sentences on what goes wrong: each on a history that has it, none on one that has not."""

import numpy as np
import pytest

from engine.adversarial.views.diagnosis import EARLY, diagnose, diagnoses, sentences
from engine.evaluation.sample_distances import MEASURES
from engine.training import Snapshot

N = 60
CLOUD = np.random.default_rng(0).normal(size=(100, 2))
HEALTHY = {
    "discriminator_loss": 1.386, "generator_loss": 0.693, "real_score": 0.52, "fake_score": 0.48,
    "discriminator_gradient": 0.3, "generator_gradient": 0.2,
}  # fmt: skip


def history(n=N, measures=None, cloud=lambda t: CLOUD, **figures):
    """Make n snapshots from functions of t in [0, 1], or constants."""

    def at(value, t):
        return value(t) if callable(value) else value

    made = []
    for k in range(n):
        t = k / max(n - 1, 1)
        averages = {name: float(at(value, t)) for name, value in {**HEALTHY, **figures}.items()}
        views = {"generated": np.asarray(cloud(t), np.float32)}
        if measures:
            values = {"kl": 0.1, "js": 0.02, "w1": 0.2, **{name: at(value, t) for name, value in measures.items()}}
            views["measures"] = np.array([values.get(name, 0.0) for name in MEASURES], np.float32)
        made.append(Snapshot(k + 1, (k + 1) / 10, 0.0, averages, averages, views))
    return made


def test_a_healthy_game_needs_no_words():
    assert diagnose([]) is None
    assert diagnose(history()) is None
    assert diagnose(history(measures={"modes": 8, "n_modes": 8, "high_quality": 0.95})) is None
    spreading = history(cloud=lambda t: (0.1 + t) * CLOUD, generator_gradient=lambda t: 2 - t)
    assert diagnose(spreading) is None


def test_vanishing_gradient():
    found = diagnose(history(real_score=0.999, fake_score=0.001, generator_gradient=lambda t: np.exp(-10 * t)))
    assert found.kind == "vanishing gradient"
    assert "1.00 against 0.00" in found.sentence
    # A discriminator as good whose gradient still teaches is none, and neither is a small gradient of a fair game.
    assert diagnose(history(real_score=0.999, fake_score=0.001)) is None
    assert diagnose(history(generator_gradient=lambda t: np.exp(-10 * t))) is None


def test_mode_collapse_by_modes_and_by_spread():
    found = diagnose(history(measures={"modes": 3, "n_modes": 8, "high_quality": 0.9}))
    assert found.kind == "mode collapse"
    assert "3 of 8 modes" in found.sentence
    assert "90 %" in found.sentence
    # Not yet there is not collapsed.
    assert diagnose(history(measures={"modes": 0, "n_modes": 8, "high_quality": 0.1})) is None
    found = diagnose(history(cloud=lambda t: np.exp(-4 * t) * CLOUD))
    assert found.kind == "mode collapse"
    assert "of their largest spread" in found.sentence


def test_divergence_by_gradients_and_by_distance():
    for name in ("discriminator_gradient", "generator_gradient"):
        found = diagnose(history(**{name: lambda t: 0.1 if t < 0.8 else 50.0}))
        assert found.kind == "divergence"
        assert name.replace("_", "'s ") in found.sentence
    found = diagnose(history(measures={"w1": lambda t: 1 + 10 * t}))
    assert found.kind == "divergence"
    assert "from 1 to 11" in found.sentence


@pytest.mark.parametrize(("decay", "kind"), [(0.0, "oscillation"), (6.0, None)])
def test_oscillation_is_a_swing_that_does_not_die_out(decay, kind):
    def swing(t):
        return 0.3 * CLOUD + np.exp(-decay * t) * np.sin(40 * t) * np.array([2, 1])

    found = diagnose(history(cloud=swing))
    assert (found.kind if found else None) == kind
    if found:
        assert "±2" in found.sentence


def test_a_drift_is_no_oscillation():
    assert diagnose(history(cloud=lambda t: 0.3 * CLOUD + 3 * t)) is None


def test_nothing_is_said_at_the_very_start_or_of_what_is_not_kept():
    bad = history(real_score=0.999, fake_score=0.001, generator_gradient=lambda t: np.exp(-10 * t))
    assert diagnose(bad[: EARLY - 1]) is None
    bare = [Snapshot(s.step, s.epoch, s.seconds, {}, {}, {}) for s in bad]
    assert diagnose(bare) is None


def about(threshold, by, seed):
    """Return a function of t that wanders about a threshold from snapshot to snapshot."""
    values = threshold * (1 + by * np.random.default_rng(seed).uniform(-1, 1, N))
    return lambda t: values[round(t * (N - 1))]


def late(value, before=0.0):
    """Begin with `before`, and be `value` from a third of the way on."""
    return lambda t: value(t) if t > 1 / 3 else before


VANISHING = {"real_score": 0.999, "fake_score": 0.001}


def hovering(seed):
    """Return histories by name, in each of which one figure wanders about the threshold of its sentence."""
    alone, eight = {"modes": 1, "n_modes": 8}, {"n_modes": 8, "high_quality": 0.9}
    faded = {"generator_gradient": late(lambda t: 0.01, 1.0)}
    spread = late(about(0.15, 0.3, seed), 1.0)
    swing = about(0.57, 0.15, seed)  # √2 · 0.4 of the spread
    return {
        "modes": history(measures={**eight, "modes": lambda t: about(5.9, 0.1, seed)(t) // 1}),
        "quality": history(measures={**alone, "high_quality": about(0.5, 0.5, seed)}),
        "spread": history(cloud=lambda t: spread(t) * CLOUD),
        "scores": history(real_score=lambda t: 1 - about(0.045, 0.5, seed)(t), fake_score=0.0, **faded),
        "gradient": history(**VANISHING, generator_gradient=late(about(0.1, 0.4, seed), 1.0)),
        "blown up": history(discriminator_gradient=lambda t: about(100, 0.5, seed)(t) if t > 0.7 else 1.0),
        "w1": history(measures={"w1": late(about(5.0, 0.19, seed), 1.0)}),
        "swing": history(cloud=lambda t: CLOUD + np.array([2**0.5 * swing(t) * np.sin(40 * t), 0])),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(10))
def test_a_figure_about_its_threshold_makes_no_sentence_come_and_go(seed):
    for name, snapshots in hovering(seed).items():
        said = [found is not None for found in diagnoses(snapshots)]
        assert np.count_nonzero(np.diff(said)) <= 1, name


def test_a_cloud_on_its_way_between_modes_is_still_collapsed():
    """It hops every tenth snapshot, and then lies on no mode at all for three."""
    hops = history(
        measures={"modes": 1, "n_modes": 8, "high_quality": lambda t: 0.0 if t * (N - 1) % 10 < 3 else 0.9}
    )
    assert [found is not None for found in diagnoses(hops)[45:]] == [True] * (N - 45)
    assert diagnose(hops[:51]).sentence.startswith("Mode collapse: the generator covers 1 of 8 modes, with 0 %")


def test_a_crowd_that_swells_on_its_way_is_still_collapsed():
    """It pulses every twentieth snapshot: to half its largest spread for eight of them, else a twentieth."""
    pulses = history(n=140, cloud=lambda t: (1 if t < 0.3 else 0.5 if round(t * 139) % 20 < 8 else 0.05) * CLOUD)
    said = [found is not None for found in diagnoses(pulses)]
    assert all(said[said.index(True) :])
    assert said.index(True) < 60


def test_what_is_over_is_no_longer_said():
    healed = history(n=120, measures={"modes": lambda t: 1 + 7 * (t > 0.6), "n_modes": 8, "high_quality": 0.9})
    found = diagnoses(healed)
    assert found[70].kind == "mode collapse"
    assert found[80] is None
    assert (
        diagnoses(history(n=120, **VANISHING, generator_gradient=lambda t: 0.01 if 0.1 < t < 0.6 else 1))[-1] is None
    )


def test_a_moment_looked_back_at_has_the_sentence_it_had():
    for snapshots in hovering(0).values():
        assert diagnoses(snapshots) == [diagnose(snapshots[: k + 1]) for k in range(N)]
    assert diagnoses([]) == []


def test_every_moment_has_a_sentence_which_is_empty_where_nothing_was_wrong():
    ill = history(measures={"modes": 3, "n_modes": 8, "high_quality": 0.9})
    said = sentences(ill)
    assert said == [diagnose(ill[: k + 1]).sentence if k >= 39 else "" for k in range(N)]
    assert sentences(history()) == [""] * N
    assert sentences([]) == []
