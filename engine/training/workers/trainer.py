"""One training as a worker does it: the loop under the visitor's control, its snapshots sent as they come."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import numpy as np

from engine.model import DataError, HyperparameterError, Model
from engine.training.data import Opened
from engine.training.loop import Loop
from engine.training.messages import Ended, Progress, Refused, Request, State, StateReply, copied
from engine.training.snapshot import Snapshot
from engine.training.workers.control import Control

INTERVAL = 0.1  # seconds between two messages, and between two live pictures, at full speed
SHARE = 0.1  # of the time that live pictures may take


def sentence(error: Exception) -> str:
    """Say in one sentence, fit for the page, what went wrong; an error of ours is one already."""
    if isinstance(error, (DataError, HyperparameterError)):
        return str(error)
    traceback.print_exception(error)  # the developer finds the rest in the server's log
    return f"The training failed: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}."


class Trainer:
    """Train a model as `request` says, obey `control`, and `send` Progress and StateReply messages.

    Scheduled snapshots are gathered and sent together, at most ten times a second; between them live ones show where
    the training is. Both go out at once when it pauses.
    """

    def __init__(
        self,
        model: Model,
        data: Opened,
        request: Request,
        control: Control,
        send: Callable[[Any], None],
        packages: tuple[str, ...],
    ) -> None:
        self._loop = Loop(model, data, request.views, request.schedule, request.stop_rule, packages)
        self._model = model
        self._control = control
        self._send = send
        self._gathered: list[Snapshot] = []
        self._latest: Snapshot | None = None  # the newest that has not been sent
        self._shown = 0  # its step
        self._good: State | None = None  # the model at the last scheduled snapshot
        self._good_step = 0
        self._next_send = self._next_live = 0.0

    def train(self) -> Ended:
        """Run to the end, until stopped, or until a figure is NaN; return how it ended with the model's arrays."""
        loop, control = self._loop, self._control
        try:
            while control.free or control.allows(loop.epoch, self._waits, self._answer, self._tune):
                if not loop.advance():
                    return self._end("finished", loop.note)
                self._show()
        except Exception as error:
            self._flush()
            return Ended("failed", sentence(error), self._good, self._good_step)
        return self._end("stopped", None)

    def _show(self) -> None:
        """Take a snapshot of this step if one is due, and send what has gathered if it is time."""
        loop = self._loop
        if loop.due:
            self._take()
            now = perf_counter()
        else:
            now = perf_counter()
            if now >= self._next_live:
                self._look()
                taken = perf_counter()
                self._next_live = taken + max(INTERVAL, (taken - now) / SHARE)
                now = taken
                self._flush(now)
        if self._gathered and now >= self._next_send:
            self._flush(now)

    def _look(self) -> None:
        """Take a live snapshot, which the history does not keep."""
        self._latest, self._shown = self._loop.live(), self._loop.step

    def _take(self) -> None:
        """Take a scheduled snapshot, and the model's arrays in case the next steps spoil them."""
        self._latest, self._shown = self._loop.scheduled(), self._loop.step
        self._gathered.append(self._latest)
        state = self._model.state()
        if all(array.dtype.kind != "f" or np.isfinite(array).all() for array in state.values()):
            self._good, self._good_step = copied(state), self._loop.step
        self._next_live = perf_counter() + INTERVAL

    def _flush(self, now: float | None = None, paused: bool = False, serial: int | None = None) -> None:
        number = self._control.serial if serial is None else serial
        self._send(Progress(tuple(self._gathered), self._latest, paused, number))
        self._gathered, self._latest = [], None
        self._next_send = (perf_counter() if now is None else now) + INTERVAL

    def _waits(self, paused: bool, serial: int) -> None:
        """Show the step at which the training pauses, or waits for its next at a low speed."""
        loop = self._loop
        unseen = loop.step != self._shown
        if unseen and (paused or perf_counter() >= self._next_live):
            self._look()
        if paused and serial:
            self._flush(paused=True, serial=serial)
            self._next_send = 0.0  # what comes next is waited for
        elif (self._latest or self._gathered) and perf_counter() >= self._next_send:
            self._flush()

    def _tune(self, changes: Mapping[str, Any]) -> None:
        """Change the model's settings; what it can't take leaves them as they are, and the run goes on."""
        try:
            self._model.tune(**changes)
        except (DataError, HyperparameterError) as error:
            self._send(Refused(str(error)))

    def _answer(self, serial: int) -> None:
        """Send the model's arrays; none before the first step."""
        state = self._model.state() if self._loop.step else {}
        self._send(StateReply(state, self._loop.step, serial))

    def _end(self, status: Any, reason: str | None) -> Ended:
        loop = self._loop
        if loop.step and not loop.taken and status == "finished":
            self._take()
        elif loop.step != self._shown:
            self._look()
        self._flush()
        return Ended(status, reason, self._model.state() if loop.step else None, loop.step)
