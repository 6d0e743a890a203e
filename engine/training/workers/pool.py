"""The pool of worker processes: a training a core, a queue for the others, one worker kept warm."""

from __future__ import annotations

import atexit
import os
from collections import deque
from contextlib import suppress
from glob import glob
from threading import Condition, Thread

from engine.training.messages import Command, Ended, Message, Receive, Request
from engine.training.names import PACKAGES
from engine.training.workers.process import WorkerProcess

GPU_SHARE = 4  # trainings at once on one GPU
SPARE_SECONDS = 60.0  # an idle worker ends after so long (about 300 MB) if another one is idle too


def default_size() -> int:
    """Return how many trainings this machine runs at once: one a core, with GPUs at most four a GPU."""
    cores, gpus = len(os.sched_getaffinity(0)), len(glob("/dev/nvidia[0-9]*"))
    return max(1, min(cores, gpus * GPU_SHARE) if gpus else cores)


class Job:
    """A submitted training: in the queue, then with a worker, then over. It is the Channel that `submit` returns."""

    def __init__(self, pool: Pool, request: Request, receive: Receive) -> None:
        self.request = request
        self.receive = receive
        self.worker: WorkerProcess | None = None
        self.early: list[Command] = []  # what was asked of it before it began
        self.begun = False  # its run has had a message
        self.retried = False  # one worker has died on it
        self.cancelled = False
        self._pool = pool

    @property
    def place(self) -> int:
        """Place in the queue from 1; 0 once it has left the queue."""
        return self._pool.place(self)

    def send(self, command: Command) -> None:
        """Pass a command on, or keep it until the training starts."""
        self._pool.send(self, command)

    def close(self) -> None:
        """Leave the queue, or stop within a step and free the worker."""
        self._pool.cancel(self)


class Pool:
    """Compute trainings in worker processes of this machine.

    At most `size` train at once; the others queue in order. Workers are started when needed, one more than that is
    kept warm as long as there is room, and one that dies is replaced when it is needed. `packages` are those whose
    models and views may be named. Safe to use from any thread.
    """

    def __init__(self, size: int | None = None, packages: tuple[str, ...] = PACKAGES) -> None:
        self.size = size or default_size()
        self._packages = packages
        self._threads = max(1, len(os.sched_getaffinity(0)) // self.size)
        self._changed = Condition()
        self._queue: deque[Job] = deque()
        self._workers = 0  # threads, each with its process
        self._busy = 0  # of them, those that have a job
        self._idle = 0  # and those that wait for one
        self._processes: set[WorkerProcess] = set()
        self._closed = False
        atexit.register(self.close)

    def warm(self) -> None:
        """Start the first worker, so that the first run need not wait for it."""
        with self._changed:
            self._fill()

    def submit(self, request: Request, receive: Receive, first: bool = False) -> Job:
        """Queue a training, `first` at the head of the queue; `receive` gets its messages, the last an Ended."""
        job = Job(self, request, receive)
        with self._changed:
            if self._closed:
                raise RuntimeError("The pool is closed.")
            self._queue.insert(0 if first else len(self._queue), job)
            self._fill()
            self._changed.notify_all()
        return job

    @property
    def waiting(self) -> int:
        """Number of trainings in the queue."""
        return len(self._queue)

    @property
    def pids(self) -> tuple[int, ...]:
        """Process numbers of the workers."""
        with self._changed:
            return tuple(process.pid for process in self._processes)

    def place(self, job: Job) -> int:
        """Return the place of `job` in the queue from 1, or 0."""
        with self._changed:
            return self._queue.index(job) + 1 if job in self._queue else 0

    def send(self, job: Job, command: Command) -> None:
        """Pass a command to where `job` is."""
        with self._changed:
            if not job.begun:
                job.early.append(command)
            worker = job.worker
        if worker is not None:
            # A worker that is gone is noticed by the thread that listens to it, which tells the run.
            with suppress(OSError):
                worker.send(command)

    def cancel(self, job: Job) -> None:
        """Take `job` out of the queue, or have its worker stop it."""
        with self._changed:
            job.cancelled = True
            queued = job in self._queue
            if queued:
                self._queue.remove(job)
        if queued:
            job.receive(Ended("stopped"))
        else:
            self.send(job, Command("stop", -1))

    def close(self) -> None:
        """Kill all workers and empty the queue; every training has then been stopped."""
        with self._changed:
            self._closed = True
            waiting = list(self._queue)
            self._queue.clear()
            for process in self._processes:
                process.kill()
            self._changed.notify_all()
        for job in waiting:
            job.receive(Ended("stopped"))
        atexit.unregister(self.close)

    @property
    def _wanted(self) -> int:
        return min(self.size, self._busy + len(self._queue) + 1)

    def _fill(self) -> None:
        """Start as many workers as there is work for, and a spare one."""
        while self._workers < self._wanted and not self._closed:
            self._workers += 1
            Thread(target=self._work, name="training-worker", daemon=True).start()

    def _work(self) -> None:
        """Own one worker process: hand it one job after another until it is not wanted any more or dies."""
        ready, job, process = False, None, None
        try:
            process = WorkerProcess(self._threads, self._packages)
            with self._changed:
                self._processes.add(process)
                if self._closed:
                    return
            process.receive()
            ready = True
            while job := self._next(process):
                self._serve(process, job)
                job = None
        except (EOFError, OSError):
            pass  # it died
        finally:
            how = process.end() if process else "The worker process could not be started."
            with self._changed:
                self._processes -= {process}
                self._workers -= 1
                self._busy -= job is not None
            if job or not ready:
                self._bury(job, how)

    def _bury(self, job: Job | None, how: str) -> None:
        """Tell the run whose worker died, or start its job again if it had not begun; then replace the worker."""
        with self._changed:
            if job is None and self._queue:  # the process could not even start; trying on would have no end
                job = self._queue.popleft()
                job.retried = True
            again = job is not None and not (job.begun or job.retried or job.cancelled or self._closed)
            if job and again:
                job.worker, job.retried = None, True
                self._queue.appendleft(job)
        if job and not again:
            stopped = job.cancelled or self._closed
            job.receive(Ended("stopped") if stopped else Ended("failed", how))
        with self._changed:
            if self._queue:
                self._fill()

    def _next(self, process: WorkerProcess) -> Job | None:
        """Wait for a job; None when this worker is one too many. Raises EOFError when the process has died idle."""
        with self._changed:
            while not self._queue and not self._closed:
                self._idle += 1
                told = self._changed.wait(SPARE_SECONDS)
                self._idle -= 1
                if not process.alive:
                    raise EOFError
                if not told and self._idle and self._workers > self._wanted:
                    return None
            if self._closed:
                return None
            self._busy += 1
            job = self._queue.popleft()
            self._fill()
            return job

    def _serve(self, process: WorkerProcess, job: Job) -> None:
        """Send a job and pass its messages on until it has ended."""
        process.send(job.request)
        with self._changed:
            job.worker = process
            for command in job.early:
                process.send(command)
        while True:
            message: Message = process.receive()
            with self._changed:
                job.begun = True
                if isinstance(message, Ended):
                    job.worker = None
                    self._busy -= 1
            job.receive(message)
            if isinstance(message, Ended):
                return
