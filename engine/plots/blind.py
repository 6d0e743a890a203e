"""Figures of distances that are blind: two parallel lines, and a sum of coins beside the normal distribution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.grid import Array
from engine.plots import style
from engine.plots.density import Figure, Trace

# Neither those of p and q nor that of what is highlighted.
COLOURS = {"kl": "#882255", "js": "#009E73", "total_variation": "#CC79A7", "wasserstein": "#332288"}
NAMES = {"kl": "KL (nats)", "js": "JS (nats)", "total_variation": "TV", "wasserstein": "W₁ (data units)"}
KOLMOGOROV = "#56B4E9"
TOP = 2.2  # of the axis of the measures: just above W₁ at the farthest lines
REACH = 2.5  # of the axis of the lines
TAIL = 3.5  # standard deviations of the normal distribution that are drawn


def lines_figure(theta: float, blur: float) -> Figure:
    """Draw the segment at 0 and the one at `theta`, with bands of one standard deviation of the blur around them."""
    traces: list[Trace] = []
    for at, colour, faint, name in (
        (0.0, style.DATA, "rgba(0,114,178,0.25)", "p, at 0"),
        (theta, style.MODEL, "rgba(230,159,0,0.3)", "q, at θ"),
    ):
        if blur:
            left, right, low, high = at - blur, at + blur, -blur, 1 + blur
            corners = {"x": [left, right, right, left, left], "y": [low, low, high, high, low]}
            traces.append(
                _line(**corners, line={"width": 0}, fill="toself", fillcolor=faint, showlegend=False,
                      hoverinfo="skip")
            )  # fmt: skip
        traces.append(_line([at, at], [0, 1], line={"color": colour, "width": 5}, name=name, hoverinfo="name+x"))
    layout = style.plain_layout(
        xaxis={"range": [-REACH, REACH], "title": style.title("x (data units)")},
        yaxis={"range": [-0.55, 1.55], "title": style.title("y"), "tickvals": [0, 1]},
        showlegend=True,
        dragmode=False,
    )
    return {"data": traces, "layout": layout}


def blindness_figure(
    theta: Array, curves: Mapping[str, Array], now: float, values: Mapping[str, float], *, sharp: bool
) -> Figure:
    """Draw measures `curves` (t,), by their names in `NAMES`, against the distances `theta` (t,).

    Their `values` at the distance `now` are marked. An infinite measure is a dashed line at the upper edge, labelled
    ∞. Between `sharp` lines all but W₁ leap at θ = 0: there the curve is broken, with a point at the value it has.
    """
    traces = [
        trace
        for name, curve in curves.items()
        for trace in _measure(name, theta, curve, (now, values[name]), leaps=sharp and name != "wasserstein")
    ]
    layout = style.plain_layout(
        xaxis={
            "range": [float(theta[0]), float(theta[-1])],
            "title": style.title("distance θ (data units)"),
            "hoverformat": ".2f",
        },
        yaxis={"range": [0, TOP], "title": style.title("measure")},
        shapes=[_upright(now)],
        showlegend=True,
    )
    return {"data": traces, "layout": layout}


def _measure(name: str, theta: Array, curve: Array, now: tuple[float, float], *, leaps: bool) -> list[Trace]:
    is_infinite = not np.isfinite(curve).all()
    shown = np.where(np.isfinite(curve), curve, 0.985 * TOP)
    dots = [now] if now[1] <= TOP else []
    if leaps:
        dots.append((0.0, float(curve[theta == 0][0])))
        shown[theta == 0] = np.nan
    line = {"color": COLOURS[name], "width": 2.5, "dash": "dash" if is_infinite else "solid"}
    label = "KL = ∞ for θ ≠ 0" if is_infinite else NAMES[name]
    value = "∞" if is_infinite else "%{y:.3f}"
    hover = f"θ = %{{x}}<br>{NAMES[name]}: {value}<extra></extra>"
    return [_line(theta, shown, line=line, name=label, hovertemplate=hover), _dots(dots, COLOURS[name])]


def coin_figure(support: Array, pmf: Array) -> Figure:
    """Draw the steps F of a distribution on `support` (n + 1,) against Φ, and shade the area between, which is W₁."""
    from scipy.special import ndtr

    x = np.linspace(-TAIL, TAIL, 241)
    inside = np.abs(support) < TAIL
    cumulative = np.cumsum(pmf)
    start = float(pmf[support <= -TAIL].sum())
    places = np.concatenate([[-TAIL], support[inside], [TAIL]])
    steps = np.concatenate([[start], cumulative[inside], [cumulative[support < TAIL][-1]]])
    normal = _line(x, ndtr(x), line={"color": style.TRUTH, "width": 2}, name="Φ, of N(0, 1)")
    sums = _line(
        places, steps, line={"color": style.MODEL, "width": 2, "shape": "hv"}, name="F, of the coins",
        fill="tonexty", fillcolor="rgba(213,94,0,0.35)", hovertemplate="F(%{x}) = %{y:.3f}<extra></extra>",
    )  # fmt: skip
    layout = style.plain_layout(
        xaxis={"range": [-TAIL, TAIL], "title": style.title("s"), "hoverformat": ".3g"},
        yaxis={"range": [-0.02, 1.04], "title": style.title("P(S ≤ s)"), "nticks": 6},
        showlegend=True,
    )
    return {"data": [normal, sums], "layout": layout}


def coin_rates_figure(n: Array, wasserstein: Array, kolmogorov: Array, now: int) -> Figure:
    """Draw W₁ and Kolmogorov's distance (c,) against the number of coins n (c,) on log axes, and TV, which is 1."""
    width = 2.5
    traces = [
        _line(n, np.ones(n.size), line={"color": COLOURS["total_variation"], "width": width}, name="TV = 1"),
        _line(n, kolmogorov, line={"color": KOLMOGOROV, "width": width}, name="Kolmogorov"),
        _line(n, wasserstein, line={"color": COLOURS["wasserstein"], "width": width}, name=NAMES["wasserstein"]),
    ]
    for trace in traces:
        trace["hovertemplate"] = "n = %{x}: %{y:.3g}"
    layout = style.plain_layout(
        xaxis={"type": "log", "title": style.title("n (coins)"), "tickvals": [1, 2, 5, 10, 20, 50, 100, 200]},
        yaxis={"type": "log", "title": style.title("distance"), "tickvals": [0.02, 0.05, 0.1, 0.2, 0.5, 1]},
        shapes=[_upright(now)],
        showlegend=True,
    )
    layout["xaxis"]["range"] = [float(np.log10(n[0])) - 0.05, float(np.log10(n[-1])) + 0.05]
    layout["yaxis"]["range"] = [float(np.log10(min(wasserstein.min(), kolmogorov.min()))) - 0.1, 0.1]
    return {"data": traces, "layout": layout}


def _line(x: Any, y: Any, **properties: Any) -> Trace:
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, **properties}


def _dots(places: list[tuple[float, float]], colour: str) -> Trace:
    x, y = zip(*places, strict=True) if places else ((), ())
    marker = {"color": colour, "size": 9}
    return {
        "type": "scatter", "mode": "markers", "x": list(x), "y": list(y), "marker": marker, "showlegend": False,
        "hoverinfo": "skip", "cliponaxis": False,
    }  # fmt: skip


def _upright(x: float) -> dict[str, Any]:
    line = {"color": style.ALERT, "dash": "dash", "width": 1.5}
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper", "line": line}
