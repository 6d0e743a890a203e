"""Hyperparameters with other defaults: a form then opens on them, and its link carries only what differs."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from functools import lru_cache
from typing import Any

from pydantic import create_model

from engine.model import Hyperparameters


def with_defaults(
    hyperparameters: type[Hyperparameters], name: str, defaults: Mapping[str, Any]
) -> type[Hyperparameters]:
    """Return a class `name` of the same fields, bounds and descriptions, some with other `defaults`."""
    return _made(hyperparameters, name, tuple(sorted(defaults.items())))


@lru_cache(maxsize=64)  # a form asks at every rerun
def _made(
    hyperparameters: type[Hyperparameters], name: str, defaults: tuple[tuple[str, Any], ...]
) -> type[Hyperparameters]:
    fields: dict[str, Any] = {}
    for field, default in defaults:
        declared = copy(hyperparameters.model_fields[field])
        declared.default = default
        fields[field] = (declared.annotation, declared)
    made: type[Hyperparameters] = create_model(name, __base__=hyperparameters, **fields)
    return made
