"""What lies under pretrained/: `python -m engine.pretrain NAME` makes it, `load_pretrained` reads it."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.model import DataError, Hyperparameters, Model
from engine.recipes import RECIPES, Recipe
from engine.training import Snapshot, snapshots
from engine.training.checkpoints.checkpoint import load_checkpoint, save_checkpoint

FOLDER = Path(__file__).parent.parent / "pretrained"


@dataclass(frozen=True, eq=False)
class Pretrained:
    """Hold a pretrained model with the history of its training and a sentence about it."""

    name: str
    model: Model
    snapshots: tuple[Snapshot, ...]
    summary: str


def pretrained_names(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the names of the pretrained models that are there."""
    return tuple(name for name in RECIPES if (folder / name / "manifest.json").is_file())


def pretrained_for(model: str, data: str, folder: Path = FOLDER) -> list[str]:
    """Return the names of the pretrained runs of a model's class on a data set, the plain one first.

    A class name is that of one family only.
    """
    recipes = {name: RECIPES[name] for name in pretrained_names(folder)}
    return [name for name, recipe in recipes.items() if (recipe.model, recipe.data) == (model, data)]


def pretrained_by(model: str, data: str, hyperparameter: str, folder: Path = FOLDER) -> Mapping[Any, str]:
    """Return the pretrained runs of a model's class on a data set that differ in one hyperparameter only.

    They are names by its value, in rising order. Of several such sets it is the largest, the plain run's before
    others of its size; empty where no run has such a hyperparameter.
    """
    sets: dict[str, dict[Any, str]] = {}
    for name in pretrained_for(model, data, folder):
        alike = RECIPES[name].full.model_dump()
        if hyperparameter in alike:
            value = alike.pop(hyperparameter)
            sets.setdefault(repr(alike), {})[value] = name
    largest = max(sets.values(), key=len, default={})
    return dict(sorted(largest.items()))


def load_pretrained(name: str, folder: Path = FOLDER) -> Model:
    """Return a pretrained model; raises DataError for a name that is not there and for a damaged folder."""
    return load_pretrained_run(name, folder).model


@lru_cache(maxsize=32)  # visitors share them: they are only read
def load_pretrained_run(name: str, folder: Path = FOLDER) -> Pretrained:
    """Return a pretrained model with its history; raises DataError as `load_pretrained`."""
    if name not in RECIPES:
        raise DataError(f"There is no pretrained model {name!r}; there are {', '.join(pretrained_names(folder))}.")
    found = load_checkpoint(folder / name)
    last = found.snapshots[-1]
    summary = (
        f"{RECIPES[name].title}, seed {found.manifest.seed}; trained for {_length(found.model, last)} in "
        f"{last.seconds:.0f} "
        f"seconds on {found.manifest.extras.get('device', 'cpu')} by `python -m engine.pretrain {name}`."
    )
    return Pretrained(name, found.model, found.snapshots, summary)


def make(name: str, folder: Path = FOLDER, epochs: int | None = None) -> None:
    """Train the recipe `name` and write it under `folder`, with a progress bar.

    `epochs`, or iterations where the model counts these, make it shorter, for a quick look.
    """
    recipe = RECIPES[name]
    request = recipe.request if epochs is None else shortened(recipe, epochs).request
    model, started = request.build(), time.perf_counter()
    history: list[Snapshot] = []
    for snapshot in snapshots(model, request.data.open(), request.views, request.schedule):
        history.append(snapshot)
        _progress(name, _done(snapshot, model.hyperparameters), time.perf_counter() - started)
    extras = {"title": recipe.title, "device": _device()}
    save_checkpoint(folder / name, model, recipe.data, history, extras, compact=True)
    size = sum(file.stat().st_size for file in (folder / name).iterdir())
    print(f"\n{folder / name}: {size / 1e6:.2f} MB, {len(history)} snapshots")


def shortened(recipe: Recipe, length: int) -> Recipe:
    """Return the recipe with fewer epochs, or iterations where its model counts these."""
    counted = "epochs" if hasattr(recipe.full, "epochs") else "iterations"
    return replace(recipe, hyperparameters={**recipe.hyperparameters, counted: length})


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the folders that the command line names, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m engine.pretrain", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*RECIPES, []], metavar="NAME", help=", ".join(RECIPES))
    parser.add_argument("--folder", type=Path, default=FOLDER)
    chosen = parser.parse_args(arguments)
    for name in chosen.names or RECIPES:
        make(name, chosen.folder)


def _length(model: Model, last: Snapshot) -> str:
    """Say how long a training was, in the model's own unit."""
    return f"{last.epoch:g} epochs" if hasattr(model.hyperparameters, "epochs") else f"{last.step:,} iterations"


def _done(snapshot: Snapshot, hyperparameters: Hyperparameters) -> float:
    """Return the share of a training that is done by this snapshot, by its epochs or else its iterations."""
    epochs = getattr(hyperparameters, "epochs", None)
    return (
        snapshot.epoch / epochs if epochs else snapshot.step / getattr(hyperparameters, "iterations", snapshot.step)
    )


def _progress(name: str, share: float, seconds: float) -> None:
    width = 40
    done = round(width * min(share, 1.0))
    sys.stdout.write(f"\r{name} [{'#' * done}{'.' * (width - done)}] {100 * share:3.0f} % {seconds:5.1f} s")
    sys.stdout.flush()


def _device() -> str:
    from engine.device import device  # torch, which listing what is shipped does not need

    return device().type


if __name__ == "__main__":
    main()
