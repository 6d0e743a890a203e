"""What a person takes away: the code that makes the same fit, the points and the fitted grid."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np

from engine.data import decode_points, encode_points
from engine.data.tables import write_csv
from engine.grid import Array, Grid
from engine.model import DataError
from pages.shared.points.data_source import DataSet
from pages.shared.points.fitting import Recipe


def snippet(recipe: Recipe, data: DataSet, *, subset: str | None = None) -> str:
    """Return Python that, pasted into a shell beside `engine/`, makes the same fit.

    `subset` is an expression of the points and labels to keep, such as "labels == 0".
    """
    keep = f"x = x[{subset}]\n" if subset else ""
    return (
        f"from engine.{recipe.family} import {recipe.model}\n"
        f"{points_code(data)}{keep}"
        f"model = {recipe.model}({recipe.hyperparameters.code}).fit(x)\n"
        f"print(model.log_prob(x).mean())  # nats per point\n"
    )


def points_code(data: DataSet) -> str:
    """Return Python that makes the same points as `x`, with their classes."""
    if data.preset is not None:
        call = f"load_points({data.name!r}, n={len(data.preset.x)}, noise={data.noise!r}, seed={data.seed})"
        return f"from engine.data import load_points\n\ndata = {call}\nx, labels = data.x, data.labels\n"
    try:
        text = encode_points(data.x, data.labels, data.domain)
        is_exact = np.array_equal(decode_points(text)[0], data.x)
    except DataError:
        is_exact = False
    if is_exact:
        return f"from engine.data import decode_points\n\nx, labels, domain = decode_points({json.dumps(text)})\n"
    return (
        f"from engine.data import read_csv\n\n# The points as they are: download them as {data.name}.csv first.\n"
        f'table = read_csv(open("{data.name}.csv", "rb").read()).values\n'
        f"x, labels = table[:, :{data.dimension}], table[:, {data.dimension}]\n"
    )


def points_csv(data: DataSet) -> bytes:
    """Return the points as CSV with their class."""
    return write_csv(data.x, data.labels).encode()


def grid_npz(density: Array, grid: Grid, recipe: Recipe) -> bytes:
    """Return the fitted grid as NPZ: density, its axes, and the recipe as JSON."""
    buffer = io.BytesIO()
    axes: dict[str, Any] = dict(zip(("x", "y"), grid.axes, strict=False))
    manifest = json.dumps({"model": recipe.model, "hyperparameters": json.loads(recipe.settings)})
    np.savez_compressed(buffer, density=density, manifest=np.array(manifest), **axes)
    return buffer.getvalue()
