"""When to take a snapshot, and when a training has learnt enough."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.training.snapshot import Snapshot

ROUNDING = 1e-9  # of step / steps per epoch


@dataclass(frozen=True)
class Schedule:
    """Choose the steps that get a snapshot: dense early, where most happens, then once an epoch.

    Every step is taken up to `first`; then the next is `growth` times the last, and every `epochs` epochs anyway.
    A very long training of very short epochs is thinned: a step nearer than `thinnest` of the last's number is left
    out, so n steps have at most first + log(n / first) / log(1 + thinnest) snapshots (8,000 steps: about 950).
    """

    first: int = 8
    growth: float = 1.3
    epochs: float = 1.0
    thinnest: float = 0.005

    def due(self, step: int, epoch: float, last_step: int, last_epoch: float) -> bool:
        """Tell whether `step`, at `epoch`, gets a snapshot when the last was taken at `last_step`."""
        if step <= self.first or step >= self.growth * last_step:
            return True
        if step < (1 + self.thinnest) * last_step:
            return False
        return math.floor(epoch / self.epochs + ROUNDING) > math.floor(last_epoch / self.epochs + ROUNDING)


@dataclass(frozen=True)
class StopRule:
    """Stop when the average of `metric` has not got better by more than `least` for `patience` epochs."""

    metric: str = "loss"
    patience: float = 5.0
    least: float = 0.0
    minimise: bool = True

    @property
    def sentence(self) -> str:
        """Say why a training that obeyed this rule has stopped."""
        return f"The {self.metric.replace('_', ' ')} has not improved for {self.patience:g} epochs, so it stopped."


class Patience:
    """Follow a `StopRule` through the snapshots of one training."""

    def __init__(self, rule: StopRule) -> None:
        self._rule = rule
        self._best = math.inf
        self._epoch = 0.0

    def is_over(self, snapshot: Snapshot) -> bool:
        """Take one scheduled snapshot and tell whether to stop; one without the metric is passed over."""
        value = snapshot.averages.get(self._rule.metric)
        if value is None:
            return False
        value = value if self._rule.minimise else -value
        if value < self._best - self._rule.least:
            self._best, self._epoch = value, snapshot.epoch
        return snapshot.epoch - self._epoch >= self._rule.patience
