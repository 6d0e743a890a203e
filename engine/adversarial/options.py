"""The hyperparameters that models of this family share: bounds and descriptions; each model sets its defaults."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from engine import model
from engine.neural.options import BatchSize, Seed, check_layers

Objective = Annotated[
    Literal[
        "minimax",
        "non-saturating",
        "least squares",
        "Wasserstein, clipped",
        "Wasserstein, gradient penalty",
        "hinge",
        "f-GAN KL",
        "f-GAN reverse KL",
        "f-GAN JS",
        "f-GAN Pearson χ²",
        "f-GAN total variation",
    ],
    Field(description="What the discriminator and the generator play for: the losses of both."),
]
Noise = Annotated[
    Literal["normal", "uniform"],
    Field(description="Distribution of the noise z: standard normal, or uniform from −1 to 1."),
]
NoiseSize = Annotated[int, Field(ge=1, le=128, description="Number of noise dimensions.")]
GeneratorLayers = Annotated[
    str,
    AfterValidator(check_layers),
    Field(
        description="Widths of the generator's hidden layers with commas between; nothing makes it linear.",
        examples=["8,8", "128,128,128", "256,512"],
    ),
]
DiscriminatorLayers = Annotated[
    str,
    AfterValidator(check_layers),
    Field(
        description="Widths of the discriminator's hidden layers with commas between; nothing makes it linear.",
        examples=["8,8", "128,128,128", "512,256"],
    ),
]
Activation = Annotated[
    Literal["ReLU", "leaky ReLU", "tanh"],
    Field(description="Activation after each hidden layer; the leaky one has slope 0.2 below 0."),
]


def check_normalised(normalised: bool, others: ValidationInfo) -> bool:
    """Return whether batches are normalised; raise ValueError for batches of one, whose variance is 0."""
    if normalised and others.data.get("batch_size") == 1:
        raise ValueError("needs a batch size of 2 or more, since one example has no variance")
    return normalised


BatchNormalisation = Annotated[
    bool,
    AfterValidator(check_normalised),
    Field(description="Batch normalisation in the generator's hidden layers (Ioffe and Szegedy 2015)."),
]
DiscriminatorSteps = Annotated[
    int, Field(ge=1, le=10, description="Updates k of the discriminator for one of the generator.")
]
Updates = Annotated[
    Literal["both", "discriminator", "generator"],
    Field(description="Who learns; the other player's weights stand still."),
]
Optimiser = Annotated[
    Literal["Adam", "SGD", "momentum", "RMSprop"], Field(description="Rule by which both players take their steps.")
]
DiscriminatorLearningRate = Annotated[float, Field(gt=0, le=1, description="Step size of the discriminator.")]
GeneratorLearningRate = Annotated[float, Field(gt=0, le=1, description="Step size of the generator.")]
Momentum = Annotated[
    float,
    Field(
        ge=0,
        lt=1,
        description="Share of the last direction that a step keeps: β₁ of Adam, or momentum; others have none.",
    ),
]
Clip = Annotated[
    float,
    Field(gt=0, le=10, description="Bound c on every critic weight, for the Wasserstein objective with clipping."),
]
Penalty = Annotated[
    float,
    Field(ge=0, le=1000, description="Weight λ of the gradient penalty, for the Wasserstein objective that has one."),
]
FeatureMatching = Annotated[
    bool,
    Field(
        description="The generator matches the mean of the discriminator's last hidden layer instead of fooling it "
        "(Salimans et al. 2016)."
    ),
]
MinibatchDiscrimination = Annotated[
    bool, Field(description="The discriminator also sees how alike the batch's examples are (Salimans et al. 2016).")
]
HistoricalAveraging = Annotated[
    float,
    Field(
        ge=0,
        le=10,
        description="Weight of each player's squared distance from the mean of its past weights; 0 is off "
        "(Salimans et al. 2016).",
    ),
]
LabelSmoothing = Annotated[
    float,
    Field(
        ge=0,
        le=0.5,
        description="One-sided label smoothing α: real examples have target 1 − α. For the minimax, non-saturating "
        "and least squares objectives; 0 is off (Salimans et al. 2016).",
    ),
]
VirtualBatchNormalisation = Annotated[
    bool,
    Field(
        description="The generator's hidden layers are normalised by a fixed reference batch of noise and each "
        "example itself, in place of batch normalisation (Salimans et al. 2016)."
    ),
]
InstanceNoise = Annotated[
    float,
    Field(
        ge=0,
        le=2,
        description="Standard deviation of Gaussian noise on all the discriminator sees, in units of the "
        "standardised data, falling linearly to 0 at the last iteration; 0 is off (Sønderby et al. 2017).",
    ),
]
SpectralNormalisation = Annotated[
    bool, Field(description="Each discriminator weight matrix has largest singular value 1 (Miyato et al. 2018).")
]
UnrolledSteps = Annotated[
    int,
    Field(
        ge=0,
        le=5,
        description="Discriminator steps that the generator looks ahead, its gradient passing through them; 0 is off "
        "(Metz et al. 2017).",
    ),
]
RealPenalty = Annotated[
    float,
    Field(
        ge=0,
        le=100,
        description="Weight γ of R₁, half the squared gradient of the discriminator at real examples; 0 is off "
        "(Mescheder et al. 2018).",
    ),
]
Averaging = Annotated[
    float,
    Field(
        ge=0,
        lt=1,
        description="Share of the past in a moving average of the generator's weights, which is what is shown; 0 is "
        "off, 0.995 averages about the last 200 iterations.",
    ),
]
Iterations = Annotated[
    int,
    Field(ge=1, le=1_000_000, description="Iterations: k updates of the discriminator, then one of the generator."),
]


class GameOptions(model.Hyperparameters):
    """Declare what every model of this family has; a subclass changes defaults, and adds its networks' choices."""

    objective: Objective = "non-saturating"
    noise: Noise = "normal"
    noise_size: NoiseSize = 2
    discriminator_steps: DiscriminatorSteps = 1
    updates: Updates = "both"
    optimiser: Optimiser = "Adam"
    discriminator_learning_rate: DiscriminatorLearningRate = 1e-3
    generator_learning_rate: GeneratorLearningRate = 1e-3
    momentum: Momentum = 0.5
    clip: Clip = 0.1
    penalty: Penalty = 1.0
    feature_matching: FeatureMatching = False
    historical_averaging: HistoricalAveraging = 0.0
    label_smoothing: LabelSmoothing = 0.0
    instance_noise: InstanceNoise = 0.0
    unrolled_steps: UnrolledSteps = 0
    real_penalty: RealPenalty = 0.0
    averaging: Averaging = 0.0
    batch_size: BatchSize = 128
    iterations: Iterations = 5000
    seed: Seed = 0
