"""The figure of a fit to a target in the plane: p as filled contours, q as ellipses, and q's way from its start."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engine.grid import Array, Grid
from engine.plots import style
from engine.plots.density import Figure, Trace, hover_2d, mass_levels
from engine.plots.numbers import amount

BANDS = (0.95, 0.8, 0.6, 0.4, 0.2)  # masses of p within its contours
FRAMES = 60  # at most; a long history is shown in equal strides


def frame_numbers(length: int) -> list[int]:
    """Return which of `length` iterations are shown: all, or 60 of them with the first and the last."""
    return sorted({round(float(at)) for at in np.linspace(0, length - 1, min(length, FRAMES))})


def fit_figure(
    density: Array,
    grid: Grid,
    means: Sequence[Array],
    outlines: Sequence[Array],
    captions: Sequence[str],
    optima: Sequence[tuple[Array, bool]] = (),
    starts: tuple[Array, npt.NDArray[np.int64]] | None = None,
    basins: tuple[npt.NDArray[np.int64], Grid] | None = None,
) -> Figure:
    """Return the figure, with a frame for each of T steps.

    `density` is p on `grid`; `means` (K, 2), `outlines` (K, m, 2) and `captions` belong to each step; `optima` are
    outlines (K, m, 2) with whether each is global, `starts` (n, 2) with the number (n,) of the optimum each ends in,
    −1 for none. `basins` are such numbers for the cells of a grid; p is then drawn as lines over their colours.
    """
    traces = [_filled_contours(density, grid)] if basins is None else [_basins(*basins), _contours(density, grid)]
    if starts is not None:
        points, ends = starts
        colours = [_colour(number) for number in ends]
        traces.append(_markers(points, colours, 5, "starts"))
    for number, (outline, is_global) in enumerate(optima):
        line = {"color": _colour(number), "width": 2.5, "dash": "solid" if is_global else "dash"}
        traces.append(_line(_joined(outline), line, "global optimum" if is_global else "local optimum"))
    first = len(traces)
    ways = np.stack(means)  # (T, K, 2)
    steps = [
        [
            _line(_joined(ways[: t + 1].transpose(1, 0, 2)), {"color": style.MODEL, "width": 1.5}, "way"),
            _line(_joined(outlines[t]), {"color": style.MODEL, "width": 3}, "q"),
            _markers(ways[t], style.MODEL, 9, "means of q"),
        ]
        for t in range(len(ways))
    ]
    frames = [
        {
            "name": caption,
            "traces": list(range(first, first + 3)),
            "data": [{"x": trace["x"], "y": trace["y"]} for trace in step],
        }
        for caption, step in zip(captions, steps, strict=True)
    ]
    (left, right), (bottom, top) = grid.domain
    shared = {"constrain": "domain", "showgrid": False}
    layout = style.plain_layout(
        xaxis={**shared, "range": [left, right], "title": style.title("x₁")},
        yaxis={**shared, "range": [bottom, top], "title": style.title("x₂"), "scaleanchor": "x"},
    )
    return {"data": [*traces, *steps[-1]], "layout": layout, "frames": frames}


def caption(iteration: int, value: float, unit: str) -> str:
    """Return the line under a step: its iteration, and the objective there."""
    return f"iteration {iteration}: {amount(value, unit, '.4f')}"


def _filled_contours(density: Array, grid: Grid) -> Trace:
    """Colour p in steps between contours that hold 95, 80, 60, 40 and 20 % of it."""
    x, y = grid.axes
    top = float(density.max()) or 1.0
    mass = mass_levels(density)
    thresholds = [float(np.min(density, where=mass <= band, initial=top)) / top for band in BANDS]
    # Steps thinner than one of the 256 colours of a scale can't be told apart.
    edges = np.clip([0.0, *thresholds, 1.0], 0, 1)
    tones = [_tone(i / len(BANDS)) for i in range(len(BANDS) + 1)]
    scale = [[float(at), tone] for i, tone in enumerate(tones) for at in (edges[i], edges[i + 1])]
    return {
        "type": "heatmap", "x": x, "y": y, "z": np.asarray(density, np.float32), "zmin": 0, "zmax": top, "name": "p",
        "colorscale": scale, "showscale": False, "hovertemplate": hover_2d(grid.domain), "meta": style.PAINTED,
    }  # fmt: skip


def _contours(density: Array, grid: Grid) -> Trace:
    """Draw lines around 20, 45, 70 and 95 % of p."""
    x, y = grid.axes
    return {
        "type": "contour", "x": x[::2], "y": y[::2], "z": mass_levels(density[::2, ::2]), "name": "p",
        "contours": {"coloring": "lines", "start": 0.2, "end": 0.95, "size": 0.25}, "line": {"width": 1.5},
        "colorscale": [[0, style.DATA], [1, style.DATA]], "showscale": False, "hoverinfo": "skip",
        "meta": style.PAINTED,
    }  # fmt: skip


def _basins(labels: npt.NDArray[np.int64], grid: Grid) -> Trace:
    """Colour each cell like the optimum that a start there ends in; one that ends in none stays clear."""
    x, y = grid.axes
    last = max(int(labels.max()), 0)
    tones = ["#00000000", *(f"{_colour(number)}73" for number in range(last + 1))]
    edges = np.clip((np.arange(len(tones) + 1) - 0.5) / (last + 1), 0, 1)  # a label lies midway between its edges
    scale = [[float(at), tone] for i, tone in enumerate(tones) for at in edges[i : i + 2]]
    return {
        "type": "heatmap", "x": x, "y": y, "z": labels.astype(np.float32), "zmin": -1, "zmax": last, "name": "basins",
        "colorscale": scale, "showscale": False, "hoverinfo": "skip", "meta": style.PAINTED,
    }  # fmt: skip


def _colour(number: int) -> str:
    """Return the colour of an optimum, or of none."""
    return style.CLASSES[2 + number % 8] if number >= 0 else style.TRUTH


def _tone(part: float) -> str:
    """Return the data's blue, the more opaque the higher `part` is in 0 to 1; the page shows through."""
    return f"{style.DATA}{round(255 * 0.9 * part):02X}"


def _joined(curves: Array) -> Array:
    """Join curves (K, m, 2) into one (…, 2), parted by NaN."""
    gap = np.full((len(curves), 1, 2), np.nan)
    return np.concatenate([curves, gap], axis=1).reshape(-1, 2)


def _line(points: Array, line: dict[str, object], name: str) -> Trace:
    return {
        "type": "scatter", "mode": "lines", "x": points[:, 0], "y": points[:, 1], "line": line, "name": name,
        "hoverinfo": "skip", "meta": style.PAINTED,
    }  # fmt: skip


def _markers(points: Array, colours: str | list[str], size: int, name: str) -> Trace:
    outline = {"color": style.PAPER, "width": 1}
    marker = {"size": size, "color": colours, "symbol": "circle", "opacity": 0.9, "line": outline}
    return {
        "type": "scatter", "mode": "markers", "x": points[:, 0], "y": points[:, 1], "marker": marker, "name": name,
        "hoverinfo": "skip", "meta": style.PAINTED,
    }  # fmt: skip
