"""One figure of several trainings, over each other: the same quantity of each, with its error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.plots import style
from engine.plots.density import Figure, Trace


def rivals_figure(
    iterations: Sequence[int],
    curves: Mapping[str, Sequence[float]],
    unit: str,
    errors: Mapping[str, Sequence[float]] | None = None,
) -> Figure:
    """Draw a curve for each training by its name; `errors`, by the same names, are shaded ± one standard error."""
    traces: list[Trace] = []
    mode = "lines+markers" if len(iterations) < 30 else "lines"
    for (name, values), colour in zip(curves.items(), style.CLASSES, strict=False):
        if errors is not None:
            traces.append(_band(iterations, values, errors[name], colour))
        traces.append(
            {
                "type": "scatter", "mode": mode, "x": list(iterations), "y": list(values), "name": name,
                "line": {"color": colour, "width": 2}, "marker": {"size": 4},
            }
        )  # fmt: skip
    layout = style.plain_layout(
        xaxis={"title": style.title("iteration"), "rangemode": "tozero"},
        yaxis={"title": style.title(unit), "hoverformat": ".3g"},
        hovermode="x unified",
        showlegend=True,
    )
    return {"data": traces, "layout": layout}


def _band(iterations: Sequence[int], values: Sequence[float], errors: Sequence[float], colour: str) -> Trace:
    middle, spread = np.asarray(values, float), np.asarray(errors, float)
    return {
        "type": "scatter", "mode": "lines", "x": [*iterations, *reversed(iterations)], "fill": "toself",
        "y": np.concatenate([middle + spread, (middle - spread)[::-1]]), "fillcolor": f"{colour}2E",
        "line": {"width": 0, "color": colour}, "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip
