"""The few curves of one number that every objective's losses are made of, each with its slope.

The fast path needs values and slopes on NumPy arrays, automatic differentiation the same values on tensors.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine.grid import Array


class Curve(NamedTuple):
    """Hold a function of the discriminator's raw output a, elementwise: on tensors, on arrays, and its derivative."""

    of: Callable[[Tensor], Tensor]
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]


def sigmoid(a: Array) -> Array:
    """Return 1 / (1 + e^−a) without overflow."""
    return 0.5 + 0.5 * np.tanh(0.5 * a)


def softplus(a: Array) -> Array:
    """Return log(1 + e^a) without overflow."""
    return np.logaddexp(0, a)


MINUS_LOG_D = Curve(lambda a: functional.softplus(-a), lambda a: softplus(-a), lambda a: -sigmoid(-a))
MINUS_LOG_1_MINUS_D = Curve(functional.softplus, softplus, sigmoid)
LOG_1_MINUS_D = Curve(lambda a: -functional.softplus(a), lambda a: -softplus(a), lambda a: -sigmoid(a))
UP = Curve(lambda a: a, lambda a: a, np.ones_like)
DOWN = Curve(lambda a: -a, lambda a: -a, lambda a: np.full_like(a, -1))
TO_ONE = Curve(lambda a: 0.5 * (a - 1) ** 2, lambda a: 0.5 * (a - 1) ** 2, lambda a: a - 1)
TO_ZERO = Curve(lambda a: 0.5 * a**2, lambda a: 0.5 * a**2, lambda a: a)
ABOVE_ONE = Curve(
    lambda a: functional.relu(1 - a), lambda a: np.maximum(1 - a, 0), lambda a: np.where(a < 1, -1, 0).astype(a.dtype)
)
BELOW_MINUS_ONE = Curve(
    lambda a: functional.relu(1 + a), lambda a: np.maximum(1 + a, 0), lambda a: np.where(a > -1, 1, 0).astype(a.dtype)
)
# f-GAN: −g_f(v) on real examples, f*(g_f(v)) on generated ones (Nowozin et al. 2016, tables 2 and 6).
EXP_MINUS_1 = Curve(lambda a: torch.exp(a - 1), lambda a: np.exp(a - 1), lambda a: np.exp(a - 1))
EXP_OF_MINUS = Curve(lambda a: torch.exp(-a), lambda a: np.exp(-a), lambda a: -np.exp(-a))
MINUS_1_PLUS = Curve(lambda a: a - 1, lambda a: a - 1, np.ones_like)
MINUS_LOG_2D = Curve(
    lambda a: functional.softplus(-a) - math.log(2), lambda a: softplus(-a) - math.log(2), MINUS_LOG_D.slope
)
MINUS_LOG_2_MINUS_2D = Curve(
    lambda a: functional.softplus(a) - math.log(2), lambda a: softplus(a) - math.log(2), sigmoid
)
QUARTER_SQUARE = Curve(lambda a: 0.25 * a**2 + a, lambda a: 0.25 * a**2 + a, lambda a: 0.5 * a + 1)
HALF_TANH = Curve(lambda a: 0.5 * torch.tanh(a), lambda a: 0.5 * np.tanh(a), lambda a: 0.5 - 0.5 * np.tanh(a) ** 2)
MINUS_HALF_TANH = Curve(
    lambda a: -0.5 * torch.tanh(a), lambda a: -0.5 * np.tanh(a), lambda a: 0.5 * np.tanh(a) ** 2 - 0.5
)
