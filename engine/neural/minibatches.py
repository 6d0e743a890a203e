"""The training loop: mini-batches by index from data that stays on the device, one optimiser step at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn import Parameter

from engine.model import DataError, Metrics
from engine.neural.examples import Examples

# (x, one-hot labels or None, noise) → named figures, each the mean over the batch; the first is minimised.
Losses = Callable[[Tensor, Tensor | None, Tensor], Mapping[str, Tensor]]
# (row indices, noise) → named figures, once the weights have moved.
Step = Callable[[Tensor, Tensor], Mapping[str, float]]
Precision = Literal["float32", "reduced"]
BATCHES_A_BLOCK = 32  # noise is drawn for so many batches at once
WARM_UP = 3  # steps that CUDA asks for before a capture


@dataclass(frozen=True)
class Schedule:
    """Say how long, in which batches and how exactly to train; `noise_size` normal numbers are drawn per example."""

    epochs: int
    batch_size: int
    learning_rate: float
    seed: int
    noise_size: int = 0
    precision: Precision = "float32"


def minimise(
    losses: Losses, parameters: Iterable[Parameter], data: Examples, schedule: Schedule
) -> Iterator[Metrics]:
    """Yield after each optimiser step (Adam, one mini-batch): `step`, `epoch` and the figures of `losses`."""
    yield from descend(_Step(losses, list(parameters), data, schedule), data, schedule)


def descend(optimise: Step, data: Examples, schedule: Schedule) -> Iterator[Metrics]:
    """Yield after each call of `optimise`, one mini-batch: `step`, `epoch` and the figures it returned.

    `epoch` is a fraction, step / steps per epoch. The order of the data and the noise come from a generator of their
    own on the CPU, so that every device sees the same. Raises DataError once the loss is no longer a number.
    """
    generator = torch.Generator().manual_seed(schedule.seed)
    per_epoch = math.ceil(len(data) / schedule.batch_size)
    step = 0
    for _ in range(schedule.epochs):
        for rows, noise in _batches(data, schedule, generator):
            step += 1
            figures = optimise(rows, noise)
            if not all(map(math.isfinite, figures.values())):
                raise DataError(f"The loss became NaN or infinite in step {step}; a smaller learning rate may help.")
            yield {"step": float(step), "epoch": step / per_epoch, **figures}


def _batches(data: Examples, schedule: Schedule, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield row indices (batch,) and noise (batch, noise_size) of one epoch, on the device."""
    device = data.x.device
    order = torch.randperm(len(data), generator=generator)
    for block in order.split(BATCHES_A_BLOCK * schedule.batch_size):
        noise = torch.randn(len(block), schedule.noise_size, generator=generator)
        yield from zip(
            block.to(device).split(schedule.batch_size), noise.to(device).split(schedule.batch_size), strict=True
        )


@contextmanager
def products(precision: Precision) -> Iterator[None]:
    """Let matrix products and convolutions round their float32 inputs, where the hardware is then faster.

    To bfloat16 on processors that have it, to TF32 on CUDA; sums, weights and the optimiser stay float32. Without
    such hardware it changes nothing. This is a setting of the whole process, so it holds for one step at a time and
    is put back.
    """
    settings = _rounding() if precision == "reduced" else []
    before = [setting.fp32_precision for setting, _ in settings]
    try:
        for setting, rounded in settings:
            setting.fp32_precision = rounded
        yield
    finally:
        for (setting, _), value in zip(settings, before, strict=True):
            setting.fp32_precision = value


def _rounding() -> list[tuple[Any, str]]:
    """Return the settings of torch, and their values, that round where this hardware gains by it."""
    backends = torch.backends
    # Any: torch makes these attributes at run time.
    settings: list[tuple[Any, str]] = []
    if has_bfloat16():
        settings += [(getattr(backends.mkldnn, name), "bf16") for name in ("matmul", "conv")]
    if torch.cuda.is_available():
        settings += [(backends.cuda.matmul, "tf32"), (getattr(backends.cudnn, "conv"), "tf32")]  # noqa: B009
    return settings


@cache
def has_bfloat16() -> bool:
    """Tell whether this processor multiplies bfloat16 itself; others only lose time by rounding."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


class _Step:
    """Do one optimiser step on given rows; on CUDA, full batches replay one captured graph of the whole step."""

    def __init__(self, losses: Losses, parameters: list[Parameter], data: Examples, schedule: Schedule) -> None:
        self.losses, self.data, self.precision = losses, data, schedule.precision
        on_cuda = data.x.is_cuda
        self.optimiser = torch.optim.Adam(parameters, lr=schedule.learning_rate, fused=True, capturable=on_cuda)
        self.names: tuple[str, ...] = ()
        self.full = schedule.batch_size if on_cuda else -1
        self.warm = 0
        self.graph: torch.cuda.CUDAGraph | None = None

    def __call__(self, rows: Tensor, noise: Tensor) -> dict[str, float]:
        values = self._captured(rows, noise) if len(rows) == self.full else self._eager(rows, noise)
        return dict(zip(self.names, values.tolist(), strict=True))  # the step's only wait for the device

    def _eager(self, rows: Tensor, noise: Tensor) -> Tensor:
        """Return the figures (m,) of a step done operation by operation."""
        labels = self.data.labels
        with torch.enable_grad(), products(self.precision):
            figures = self.losses(
                self.data.x.index_select(0, rows), None if labels is None else labels.index_select(0, rows), noise
            )
            self.names = tuple(figures)
            self.optimiser.zero_grad()
            figures[self.names[0]].backward()
        self.optimiser.step()
        return torch.stack([figure.detach() for figure in figures.values()])

    def _captured(self, rows: Tensor, noise: Tensor) -> Tensor:
        """Return the figures (m,) of a step replayed from a graph, recorded once the first few steps are done."""
        if self.warm < WARM_UP:
            self.warm += 1
            aside = torch.cuda.Stream()
            aside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(aside):
                values = self._eager(rows, noise)
            torch.cuda.current_stream().wait_stream(aside)
            return values
        if self.graph is None:
            self.rows, self.noise = rows.clone(), noise.clone()
            self.optimiser.zero_grad()
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):
                self.values = self._eager(self.rows, self.noise)
        self.rows.copy_(rows)
        self.noise.copy_(noise)
        self.graph.replay()
        return self.values
