"""The training loop: from a model's steps to snapshots, in a script, a notebook or a worker process."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from inspect import signature
from time import perf_counter
from typing import Any

import numpy as np

from engine.model import DataError, Metrics, Model
from engine.training.data import Opened, Split
from engine.training.names import PACKAGES, find_function
from engine.training.schedule import Patience, Schedule, StopRule
from engine.training.snapshot import DataPart, Snapshot, View, Views

PLACES = ("step", "epoch")  # where the training is, not how well it does
MAX_VIEW_BYTES = 8 * 2**20


class DivergedError(DataError):
    """Say that a figure became NaN or infinite, and when; the snapshots before it are good."""


class Loop:
    """Drive one model's `steps`, one at a time, and take its snapshots.

    `data` is what the model's `steps` takes, or `Opened`, whose train split it then takes and whose parts the views
    may ask for. A model whose figures have no "epoch" passes over all data in each step, as EM does.
    """

    def __init__(
        self,
        model: Model,
        data: Any,
        views: Sequence[View] = (),
        schedule: Schedule | None = None,
        stop_rule: StopRule | None = None,
        packages: tuple[str, ...] = PACKAGES,
    ) -> None:
        self.model = model
        self.step, self.epoch, self.seconds = 0, 0.0, 0.0
        self.note: str | None = None  # why it stopped early, by its stop rule
        self._opened = data if isinstance(data, Opened) else Opened(*[Split(np.asarray(0))] * 2)
        self._steps = _steps(model, data.train) if isinstance(data, Opened) else iter(model.steps(data))
        self._functions = [(view, find_function(view.function, packages)) for view in views]
        self._schedule = schedule or Schedule()
        self._rule = stop_rule
        self._patience = Patience(stop_rule) if stop_rule else None
        self._metrics: Metrics = {}
        self._sums: dict[str, tuple[float, int]] = {}  # over the steps since the last snapshot
        self._last_step, self._last_epoch = 0, 0.0
        self._carried: dict[str, tuple[int, Views]] = {}  # dear pictures: the step of each, and its views

    def advance(self) -> bool:
        """Do one step of the model; return False when there is none left or the stop rule holds.

        Raises DivergedError when a figure is NaN or infinite, and what the model raises.
        """
        if self.note:
            return False
        started = perf_counter()
        metrics = next(self._steps, None)
        self.seconds += perf_counter() - started
        if metrics is None:
            return False
        step, epoch = self.step + 1, float(metrics.get("epoch", metrics.get("iteration", self.step + 1)))
        for name, value in metrics.items():
            if not math.isfinite(value):
                raise DivergedError(_diverged(name, value, step, epoch, self._last_step))
            total, count = self._sums.get(name, (0.0, 0))
            self._sums[name] = total + float(value), count + 1
        self.step, self.epoch, self._metrics = step, epoch, metrics
        return True

    @property
    def due(self) -> bool:
        """Tell whether the schedule wants a snapshot of this step."""
        return self._schedule.due(self.step, self.epoch, self._last_step, self._last_epoch)

    @property
    def taken(self) -> bool:
        """Tell whether this step has been taken by `scheduled` already."""
        return self.step == self._last_step

    def scheduled(self) -> Snapshot:
        """Take a snapshot for the history: the averages then begin anew, and the stop rule looks at it."""
        snapshot = self._snapshot(scheduled=True)
        self._last_step, self._last_epoch, self._sums = self.step, self.epoch, {}
        if self._rule and self._patience and self._patience.is_over(snapshot):
            self.note = self._rule.sentence
        return snapshot

    def live(self) -> Snapshot:
        """Take a snapshot between the scheduled ones, which changes nothing."""
        return self._snapshot(scheduled=False)

    def _snapshot(self, scheduled: bool) -> Snapshot:
        metrics = {name: float(value) for name, value in self._metrics.items() if name not in PLACES}
        averages = {name: total / count for name, (total, count) in self._sums.items() if name not in PLACES}
        return Snapshot(self.step, self.epoch, self.seconds, metrics, averages or metrics, self._pictures(scheduled))

    def _pictures(self, scheduled: bool) -> Views:
        pictures: Views = {}
        for view, function in self._functions:
            if view.growth is None:
                pictures[view.name] = self._picture(view, function)
            else:
                pictures |= self._seldom(view, function, scheduled)
        return pictures

    def _seldom(self, view: View, function: Any, scheduled: bool) -> Views:
        """Take a dear picture when it is due, or carry the last on; live snapshots come by the clock and only carry.

        One before the first scheduled snapshot has none.
        """
        step, last = self._carried.get(view.name, (0, {}))
        if scheduled and self.step >= step * (view.growth or 1.0):
            last = {view.name: self._picture(view, function), f"{view.name}.step": np.array(self.step)}
            self._carried[view.name] = self.step, last
        return last

    def _picture(self, view: View, function: Any) -> np.ndarray:
        arguments = {
            name: self._opened.part(value) if isinstance(value, DataPart) else value
            for name, value in view.arguments.items()
        }
        try:
            picture = np.array(function(self.model, **arguments))  # a copy: a view may show the model's own arrays
        except DataError:
            raise
        except Exception as error:
            raise DataError(f"The view {view.name!r} failed: {type(error).__name__}: {error}.") from error
        if picture.dtype.hasobject or picture.nbytes > MAX_VIEW_BYTES:
            raise DataError(f"The view {view.name!r} is not an array of numbers of at most 8 MiB.")
        return picture


def snapshots(
    model: Model,
    data: Any,
    views: Sequence[View] = (),
    schedule: Schedule | None = None,
    stop_rule: StopRule | None = None,
    packages: tuple[str, ...] = PACKAGES,
) -> Iterator[Snapshot]:
    """Estimate `model` from `data` and yield the snapshots that `schedule` asks for, the last step's always.

    Raises DivergedError after the last good snapshot when a figure becomes NaN or infinite; DataError as the model.
    """
    loop = Loop(model, data, views, schedule, stop_rule, packages)
    while loop.advance():
        if loop.due:
            yield loop.scheduled()
    if not loop.taken:
        yield loop.scheduled()


def _diverged(name: str, value: float, step: int, epoch: float, last_step: int) -> str:
    what = "NaN" if math.isnan(value) else "infinite"
    kept = f"the last good snapshot is of step {last_step}" if last_step else "there is no good snapshot"
    return (
        f"The {name.replace('_', ' ')} became {what} at step {step} (epoch {epoch:.2g}), so the training stopped; "
        f"{kept}. A smaller learning rate often helps."
    )


def _steps(model: Model, train: Split) -> Iterator[Metrics]:
    """Begin the training; labels go to models whose `steps` asks for them, and to any with images."""
    steps: Any = model.steps
    if train.labels is not None and "labels" in signature(steps).parameters:
        return iter(steps(train.for_model(), labels=train.labels))
    return iter(steps(train.for_model()))
