"""The worker process: `python -m engine.training.workers.worker FD --threads N`, one end of a pipe to the server.

It trains one request after another. A thread reads commands; when the pipe ends, because the server has died or has
no more use for it, the process leaves at once.
"""

from __future__ import annotations

import argparse
import os
import threading
from collections.abc import Callable
from functools import partial
from importlib import import_module
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from engine.training.data import NamedData
from engine.training.messages import Command, Ended, Request, Started
from engine.training.names import PACKAGES
from engine.training.workers.control import Control
from engine.training.workers.trainer import Trainer, sentence

STOP_SECONDS = 10.0  # a step that takes longer than this after "stop" costs the process its life
NICENESS = 5


class Inbox:
    """Read the pipe on a thread of its own: requests go to a queue, commands to the control of the request."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._requests: SimpleQueue[tuple[Request, Control]] = SimpleQueue()
        self._control = Control()
        self._over = threading.Event()
        threading.Thread(target=self._read, name="commands", daemon=True).start()

    def next(self) -> tuple[Request, Control]:
        """Wait for a request; its control already hears the commands that follow it."""
        self._over.set()
        request = self._requests.get()
        self._over.clear()
        return request

    def has_request(self) -> bool:
        """Tell whether a request waits."""
        return not self._requests.empty()

    def _read(self) -> None:
        try:
            while True:
                message = self._connection.recv()
                if isinstance(message, Request):
                    self._control = Control()
                    self._requests.put((message, self._control))
                elif isinstance(message, Command):
                    self._control.hear(message)
                    if message.kind == "stop":
                        threading.Thread(target=self._insist, args=(self._control,), daemon=True).start()
        except (EOFError, OSError):
            pass
        finally:
            os._exit(0)  # nobody is left to tell, and the training may be deep inside a step

    def _insist(self, control: Control) -> None:
        if not self._over.wait(STOP_SECONDS) and control is self._control:
            os._exit(1)


def warm_up(is_wanted: Callable[[], bool]) -> None:
    """Load what a first step needs, piece by piece, until done or a request waits, which then loads what it needs.

    What the latent lab opens on comes first: a person who presses Play there waits for a picture.
    """
    from engine.catalogue import MODELS, models

    loads: list[Callable[[], object]] = [
        _first_step,
        partial(models, "latent"),
        *(partial(import_module, f"engine.latent.views.{name}") for name in ("history", "plane")),
        NamedData("load_images", {"name": "mnist"}).open,  # which keeps it
        *(partial(models, family) for family in MODELS),
    ]
    for load in loads:
        if is_wanted():
            return
        load()


def _first_step() -> None:
    """Make one optimiser step: torch loads a second's worth of code, and CUDA, on the first."""
    import torch

    from engine.device import device

    weight = torch.zeros(2, 2, requires_grad=True, device=device())
    weight.square().sum().backward()
    torch.optim.Adam([weight]).step()


def device_name(asked: str) -> str:
    """Choose the device for what follows and return its name; raise DataError where there is none such."""
    import torch

    from engine import device

    chosen = device.choose(asked)
    return f"{chosen.type} ({torch.cuda.get_device_name(chosen)})" if chosen.type == "cuda" else chosen.type


def serve(connection: Connection, packages: tuple[str, ...]) -> None:
    """Say that this process is ready, then train what is asked, one request after another, for ever."""
    inbox = Inbox(connection)
    connection.send(None)  # ready
    while True:
        warm_up(inbox.has_request)
        request, control = inbox.next()
        connection.send(_train(request, control, connection.send, packages))
        del request, control  # and with them the data, before the next wait
        _free_gpu()


def _free_gpu() -> None:
    """Give the memory that the last run used back to the other processes on this GPU."""
    import torch

    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def _train(
    request: Request,
    control: Control,
    send: Callable[[Any], None],
    packages: tuple[str, ...],
) -> Ended:
    """Train one request and return how it ended, whatever happens."""
    try:
        name = device_name(request.device)
        data = request.data.open()
        send(Started(name, len(data.train.x)))
        return Trainer(request.build(packages), data, request, control, send, packages).train()
    except Exception as error:
        return Ended("failed", sentence(error))


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fd", type=int, help="file descriptor of this end of the pipe")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch")
    parser.add_argument("--packages", default=",".join(PACKAGES), help="packages whose models and views may be named")
    options = parser.parse_args()
    os.nice(NICENESS)  # the server answers visitors first

    import torch

    torch.set_num_threads(max(1, options.threads))
    serve(Connection(options.fd), tuple(options.packages.split(",")))


if __name__ == "__main__":
    main()
