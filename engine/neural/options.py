"""The hyperparameters that models of this family share: their bounds and descriptions; each model sets defaults."""

from __future__ import annotations

from typing import Annotated, Literal, Protocol

from pydantic import AfterValidator, Field

from engine.neural.minibatches import Precision

MOST_LAYERS, WIDEST = 6, 2048


def check_layers(text: str) -> str:
    """Return `text` without spaces; raise ValueError unless it lists widths."""
    parts = [part.strip() for part in text.split(",")] if text.strip() else []
    if len(parts) > MOST_LAYERS:
        raise ValueError(f"should be at most {MOST_LAYERS} hidden layers")
    # isascii: isdigit alone also lets other scripts' digits and superscripts in.
    if not all(part.isascii() and part.isdigit() and 1 <= int(part[:9]) <= WIDEST for part in parts):
        raise ValueError(
            f"should be widths of hidden layers from 1 to {WIDEST} with commas between, such as 256,256, or nothing"
        )
    return ",".join(str(int(part)) for part in parts)


Layers = Annotated[
    str,
    AfterValidator(check_layers),
    Field(
        description="Widths of the encoder's hidden layers with commas between, such as 400 or 256,256; the decoder "
        "mirrors them. Nothing makes both linear.",
        examples=["", "400", "256,256", "512,256,128"],
    ),
]
LatentSize = Annotated[int, Field(ge=1, le=256, description="Number of latent dimensions.")]
Epochs = Annotated[int, Field(ge=1, le=5000, description="Passes through the data.")]
BatchSize = Annotated[int, Field(ge=1, le=4096, description="Examples in one mini-batch.")]
LearningRate = Annotated[float, Field(gt=0, le=1, description="Step size of the Adam optimiser.")]
RunPrecision = Annotated[
    Precision,
    Field(
        description="Matrix products in float32, or with their inputs rounded where that is faster: to bfloat16 on a "
        "CPU that has it, to TF32 on CUDA. Weights and sums stay float32."
    ),
]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1, description="Seed of the first weights, the batches and the noise.")]
Loss = Annotated[
    Literal["cross-entropy", "squared error"],
    Field(
        description="What a reconstruction costs: pixels as probabilities, or half the squared distance. "
        "Points always take the squared distance."
    ),
]
Architecture = Annotated[
    Literal["dense", "convolutional"],
    Field(
        description="Fully connected layers, or convolutions 28 → 14 → 7 (images only), which do not use `layers`."
    ),
]
Decoder = Annotated[
    Literal["bernoulli", "gaussian"],
    Field(description="Distribution of a pixel given the code; points always take the Gaussian."),
]
StandardDeviation = Annotated[
    float,
    Field(
        ge=0.001,
        le=10,
        description="Standard deviation h of a Gaussian decoder, for pixels from 0 to 1 or standardised points.",
    ),
]
Beta = Annotated[float, Field(ge=0, le=100, description="Weight β of the KL term; 1 gives the evidence lower bound.")]


class TrainingOptions(Protocol):
    """The hyperparameters that every neural model has; each declares them itself, after its own, for the form."""

    @property
    def epochs(self) -> int: ...  # noqa: D102
    @property
    def batch_size(self) -> int: ...  # noqa: D102
    @property
    def learning_rate(self) -> float: ...  # noqa: D102
    @property
    def precision(self) -> Precision: ...  # noqa: D102
    @property
    def seed(self) -> int: ...  # noqa: D102
