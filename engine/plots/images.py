"""Figures about generated images: how often each class is drawn, and how near they lie to training images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.grid import Array
from engine.plots import style
from engine.plots.density import Figure

BINS = 40


def shares_figure(class_names: Sequence[str], generated: Array, real: Array) -> Figure:
    """Draw the share of images read as each class, generated beside real; both (n_classes,) in [0, 1]."""
    traces = [
        {
            "type": "bar", "x": list(class_names), "y": 100 * np.asarray(shares), "name": name,
            "marker": {"color": colour}, "hovertemplate": "%{x}: %{y:.1f} %<extra></extra>",
        }
        for name, shares, colour in (("generated", generated, style.MODEL), ("real", real, style.DATA))
    ]  # fmt: skip
    layout = style.plain_layout(
        xaxis={"title": style.title("read as"), "type": "category", "nticks": 0},
        yaxis={"title": style.title("% of images"), "rangemode": "tozero"},
        showlegend=True, barmode="group", bargap=0.25, bargroupgap=0.05,
    )  # fmt: skip
    return {"data": traces, "layout": layout}


def nearest_figure(generated: Array, held_out: Array) -> Figure:
    """Draw the distributions of the distances (n,) from generated and from held-out images to the training images."""
    edges = np.histogram_bin_edges(np.concatenate([generated, held_out]), BINS)
    centres = (edges[1:] + edges[:-1]) / 2
    traces = [
        {
            "type": "scatter", "mode": "lines", "line": {"color": colour, "width": 2, "shape": "hvh"}, "x": centres,
            "y": 100 * np.histogram(values, edges)[0] / len(values), "name": name, "fill": "tozeroy",
            "fillcolor": f"{colour}33", "hovertemplate": "%{x:.2f}: %{y:.1f} %<extra></extra>",
        }
        for name, values, colour in (("held out", held_out, style.DATA), ("generated", generated, style.MODEL))
    ]  # fmt: skip
    layout = style.plain_layout(
        xaxis={"title": style.title("distance to the nearest training image"), "rangemode": "tozero"},
        yaxis={"title": style.title("% of images"), "rangemode": "tozero"},
        showlegend=True,
    )
    return {"data": traces, "layout": layout}
