"""Figures of how well style transfer holds: over the epochs, and over the size of the latent space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.plots import style
from engine.plots.density import Figure, Trace

SHARE = "cells with the label asked for, %"
Estimate = tuple[float, float]  # a share from 0 to 1 and its standard error


def share_figure(epochs: Sequence[float], shares: Sequence[Estimate], ceiling: float) -> Figure:
    """Draw the share of cells read as asked for over the epochs, with its errors, under the classifier's own."""
    traces = [
        _points(epochs, shares, "under each label", style.MODEL, "lines+markers"),
        {
            "type": "scatter", "mode": "lines", "x": [0, max(epochs)], "y": [100 * ceiling] * 2,
            "name": "the classifier on real images", "line": {"color": style.TRUTH, "width": 1.5, "dash": "dash"},
        },
    ]  # fmt: skip
    return {"data": traces, "layout": _layout({"title": style.title("epoch"), "rangemode": "tozero"}, [0, 103])}


def leak_figure(curves: Mapping[str, Mapping[int, Estimate]], goal: float = 0.95) -> Figure:
    """Draw the share over the number of latent dimensions, a curve for each name, and the goal as a grey line."""
    sizes = sorted({size for curve in curves.values() for size in curve})
    traces = [
        _points(list(curve), list(curve.values()), name, colour, "lines+markers")
        for (name, curve), colour in zip(curves.items(), (style.MODEL, style.DATA, *style.CLASSES[2:]), strict=False)
    ]
    traces.append(
        {
            "type": "scatter", "mode": "lines", "x": [sizes[0] / 1.3, sizes[-1] * 1.3], "y": [100 * goal] * 2,
            "name": f"{100 * goal:g} %", "line": {"color": style.TRUTH, "width": 1.5, "dash": "dash"},
            "hoverinfo": "skip",
        }
    )  # fmt: skip
    low = min(value - 2 * error for curve in curves.values() for value, error in curve.values())
    axis = {
        "type": "log", "title": style.title("latent dimensions"), "tickmode": "array", "tickvals": sizes,
        "ticktext": [str(size) for size in sizes],
    }  # fmt: skip
    return {"data": traces, "layout": _layout(axis, [min(100 * low, 80), 101])}


def _points(x: Sequence[float], shares: Sequence[Estimate], name: str, colour: str, mode: str) -> Trace:
    values, errors = ([100 * estimate[part] for estimate in shares] for part in (0, 1))
    return {
        "type": "scatter", "mode": mode, "x": list(x), "y": values, "name": name,
        "line": {"color": colour, "width": 2}, "marker": {"size": 7, "color": colour},
        "error_y": {"type": "data", "array": errors, "thickness": 1.5, "width": 4, "color": colour},
        "hovertemplate": "%{y:.1f} ± %{error_y.array:.1f} %<extra></extra>",
    }  # fmt: skip


def _layout(x: dict[str, Any], y_range: Sequence[float]) -> dict[str, Any]:
    return style.plain_layout(
        xaxis=x, yaxis={"title": style.title(SHARE), "range": list(y_range)}, showlegend=True,
    )  # fmt: skip
