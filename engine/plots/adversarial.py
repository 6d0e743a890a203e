"""Curves of an adversarial game over its iterations: losses, scores, distances from the data, modes covered."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.grid import Array
from engine.plots import style
from engine.plots.density import Figure, Trace
from engine.plots.numbers import written

BAND = 2.0  # standard errors to either side
FEW = 30  # points of a curve that keep their markers
OPACITY = 0.2  # of a band
SETTLED = 0.02  # of the iterations, left out where a curve's height is chosen: the first steps fall from afar

THE_ERRORS = "± one standard error, which also holds how far the correction for a finite sample may be off."
A_BOUND = (
    "KL ≥ is a lower bound: real points lie where no generated ones are near, and no sample tells how far it is."
)


def curves_figure(
    iterations: Sequence[float],
    curves: Mapping[str, Sequence[float]],
    unit: str,
    *,
    colours: Sequence[str] = style.CLASSES,
    span: tuple[float, float] | None = None,
    marks: Mapping[str, float] | None = None,
) -> Figure:
    """Draw named curves over the iterations: losses, gradient norms, or one figure of several games.

    `span` fixes the vertical axis, else it holds what comes after the first fiftieth; `marks` are dotted level lines
    by name, such as the loss at equilibrium.
    """
    traces = [
        _line(iterations, values, name, colour)
        for (name, values), colour in zip(curves.items(), colours, strict=False)
    ]
    traces += [_mark(iterations, level, name) for name, level in (marks or {}).items()]
    return _figure(traces, unit, span or _span(iterations, list(curves.values())))


def scores_figure(
    iterations: Sequence[float], real: Sequence[float], fake: Sequence[float], probability: bool = True
) -> Figure:
    """Draw the discriminator's mean score of real points, in blue, and of generated ones, in orange.

    Of a probability the axis runs from 0 to 1, and ½, at which D can't tell them apart, is marked.
    """
    curves = {"real points": real, "generated points": fake}
    colours = (style.DATA, style.MODEL)
    if not probability:
        return curves_figure(iterations, curves, "mean critic value", colours=colours)
    return curves_figure(
        iterations, curves, "mean D(x)", colours=colours, span=(0.0, 1.0), marks={"can't tell, ½": 0.5}
    )


def measures_figure(
    iterations: Sequence[float],
    values: Mapping[str, npt.ArrayLike],
    errors: Mapping[str, npt.ArrayLike],
    unit: str,
    *,
    marks: Mapping[str, float] | None = None,
    bounds: Mapping[str, npt.ArrayLike] | None = None,
) -> Figure:
    """Draw measured distances with a band of two standard errors to either side, from 0 up.

    `values` and `errors` map a measure's name to one number an iteration. JS goes with a mark at ln 2, its greatest
    value, if the caller gives one. Where `bounds` maps a name to 1, the value is a lower bound: an arrow points up.
    """
    traces: list[Trace] = []
    highest = 0.0
    for (name, value), colour in zip(values.items(), style.CLASSES, strict=False):
        centre, width = np.asarray(value, np.float64), BAND * np.asarray(errors[name], np.float64)
        traces += [_band(iterations, centre - width, centre + width, colour), _line(iterations, centre, name, colour)]
        if bounds and name in bounds:
            traces.append(_arrows(iterations, centre, np.asarray(bounds[name]) > 0, name, colour))
        highest = max(highest, _highest(iterations, centre))
    traces += [_mark(iterations, level, name) for name, level in (marks or {}).items()]
    top = max([highest, *(marks or {}).values()])
    return _figure(traces, unit, (0.0, 1.08 * top or 1.0))


def modes_figure(
    iterations: Sequence[float], modes: Sequence[float], n_modes: int, high_quality: Sequence[float]
) -> Figure:
    """Draw the share of the modes that is covered and that of the samples which is of high quality, per cent."""
    covered = 100 * np.asarray(modes, np.float64) / max(n_modes, 1)
    traces = [
        _line(iterations, covered, f"modes covered, of {n_modes}", style.CLASSES[2])
        | {"line": {"color": style.CLASSES[2], "width": 2, "shape": "hv"}},
        _line(iterations, 100 * np.asarray(high_quality, np.float64), "samples within 3σ of a mode", style.MODEL),
    ]
    return _figure(traces, "per cent", (0.0, 104.0))


def measured(figures: Mapping[str, float], name: str) -> str:
    """Write a measure with its error, or "≥" before a lower bound, from figures by name (`measures.named`)."""
    value = written(figures[name], ".3f")
    if name == "kl" and figures["kl_is_bound"]:
        return f"≥ {value}"
    return f"{value} ± {written(figures[f'{name}_error'], '.3f')}"


def _arrows(
    iterations: Sequence[float], values: Array, shown: npt.NDArray[np.bool_], name: str, colour: str
) -> Trace:
    """Draw an arrow up at the values that are `shown` (n,)."""
    return {
        "type": "scatter", "mode": "markers", "name": f"{name} ≥", "hoverinfo": "skip",
        "x": np.asarray(iterations, np.float64)[shown].tolist(), "y": values[shown].tolist(),
        "marker": {"symbol": "arrow-up", "size": 8, "color": colour}, "showlegend": bool(shown.any()),
    }  # fmt: skip


def _figure(traces: list[Trace], unit: str, span: tuple[float, float]) -> Figure:
    layout = style.plain_layout(
        xaxis={"title": style.title("iteration"), "rangemode": "tozero", "hoverformat": ",d"},
        yaxis={"title": style.title(unit), "hoverformat": ".3f", "range": list(span)},
        hovermode="x unified",
        showlegend=True,
    )
    return {"data": traces, "layout": layout}


def _line(iterations: Sequence[float], values: npt.ArrayLike, name: str, colour: str) -> Trace:
    return {
        "type": "scatter", "mode": "lines+markers" if len(iterations) < FEW else "lines", "name": name,
        "x": list(iterations), "y": np.asarray(values, np.float64).tolist(),
        "line": {"color": colour, "width": 2}, "marker": {"size": 4},
    }  # fmt: skip


def _band(iterations: Sequence[float], low: Array, high: Array, colour: str) -> Trace:
    """Return the area between two curves as one outline: there along the lower, back along the upper."""
    there = list(iterations)
    return {
        "type": "scatter", "mode": "lines", "x": there + there[::-1], "y": low.tolist() + high[::-1].tolist(),
        "fill": "toself", "fillcolor": _faint(colour), "line": {"width": 0}, "hoverinfo": "skip",
        "showlegend": False, "name": "± 2 standard errors",
    }  # fmt: skip


def _mark(iterations: Sequence[float], level: float, name: str) -> Trace:
    ends = [min(iterations, default=0), max(iterations, default=1)]
    return {
        "type": "scatter", "mode": "lines", "x": ends, "y": [level, level], "name": name, "hoverinfo": "skip",
        "line": {"color": style.TRUTH, "width": 1.2, "dash": "dot"},
    }  # fmt: skip


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{OPACITY})"


def _settled(iterations: Sequence[float], values: Any) -> Array:
    """Return the finite values after the first fiftieth of the iterations, or all of them where that leaves none."""
    every = np.asarray(values, np.float64)
    late = every[np.asarray(iterations) > SETTLED * max(iterations, default=0)] if len(every) else every
    kept = late if len(late) > 1 else every
    return kept[np.isfinite(kept)]


def _highest(iterations: Sequence[float], values: Array) -> float:
    return float(_settled(iterations, values).max(initial=0.0))


def _span(iterations: Sequence[float], curves: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Return a range that holds all curves once they have settled, and 0."""
    kept = np.concatenate([_settled(iterations, values) for values in curves] or [np.zeros(1)])
    low, high = min(float(kept.min(initial=0.0)), 0.0), max(float(kept.max(initial=0.0)), 0.0)
    pad = 0.05 * (high - low) or 1.0
    return low - (pad if low < 0 or math.isclose(high, low) else 0.0), high + pad
