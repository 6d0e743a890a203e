"""Training, for every model alike: snapshots, runs in worker processes, checkpoints."""

from engine.training.checkpoints.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from engine.training.data import ArrayData, NamedData, Split
from engine.training.loop import DivergedError, snapshots
from engine.training.messages import Executor, Request
from engine.training.runs.registry import IDLE_SECONDS, Runs, shared_runs
from engine.training.runs.run import Run
from engine.training.schedule import Schedule, StopRule
from engine.training.snapshot import DataPart, Snapshot, View
from engine.training.workers.pool import Pool

__all__ = [
    "IDLE_SECONDS",
    "ArrayData",
    "Checkpoint",
    "DataPart",
    "DivergedError",
    "Executor",
    "NamedData",
    "Pool",
    "Request",
    "Run",
    "Runs",
    "Schedule",
    "Snapshot",
    "Split",
    "StopRule",
    "View",
    "load_checkpoint",
    "save_checkpoint",
    "shared_runs",
    "snapshots",
]
