"""What passes between a run and whatever computes it: requests, commands, messages, and the interface of an executor.

`workers.pool.Pool` computes runs in worker processes of this machine. A cluster's executor that offers `submit` and
`warm` can take its place without a page changing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from engine.model import Model
from engine.training.data import Data
from engine.training.names import PACKAGES, find_model
from engine.training.schedule import Schedule, StopRule
from engine.training.snapshot import Snapshot, View

State = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Request:
    """Describe one training: everything that repeats it exactly.

    `model` is "family/Name" of the catalogue or "package.module:Name"; `seed`, where it is given, takes the place of
    the hyperparameter of that name. `device` "auto" is CUDA where there is a GPU, else the CPU.
    """

    model: str
    data: Data
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    views: tuple[View, ...] = ()
    seed: int | None = None
    schedule: Schedule = field(default_factory=Schedule)
    stop_rule: StopRule | None = None
    device: Literal["auto", "cpu", "cuda"] = "auto"

    def build(self, packages: tuple[str, ...] = PACKAGES) -> Model:
        """Make the unfitted model; raise DataError for an unknown one, HyperparameterError for a bad choice."""
        model = find_model(self.model, packages)
        values = dict(self.hyperparameters)
        if self.seed is not None and "seed" in model.Hyperparameters.model_fields:
            values["seed"] = self.seed
        return model(**values)


@dataclass(frozen=True)
class Command:
    """Ask a training for something, to be done between two steps; `serial` counts the commands of a run from 1.

    "speed" has the steps per second as `value`, None for as fast as it can; "step" the number of steps; "tune" has
    the `changes` that `Model.tune` takes.
    """

    kind: Literal["play", "pause", "step", "epoch", "speed", "state", "tune", "stop"]
    serial: int
    value: float | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Started:
    """Say that the training has begun: on which device, over how many examples an epoch."""

    device: str
    examples: int


@dataclass(frozen=True, eq=False)
class Progress:
    """Bring the scheduled snapshots taken since the last message, and where the training is now.

    `latest` is the newest snapshot, scheduled or not, None if there is no newer one. `paused` holds as far as
    commands up to `serial` are concerned.
    """

    snapshots: tuple[Snapshot, ...]
    latest: Snapshot | None
    paused: bool
    serial: int


@dataclass(frozen=True, eq=False)
class StateReply:
    """Bring the model's arrays as they are after `step`."""

    state: State
    step: int
    serial: int


@dataclass(frozen=True)
class Refused:
    """Say why a change of settings was not made; the training goes on as before."""

    reason: str


@dataclass(frozen=True, eq=False)
class Ended:
    """Say that the training is over and why; the arrays are those after `step`, None if there are none to trust."""

    status: Literal["finished", "stopped", "failed"]
    reason: str | None = None
    state: State | None = None
    step: int = 0


Message = Started | Progress | StateReply | Refused | Ended
Receive = Callable[[Message], None]


class Channel(Protocol):
    """Lead to one submitted training."""

    @property
    def place(self) -> int:
        """Place in the queue from 1; 0 once it has left the queue."""

    def send(self, command: Command) -> None:
        """Pass a command on; one for a training that still queues is kept until it starts. Never blocks for long."""

    def close(self) -> None:
        """Leave the queue, or stop within a step and free the worker."""


class Executor(Protocol):
    """Compute trainings, at most so many at once, the others in a queue."""

    def submit(self, request: Request, receive: Receive, first: bool = False) -> Channel:
        """Queue a training, `first` at the head of the queue; `receive` gets its messages in order, last an Ended.

        `receive` is called from another thread and must return at once.
        """

    @property
    def waiting(self) -> int:
        """Number of trainings in the queue."""


def copied(state: Mapping[str, npt.NDArray[Any]]) -> State:
    """Copy arrays that a model may go on changing."""
    return {name: np.array(array) for name, array in state.items()}
