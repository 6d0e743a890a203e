"""Games that teach: each one data set, its settings, one sentence on the idea and one on what to watch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Choices = Mapping[str, Any]


@dataclass(frozen=True)
class Lesson:
    """Describe a game that shows one thing.

    `idea` and `watch` are a sentence each; `data` is a preset's name, drawn with n points at `noise` (its own for
    None). `hyperparameters` are those of a `GAN` that are not its defaults. A lesson that is a comparison has those
    of each game in `compare`, named by `sides`; its `hyperparameters` are then the first game's.
    """

    name: str
    title: str
    idea: str
    watch: str
    data: str
    hyperparameters: Choices
    n: int = 1000
    noise: float | None = None
    compare: tuple[Choices, ...] = field(default=())
    sides: tuple[str, ...] = field(default=())


def _comparison(**of: Any) -> Lesson:
    return Lesson(hyperparameters=of["compare"][0], **of)


# GAN Lab's own start settings (Kahng et al., 2019), and what its other data sets learn from about as soon.
_GAN_LAB: Choices = {
    "generator_layers": "8,8", "discriminator_layers": "8,8", "optimiser": "SGD", "discriminator_learning_rate": 0.1,
    "generator_learning_rate": 0.03, "discriminator_steps": 2, "batch_size": 150, "iterations": 10_000,
}  # fmt: skip
_SMALL: Choices = {
    "generator_layers": "32,32", "discriminator_layers": "32,32", "discriminator_learning_rate": 2e-3,
    "momentum": 0.0, "batch_size": 150, "iterations": 8000,
}  # fmt: skip
_CURED: Choices = {
    "generator_layers": "64,64,64", "discriminator_layers": "64,64,64", "batch_size": 128, "momentum": 0.0,
    "real_penalty": 0.1, "averaging": 0.995, "iterations": 8000,
}  # fmt: skip
_STRONG: Choices = {
    "generator_layers": "32,32", "discriminator_layers": "64,64", "optimiser": "SGD", "discriminator_steps": 10,
    "discriminator_learning_rate": 0.3, "generator_learning_rate": 0.01, "batch_size": 128, "iterations": 600,
}  # fmt: skip
# Two linear players: the critic w·x sees only where the mean is, as in the Dirac-GAN.
_DIRAC: Choices = {
    "objective": "Wasserstein, clipped", "clip": 10.0, "generator_layers": "", "discriminator_layers": "",
    "optimiser": "SGD", "discriminator_learning_rate": 0.02, "generator_learning_rate": 0.2, "batch_size": 128,
    "iterations": 2000, "seed": 2,
}  # fmt: skip
_PENALTY: Choices = {
    "objective": "Wasserstein, gradient penalty", "generator_layers": "32,32", "discriminator_layers": "64,64",
    "discriminator_steps": 5, "discriminator_learning_rate": 3e-3, "batch_size": 128, "iterations": 600,
}  # fmt: skip
_DEEP: Choices = {
    "generator_layers": "64,64,64,64", "discriminator_layers": "64,64", "batch_size": 128, "iterations": 1500,
}  # fmt: skip

LESSONS: tuple[Lesson, ...] = (
    Lesson(
        "gan_lab_gaussians",
        "GAN Lab: two Gaussians",
        "A generator that has never seen the data learns it from nothing but the discriminator's slope.",
        "The orange points follow the arrows to the blue ones until D(x) is near ½ wherever there are points.",
        "gan_lab_gaussians",
        _GAN_LAB,
    ),
    Lesson(
        "gan_lab_ring",
        "GAN Lab: ring",
        "The plane of noise has no hole and the ring has one, so some noise always ends between the sides.",
        "The grid crowds onto the ring; a few wide cells of it go on spanning the middle.",
        "gan_lab_ring",
        _SMALL,
    ),
    Lesson(
        "gan_lab_line",
        "GAN Lab: line",
        "Data on a line takes one direction of the noise, and the generator presses the other flat.",
        "The grid collapses to a strip along the line.",
        "gan_lab_line",
        _SMALL,
    ),
    Lesson(
        "gan_lab_disjoint",
        "GAN Lab: three groups",
        "Noise in one piece has to reach groups that lie apart, so a few points always lie between them.",
        "All three groups are found within about 1,300 iterations; thin bridges between them stay.",
        "gan_lab_disjoint",
        {**_SMALL, "discriminator_learning_rate": 1e-3},  # with 2e-3 every other seed ends with two of them
    ),
    Lesson(
        "mode_collapse",
        "Mode collapse",
        "A deep generator against a shallower discriminator sends all noise to the one place where D is highest just "
        "now.",
        "All points sit in one place and hop on as soon as D has learnt to reject it; most modes get nothing.",
        "eight_gaussians",
        {**_DEEP, "iterations": 2000},
        n=2000,
    ),
    Lesson(
        "mode_collapse_cured",
        "Mode collapse, cured",
        "Players of equal depth, no momentum, and a discriminator whose slope at real points is kept small (R₁): the "
        "generator finds every mode.",
        "Most seeds cover all eight modes within 1,300 iterations; at the end over nine in ten samples lie in one. "
        "Without R₁, some seeds end with a mode or two missing.",
        "eight_gaussians",
        _CURED,
        n=2000,
    ),
    _comparison(
        name="vanishing_gradient",
        title="Vanishing gradient",
        idea="Against a discriminator that is always right, minimax has no slope left; the non-saturating loss has.",
        watch="Under minimax D is soon near 1 and 0, G's gradient is next to nothing and, but for a rare seed, its "
        "points stay where they began; the other generator reaches a group of points within a hundred iterations.",
        data="gan_lab_disjoint",
        compare=({**_STRONG, "objective": "minimax"}, {**_STRONG, "objective": "non-saturating"}),
        sides=("minimax", "non-saturating"),
    ),
    _comparison(
        name="oscillation",
        title="Oscillation, and its cure",
        idea="Two linear players circle round their equilibrium for ever, as in the Dirac-GAN; a penalty on the "
        "critic's slope (R₁) lets them come to rest (Mescheder, Geiger and Nowozin 2018).",
        watch="On the left the points swing past the data and back; on the right each swing is smaller.",
        data="gaussian",
        compare=(_DIRAC, {**_DIRAC, "real_penalty": 0.5}),
        sides=("no penalty", "R₁ = 0.5"),
    ),
    _comparison(
        name="parallel_lines",
        title="Where JS is blind",
        idea="While generated points lie beside the lines, JS is ln 2 however near they are; W₁ says how far, and "
        "so does its critic's slope (Arjovsky, Chintala and Bottou 2017).",
        watch="With a strong discriminator minimax stands still between the lines; the Wasserstein critic draws the "
        "points over, and W₁ falls from the first iterations on.",
        data="parallel_lines",
        compare=({**_STRONG, "objective": "minimax"}, _PENALTY),
        sides=("minimax", "Wasserstein, gradient penalty"),
    ),
    _comparison(
        name="batch_normalisation",
        title="Batch normalisation",
        idea="A deep generator can send all noise to one place; batch normalisation keeps a batch spread in every "
        "layer (Ioffe and Szegedy 2015; Radford, Metz and Chintala 2016).",
        watch="Without it one tight cloud wanders from mode to mode; with it the points spread, and within 500 "
        "iterations have covered most modes for a while.",
        data="eight_gaussians",
        n=2000,
        compare=(_DEEP, {**_DEEP, "batch_normalisation": True}),
        sides=("without", "with"),
    ),
)
