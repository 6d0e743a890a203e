"""The trainings of the GAN lab in the plane: what their histories keep, and how often."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.adversarial import GAN
from engine.data import preset
from engine.grid import Domain
from engine.model import Hyperparameters, Model
from engine.training import ArrayData, DataPart, NamedData, Request, Schedule, View

FIELD_CELLS = 30
MANIFOLD_CELLS = 20
COMPARED_CELLS = 24  # of a comparison's field and manifold: four games share what one may keep
POINTS, COMPARED_POINTS, ARROWS = 300, 200, 60
MARGIN = 0.25  # of drawn points' extent, shown around them
LATE = 240  # snapshots after the dense beginning, at most
EVERY, GROWTH = 12, 1.12  # steps that all have a snapshot; then one when there are this many times the last's
SELDOM = 1.25  # a dear picture is taken when there are this many times the steps of its last
_VIEWS = "engine.adversarial.views.plane"
_OF_GAME = "engine.adversarial.comparison:of_game"

Chosen = Hyperparameters | Mapping[str, Any]
Data = NamedData | ArrayData


def plane_domain(data: Data) -> Domain:
    """Return the square to draw for points: a preset's own, or all of them with a margin."""
    if isinstance(data, NamedData):
        return preset(data.name).domain
    low, high = data.x.min(axis=0), data.x.max(axis=0)
    half = (0.5 + MARGIN) * float((high - low).max()) or 1.0
    centre = (low + high) / 2
    return tuple((float(middle - half), float(middle + half)) for middle in centre)


def plane_request(hyperparameters: Chosen, data: Data) -> Request:
    """Return the training of a GAN on points, with what its history keeps: about 14 kB a snapshot, 300 at most.

    Views: "field", "generated", "manifold" and "arrows" at each; "measures", and where D is a probability "optimal"
    and "gap", seldom (see `View.growth`). All are functions of `views.plane`, over `plane_domain(data)`.
    """
    chosen = _plain(hyperparameters)
    model = GAN(**chosen)
    domain, source = plane_domain(data), _source(data)
    views = [
        View("field", f"{_VIEWS}:field", {"domain": domain, "cells": FIELD_CELLS}),
        View("generated", f"{_VIEWS}:generated", {"n": POINTS}),
        View("manifold", f"{_VIEWS}:manifold", {"cells": MANIFOLD_CELLS}),
        View("arrows", f"{_VIEWS}:arrows", {"n": ARROWS}),
        View("measures", f"{_VIEWS}:measures", source, growth=SELDOM),
    ]
    if model.gives_probability:
        over = {"domain": domain, **source}
        views += [
            View("optimal", f"{_VIEWS}:optimal", {**over, "cells": FIELD_CELLS}, growth=SELDOM),
            View("gap", f"{_VIEWS}:optimal_gap", over, growth=SELDOM),
        ]
    return Request("adversarial/GAN", data, chosen, tuple(views), schedule=_schedule([model], data))


def comparison_request(games: Sequence[Chosen], data: Data, seed: int | None = None) -> Request:
    """Return two to four games trained in lockstep from one seed, the first game's unless given.

    Views are "0.field", "0.generated", "0.manifold" and "0.measures" for the first, as in `plane_request`, and so on:
    about 6 kB a game and snapshot.
    """
    chosen = [_plain(game) for game in games]
    domain, source = plane_domain(data), _source(data)
    views = []
    for number in range(len(chosen)):
        kept: dict[str, dict[str, Any]] = {
            "field": {"domain": domain, "cells": COMPARED_CELLS},
            "generated": {"n": COMPARED_POINTS},
            "manifold": {"cells": COMPARED_CELLS // 2},
        }
        views += [_of_game(number, view, arguments) for view, arguments in kept.items()]
        views.append(_of_game(number, "measures", source, growth=SELDOM**2))
    hyperparameters = {"games": json.dumps(chosen), "seed": chosen[0].get("seed", 0) if seed is None else seed}
    return Request(
        "engine.adversarial.comparison:Comparison",
        data,
        hyperparameters,
        tuple(views),
        schedule=_schedule([GAN(**game) for game in chosen], data),
    )


def _of_game(number: int, view: str, arguments: Mapping[str, Any], growth: float | None = None) -> View:
    return View(f"{number}.{view}", _OF_GAME, {"game": number, "view": view, **arguments}, growth)


def _plain(hyperparameters: Chosen) -> dict[str, Any]:
    return hyperparameters.model_dump() if isinstance(hyperparameters, Hyperparameters) else dict(hyperparameters)


def _source(data: Data) -> dict[str, Any]:
    """Return what says where the real points come from: a preset and its noise, or the run's own points."""
    if isinstance(data, NamedData):
        return {"preset": data.name, "noise": data.arguments.get("noise")}
    return {"x": DataPart("train")}


def _schedule(models: Sequence[Model], data: Data) -> Schedule:
    """Return a schedule dense at the start, and then as many iterations apart as keep the history short.

    Schedules count in epochs, of which an iteration is k batches.
    """
    n = len(data.x) if isinstance(data, ArrayData) else data.arguments.get("n") or preset(data.name).points
    options: list[Any] = [model.hyperparameters for model in models]
    every = max(1.0, max(option.iterations for option in options) / LATE)
    seen = max(option.discriminator_steps * min(option.batch_size, n) for option in options) / n
    return Schedule(first=EVERY, growth=GROWTH, epochs=float(np.ceil(every)) * seen, thinnest=0.0)
