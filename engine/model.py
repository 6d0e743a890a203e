"""The three questions every generative model answers: estimate, evaluate, sample."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError

from engine.grid import Array, Grid

Metrics = Mapping[str, float]


class DataError(ValueError):
    """Say in one sentence, fit for the page, why a model can't work with this data."""


class HyperparameterError(ValueError):
    """Say in one sentence for each field what is wrong with the hyperparameters; `fields` maps field → sentence."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__(" ".join(self.fields.values()))


class Hyperparameters(BaseModel):
    """Declare a model's choices once: the control form, validation, link, manifest and snippet all read this.

    Every field has a default that works, bounds, and a one-line description. A field is a number (`int`, `float`), a
    choice (`Literal`), a switch (`bool`), or a rule or a number by hand (`float | Literal["scott", ...]`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @property
    def code(self) -> str:
        """Python keyword arguments that make these choices: those that are not the defaults."""
        defaults = type(self)()
        chosen = {name: value for name, value in self.model_dump().items() if value != getattr(defaults, name)}
        return ", ".join(f"{name}={value!r}" for name, value in chosen.items())


def check(hyperparameters: type[Hyperparameters], values: Mapping[str, Any]) -> Hyperparameters:
    """Validate `values`; raise HyperparameterError with one plain sentence for each bad field."""
    try:
        return hyperparameters(**values)
    except ValidationError as error:
        sentences: dict[str, str] = {}
        for problem in error.errors():
            name = str(problem["loc"][0]) if problem["loc"] else "hyperparameters"
            label = name.replace("_", " ").capitalize()
            reason = problem["msg"].removeprefix("Input ").removeprefix("Value error, ").rstrip(".")
            if problem["type"] in ("int_from_float", "int_type", "int_parsing"):
                reason = "should be a whole number"
            sentence = f"{label} {reason}; it was {problem['input']!r}."
            # A union reports a number's bound and a choice's options: the first says what a person needs.
            sentences.setdefault(name, sentence)
        raise HyperparameterError(sentences) from None


def as_points(data: npt.ArrayLike, dimension: int | None = None) -> Array:
    """Return `data` as a finite float64 array (n, d) with d = 1 or 2; a flat array is n points in one dimension.

    Raises DataError with one sentence for a wrong shape, a wrong dimension, text, or masked, NaN or infinite values.
    """
    refuse_masked(data)
    try:
        points = np.asarray(data, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError("The data must be numbers, one row a point.") from None
    if points.ndim == 1:
        points = points[:, None]
    if points.ndim != 2 or points.shape[1] not in (1, 2):
        raise DataError(f"Points need one or two columns; this array has shape {points.shape}.")
    if dimension is not None and points.shape[1] != dimension:
        raise DataError(f"The model was fitted in {dimension}-D and these points are {points.shape[1]}-D.")
    bad = int(np.count_nonzero(~np.isfinite(points).all(axis=1)))
    if bad:
        raise DataError(f"{bad} of {len(points)} points are NaN or infinite; drop them first.")
    return points


def refuse_masked(data: object) -> None:
    """Raise DataError for a NumPy array that masks some of its values: without the mask they would count."""
    if isinstance(data, np.ma.MaskedArray) and np.ma.is_masked(data):
        masked = np.count_nonzero(np.ma.getmaskarray(data))
        raise DataError(f"{masked} of {data.size} values are masked, which means missing; drop them first.")


def as_sample(points: Array, grain: npt.ArrayLike) -> Array:
    """Return drawn points (n, d) in float32, or in float64 where float32 would blur the density they come from.

    `grain`, () or (d,), is the width of its finest feature; float32's steps may be a ten-thousandth of it at most.
    """
    step = np.finfo(np.float32).eps * np.abs(points).max(axis=0, initial=0.0)
    return points.astype(np.float64 if (step > 1e-4 * np.asarray(grain)).any() else np.float32)


def check_count(n: int) -> int:
    """Return how many points to draw; raise DataError unless it is a whole number from 0 up."""
    if isinstance(n, bool | np.bool_) or not isinstance(n, int | np.integer) or n < 0:
        raise DataError(f"The number of points to draw must be a whole number from 0 up; it was {n!r}.")
    return int(n)


@dataclass(frozen=True)
class SelectionCurve:
    """Hold a curve that chooses a hyperparameter: scores at candidate values, and the winner of each score.

    `values` (m,) are candidates of `parameter`; `scores` maps a criterion's name to (m,) values with `unit`;
    `best` maps it to the chosen candidate; `minimise` says whether the lowest score wins. `excluded` (m,) are
    candidates that are shown but can't win, for the reason in `note`, a sentence on what the scores are of.
    """

    parameter: str
    values: Array
    scores: Mapping[str, Array]
    best: Mapping[str, float]
    unit: str
    minimise: bool
    errors: Mapping[str, Array] = field(default_factory=dict)  # standard error of a score where it has one
    excluded: npt.NDArray[np.bool_] | None = None
    note: str = ""


class Model(ABC):
    """Answer the first question, *estimate*; subclasses add Evaluates and Samples as they can.

    A subclass sets the class variables, an inner `Hyperparameters`, and `steps`. The constructor only validates and
    stores. Fitted arrays are NumPy attributes named in `state_names`, which is what `state` returns and `save`
    writes; a model that keeps them elsewhere overrides `state` and `load_state`.
    """

    Hyperparameters: ClassVar[type[Hyperparameters]] = Hyperparameters
    name: ClassVar[str]  # "Kernel density estimate"
    idea: ClassVar[str]  # one plain sentence
    equation: ClassVar[str]  # LaTeX
    source: ClassVar[str]  # author, year, title
    cannot: ClassVar[Mapping[str, str]] = {}  # question → one sentence why this model can't answer it
    dimensions: ClassVar[tuple[int, ...]] = (1, 2)
    state_names: ClassVar[tuple[str, ...]] = ()
    tunable: ClassVar[tuple[str, ...]] = ()  # hyperparameters that may change during a training

    def __init__(self, **hyperparameters: Any) -> None:
        self.hyperparameters = check(self.Hyperparameters, hyperparameters)
        self.dimension: int | None = None

    @abstractmethod
    def steps(self, data: npt.ArrayLike) -> Iterator[Metrics]:
        """Estimate from `data` (n, d) one visible unit of work at a time, yielding named figures after each.

        Raises DataError on data the model can't be fitted to.
        """

    def fit(self, data: npt.ArrayLike) -> Self:
        """Run all of `steps` and return the model."""
        for _ in self.steps(data):
            pass
        return self

    def tune(self, **changes: Any) -> None:
        """Change hyperparameters named in `tunable` while a training is under way, from its next step on.

        Raises DataError for one that can't change then, HyperparameterError for a bad value.
        """
        fixed = sorted(set(changes) - set(self.tunable))
        if fixed:
            names = ", ".join(name.replace("_", " ") for name in fixed)
            raise DataError(f"A {self.name} under way can't change its {names}; start again with another.")
        self.hyperparameters = check(self.Hyperparameters, {**self.hyperparameters.model_dump(), **changes})

    @property
    def n_parameters(self) -> int | None:
        """Count the free parameters of the fitted model; None for one that keeps all its data points."""
        return None

    def selection_curve(self, data: npt.ArrayLike) -> SelectionCurve | None:
        """Return the curve that chooses this model's main hyperparameter on `data`, or None if it has none."""
        return None

    def _check_data(self, data: npt.ArrayLike, minimum: int = 1) -> Array:
        """Validate training data (n, d), remember d, and ask for at least `minimum` points."""
        points = as_points(data)
        if len(points) < minimum:
            need = "at least one point" if minimum == 1 else f"at least {minimum} points"
            raise DataError(f"{self.name} needs {need}; there are {len(points)}.")
        if points.shape[1] not in self.dimensions:
            raise DataError(f"{self.name} does not work on {points.shape[1]}-D data.")
        self.dimension = points.shape[1]
        return points

    def _check_query(self, x: npt.ArrayLike) -> Array:
        """Validate query points (n, d) against the fitted dimension."""
        # A fit that was refused has seen data and yet left nothing to ask.
        if self.dimension is None or not all(hasattr(self, name) for name in self.state_names):
            raise DataError(f"{self.name} has not been fitted yet; call fit(data) first.")
        return as_points(x, self.dimension)

    def state(self) -> dict[str, Array]:
        """Return every fitted array by name, enough for `load_state` to answer the same; numbers have shape ().

        Raises DataError before the first step. The arrays may be the model's own: copy them to keep them.
        """
        if self.dimension is None or not all(hasattr(self, name) for name in self.state_names):
            raise DataError(f"{self.name} has not been fitted yet; call fit(data) first.")
        state = {name: np.asarray(getattr(self, name)) for name in self.state_names}
        return state | {"dimension": np.asarray(self.dimension)}

    def load_state(self, state: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Become the model that `state` was taken from, given the same hyperparameters; raise DataError on a gap."""
        missing = sorted({*self.state_names, "dimension"} - set(state))
        if missing:
            raise DataError(f"The state of a {self.name} needs {', '.join(missing)}.")
        for name in self.state_names:
            value = state[name]
            setattr(self, name, value if value.ndim else value.item())
        self.dimension = int(state["dimension"])
        return self

    def save(self, path: str | Path) -> None:
        """Write class, hyperparameters and fitted arrays to an .npz file (no pickle inside)."""
        manifest = {"model": type(self).__name__, "hyperparameters": self.hyperparameters.model_dump(mode="json")}
        np.savez_compressed(path, allow_pickle=False, manifest=np.array(json.dumps(manifest)), **self.state())

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote; raise DataError if the file holds another model."""
        with np.load(path, allow_pickle=False) as file:
            manifest = json.loads(str(file["manifest"]))
            if manifest["model"] != cls.__name__:
                raise DataError(f"This file holds a {manifest['model']}, not a {cls.__name__}.")
            return cls(**manifest["hyperparameters"]).load_state(
                {name: file[name] for name in file.files if name != "manifest"}
            )


class Evaluates(ABC):
    """Answer the second question, *evaluate*: what density does the model give a point?"""

    normalised: ClassVar[bool] = True  # False where the "density" does not integrate to 1

    @abstractmethod
    def log_prob(self, x: npt.ArrayLike) -> Array:
        """Return log-densities (n,) float32 in nats of points x (n, d); −inf where the density is 0."""

    def density_on(self, grid: Grid) -> Array:
        """Return the density at every cell centre, float32 of `grid.shape`; faster than log_prob where it can be."""
        return np.exp(self.log_prob(grid.points)).reshape(grid.shape)


class Samples(ABC):
    """Answer the third question, *sample*: draw new points."""

    @abstractmethod
    def sample(self, n: int, seed: int = 0) -> Array:
        """Draw n points (n, d) float32, or float64 where `as_sample` says; the same seed repeats the draw.

        Raises DataError unless n is a whole number from 0 up, and before a fit.
        """
