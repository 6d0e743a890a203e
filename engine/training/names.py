"""Names for code: models and functions that a worker process or a checkpoint looks up, only inside this engine."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

from engine.catalogue import MODELS, models
from engine.model import DataError, Model

PACKAGES = ("engine",)
_PATH = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*:[A-Za-z][A-Za-z0-9_]*")


def resolve(path: str, packages: tuple[str, ...] = PACKAGES) -> Any:
    """Import the function or class that "package.module:name" names.

    Raises DataError unless it exists, and both the module named and the one that defines it lie in `packages`: a
    checkpoint, which may come from anywhere, must not name `os:system` or `engine.somewhere:import_module`.
    """
    if not isinstance(path, str) or not _PATH.fullmatch(path):
        raise DataError(f"{path!r} is not a name such as engine.latent.views.images:manifold.")
    module, _, name = path.partition(":")
    if not _inside(module, packages):
        raise DataError(f"{path} is not part of {' or '.join(packages)}.")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError):
        raise DataError(f"There is no {path}.") from None
    if not callable(found) or not _inside(str(getattr(found, "__module__", "")), packages):
        raise DataError(f"{path} is not a function or class of {' or '.join(packages)}.")
    return found


def find_function(path: str, packages: tuple[str, ...] = PACKAGES) -> Callable[..., Any]:
    """Import the function that "package.module:name" names; raise DataError as `resolve` does."""
    found: Callable[..., Any] = resolve(path, packages)
    return found


def find_model(path: str, packages: tuple[str, ...] = PACKAGES) -> type[Model]:
    """Import the model class that "family/Name" (of the catalogue) or "package.module:Name" names.

    Raises DataError for an unknown name and for what is not a model.
    """
    family, slash, name = str(path).partition("/")
    if slash:
        if family not in MODELS or name not in MODELS[family]:
            raise DataError(f"The catalogue has no model {path}.")
        return models(family)[name]
    found = resolve(path, packages)
    if not (isinstance(found, type) and issubclass(found, Model)):
        raise DataError(f"{path} is not a model.")
    return found


def model_path(model: type[Model]) -> str:
    """Return the name by which `find_model` finds this class: "family/Name" where the catalogue has it."""
    for family, names in MODELS.items():
        if model.__name__ in names and models(family)[model.__name__] is model:
            return f"{family}/{model.__name__}"
    return f"{model.__module__}:{model.__name__}"


def _inside(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)
