"""What the visitor has asked of a training: told by one thread, obeyed by another between two steps."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from threading import Condition
from time import monotonic
from typing import Any

from engine.training.messages import Command


class Control:
    """Hold a training back, let it go, or end it.

    `free` is True while it may run as fast as it can: one attribute to read a step. Otherwise `allows` decides.
    A new control allows nothing: it is paused.
    """

    def __init__(self) -> None:
        self.free = False
        self.serial = 0  # of the last command heard
        self._changed = Condition()
        self._steps: float = 0  # how many are still allowed
        self._epoch = math.inf  # no step from here on
        self._next_epoch = False
        self._interval = 0.0  # least seconds between two steps
        self._last = -math.inf
        self._asked: list[int] = []  # serials of requests for the state
        self._counted = 0  # steps taken of those asked for one by one
        self._tunes: deque[tuple[float, Mapping[str, Any]]] = deque()  # (counted steps to take before it, changes)
        self._stopped = False

    def hear(self, command: Command) -> None:
        """Take a command in; the training obeys it before its next step."""
        with self._changed:
            self.serial = command.serial
            match command.kind:
                case "play":
                    self._steps, self._epoch, self._next_epoch = math.inf, math.inf, False
                case "pause":
                    self._steps = 0
                case "step":
                    # Pressed twice in a hurry is two steps; pressed while it plays, a pause after one more.
                    left = 0 if math.isinf(self._steps) else self._steps
                    self._steps, self._epoch, self._next_epoch = left + int(command.value or 1), math.inf, False
                case "epoch":
                    self._steps, self._next_epoch = math.inf, True
                case "speed":
                    self._interval = 1 / command.value if command.value else 0.0
                case "state":
                    self._asked.append(command.serial)
                case "tune":
                    # Changes wait for the counted steps that were asked for before them, and for nothing else.
                    left = 0 if math.isinf(self._steps) else self._steps
                    self._tunes.append((self._counted + left, command.changes))
                case "stop":
                    self._stopped = True
            self.free = False
            self._changed.notify_all()

    def allows(
        self,
        epoch: float,
        waits: Callable[[bool, int], None],
        answer: Callable[[int], None],
        tune: Callable[[Mapping[str, Any]], None] = lambda changes: None,
    ) -> bool:
        """Wait until the next step is allowed, return True; return False once the training is to stop.

        Meanwhile `waits(paused, serial)` is called once before each wait, `answer(serial)` for each request for the
        state, and `tune(changes)` for each change of settings, in the order of the commands.
        """
        while True:
            for changes in self._due_tunes():
                tune(changes)
            with self._changed:
                serial, asked, self._asked = self.serial, self._asked, []
                if self._stopped:
                    return False
                if self._next_epoch:
                    self._epoch, self._next_epoch = math.floor(epoch + 1e-9) + 1, False
                paused = self._steps <= 0 or epoch >= self._epoch - 1e-9
                if paused:
                    self._steps, self._epoch = 0, math.inf
                now = monotonic()
                delay = math.inf if paused else self._last + self._interval - now
                if not asked and delay <= 0:
                    # A step a little late is made up for by the next; after a longer wait the beat begins anew.
                    self._last = now + delay if delay > -self._interval else now
                    self._steps -= 1
                    self._counted += math.isfinite(self._steps)
                    self.free = self._interval == 0 and self._steps == math.inf == self._epoch and not self._tunes
                    return True
            for number in asked:
                answer(number)
            if asked:
                continue
            waits(paused, serial)
            with self._changed:
                if self.serial == serial:
                    self._changed.wait(None if paused else delay)

    def _due_tunes(self) -> list[Mapping[str, Any]]:
        """Take out the changes whose turn it is; after "play" or "pause" no counted step is left to wait for."""
        with self._changed:
            waiting = 0 < self._steps < math.inf
            due = []
            while self._tunes and not (waiting and self._tunes[0][0] > self._counted):
                due.append(self._tunes.popleft()[1])
            return due
