"""What can be chosen about a fit; the model, the problem it sets up and the search for all optima read it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.divergence.family import Covariance
from engine.divergence.objectives import ObjectiveName
from engine.model import Hyperparameters


class FitOptions(Hyperparameters):
    """Choices of a divergence fit."""

    objective: ObjectiveName = Field("reverse_kl", description="Divergence of the fit from the target.")
    order: float = Field(0.5, ge=0, le=1, description="Order α of the α-divergence: 0 is reverse KL, 1 is KL.")
    covariance: Covariance = Field(
        "full", description="Shape of the Gaussians: any ellipse, axis-aligned or a circle."
    )
    n_components: int = Field(1, ge=1, le=5, description="Number K of Gaussians in the fit.")
    estimation: Literal["quadrature", "samples"] = Field(
        "quadrature", description="Sum over a grid, or estimate from samples (KL and reverse KL only)."
    )
    n_starts: int = Field(12, ge=1, le=256, description="Number of drawn starts, of which the best is kept.")
    starts: tuple[tuple[float, ...], ...] = Field(
        (),
        description="Means of the only start, placed by hand; missing ones are drawn.",
        json_schema_extra={"control": "pad"},
    )
    start_scale: float = Field(
        0.5,
        ge=0.05,
        le=3,
        description="Deviations of a start in the target's along each axis; drawn ones have one, two or half of it.",
    )
    cells: int = Field(
        64, ge=16, le=256, description="Cells along each axis of the quadrature grid; eight times as many in 1-D."
    )
    max_iterations: int = Field(500, ge=0, le=10_000, description="Optimiser iterations at most.")
    tolerance: float = Field(
        1e-9, ge=0, le=1e-2, description="A start stops when an iteration can gain no more than this part."
    )
    n_samples: int = Field(2_000, ge=10, le=100_000, description="Points drawn from the target for the KL fit.")
    batch_size: int = Field(64, ge=1, le=10_000, description="Draws from the fit for each reverse KL gradient.")
    learning_rate: float = Field(0.05, gt=0, le=1, description="Adam's first step size, which falls to 0.")
    seed: int = Field(0, ge=0, le=2**32 - 1, description="Seed of starts and samples.")
