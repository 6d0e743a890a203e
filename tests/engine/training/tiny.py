"""Tiny models and views that worker processes of the tests import."""

import time
from collections.abc import Iterator

import numpy as np
import torch
from pydantic import Field

from engine import model
from engine.data import Images
from engine.model import Metrics, Model


class Line(Model):
    """Fit y = x W by Adam, one mini-batch a step."""

    name = "Line"
    state_names = ("weight",)
    tunable = ("delay", "learning_rate")

    class Hyperparameters(model.Hyperparameters):
        epochs: int = Field(3, ge=1, le=10**6)
        batch_size: int = Field(10, ge=1)
        learning_rate: float = Field(0.01, ge=0)
        delay: float = Field(0.0, ge=0, description="Seconds a step takes at least.")
        nan_at: int = Field(0, ge=0, description="Step whose loss is NaN.")
        crash_at: int = Field(0, ge=0, description="Step that raises.")
        seed: int = 0

    def steps(self, data) -> Iterator[Metrics]:
        points = data.images.reshape(len(data), -1) if isinstance(data, Images) else np.asarray(data)
        x = torch.as_tensor(points, dtype=torch.float32)
        options = self.hyperparameters
        generator = torch.Generator().manual_seed(options.seed)
        weight = torch.randn(x.shape[1], 1, generator=generator).requires_grad_()
        optimiser = torch.optim.Adam([weight], lr=options.learning_rate)
        self.dimension = 2
        step, per_epoch = 0, -(-len(x) // options.batch_size)
        for _ in range(options.epochs):
            for rows in torch.randperm(len(x), generator=generator).split(options.batch_size):
                step += 1
                options = self.hyperparameters  # which may have been tuned
                optimiser.param_groups[0]["lr"] = options.learning_rate
                loss = (x[rows] @ weight - x[rows].sum(dim=1, keepdim=True)).square().mean()
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                if step == options.crash_at:
                    raise RuntimeError("tiny crash")
                time.sleep(options.delay)
                self.weight = weight.detach().numpy()  # shared with the optimiser, as a lazy model would
                value = float("nan") if step == options.nan_at else loss.item()
                yield {"step": step, "epoch": step / per_epoch, "loss": value}


class Squares(Model):
    """Do nothing, quickly: for the overhead of a step."""

    name = "Squares"
    state_names = ("total",)

    class Hyperparameters(model.Hyperparameters):
        n: int = 100_000

    def steps(self, data) -> Iterator[Metrics]:
        self.dimension, self.total = 1, 0.0
        per_epoch = self.hyperparameters.n / 10
        for k in range(1, self.hyperparameters.n + 1):
            self.total += 1.0
            yield {"step": k, "epoch": k / per_epoch, "loss": 1 / k}


def weight(model, scale=1.0):
    return model.weight * scale


def looked(model):
    """Count how often this picture has been taken."""
    model.looks = getattr(model, "looks", 0) + 1
    return np.array(model.looks)


def rows(model, x, labels):
    return np.concatenate([x.ravel()[:3], labels[:3]]).astype(np.float32)


def broken(model):
    raise KeyError("no such thing")


not_a_function = 3
