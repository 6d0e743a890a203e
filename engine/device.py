"""The one place that chooses where tensors live."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from engine.model import DataError

_chosen: str | None = None


def device() -> torch.device:
    """Return CUDA where there is a GPU, else the CPU.

    On some CPUs matrix products crawl on denormals, which exp of large negative numbers gives. Flushing them to zero
    would be a switch of the whole thread, under which other libraries fail (SciPy's trees split at nextafter(0, 1)
    for ever), so whoever takes an exponential here cuts off its faint end.
    """
    return torch.device(_chosen or ("cuda" if torch.cuda.is_available() else "cpu"))


def choose(name: str = "auto") -> torch.device:
    """Make `device` return "cpu" or "cuda" in this whole process from now on, "auto" as without; return it.

    Raises DataError for CUDA where there is none, and for another name.
    """
    global _chosen
    if name not in ("auto", "cpu", "cuda"):
        raise DataError(f"There is no device {name!r}; there are auto, cpu and cuda.")
    if name == "cuda" and not torch.cuda.is_available():
        raise DataError("This machine has no CUDA device; choose the CPU.")
    _chosen = None if name == "auto" else name
    return device()


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep torch to one thread, for work that goes to and fro between it and NumPy.

    The threads of each wait busily for more to do, on the cores that the other's need: a game of small networks took
    ten times as long.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
