"""The figure that lays the curves of two trainings over each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.plots import style
from engine.plots.density import Figure, Trace

DASHES = ("solid", "dash", "dot")  # of the curves of one training, in order
SETTLED = 0.3  # epochs from which on a curve is on show; the first steps fall from afar


def two_histories_figure(
    sides: Sequence[tuple[str, Sequence[float], Mapping[str, Sequence[float]]]], unit: str
) -> Figure:
    """Draw curves over the epochs: of each training (title, epochs, curves by name), in a colour of its own."""
    traces: list[Trace] = [
        {
            "type": "scatter", "mode": "lines", "x": list(epochs), "y": list(values), "name": f"{title}: {name}",
            "line": {"color": colour, "width": 2, "dash": dash},
        }
        for (title, epochs, curves), colour in zip(sides, style.CLASSES, strict=False)
        for (name, values), dash in zip(curves.items(), DASHES, strict=False)
    ]  # fmt: skip
    drawn = [(epoch, value) for trace in traces for epoch, value in zip(trace["x"], trace["y"], strict=True)]
    settled = [value for epoch, value in drawn if epoch > SETTLED] or [value for _, value in drawn]
    layout = style.plain_layout(
        xaxis={"title": style.title("epoch"), "hoverformat": ".2f", "rangemode": "tozero"},
        yaxis={"title": style.title(unit), "hoverformat": ".2f", "range": [0, 1.05 * max(settled, default=1.0)]},
        hovermode="x unified",
        showlegend=True,
    )
    return {"data": traces, "layout": layout}
