"""What the two players play for: every objective as two losses of the discriminator's raw output a(x).

The discriminator minimises E_p[real(a(x))] + E_q[fake(a(x))] and the generator E_q[generator(a(x))], where p is the
data's density and q the generator's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from engine.adversarial import curves
from engine.adversarial.curves import Curve, sigmoid
from engine.grid import Array

Optimum = Callable[[Array, Array], Array]  # densities p(x), q(x) → the best D(x), or critic value


@dataclass(frozen=True)
class Objective:
    """Declare an objective: its three curves, how the raw output reads as a score, and the best score.

    `score` maps raw outputs to D(x) in [0, 1] where `gives_probability`, else to the critic's value (T(x) of an
    f-GAN). `optimum(p, q)` is the score of the best discriminator, or None where there is no formula.
    `smooths` tells whether one-sided label smoothing applies, `whole` whether both of the discriminator's curves have
    no slopes but −1, 0 and 1; `bounds` names the divergence that minus the discriminator's loss is a lower bound of,
    in nats where it has logarithms.
    """

    real: Curve
    fake: Curve
    generator: Curve
    equation: str
    source: str
    score: Callable[[Array], Array] = sigmoid
    gives_probability: bool = True
    optimum: Optimum | None = None
    smooths: bool = False
    whole: bool = False
    bounds: str | None = None

    def discriminator_loss(self, real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
        """Return the discriminator's loss, of raw outputs (b,) at real and generated examples.

        Smoothing α gives real examples the target 1 − α: their loss is (1 − α) real(a) + α fake(a), and the best
        discriminator (1 − α) p / (p + q).
        """
        loss = self.real.of(real).mean() + self.fake.of(fake).mean()
        if smoothing and self.smooths:
            loss = loss + smoothing * (self.fake.of(real) - self.real.of(real)).mean()
        return loss

    def generator_loss(self, fake: Tensor) -> Tensor:
        """Return the generator's loss, of raw outputs (b,) at generated examples."""
        return self.generator.of(fake).mean()


def identity(a: Array) -> Array:
    """Return the raw output itself."""
    return a


def _probability(p: Array, q: Array) -> Array:
    return p / np.maximum(p + q, np.finfo(np.float64).tiny)


def _ratio(p: Array, q: Array) -> Array:
    return p / np.maximum(q, np.finfo(np.float64).tiny)


_GOODFELLOW = "Goodfellow et al. 2014, Generative adversarial nets"
_NOWOZIN = "Nowozin, Cseke and Tomioka 2016, f-GAN: Training generative neural samplers using variational divergence"
_F_GAN = r"\max_T\; \mathbb{E}_p[T] - \mathbb{E}_q[f^*(T)] \le \mathrm{D}_f(p \| q), \quad T = g_f(a), \quad "
_GAN = r"\max_D\; \mathbb{E}_p[\log D] + \mathbb{E}_q[\log(1 - D)]"
_WASSERSTEIN = r"\max_{D}\; \mathbb{E}_p[D] - \mathbb{E}_q[D]"

