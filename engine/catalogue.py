"""The list of models by family: labs, protocol tests and benchmarks read it, and nothing else names a model.

Classes are imported only when asked for, so that listing the house costs no torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module

from engine.model import Model

MODELS: dict[str, tuple[str, ...]] = {
    "density": (
        "Histogram",
        "NaiveEstimator",
        "KernelDensity",
        "AdaptiveKernelDensity",
        "NearestNeighbours",
        "GaussianMixture",
        "ParametricFit",
    ),
    "divergence": ("DivergenceFit",),
    "latent": (
        "PCA",
        "Autoencoder",
        "ConvolutionalAutoencoder",
        "DenoisingAutoencoder",
        "VAE",
        "ConditionalVAE",
    ),
    "adversarial": ("GAN", "ConditionalGAN", "DCGAN", "VAEGAN"),
}


@cache
def models(family: str) -> dict[str, type[Model]]:
    """Import a family's model classes, by class name in lecture order."""
    package = import_module(f"engine.{family}")
    return {name: getattr(package, name) for name in MODELS[family]}


@dataclass(frozen=True)
class Branch:
    """Describe one leaf of the taxonomy: a kind of model and how it answers the three questions.

    `path` is the chain of headings above it; `family` is the folder in engine/ (and the page) that shows it, `built`
    tells whether that lab is there yet. The three answers are a few words each; None means it can't answer.
    """

    title: str
    path: tuple[str, ...]
    family: str
    estimate: str
    evaluate: str | None
    sample: str

    @property
    def built(self) -> bool:
        """Tell whether the family has models yet."""
        return self.family in MODELS


_TRACTABLE = ("Explicit density", "Tractable")
_APPROXIMATE = ("Explicit density", "Approximate")
_IMPLICIT = ("Implicit density",)

TAXONOMY: tuple[Branch, ...] = (
    Branch("Parametric and mixtures", _TRACTABLE, "density", "maximum likelihood, EM", "exact", "exact"),
    Branch("Histogram and KDE", _TRACTABLE, "density", "count or place a kernel", "exact", "pick a point, add noise"),
    Branch(
        "Autoregressive",
        _TRACTABLE,
        "autoregressive",
        "maximum likelihood",
        "exact, by the chain rule",
        "one at a time",
    ),
    Branch(
        "Normalising flows", _TRACTABLE, "flows", "maximum likelihood", "exact, by change of variables", "one pass"
    ),
    Branch("VAE", _APPROXIMATE, "latent", "maximise the ELBO", "a lower bound", "decode a latent draw"),
    Branch("Boltzmann machines", _APPROXIMATE, "energy", "contrastive divergence", "up to a constant", "Gibbs chain"),
    Branch("GAN", _IMPLICIT, "adversarial", "a two-player game", None, "one pass"),
)
