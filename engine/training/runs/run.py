"""A run: one training that someone watches, plays, pauses, steps and resets, wherever it is computed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from threading import Condition
from time import monotonic
from typing import Any, Literal, Self
from uuid import uuid4

from engine.model import DataError, HyperparameterError, Model
from engine.training.messages import (
    Channel,
    Command,
    Ended,
    Executor,
    Message,
    Progress,
    Refused,
    Request,
    Started,
    State,
    StateReply,
)
from engine.training.names import PACKAGES
from engine.training.runs.history import MAX_BYTES, History
from engine.training.snapshot import Snapshot, View

Status = Literal["queued", "running", "paused", "finished", "failed", "stopped"]
OVER = ("finished", "failed", "stopped")


class Run:
    """Train `request` through `executor` under remote control.

    A new run is paused and holds no worker; `play`, `step` or `epoch` queue it. Commands return at once and act
    between two steps. Reading never waits, except `model_state` and `model`. `reason` is a sentence that says why
    a run has failed or stopped, `device` where it trains, `tuned` what was changed since its start, `refused` why a
    change could not be made. A run that is over stays as it is until `reset`. It is safe
    to use from any thread.
    """

    def __init__(self, request: Request, executor: Executor, packages: tuple[str, ...] = PACKAGES) -> None:
        self.request = request
        self.id = uuid4().hex
        self.touched = monotonic()
        self.speed: float | None = None  # steps per second, None for as many as it can
        self._executor = executor
        self._packages = packages
        self._changed = Condition()  # over an RLock
        self._serial = 0  # of the last command
        self.attempt = 0  # resets so far; messages of an attempt before the last one are dropped
        self._clear()

    def _clear(self) -> None:
        self._channel: Channel | None = None
        self._ended = False
        self._paused_serial = 0  # of the last command that the worker has obeyed by pausing
        self._status: Status = "paused"
        self._shown = History()
        self._state: State | None = None
        self._state_serial = 0
        self._model: tuple[tuple[int, dict[str, Any]], Model] | None = None
        self.tuned: dict[str, Any] = {}
        self.refused: str | None = None
        self.reason: str | None = None
        self.device: str | None = None
        self.state_step = 0
        self.paused_since = monotonic()

    @property
    def status(self) -> Status:
        """What the run is doing: queued, running, paused, finished, failed or stopped."""
        return self._status

    @property
    def place(self) -> int:
        """Place in the queue from 1; 0 for a run that is not in it."""
        channel = self._channel
        return channel.place if channel and self._status == "queued" else 0

    @property
    def over(self) -> bool:
        """Tell whether nothing more will happen, unless it is reset."""
        return self._status in OVER

    @property
    def settled(self) -> bool:
        """Tell whether nothing more will arrive until it is told to go on: it pauses, or is over, and has said so.

        A pause shows at once as `status`, a little before the worker's last pictures come.
        """
        if self._channel is None or self._ended:
            return True
        return self._status == "paused" and self._paused_serial == self._serial

    @property
    def holds_worker(self) -> bool:
        """Tell whether a worker, or a place in the queue, is taken by this run."""
        return self._channel is not None and not self._ended

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """The history so far; it ends with the newest picture, whether scheduled or not."""
        history, latest = self.history, self.latest
        is_newer = latest is not None and (not history or latest.step > history[-1].step)
        return (*history, latest) if latest is not None and is_newer else history

    @property
    def history(self) -> tuple[Snapshot, ...]:
        """All scheduled snapshots so far; the same for every run of the request, however it was interrupted."""
        return self._shown.scheduled

    @property
    def latest(self) -> Snapshot | None:
        """The newest snapshot, scheduled or not."""
        return self._shown.latest

    @property
    def examples_per_second(self) -> float | None:
        """How many examples a second it learns from, over about the last second; None before it is known."""
        return self._shown.examples_per_second

    @property
    def steps_per_second(self) -> float | None:
        """How many steps it does a second, pictures left out, over about the last second; None before it is known."""
        return self._shown.steps_per_second

    def play(self) -> None:
        """Go on without end."""
        self._go("play")

    def step(self, n: int = 1) -> None:
        """Do n steps, then pause."""
        if n < 1:
            raise DataError(f"A run goes forward by at least one step; this was {n}.")
        self._go("step", n)

    def epoch(self) -> None:
        """Go on to the end of this epoch, then pause."""
        self._go("epoch")

    def pause(self) -> None:
        """Hold before the next step."""
        with self._changed:
            if self.holds_worker and not self.over:
                self._ask("pause")
                self._pause()

    def set_speed(self, steps_per_second: float | None) -> None:
        """Do at most so many steps a second from now on; None for as many as it can."""
        if steps_per_second is not None and not 0 < steps_per_second < float("inf"):
            raise DataError(f"The speed is a number of steps a second above 0; this was {steps_per_second}.")
        with self._changed:
            self.speed = steps_per_second
            if self.holds_worker:
                self._ask("speed", steps_per_second)

    def tune(self, **changes: Any) -> None:
        """Change hyperparameters that the model is `tunable` in, from the next step on, after the steps asked for.

        A `reset` takes them back. The history is then no longer that of the request alone.
        """
        with self._changed:
            self.tuned |= changes
            if self.holds_worker:
                self._ask("tune", changes=changes)

    def keep(self, views: tuple[View, ...]) -> None:
        """Have the history keep other pictures; raises DataError once the training has begun."""
        with self._changed:
            if self._channel is not None:
                raise DataError("A run under way goes on with its pictures; start it again for others.")
            self.request = replace(self.request, views=views)

    def stop(self, reason: str | None = None) -> None:
        """Stop for good and free the worker; history and model stay."""
        with self._changed:
            self.touch()
            if self.over:
                return
            self._status, self.reason = "stopped", reason
            if self._channel is None:
                self._ended = True
            else:
                self._channel.close()
            self._changed.notify_all()

    def reset(self, play: bool = False) -> None:
        """Go back to before the first step, with the same seed; play from there if asked.

        A run that was training starts again before those that queue.
        """
        with self._changed:
            channel, first = self._channel, self.holds_worker and self._status in ("running", "paused")
            self.attempt += 1
            ended = self._ended
            self._clear()
            self.touch()
            if channel and not ended:
                channel.close()
            if play:
                self._go("play", first=first)
            self._changed.notify_all()

    def close(self) -> None:
        """Stop and drop the history, so that the memory is free."""
        with self._changed:
            self.reset()
            self.stop("The run is closed.")

    def touch(self) -> None:
        """Say that somebody is watching; a run that nobody watches is stopped (`engine.training.runs.registry`)."""
        self.touched = monotonic()

    def wait(self, timeout: float | None = None, until: Callable[[Self], Any] | None = None) -> bool:
        """Wait, in a script, until it is neither queued nor running, or `until(run)`; return False on time-out."""
        until = until or (lambda run: run.status not in ("queued", "running"))
        with self._changed:
            return bool(self._changed.wait_for(lambda: until(self), timeout))

    def model_state(self, timeout: float = 10.0) -> State:
        """Return the model's arrays as they are now (those after `state_step`), fetched from the worker if need be.

        After a NaN they are those of the last good snapshot. Raises DataError before the first step, when they
        were lost with a killed worker, and when the worker does not answer in time.
        """
        with self._changed:
            if not self._known():
                if self._channel is None or self._status == "queued" or self.latest is None:
                    raise DataError("Nothing has been learnt yet.")
                if not self.over:
                    self._ask("state")
                asked = math.inf if self.over else self._serial
                if not self._changed.wait_for(lambda: self._ended or self._state_serial >= asked, timeout):
                    raise DataError("The worker is busy and did not send the model; try again.")
            if not self._state:
                lost = self._ended and self.latest is not None
                raise DataError("The model was lost with its worker." if lost else "Nothing has been learnt yet.")
            return self._state

    def model(self, timeout: float = 10.0) -> Model:
        """Return the model as it is now, in this process and as it was tuned, to decode, score or sample with."""
        state = self.model_state(timeout)
        with self._changed:
            current = self.state_step, dict(self.tuned)
            if self._model is None or self._model[0] != current:
                model = self.request.build(self._packages)
                for name, value in self.tuned.items():
                    with suppress(DataError, HyperparameterError):  # which the training has refused as well
                        model.tune(**{name: value})
                self._model = current, model.load_state(state)
            return self._model[1]

    def _known(self) -> bool:
        """Tell whether the arrays at hand are the newest there will be without another step."""
        paused = self._status == "paused" and self.latest is not None and self.latest.step == self.state_step
        return self._ended or (self._state is not None and paused)

    def _pause(self) -> None:
        if self._status == "running":
            self._status, self.paused_since = "paused", monotonic()

    def _go(self, kind: Literal["play", "step", "epoch"], value: float | None = None, first: bool = False) -> None:
        with self._changed:
            if self.over:
                return
            if self._channel is None:
                self._channel = self._executor.submit(self.request, partial(self._receive, self.attempt), first)
                self._status = "queued"
                if self.speed is not None:
                    self._ask("speed", self.speed)
                if self.tuned:
                    self._ask("tune", changes=self.tuned)
            elif self._status == "paused":
                self._status = "running"
            self._ask(kind, value)

    def _ask(self, kind: Any, value: float | None = None, changes: Mapping[str, Any] | None = None) -> None:
        self.touch()
        self._serial += 1
        if self._channel is not None:
            self._channel.send(Command(kind, self._serial, value, dict(changes or {})))

    def _receive(self, attempt: int, message: Message) -> None:
        """Take in a message from the executor, on its thread."""
        with self._changed:
            if attempt != self.attempt:
                return
            match message:
                case Started():
                    self.device, self._shown.examples = message.device, message.examples
                    if self._status == "queued":
                        self._status = "running"
                case Progress():
                    self._advance(message)
                case StateReply():
                    self._state, self._state_serial, self.state_step = message.state, message.serial, message.step
                case Refused():
                    self.refused = message.reason
                case Ended():
                    self._ended = True
                    self._status = message.status
                    self.reason = message.reason or self.reason
                    if message.state is not None:
                        self._state, self.state_step = message.state, message.step
            self._changed.notify_all()

    def _advance(self, message: Progress) -> None:
        self._shown.add(message)
        if message.paused and message.serial == self._serial:
            self._paused_serial = message.serial
            self._pause()
        if self._shown.full and not self.over:
            self.stop(f"The history has reached {MAX_BYTES // 2**20} MiB, so the run was stopped.")