OBJECTIVES: dict[str, Objective] = {
    "minimax": Objective(
        curves.MINUS_LOG_D,
        curves.MINUS_LOG_1_MINUS_D,
        curves.LOG_1_MINUS_D,
        _GAN + r", \quad \min_G\; \mathbb{E}_q[\log(1 - D)]",
        _GOODFELLOW,
        optimum=_probability,
        smooths=True,
    ),
    "non-saturating": Objective(
        curves.MINUS_LOG_D,
        curves.MINUS_LOG_1_MINUS_D,
        curves.MINUS_LOG_D,
        _GAN + r", \quad \max_G\; \mathbb{E}_q[\log D]",
        _GOODFELLOW,
        optimum=_probability,
        smooths=True,
    ),
    "least squares": Objective(
        curves.TO_ONE,
        curves.TO_ZERO,
        curves.TO_ONE,
        r"\min_D\; \tfrac12 \mathbb{E}_p[(D - 1)^2] + \tfrac12 \mathbb{E}_q[D^2], \quad"
        r"\min_G\; \tfrac12 \mathbb{E}_q[(D - 1)^2]",
        "Mao et al. 2017, Least squares generative adversarial networks",
        score=lambda a: np.clip(a, 0, 1),
        optimum=_probability,
        smooths=True,
    ),
    "Wasserstein, clipped": Objective(
        curves.DOWN,
        curves.UP,
        curves.DOWN,
        _WASSERSTEIN + r", \quad |w| \le c",
        "Arjovsky, Chintala and Bottou 2017, Wasserstein GAN",
        score=identity,
        gives_probability=False,
        whole=True,
    ),
    "Wasserstein, gradient penalty": Objective(
        curves.DOWN,
        curves.UP,
        curves.DOWN,
        _WASSERSTEIN + r" - \lambda\, \mathbb{E}\big[(\lVert \nabla D(\hat{x}) \rVert - 1)^2\big]",
        "Gulrajani et al. 2017, Improved training of Wasserstein GANs",
        score=identity,
        gives_probability=False,
        whole=True,
    ),
    "hinge": Objective(
        curves.ABOVE_ONE,
        curves.BELOW_MINUS_ONE,
        curves.DOWN,
        r"\min_D\; \mathbb{E}_p[\max(0, 1 - D)] + \mathbb{E}_q[\max(0, 1 + D)], \quad \max_G\; \mathbb{E}_q[D]",
        "Lim and Ye 2017, Geometric GAN; Tran, Ranganath and Blei 2017, Hierarchical implicit models",
        score=identity,
        gives_probability=False,
        optimum=lambda p, q: np.sign(p - q),
        whole=True,
    ),
    "f-GAN KL": Objective(
        curves.DOWN,
        curves.EXP_MINUS_1,
        curves.DOWN,
        _F_GAN + r"g_f(a) = a, \quad f^*(t) = e^{t - 1}",
        _NOWOZIN,
        score=identity,
        gives_probability=False,
        optimum=lambda p, q: 1 + np.log(np.maximum(_ratio(p, q), 1e-300)),
        bounds="KL(p‖q)",
    ),
    "f-GAN reverse KL": Objective(
        curves.EXP_OF_MINUS,
        curves.MINUS_1_PLUS,
        curves.EXP_OF_MINUS,
        _F_GAN + r"g_f(a) = -e^{-a}, \quad f^*(t) = -1 - \log(-t)",
        _NOWOZIN,
        score=lambda a: -np.exp(-a),
        gives_probability=False,
        optimum=lambda p, q: -_ratio(q, p),
        bounds="KL(q‖p)",
    ),
    "f-GAN JS": Objective(
        curves.MINUS_LOG_2D,
        curves.MINUS_LOG_2_MINUS_2D,
        curves.MINUS_LOG_2D,
        _F_GAN + r"g_f(a) = \log 2 - \log(1 + e^{-a}), \quad f^*(t) = -\log(2 - e^t)",
        _NOWOZIN,
        optimum=_probability,
        bounds="2 JS(p, q)",
    ),
    "f-GAN Pearson χ²": Objective(
        curves.DOWN,
        curves.QUARTER_SQUARE,
        curves.DOWN,
        _F_GAN + r"g_f(a) = a, \quad f^*(t) = \tfrac14 t^2 + t",
        _NOWOZIN,
        score=identity,
        gives_probability=False,
        optimum=lambda p, q: 2 * (_ratio(p, q) - 1),
        bounds="χ²(p‖q)",
    ),
    "f-GAN total variation": Objective(
        curves.MINUS_HALF_TANH,
        curves.HALF_TANH,
        curves.MINUS_HALF_TANH,
        _F_GAN + r"g_f(a) = \tfrac12 \tanh a, \quad f^*(t) = t",
        _NOWOZIN,
        score=lambda a: 0.5 * np.tanh(a),
        gives_probability=False,
        optimum=lambda p, q: 0.5 * np.sign(p - q),
        bounds="TV(p, q)",
    ),
}
