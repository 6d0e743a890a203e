"""Figures of a density over its domain: heat map, surface or curve, with the data and a sample on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.grid import Array, Domain, Grid
from engine.plots import style
from engine.plots.numbers import digits_for

Figure = dict[str, Any]  # "data" and "layout", as go.Figure takes them
Trace = dict[str, Any]
PLANE = ("x₁", "x₂")
EYE = {"x": 1.2, "y": -1.4, "z": 0.9}


@dataclass(frozen=True)
class Overlay:
    """What lies on a density: the data, a sample, the truth, component outlines, a kernel to show on hover.

    `points` (n, d) with `colours` (one colour, or one for each point); `sample` (m, d); `truth` the true density on
    the grid; `outlines` (K, m, 2) closed curves with `outline_colours`; `error` the standard error of the density on
    the grid (1-D); `kernel` the entry for a live figure's hover overlay (see `hover_kernel`); `names` of the data's
    columns, shown as they stand, or none for x₁ and x₂.
    """

    points: Array | None = None
    colours: str | list[str] = style.DATA
    sample: Array | None = None
    truth: Array | None = None
    outlines: Array | None = None
    outline_colours: tuple[str, ...] = style.CLASSES
    error: Array | None = None
    kernel: dict[str, Any] | None = None
    names: tuple[str, ...] = ()


def density_figure(density: Array, grid: Grid, overlay: Overlay, *, surface: bool = False) -> Figure:
    """Return the figure of a density on its grid: a curve in 1-D, a heat map with contours (or a surface) in 2-D.

    It is a plain dict that `go.Figure` takes: it is drawn at every stroke of the pen, and validating it property by
    property would take ten times as long as all the rest.
    """
    if grid.dimension == 1:
        return _curve(density, grid, overlay)
    return _surface(density, grid, overlay) if surface else _heat_map(density, grid, overlay)


def hover_2d(domain: Domain, names: tuple[str, ...] = ()) -> str:
    """Return what a picture of p over `domain`, whose axes have these names, says of the cell under the pointer."""
    digits, (first, second) = digits_for(domain), map(style.literal, names or PLANE)
    return f"{first} %{{x:.{digits}g}}, {second} %{{y:.{digits}g}}<br>p(x) = %{{z:.4g}}<extra></extra>"


def mass_levels(density: Array) -> Array:
    """Return, for every cell, the mass of the smallest region whose density is at least as high as there.

    The level set {x: mass_levels(x) ≤ α} is the highest-density region of mass α (Hyndman, 1996, Computing and
    Graphing Highest Density Regions), so equally spaced contours of this array enclose equal masses.
    """
    flat = np.asarray(density, dtype=np.float64).ravel()
    order = np.argsort(-flat)
    mass = np.cumsum(flat[order])
    levels = np.ones_like(flat)
    if mass[-1] > 0:
        # Cells of equal density belong to the same region: all of them count up to the last.
        last = np.searchsorted(-flat[order], -flat[order], side="right") - 1
        levels[order] = mass[last] / mass[-1]
    return levels.reshape(density.shape).astype(np.float32)


def _heat_map(density: Array, grid: Grid, overlay: Overlay) -> Figure:
    x, y = grid.axes
    traces: list[Trace] = [
        {
            "type": "heatmap", "x": x, "y": y, "z": np.asarray(density, np.float32), "zmin": 0, "name": "density",
            "colorscale": style.DENSITY_SCALE, "showscale": False, "meta": style.PAINTED,
            "hovertemplate": hover_2d(grid.domain, overlay.names),
        },
        {   # Every second cell is enough for smooth contours and a quarter of the bytes.
            "type": "contour", "x": x[::2], "y": y[::2], "z": mass_levels(density[::2, ::2]), "name": "contours",
            "contours": {"coloring": "lines", "start": 0.25, "end": 0.75, "size": 0.25}, "line": {"width": 1},
            "colorscale": [[0, "rgba(255,255,255,0.6)"], [1, "rgba(255,255,255,0.6)"]],
            "showscale": False, "hoverinfo": "skip", "meta": style.PAINTED,
        },
    ]  # fmt: skip
    if overlay.sample is not None:
        traces.append(_points(overlay.sample, style.MODEL, "sample", digits_for(grid.domain), symbol="diamond"))
    if overlay.points is not None:
        traces.append(_points(overlay.points, overlay.colours, "data", digits_for(grid.domain)))
    if overlay.outlines is not None:
        for curve, colour in zip(overlay.outlines, overlay.outline_colours * 9, strict=False):
            line = {"color": colour, "width": 2.5}
            traces.append(_line(curve[:, 0], curve[:, 1], line=line, hoverinfo="skip", meta=style.PAINTED))
    return _figure(traces, _equal_axes(grid, overlay.names), overlay)


def _surface(density: Array, grid: Grid, overlay: Overlay) -> Figure:
    x, y = grid.axes
    first, second = (style.literal(name, at_most=12) for name in overlay.names or PLANE)
    axis = {"backgroundcolor": "rgba(0,0,0,0)", "gridcolor": style.GRID, "color": style.TEXT, "nticks": 5}
    scene = {
        "xaxis": {**axis, "title": {"text": first}},
        "yaxis": {**axis, "title": {"text": second}},
        "zaxis": {**axis, "title": {"text": "p(x)"}},
        "aspectmode": "manual",
        "aspectratio": {"x": 1, "y": 1, "z": 0.6},
        "camera": {"eye": {side: (1.25 if overlay.names else 1) * at for side, at in EYE.items()}},  # room for words
    }
    surface = {
        "type": "surface", "x": x, "y": y, "z": np.asarray(density, np.float32), "colorscale": style.DENSITY_SCALE,
        "showscale": False, "hovertemplate": hover_2d(grid.domain, overlay.names),
    }  # fmt: skip
    return {"data": [surface], "layout": style.plain_layout(scene=scene, margin={"l": 0, "r": 0, "t": 0, "b": 0})}


def _curve(density: Array, grid: Grid, overlay: Overlay) -> Figure:
    x, digits = grid.axes[0], digits_for(grid.domain)
    name = style.literal(overlay.names[0]) if overlay.names else "x"
    traces: list[Trace] = []
    if overlay.error is not None:
        band = np.concatenate([density + overlay.error, np.maximum(density - overlay.error, 0)[::-1]])
        traces.append(
            _line(
                np.concatenate([x, x[::-1]]), band, line={"width": 0}, fill="toself", hoverinfo="skip",
                fillcolor="rgba(230,159,0,0.25)", name="± one standard error",
            )
        )  # fmt: skip
    if overlay.truth is not None:
        traces.append(_line(x, overlay.truth, line={"color": style.TRUTH, "dash": "dot"}, name="truth"))
    traces.append(
        _line(
            x, density, line={"color": style.MODEL, "width": 2}, fill="tozeroy", name="density",
            fillcolor="rgba(230,159,0,0.12)",
            hovertemplate=f"{name} %{{x:.{digits}g}}<br>p(x) = %{{y:.4g}}<extra></extra>",
        )
    )  # fmt: skip
    top = max(float(np.nanmax(curve)) for curve in (density, overlay.truth) if curve is not None) or 1.0
    if overlay.sample is not None:
        traces.append(_rug(overlay.sample, style.MODEL, -0.14 * top, "sample", digits + 1))
    if overlay.points is not None:
        traces.append(_rug(overlay.points, overlay.colours, -0.06 * top, "data", digits + 1))
    axes = {
        "xaxis": {"range": list(grid.domain[0]), "title": style.title(name)},
        "yaxis": {"title": style.title("p(x)"), "range": [-0.2 * top, 1.08 * top]},
    }
    return _figure(traces, style.plain_layout(**axes), overlay)


def _line(x: Array, y: Array, **properties: Any) -> Trace:
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, **properties}


def _points(points: Array, colours: Any, name: str, digits: int, symbol: str = "circle") -> Trace:
    size = 6 if len(points) <= 100 else 4 if len(points) <= 300 else 3 if len(points) <= 3000 else 2
    return {
        "type": "scatter", "mode": "markers", "x": points[:, 0], "y": points[:, 1], "name": name,
        "meta": style.PAINTED,
        "marker": {"size": size, "color": colours, "symbol": symbol, "opacity": 0.8,
                   "line": {"color": "rgba(255,255,255,0.8)", "width": 0.5}},
        "hovertemplate": f"{name}: %{{x:.{digits}g}}, %{{y:.{digits}g}}<extra></extra>",
    }  # fmt: skip


def _rug(points: Array, colours: Any, height: float, name: str, digits: int) -> Trace:
    return {
        "type": "scatter", "mode": "markers", "x": points[:, 0], "y": np.full(len(points), height), "name": name,
        "marker": {"symbol": "line-ns-open", "size": 9, "color": colours, "line": {"width": 1}},
        "meta": style.PAINTED,
        "hovertemplate": f"{name}: %{{x:.{digits}g}}<extra></extra>",
    }  # fmt: skip


def _equal_axes(grid: Grid, names: tuple[str, ...]) -> dict[str, Any]:
    (left, right), (bottom, top) = grid.domain
    first, second = map(style.literal, names or PLANE)
    shared = {"constrain": "domain", "showgrid": False}
    return style.plain_layout(
        xaxis={**shared, "range": [left, right], "title": style.title(first)},
        yaxis={**shared, "range": [bottom, top], "title": style.title(second), "scaleanchor": "x"},
    )


def _figure(traces: list[Trace], layout: dict[str, Any], overlay: Overlay) -> Figure:
    if overlay.kernel is not None:
        trace = next(i for i, trace in enumerate(traces) if trace.get("name") == "data")
        layout["meta"] = {"kernel": {"trace": trace, **overlay.kernel}}
    return {"data": traces, "layout": layout}


def hover_kernel(offsets: Array, heights: Array | None, scales: Array) -> dict[str, Any]:
    """Describe the kernel a live figure draws over the data point under the pointer.

    `offsets` (m, d) for unit scale, NaN rows separating curves; in 1-D `heights` (m,) are the kernel's share of the
    density; `scales` (n,) or (1,) multiply the offsets of each point (and divide its heights).
    """
    second = offsets[:, 1] if heights is None else heights
    return {
        "x": [None if np.isnan(value) else float(value) for value in offsets[:, 0]],
        "y": [None if np.isnan(value) else float(value) for value in second],
        "scales": np.asarray(scales, dtype=float).tolist(),
        "mode": "outline" if heights is None else "bump",
    }
