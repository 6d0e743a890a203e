"""Figures of a density over its domain: heat map, surface or curve, with the data and a sample on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.grid import Array, Grid
from engine.plots import style


@dataclass(frozen=True)
class Overlay:
    """What lies on a density: the data, a sample, the truth, component outlines, a kernel to show on hover.

    `points` (n, d) with `colours` (one colour, or one for each point); `sample` (m, d); `truth` the true density on
    the grid; `outlines` (K, m, 2) closed curves with `outline_colours`; `error` the standard error of the density on
    the grid (1-D); `kernel` the entry for a live figure's hover overlay (see `hover_kernel`).
    """

    points: Array | None = None
    colours: str | list[str] = style.DATA
    sample: Array | None = None
    truth: Array | None = None
    outlines: Array | None = None
    outline_colours: tuple[str, ...] = style.CLASSES
    error: Array | None = None
    kernel: dict[str, Any] | None = None


def density_figure(density: Array, grid: Grid, overlay: Overlay, *, surface: bool = False) -> go.Figure:
    """Draw a density on its grid: a curve in 1-D, a heat map with contours (or a surface) in 2-D."""
    if grid.dimension == 1:
        return _curve(density, grid, overlay)
    return _surface(density, grid) if surface else _heat_map(density, grid, overlay)


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


def _heat_map(density: Array, grid: Grid, overlay: Overlay) -> go.Figure:
    x, y = (axis.astype(np.float32) for axis in grid.axes)
    figure = go.Figure(layout=_equal_axes(grid))
    figure.add_heatmap(
        x=x, y=y, z=density, colorscale=style.DENSITY_SCALE, zmin=0, showscale=False, name="density",
        hovertemplate="x₁ %{x:.3g}, x₂ %{y:.3g}<br>p(x) = %{z:.4g}<extra></extra>",
    )  # fmt: skip
    # Every second cell is enough for smooth contours and a quarter of the bytes.
    figure.add_contour(
        x=x[::2], y=y[::2], z=mass_levels(density[::2, ::2]), showscale=False, hoverinfo="skip", name="contours",
        contours={"coloring": "lines", "start": 0.25, "end": 0.75, "size": 0.25},
        colorscale=[[0, "rgba(255,255,255,0.6)"], [1, "rgba(255,255,255,0.6)"]], line={"width": 1},
    )  # fmt: skip
    if overlay.sample is not None:
        _add_points(figure, overlay.sample, style.MODEL, "sample", symbol="diamond")
    if overlay.points is not None:
        _add_points(figure, overlay.points, overlay.colours, "data")
    if overlay.outlines is not None:
        for curve, colour in zip(overlay.outlines, overlay.outline_colours * 9, strict=False):
            figure.add_scatter(
                x=curve[:, 0], y=curve[:, 1], mode="lines", hoverinfo="skip", line={"color": colour, "width": 2.5}
            )
    return _with_kernel(figure, overlay)


def _surface(density: Array, grid: Grid) -> go.Figure:
    x, y = grid.axes
    axis = {"backgroundcolor": "rgba(0,0,0,0)", "gridcolor": style.GRID, "color": style.TEXT, "nticks": 5}
    scene = {
        "xaxis": {**axis, "title": {"text": "x₁"}},
        "yaxis": {**axis, "title": {"text": "x₂"}},
        "zaxis": {**axis, "title": {"text": "p(x)"}},
        "aspectmode": "manual",
        "aspectratio": {"x": 1, "y": 1, "z": 0.6},
        "camera": {"eye": {"x": 1.2, "y": -1.4, "z": 0.9}},
    }
    surface = go.Surface(
        x=x, y=y, z=density, colorscale=style.DENSITY_SCALE, showscale=False,
        hovertemplate="x₁ %{x:.3g}, x₂ %{y:.3g}<br>p(x) = %{z:.4g}<extra></extra>",
    )  # fmt: skip
    return go.Figure(surface, layout=style.layout(scene=scene, margin={"l": 0, "r": 0, "t": 0, "b": 0}))


def _curve(density: Array, grid: Grid, overlay: Overlay) -> go.Figure:
    x = grid.axes[0]
    axes = {
        "xaxis": {"range": list(grid.domain[0]), "title": style.title("x")},
        "yaxis": {"title": style.title("p(x)")},
    }
    figure = go.Figure(layout=style.layout(**axes))
    if overlay.error is not None:
        band = np.concatenate([density + overlay.error, np.maximum(density - overlay.error, 0)[::-1]])
        figure.add_scatter(
            x=np.concatenate([x, x[::-1]]), y=band, mode="lines", line={"width": 0}, fill="toself",
            fillcolor="rgba(230,159,0,0.25)", hoverinfo="skip", name="± one standard error",
        )  # fmt: skip
    if overlay.truth is not None:
        figure.add_scatter(
            x=x, y=overlay.truth, mode="lines", line={"color": style.TRUTH, "dash": "dot"}, name="truth"
        )
    figure.add_scatter(
        x=x, y=density, mode="lines", line={"color": style.MODEL, "width": 2}, fill="tozeroy",
        fillcolor="rgba(230,159,0,0.12)", name="density",
        hovertemplate="x %{x:.3g}<br>p(x) = %{y:.4g}<extra></extra>",
    )  # fmt: skip
    top = float(np.nanmax(density)) or 1.0
    if overlay.sample is not None:
        _add_rug(figure, overlay.sample, style.MODEL, -0.14 * top, "sample")
    if overlay.points is not None:
        _add_rug(figure, overlay.points, overlay.colours, -0.06 * top, "data")
    return _with_kernel(figure, overlay)


def _add_points(figure: go.Figure, points: Array, colours: Any, name: str, symbol: str = "circle") -> None:
    size = 6 if len(points) <= 100 else 4 if len(points) <= 300 else 3 if len(points) <= 3000 else 2
    kind = figure.add_scattergl if len(points) > 5_000 else figure.add_scatter
    kind(
        x=points[:, 0], y=points[:, 1], mode="markers", name=name,
        marker={"size": size, "color": colours, "symbol": symbol, "opacity": 0.8,
                "line": {"color": "rgba(255,255,255,0.8)", "width": 0.5}},
        hovertemplate=f"{name}: %{{x:.3g}}, %{{y:.3g}}<extra></extra>",
    )  # fmt: skip


def _add_rug(figure: go.Figure, points: Array, colours: Any, height: float, name: str) -> None:
    figure.add_scatter(
        x=points[:, 0], y=np.full(len(points), height), mode="markers", name=name,
        marker={"symbol": "line-ns-open", "size": 9, "color": colours, "line": {"width": 1}},
        hovertemplate=f"{name}: %{{x:.4g}}<extra></extra>",
    )  # fmt: skip


def _equal_axes(grid: Grid) -> go.Layout:
    (left, right), (bottom, top) = grid.domain
    shared = {"constrain": "domain", "showgrid": False}
    return style.layout(
        xaxis={**shared, "range": [left, right], "title": style.title("x₁")},
        yaxis={**shared, "range": [bottom, top], "title": style.title("x₂"), "scaleanchor": "x"},
    )


def _with_kernel(figure: go.Figure, overlay: Overlay) -> go.Figure:
    if overlay.kernel is not None:
        trace = next(i for i, trace in enumerate(figure.data) if trace.name == "data")
        figure.layout.meta = {"kernel": {"trace": trace, **overlay.kernel}}
    return figure


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
