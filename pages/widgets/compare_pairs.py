"""Comparisons to start from: those of the lessons, each stabiliser with and without, and one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.adversarial.lessons import LESSONS

WITHOUT = "Without and with "
SMALL = {"generator_layers": "64,64", "discriminator_layers": "64,64", "iterations": 4000}


@dataclass(frozen=True)
class Pair:
    """Hold a comparison: its data, the settings that all games share, and those of each game.

    `n` points of the preset `data` at `noise`, None for the preset's own. `name` stands in links.
    """

    name: str
    title: str
    idea: str
    data: str
    shared: Mapping[str, Any]
    games: tuple[Mapping[str, Any], ...]
    n: int = 2000
    noise: float | None = None


def _of_lessons() -> dict[str, Pair]:
    return {
        one.title: Pair(
            one.name,
            one.title,
            f"{one.idea} {one.watch}",
            one.data,
            one.hyperparameters,
            tuple(one.compare),
            one.n,
            one.noise,
        )
        for one in LESSONS
        if len(one.compare) > 1
    }


def _stabiliser(name: str, value: Any, idea: str) -> Pair:
    words = name.replace("_", " ")
    return Pair(name, f"{WITHOUT}{words}", idea, "eight_gaussians", SMALL, ({name: type(value)(0)}, {name: value}))


OBJECTIVES = (
    Pair(
        "saturation",
        "Minimax against non-saturating",
        "Minimax lets G's gradient fade while D still tells its points apart with ease; the non-saturating loss does "
        "not. Watch how the two start, and G's gradient.",
        "gan_lab_gaussians",
        {"generator_layers": "8,8", "discriminator_layers": "8,8", "iterations": 4000},
        ({"objective": "minimax"}, {"objective": "non-saturating"}),
    ),
    Pair(
        "lipschitz",
        "Clipping against gradient penalty",
        "Both keep a Wasserstein critic from growing too steep: one bounds its weights, the other its gradient. "
        "Watch how simple a field the clipped critic is left with.",
        "eight_gaussians",
        {**SMALL, "discriminator_steps": 5, "iterations": 2000},
        ({"objective": "Wasserstein, clipped"}, {"objective": "Wasserstein, gradient penalty"}),
    ),
)
STABILISERS = (
    _stabiliser("real_penalty", 0.1, "R₁ makes D flat around the data, so that the game can come to rest there."),
    _stabiliser("instance_noise", 0.5, "Noise on all that D sees, fading out, gives both sides something in common."),
    _stabiliser("spectral_normalisation", True, "Every layer of D is kept from stretching any direction."),
    _stabiliser("unrolled_steps", 3, "G looks a few steps of D ahead, and does not rush to where D is weak now."),
    _stabiliser("minibatch_discrimination", True, "D sees how alike a batch is, so that a collapsed G is found out."),
    _stabiliser("feature_matching", True, "G matches the mean of D's features instead of fooling its last answer."),
    _stabiliser("label_smoothing", 0.1, "D is asked for 0.9 on real points, not 1, and stays less sure of itself."),
    _stabiliser("historical_averaging", 0.1, "Each player is held near the mean of its past, which damps circling."),
    _stabiliser("virtual_batch_normalisation", True, "G's layers are normalised by one fixed batch of noise."),
    _stabiliser("batch_normalisation", True, "G's layers are normalised over each batch."),
    _stabiliser("averaging", 0.995, "What is shown is a moving average of G's weights; the game itself is the same."),
)
OWN = Pair(
    "own",
    "My own comparison",
    "Any settings beside any others: choose what differs, and give each game its own.",
    "gan_lab_gaussians",
    SMALL,
    ({"objective": "minimax"}, {"objective": "non-saturating"}),
)
PAIRS: Mapping[str, Pair] = {
    **{one.title: one for one in OBJECTIVES},
    **_of_lessons(),
    **{one.title: one for one in (*STABILISERS, OWN)},
}
