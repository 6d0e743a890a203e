"""Minimise a function from many starts at once: a quasi-Newton method in which a start is one row of every tensor."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

Evaluate = Callable[[Tensor], tuple[Tensor, Tensor]]  # θ (S, P) → values (S,) and gradients (S, P)

LONGEST = 1.0  # change of one parameter in one iteration: a standard deviation, or a factor of e
_FIRST = 0.3  # the same in the first iteration
_ELEMENTS = 1 << 16  # worked on at once: half a megabyte, which stays in the second-level cache
_SUFFICIENT = 1e-4  # of the decrease that the slope promises (Armijo's rule)
_TRIALS = 25  # of a step's length
_CURVATURE = 1e-10  # less, as a cosine, and an update would spoil the inverse Hessian
_MOMENTUM, _MEMORY = 0.9, 0.99  # Adam's β₁ and β₂
_SMALL = 0.1  # values below it are compared with it, since a perfect fit has the value 0


@dataclass(frozen=True)
class Batch:
    """Hold S minimisations after some iteration: θ (S, P), values (S,), gradients (S, P), and which have settled."""

    theta: Tensor
    values: Tensor
    gradients: Tensor
    settled: Tensor


def differentiated(function: Callable[[Tensor], Tensor], per_start: int) -> Evaluate:
    """Return θ → (values, gradients) of a torch `function` whose every value depends on its own row alone.

    `per_start` is the number of elements one row costs; rows are taken together as far as the cache holds them.
    """
    rows = max(1, _ELEMENTS // per_start)

    def evaluate(theta: Tensor) -> tuple[Tensor, Tensor]:
        values, gradients = zip(*(_both(function, part) for part in theta.split(rows)), strict=True)
        return torch.cat(values), torch.cat(gradients)

    return evaluate


def _both(function: Callable[[Tensor], Tensor], theta: Tensor) -> tuple[Tensor, Tensor]:
    theta = theta.detach().requires_grad_()
    values = function(theta)
    (gradients,) = torch.autograd.grad(values.sum(), theta)
    return values.detach(), gradients


def quasi_newton(stages: Sequence[Evaluate], theta: Tensor, tolerance: float = 1e-9) -> Iterator[Batch]:
    """Yield the starts θ (S, P), then every iteration of BFGS from each, until all have settled.

    `stages` evaluate the same function, the cheapest and least exact first; when all starts have settled in one, they
    go on in the next from where they are and with the curvature that they know.

    A start has settled when the decrease that its quadratic model still promises, ½ gᵀH⁻¹g, or the one it has just
    made, is below `tolerance` of its value, or when no step along a descent direction lowers it any more. What
    happens to a start does not depend on the others; those that have settled cost nothing.

    Source: Nocedal and Wright 2006, Numerical optimization, chapters 3 and 6.
    """
    eye = torch.eye(theta.shape[1], dtype=theta.dtype, device=theta.device)
    inverse = eye.repeat(len(theta), 1, 1)  # Hessians'
    plain = torch.ones(len(theta), dtype=torch.bool, device=theta.device)  # whose inverse Hessian is still that
    for stage, evaluate in enumerate(stages):
        values, gradients = evaluate(theta)
        settled = ~(values.isfinite() & gradients.isfinite().all(1))
        batch = Batch(theta, values, gradients, settled)
        if stage == 0:
            yield batch
        while not batch.settled.all():
            batch, inverse, plain = _iterate(evaluate, batch, inverse, plain, tolerance)
            yield batch
        theta = batch.theta


def _iterate(
    evaluate: Evaluate, batch: Batch, inverse: Tensor, plain: Tensor, tolerance: float
) -> tuple[Batch, Tensor, Tensor]:
    """Return the batch, its inverse Hessians (S, P, P) and which of them are plain (S,), one iteration on."""
    on = (~batch.settled).nonzero()[:, 0]
    x, f, g, h = batch.theta[on], batch.values[on], batch.gradients[on], inverse[on]
    direction = -(h @ g[..., None])[..., 0]
    least = tolerance * f.abs().clamp(min=_SMALL)
    done = -0.5 * (g * direction).sum(1) <= least
    # The gradient alone knows no length; BFGS does, and is held back only where it would leap.
    stretch = torch.where(plain[on], _FIRST, LONGEST) / direction.abs().amax(1)
    direction = direction * torch.where(plain[on], stretch, stretch.clamp(max=1.0))[:, None]
    new_x, new_f, new_g, moved = _line_search(evaluate, x, f, g, direction, ~done)
    h, updated = _updated(h, new_x - x, new_g - g, plain[on])
    # Where no step helps, the curvature is forgotten once, and the second time it is the end.
    stuck = ~moved & ~done
    h[stuck] = torch.eye(h.shape[1], dtype=h.dtype, device=h.device)
    over = done | (moved & (f - new_f <= least)) | (stuck & plain[on])
    now_plain = (plain[on] & ~updated) | stuck
    theta, values, gradients, settled, inverse, plain = (
        whole.index_copy(0, on, part)
        for whole, part in (
            (batch.theta, new_x),
            (batch.values, new_f),
            (batch.gradients, new_g),
            (batch.settled, over),
            (inverse, h),
            (plain, now_plain),
        )
    )
    return Batch(theta, values, gradients, settled), inverse, plain


def _line_search(
    evaluate: Evaluate, x: Tensor, f: Tensor, g: Tensor, direction: Tensor, pending: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Shorten each `pending` step until it lowers its value enough; return x, f, g after it, and who moved."""
    new_x, new_f, new_g = x.clone(), f.clone(), g.clone()
    slope = (g * direction).sum(1)
    length, moved = torch.ones_like(f), torch.zeros_like(pending)
    for _ in range(_TRIALS):
        tried = pending.nonzero()[:, 0]
        if not len(tried):
            break
        t = length[tried]
        at = x[tried] + t[:, None] * direction[tried]
        value, gradient = evaluate(at)
        fine = (value <= f[tried] + _SUFFICIENT * t * slope[tried]) & gradient.isfinite().all(1)
        kept = tried[fine]
        new_x[kept], new_f[kept], new_g[kept], moved[kept] = at[fine], value[fine], gradient[fine], True
        pending = pending.index_fill(0, kept, False)
        # The minimum of the parabola through both values and the slope at the start.
        best = -0.5 * slope[tried] * t**2 / (value - f[tried] - slope[tried] * t)
        length[tried] = torch.where(best.isfinite(), best, 0.0).clamp(min=0.1 * t, max=0.5 * t)
    return new_x, new_f, new_g, moved


