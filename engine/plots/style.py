"""One palette and one layout for every figure; colour-blind safe (Okabe & Ito, 2008, Color Universal Design)."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.colors
import plotly.graph_objects as go

DATA = "#0072B2"  # observed data
MODEL = "#E69F00"  # what a model made
TRUTH = "#7F7F7F"  # the truth, where it is known
SECOND = "#CC79A7"  # the second class of drawn points
ALERT = "#D55E00"  # what to look at: an outlier, a chosen value
TEXT = "#1F2933"
GRID = "#DDE2E7"
PAPER = "#FFFFFF"
DENSITY_SCALE = plotly.colors.get_colorscale("Viridis")
PAINTED = "painted"  # in a trace's `meta`: a live figure paints it on a canvas, ten times faster than Plotly draws

# Classes, components and curves in label order.
CLASSES = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#D55E00",
    "#56B4E9",
    "#F0E442",
    "#7F7F7F",
    "#882255",
    "#332288",
)

# What each colour becomes on a dark page; live figures swap them in the browser. Lighter than on paper, and as far
# apart for the colour-blind as the ten of the light page are.
DARK = {
    DATA: "#56B4E9",
    MODEL: "#FFB733",
    TRUTH: "#8C8C8C",
    SECOND: "#F2B3D5",
    ALERT: "#F2662B",
    TEXT: "#E6EBF0",
    GRID: "#303A45",
    PAPER: "#11161C",
    "#009E73": "#2BC79A",
    "#56B4E9": "#C9EBFF",
    "#F0E442": "#FFF48F",
    "#882255": "#B8447F",
    "#332288": "#7A68E8",
}


def plain_layout(**extra: Any) -> dict[str, Any]:
    """Return the house layout: transparent, tight margins, quiet grid; `extra` overrides, axes key by key."""
    axis = {
        "gridcolor": GRID, "zeroline": False, "linecolor": GRID, "ticks": "", "automargin": True,
        "tickfont": {"size": 10}, "nticks": 7,
    }  # fmt: skip
    base = {
        "template": "none",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": TEXT, "size": 12},
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "xaxis": axis | extra.pop("xaxis", {}),
        "yaxis": axis | extra.pop("yaxis", {}),
        "showlegend": False,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": 11}},
        "hovermode": "closest",
        "uirevision": "keep",
    }
    return base | extra


def layout(**extra: Any) -> go.Layout:
    """Return `plain_layout` for a `go.Figure`.

    Axes are better given here than by `update_xaxes` afterwards, which costs as much as all the rest of a figure.
    """
    return go.Layout(plain_layout(**extra))


def title(text: str) -> dict[str, Any]:
    """Return an axis title in the house's size."""
    return {"text": text, "font": {"size": 12}, "standoff": 4}


def literal(text: str, at_most: int = 30) -> str:
    """Return what Plotly shows as this text, whatever tags, entities and placeholders it holds; longer texts are cut.

    An invisible joiner parts what has a meaning together, since a surface's axes decode no entities.
    """
    shown = text if len(text) <= at_most else text[: at_most - 1] + "…"
    return shown.replace("<", "‹").replace("&", "&\u2060").replace("%{", "%\u2060{")


def blend(responsibilities: Any) -> list[str]:
    """Return each point's colour: the components' colours mixed by its responsibilities (n, K)."""
    palette = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in CLASSES], dtype=float)
    components = palette[np.arange(responsibilities.shape[1]) % len(palette)]
    mixed = np.rint(responsibilities @ components).astype(int)
    return [f"#{red:02X}{green:02X}{blue:02X}" for red, green, blue in mixed]
