"""Figures of what a divergence sees: two densities and its integrand, its landscape, two histograms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.grid import Array
from engine.plots import style
from engine.plots.density import Figure, Trace
from engine.plots.numbers import written

SHOWN = 3.0  # nats above the lowest value, where the colours of a landscape end
LEVELS = 0.25  # nats between its contours
TIE = 1e-6  # nats within which two optima are equally good
_FAINT = {style.DATA: "rgba(0,114,178,0.25)", style.MODEL: "rgba(230,159,0,0.25)"}


def integrands_figure(
    x: Array, p: Array, q: Array, forward: Array, reverse: Array, window: tuple[float, float]
) -> Figure:
    """Draw p and q over x (n,) in one panel, and under it what each KL divergence sums, on the same x axis.

    `forward` and `reverse` (n,) are p log p/q and q log q/p in nats per data unit; `window` is the range of x shown
    at first. The pointer reads all four curves at once.
    """
    upper = [_filled(x, p, style.DATA, "p"), _filled(x, q, style.MODEL, "q")]
    names = ("p log p/q", "q log q/p")
    lower = [
        _filled(x, values, colour, name, yaxis="y2", showlegend=False)
        for values, colour, name in zip((forward, reverse), (style.DATA, style.MODEL), names, strict=True)
    ]
    inside = (x >= window[0]) & (x <= window[1])
    summed = np.stack([forward, reverse])[:, inside]
    low, high = float(summed.min()), float(np.max(summed, where=np.isfinite(summed), initial=0.1))
    pad = 0.08 * (high - low)
    density_top = 1.12 * float(max(p.max(), q.max()))
    # Axes write numbers with a true minus sign, templates with formats of their own do not.
    fixed = {"fixedrange": True, "hoverformat": ".3g"}
    layout = style.plain_layout(
        xaxis={"range": list(window), "title": style.title("x"), "anchor": "y2", "hoverformat": ".2f"},
        yaxis=fixed | {"domain": [0.56, 1], "range": [0, density_top], "title": style.title("density")},
        hovermode="x unified",
        hoversubplots="axis",
        showlegend=True,
    )
    quiet = fixed | {"domain": [0, 0.5], "range": [low - pad, high + pad]}
    layout["yaxis2"] = style.plain_layout()["yaxis"] | quiet | {"title": style.title("nats per unit of x")}
    layout["yaxis2"] |= {"zeroline": True, "zerolinecolor": style.TRUTH}
    layout["annotations"] = [
        _label(name, at, 0.5, colour) for name, at, colour in zip(names, (0.02, 0.2), _FAINT, strict=True)
    ]
    return {"data": upper + lower, "layout": layout}


def landscape_figure(
    means: Array, deviations: Array, values: Array, optima: Sequence[tuple[float, float, float]], name: str
) -> Figure:
    """Draw a measure in nats, `values` (s, m), over means (m,) and deviations (s,) of q, with its minima marked.

    `optima` are (mean, deviation, value), best first: × marks the lowest and all as low, ○ those that are only
    lower than what surrounds them. `name` is the measure's, such as "KL(p‖q)".
    """
    lowest = optima[0][2] if optima else float(np.min(values))
    finite = np.where(np.isfinite(values), values, np.nan).astype(np.float32)
    on = {"x": means.astype(np.float32), "y": deviations.astype(np.float32), "z": finite, "showscale": False}
    heights = {"zmin": lowest, "zmax": lowest + SHOWN}
    levels = {"coloring": "lines", "start": lowest + LEVELS, "end": lowest + SHOWN, "size": LEVELS}
    white = "rgba(255,255,255,0.45)"
    traces: list[Trace] = [
        {
            "type": "heatmap", **on, **heights, "colorscale": style.DENSITY_SCALE, "meta": style.PAINTED,
            "hovertemplate": f"μ %{{x:.3g}}, σ %{{y:.3g}}<br>{name} = %{{z:.4g}} nats<extra></extra>",
        },
        {
            "type": "contour", **on, "contours": levels, "line": {"width": 1}, "hoverinfo": "skip",
            "colorscale": [[0, white], [1, white]], "meta": style.PAINTED,
        },
        _colour_bar(lowest, lowest + SHOWN),
    ]  # fmt: skip
    layout = style.plain_layout(
        xaxis={"range": [means[0], means[-1]], "title": style.title("mean μ of q"), "showgrid": False},
        yaxis={"range": [deviations[0], deviations[-1]], "title": style.title("width σ of q"), "showgrid": False},
        annotations=[mark for one in optima for mark in _marks(*one, is_global=one[2] - lowest < TIE)],
    )
    return {"data": traces, "layout": layout}


def histogram_figure(
    p: Array, other: Array, members: npt.NDArray[np.bool_], colours: tuple[str, str], name: str, other_name: str
) -> Figure:
    """Draw probabilities p (n,) as bars and those of the `other` distribution as a line at each bar.

    The outcomes of an event, `members` (n,) bool, are outlined and named in the colour of what is highlighted.
    """
    outcome = np.arange(1, p.size + 1)
    bars = {
        "type": "bar", "x": outcome, "y": p, "width": 0.62, "name": name,
        "marker": {
            "color": colours[0], "opacity": np.where(members, 0.95, 0.45),
            "line": {"color": style.ALERT, "width": np.where(members, 3, 0)},
        },
        "hovertemplate": f"{name}(%{{x}}) = %{{y:.3f}}<extra></extra>",
    }  # fmt: skip
    lines = {
        "type": "scatter", "mode": "markers", "x": outcome, "y": other, "name": other_name,
        "marker": {"symbol": "line-ew-open", "size": 26, "color": colours[1], "line": {"width": 3}},
        "hovertemplate": f"{other_name}(%{{x}}) = %{{y:.3f}}<extra></extra>",
    }  # fmt: skip
    lit = [f'<b style="color:{style.ALERT}">{j}</b>' if member else f"{j}" for j, member in enumerate(members, 1)]
    text = [f"{label}<br>{value:.3f}" for label, value in zip(lit, p, strict=True)]
    layout = style.plain_layout(
        xaxis={
            "tickvals": outcome,
            "ticktext": text,
            "showgrid": False,
            "range": [0.4, p.size + 0.6],
            "title": style.title("outcome"),
        },
        yaxis={"range": [-0.07, 1.04], "tickvals": [0, 0.25, 0.5, 0.75, 1], "title": style.title("probability")},
        showlegend=True,
        dragmode=False,
    )
    return {"data": [bars, lines], "layout": layout}


def _filled(x: Array, y: Array, colour: str, name: str, **properties: Any) -> Trace:
    return {
        "type": "scatter", "mode": "lines", "x": x, "y": y, "name": name, "line": {"color": colour, "width": 2},
        "fill": "tozeroy", "fillcolor": _FAINT[colour], "hovertemplate": "%{y}", **properties,
    }  # fmt: skip


def _label(text: str, x: float, y: float, colour: str) -> dict[str, Any]:
    return {
        "text": text, "x": x, "y": y, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom",
        "showarrow": False, "font": {"size": 11, "color": colour},
    }  # fmt: skip


def _marks(mean: float, deviation: float, value: float, *, is_global: bool) -> list[dict[str, Any]]:
    # Annotations, since what Plotly draws as traces lies under what is painted.
    at = {"x": mean, "y": deviation, "showarrow": False}
    sign = {"text": "<b>×</b>" if is_global else "<b>○</b>", "font": {"size": 22, "color": "white"}}
    number = {"text": written(value, ".3f"), "font": {"size": 11, "color": "white"}, "yshift": 20}
    return [at | sign, at | number | {"bgcolor": "rgba(0,0,0,0.45)", "borderpad": 1}]


def _colour_bar(low: float, high: float) -> Trace:
    """Return a trace of no points whose colour bar stands for that of a painted heat map, which has none."""
    bar = {"thickness": 9, "outlinewidth": 0, "nticks": 5, "tickfont": {"size": 10}, "len": 0.94, "xpad": 4}
    bar["title"] = {"text": "nats", "side": "right", "font": {"size": 11}}
    marker = {"color": [low], "cmin": low, "cmax": high, "colorscale": style.DENSITY_SCALE, "showscale": True}
    marker["colorbar"] = bar
    return {"type": "scatter", "mode": "markers", "x": [None], "y": [None], "hoverinfo": "skip", "marker": marker}
