"""Everybody's runs: whose is whose, how many at once, and which of them nobody watches any more."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from threading import Condition, Thread
from time import monotonic

from engine.model import DataError
from engine.training.messages import Executor, Request
from engine.training.names import PACKAGES
from engine.training.runs.run import Run
from engine.training.workers.pool import Pool

IDLE_SECONDS = 120.0  # a hidden tab's timer may fire once a minute only
PAUSED_SECONDS = 300.0
GONE_SECONDS = 5.0  # long enough to load a page again
LEFT_SECONDS = 60.0  # that runs are kept for an owner who has left, and may come back by another page
FORGET_SECONDS = 3600.0


class Runs:
    """Keep runs by owner: a secret token, such as a page's session has; nobody finds another's run.

    A run that is not touched for `idle_seconds`, because its page is gone, is stopped and frees its worker. While
    others wait in the queue, so is one that is paused for `paused_seconds`, or whose owner is known not to be there
    for `gone_seconds`. `forget_seconds` after the last touch it is forgotten with its history, and `left_seconds`
    after its owner has left, unless another has adopted it.
    """

    def __init__(
        self,
        executor: Executor,
        idle_seconds: float = IDLE_SECONDS,
        paused_seconds: float = PAUSED_SECONDS,
        gone_seconds: float = GONE_SECONDS,
        forget_seconds: float = FORGET_SECONDS,
        left_seconds: float = LEFT_SECONDS,
        packages: tuple[str, ...] = PACKAGES,
    ) -> None:
        self.executor = executor
        self._idle, self._paused = idle_seconds, paused_seconds
        self._gone, self._forget, self._keep_left = gone_seconds, forget_seconds, left_seconds
        self._left: dict[str, float] = {}  # when an owner left
        self._packages = packages
        self._runs: dict[str, list[Run]] = {}
        self._are_here: dict[str, Callable[[], bool]] = {}
        self._changed = Condition()
        self._watching = False

    def know(self, owner: str, is_here: Callable[[], bool]) -> None:
        """Learn how to tell, from any thread, whether `owner` still has the page open."""
        with self._changed:
            self._are_here[owner] = is_here

    def start(self, owner: str, request: Request, at_once: int = 1, play: bool = True) -> Run:
        """Start a run for `owner`; the oldest of theirs under way are stopped so that `at_once` remain."""
        run = Run(request, self.executor, self._packages)
        with self._changed:
            runs = self._runs.setdefault(owner, [])
            under_way = [other for other in runs if not other.over]
            runs.append(run)
            if not self._watching:
                self._watching = True
                Thread(target=self._watch, name="idle-runs", daemon=True).start()
        for other in under_way[: max(0, len(under_way) + 1 - at_once)]:
            other.stop("Another run was started.")
        if play:
            run.play()
        return run

    def of(self, owner: str) -> tuple[Run, ...]:
        """Return the runs of `owner`, oldest first."""
        with self._changed:
            return tuple(self._runs.get(owner, ()))

    def get(self, owner: str, run_id: str) -> Run:
        """Return the run of `owner` with this id; raise DataError if they have none such, whoever else has."""
        for run in self.of(owner):
            if run.id == run_id:
                return run
        raise DataError("You have no such run; it may have been forgotten.")

    def leave(self, owner: str) -> None:
        """Say that the page of `owner` is gone; its runs go on for a while, for a page that is loaded again."""
        with self._changed:
            self._left[owner] = monotonic()

    def adopt(self, owner: str, run_id: str) -> Run | None:
        """Give `owner` the run with this id, if whose it was is gone; None where there is no such run."""
        with self._changed:
            for other, theirs in self._runs.items():
                run = next((run for run in theirs if run.id == run_id), None)
                if run is None:
                    continue
                if other != owner:
                    if other not in self._left and self._is_here(other):
                        return None
                    theirs.remove(run)
                    self._runs.setdefault(owner, []).append(run)
                run.touch()
                return run
        return None

    def has(self, run_id: str) -> bool:
        """Tell whether a run is kept, whosever it is."""
        with self._changed:
            return any(run.id == run_id for theirs in self._runs.values() for run in theirs)

    def release(self, owner: str) -> None:
        """Close all runs of `owner`, whose page is gone."""
        with self._changed:
            runs = self._runs.pop(owner, [])
            self._are_here.pop(owner, None)
            self._left.pop(owner, None)
        for run in runs:
            run.close()

    def check(self) -> None:
        """Stop what nobody watches and forget what nobody has watched for long; a thread does so by itself."""
        now = monotonic()
        with self._changed:
            away = [owner for owner, since in self._left.items() if now - since > self._keep_left]
            runs = [(owner, run) for owner, theirs in self._runs.items() for run in theirs]
        for owner in away:
            self.release(owner)
        for owner, run in runs:
            idle = now - run.touched
            if idle > self._forget:
                self._drop(owner, run)
            elif run.over or not run.holds_worker:
                continue
            elif idle > self._idle:
                self._stop(run, f"Nobody watched this run for {self._idle:g} seconds, so it was stopped.")
            elif not self.executor.waiting:
                continue
            elif idle > self._gone and not self._is_here(owner):
                self._stop(run, "Its page was closed while others waited, so it was stopped.")
            elif run.status == "paused" and now - run.paused_since > self._paused:
                self._stop(run, f"It was paused for {self._paused:g} seconds while others waited, so it was stopped.")

    def _is_here(self, owner: str) -> bool:
        with self._changed:
            is_here = self._are_here.get(owner)
            has_left = owner in self._left
        return not has_left and (is_here is None or is_here())

    def _stop(self, run: Run, reason: str) -> None:
        touched = run.touched
        run.stop(reason)
        run.touched = touched  # nobody has watched it, we have only stopped it

    def _drop(self, owner: str, run: Run) -> None:
        with self._changed:
            theirs = [other for other in self._runs.get(owner, []) if other is not run]
            if theirs:
                self._runs[owner] = theirs
            else:
                self._runs.pop(owner, None)
        run.close()

    def _watch(self) -> None:
        while True:
            with self._changed:
                if not self._runs and not self._left:
                    self._watching = False
                    return
                self._changed.wait(min(self._idle, self._paused, self._gone, self._forget) / 4)
            self.check()


@cache
def shared_runs() -> Runs:
    """Return this process's runs, over a pool with one worker already on its way."""
    pool = Pool()
    pool.warm()
    return Runs(pool)
