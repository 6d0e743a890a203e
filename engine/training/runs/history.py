"""What a run has shown so far: the scheduled snapshots, the latest one, and how fast it goes."""

from __future__ import annotations

from collections import deque

from engine.training.messages import Progress
from engine.training.snapshot import Snapshot

MAX_BYTES = 256 * 2**20  # of the views of one run


class History:
    """Gather the snapshots that a training sends; one thread adds, any may read.

    `latest` is the newest snapshot, scheduled or not; `examples` how many one epoch has.
    """

    def __init__(self) -> None:
        self.latest: Snapshot | None = None
        self.examples = 0
        self._scheduled: list[Snapshot] = []
        self._bytes = 0
        self._marks: deque[tuple[float, float, int]] = deque(maxlen=12)  # (seconds, epoch, step), a second or so

    def add(self, progress: Progress) -> None:
        """Take in what a message brings; its pictures are not to be written to from here on."""
        for snapshot in (*progress.snapshots, progress.latest):
            for view in snapshot.views.values() if snapshot else ():
                view.setflags(write=False)
        self._scheduled.extend(progress.snapshots)
        self._bytes += sum(snapshot.nbytes for snapshot in progress.snapshots)
        if progress.latest is not None:
            self.latest = progress.latest
            self._marks.append((progress.latest.seconds, progress.latest.epoch, progress.latest.step))

    @property
    def scheduled(self) -> tuple[Snapshot, ...]:
        """All scheduled snapshots so far."""
        return tuple(self._scheduled)

    @property
    def full(self) -> bool:
        """Tell whether it takes more memory than one run may."""
        return self._bytes > MAX_BYTES

    @property
    def examples_per_second(self) -> float | None:
        """How many examples a second the training learns from; None before it is known."""
        rate = self._rate(1)
        return None if rate is None else self.examples * rate

    @property
    def steps_per_second(self) -> float | None:
        """How many steps it does in a second spent in steps; None before it is known."""
        return self._rate(2)

    def _rate(self, which: int) -> float | None:
        marks = tuple(self._marks)
        if len(marks) < 2 or marks[-1][0] <= marks[0][0]:
            return None
        return (marks[-1][which] - marks[0][which]) / (marks[-1][0] - marks[0][0])
