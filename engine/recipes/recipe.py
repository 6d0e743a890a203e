"""A recipe: a pretrained run by name, which pages list and `engine.pretrain` makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.catalogue import models
from engine.model import Hyperparameters
from engine.training import Request

# (class name, data set, all hyperparameters) → the training, with what its history keeps
MakeRequest = Callable[[str, str, Hyperparameters], Request]


@dataclass(frozen=True)
class Recipe:
    """Name a pretrained run: family and model, data set, title, the hyperparameters that are not the model's own.

    `stride` is the number of epochs from one late snapshot to the next.
    """

    family: str
    model: str
    data: str
    title: str
    make_request: MakeRequest
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    stride: float = 1.0

    @property
    def full(self) -> Hyperparameters:
        """All hyperparameters, the model's own included."""
        return models(self.family)[self.model](**self.hyperparameters).hyperparameters

    @property
    def request(self) -> Request:
        """The training."""
        request = self.make_request(self.model, self.data, self.full)
        return replace(request, schedule=replace(request.schedule, epochs=self.stride))
