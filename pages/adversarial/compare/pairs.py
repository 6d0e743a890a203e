"""Comparisons to start from: those of the lessons, each stabiliser with and without, and one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.adversarial import GAN
from engine.adversarial.lessons import LESSONS, Lesson

BY_NAME = {lesson.name: lesson for lesson in LESSONS}
COLLAPSING, OSCILLATING = BY_NAME["mode_collapse"], BY_NAME["oscillation"]
VANISHING = BY_NAME["vanishing_gradient"]


@dataclass(frozen=True)
class Pair:
    """Hold a comparison: its data, and the settings of each game that are not a GAN's own.

    `n` points of the preset `data` at `noise`, None for the preset's own. `name` stands in links; `sides` are what
    the games are called, else their differences are.
    """

    name: str
    title: str
    idea: str
    data: str
    games: tuple[Mapping[str, Any], ...]
    n: int = 1000
    noise: float | None = None
    sides: tuple[str, ...] = ()

    def value(self, game: int, field: str) -> Any:
        """Return the value of a hyperparameter in one of the games; one that is not there yet is the last's copy."""
        chosen = self.games[min(game, len(self.games) - 1)]
        return chosen.get(field, GAN.Hyperparameters.model_fields[field].default)

    @property
    def differing(self) -> list[str]:
        """The hyperparameters in which the games differ."""
        games = range(len(self.games))
        return [
            field
            for field in GAN.Hyperparameters.model_fields
            if any(self.value(game, field) != self.value(0, field) for game in games)
        ]


def _of_lesson(one: Lesson) -> Pair:
    return Pair(
        one.name, one.title, f"{one.idea} {one.watch}", one.data, tuple(one.compare), one.n, one.noise, one.sides
    )


def _beside(first: Lesson, second: Lesson, title: str, sides: tuple[str, str]) -> Pair:
    """Put two lessons on the same data beside each other."""
    both = (first.hyperparameters, second.hyperparameters)
    return Pair(second.name, title, second.idea, second.data, both, second.n, second.noise, sides)


def _stabiliser(name: str, value: Any, idea: str, of: Lesson = COLLAPSING) -> Pair:
    """Play a lesson's game, or the first of its games, without and with one stabiliser."""
    base, words = of.compare[0] if of.compare else of.hyperparameters, name.replace("_", " ")
    games = (base, {**base, name: value})
    said = "with" if isinstance(value, bool) else f"{words} {value:g}"
    return Pair(name, f"With and without {words}", idea, of.data, games, of.n, of.noise, ("without", said))


STABILISERS = (
    _stabiliser(
        "real_penalty",
        1.0,
        "R₁ keeps D's slope at the data small. For a few seeds that calms the game and the points spread over "
        "several modes; for most the generator is too deep and they go on hopping as one crowd.",
    ),
    _stabiliser(
        "instance_noise",
        0.3,
        "Noise on all that D sees, fading out, gives both sides something in common: D is less sure, so that G keeps "
        "a slope even under minimax, and reaches a group of points.",
        VANISHING,
    ),
    _stabiliser(
        "spectral_normalisation",
        True,
        "Every layer of D is kept from stretching any direction, so that it can't get sure of itself: G keeps a "
        "slope even under minimax, and moves.",
        VANISHING,
    ),
    _stabiliser(
        "unrolled_steps",
        3,
        "G looks a few steps of D ahead, and does not rush to where D is weak now: for most seeds its points stay "
        "spread, or spread again, and at times lie on several modes; for some they crowd all the same.",
    ),
    _stabiliser(
        "minibatch_discrimination",
        True,
        "D sees how alike a batch is, so that a collapsed G is found out: its points stay spread among all modes, "
        "though at most times not on every one.",
    ),
    _stabiliser(
        "feature_matching",
        True,
        "G matches the mean of D's features instead of fooling its last answer: it spreads over most modes, but its "
        "points lie less sharply on them.",
    ),
    _stabiliser(
        "label_smoothing",
        0.1,
        "D is asked for 0.9 on real points, not 1, and stays less sure of itself: see what it says of real points, "
        "and the generator's gradient, which is small all the same.",
        VANISHING,
    ),
    _stabiliser(
        "historical_averaging",
        0.1,
        "Each player is held near the mean of its past, which damps circling: on the right it is over within two "
        "hundred iterations.",
        OSCILLATING,
    ),
    _stabiliser(
        "virtual_batch_normalisation",
        True,
        "One fixed batch of noise normalises G's layers, which keeps its points apart: most modes are covered.",
    ),
    _stabiliser(
        "averaging",
        0.995,
        "What is shown is a moving average of G's weights; the game itself is the same. The average glides where G "
        "hops, and so does not cure it.",
    ),
)
CRITIC = {**COLLAPSING.hyperparameters, "generator_learning_rate": 1e-3, "discriminator_steps": 5, "iterations": 1500}
CLIPPED = Pair(
    "clipping",
    "Clipping against gradient penalty",
    "Both keep a Wasserstein critic from growing too steep: one bounds its weights, the other its gradient. Watch "
    "how simple a field the clipped critic is left with.",
    "eight_gaussians",
    (
        {**CRITIC, "objective": "Wasserstein, clipped"},
        {**CRITIC, "objective": "Wasserstein, gradient penalty"},
    ),
    2000,
)
OWN = Pair(
    "own",
    "My own comparison",
    "Any settings beside any others: choose what differs, and give each game its own.",
    "gan_lab_gaussians",
    tuple(
        {**BY_NAME["gan_lab_gaussians"].hyperparameters, "objective": one} for one in ("minimax", "non-saturating")
    ),
)
CURED = _beside(
    COLLAPSING, BY_NAME["mode_collapse_cured"], "Mode collapse and its cure", ("collapsing", "cured by R₁")
)
PAIRS: Mapping[str, Pair] = {
    one.title: one
    for one in (*(_of_lesson(one) for one in LESSONS if one.compare), CURED, CLIPPED, *STABILISERS, OWN)
}
