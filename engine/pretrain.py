"""Pretrained (stub until checkpoints land)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class Pretrained:
    name: str
    model: Any
    snapshots: Any
    summary: str


def pretrained_for(model: str, data: str) -> list[str]:
    return []


def load_pretrained_run(name: str) -> Pretrained:
    raise KeyError(name)
