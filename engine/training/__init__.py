"""Training, for every model alike: snapshots, runs in worker processes, checkpoints."""

from engine.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from engine.training.data import ArrayData, NamedData, Split
from engine.training.executor import Executor, Request
from engine.training.loop import DivergedError, snapshots
from engine.training.pool import Pool
from engine.training.run import Run
from engine.training.runs import IDLE_SECONDS, Runs, shared_runs
from engine.training.schedule import Schedule, StopRule
from engine.training.snapshot import DataPart, Snapshot, View

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