def _updated(h: Tensor, s: Tensor, y: Tensor, plain: Tensor) -> tuple[Tensor, Tensor]:
    """Return the inverse Hessians after BFGS updates for steps `s`, gradient changes `y`; and which it changed."""
    curvature, yy = (s * y).sum(1), y.square().sum(1)
    usable = curvature > _CURVATURE * (s.square().sum(1) * yy).sqrt()
    safe = curvature.where(usable, torch.ones_like(curvature))
    # The identity has the wrong units; the first step tells the scale.
    rescaled = torch.where((usable & plain)[:, None, None], h * (safe / yy.where(usable, safe))[:, None, None], h)
    hy = (rescaled @ y[..., None])[..., 0]
    outer = hy[:, :, None] * s[:, None, :]
    growth = (1 + (y * hy).sum(1) / safe) / safe
    update = growth[:, None, None] * s[:, :, None] * s[:, None, :] - (outer + outer.mT) / safe[:, None, None]
    return torch.where(usable[:, None, None], rescaled + update, h), usable


def adam(noisy: Evaluate, exact: Evaluate, theta: Tensor, rate: float, iterations: int) -> Iterator[Batch]:
    """Yield the starts θ (S, P), then `iterations` steps of Adam on `noisy` gradients; `exact` evaluates the last.

    The rate falls from `rate` to 0 along half a cosine, so that the noise dies away.

    Source: Kingma and Ba 2015, Adam: a method for stochastic optimization; Loshchilov and Hutter 2017, SGDR.
    """
    first, second = torch.zeros_like(theta), torch.zeros_like(theta)
    for step in range(iterations + 1):
        values, gradients = (exact if step == iterations else noisy)(theta)
        finished = torch.full_like(values, step == iterations, dtype=torch.bool)
        yield Batch(theta, values, gradients, finished | ~values.isfinite())
        first = _MOMENTUM * first + (1 - _MOMENTUM) * gradients
        second = _MEMORY * second + (1 - _MEMORY) * gradients.square()
        unbiased = first / (1 - _MOMENTUM ** (step + 1))
        size = (second / (1 - _MEMORY ** (step + 1))).sqrt() + 1e-12
        theta = theta - rate * 0.5 * (1 + math.cos(math.pi * step / max(iterations, 1))) * unbiased / size
