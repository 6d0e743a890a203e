"""A worker process as the server sees it: started, asked, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from multiprocessing import Pipe
from pathlib import Path
from threading import Lock
from typing import Any

ROOT = Path(__file__).parents[2]


class WorkerProcess:
    """Start `python -m engine.training.workers.worker` with one end of a pipe, and talk to it through the other.

    Not multiprocessing: a child started from a Streamlit page would run the page again as its main module.
    """

    def __init__(self, threads: int, packages: tuple[str, ...]) -> None:
        self._connection, theirs = Pipe()
        self._sending = Lock()
        with theirs:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "engine.training.workers.worker", str(theirs.fileno())),
                    *("--threads", str(threads), "--packages", ",".join(packages)),
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=_environment(threads),
            )

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Tell whether the process still runs."""
        return self._process.poll() is None

    def send(self, message: Any) -> None:
        """Send a request or a command; raise OSError when the process is gone."""
        with self._sending:
            self._connection.send(message)

    def receive(self) -> Any:
        """Wait for a message; raise EOFError or OSError when the process is gone."""
        return self._connection.recv()

    def kill(self) -> None:
        """Kill the process; whoever waits in `receive` gets EOFError."""
        self._process.kill()

    def end(self) -> str:
        """Kill the process if it still lives, and say in a sentence how it ended."""
        self._process.kill()  # nothing happens to one that has ended already
        code = self._process.wait()
        self._connection.close()
        if code < 0:
            name = signal.Signals(-code).name
            return f"The worker process was killed ({name}), for want of memory perhaps; what it had sent is kept."
        return f"The worker process ended (exit code {code}); what it had sent is kept."


def _environment(threads: int) -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    count = str(threads)
    # Threads that spin while they wait for each other are ruin where others want the cores too: two epochs of a VAE
    # took 42 s of CPU in place of 2.
    threading = {"OMP_NUM_THREADS": count, "OPENBLAS_NUM_THREADS": count, "OMP_WAIT_POLICY": "PASSIVE"}
    return os.environ | {"PYTHONPATH": path} | threading
