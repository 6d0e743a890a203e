"""The one place that chooses where tensors live."""

from __future__ import annotations

import torch


def device() -> torch.device:
    """Return CUDA where there is a GPU, else the CPU, on which tiny numbers then cost nothing.

    exp of large negative numbers gives denormals, and matrix products on them crawl. Flushing them to zero is a
    setting of the calling thread, so it is made on every call.
    """
    torch.set_flush_denormal(True)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
