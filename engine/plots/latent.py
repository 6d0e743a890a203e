"""Figures of a model with a latent space: where examples lie in it, its losses, PCA's spectrum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from engine.grid import Array
from engine.plots import style
from engine.plots.density import Figure, Trace

REACH = 4.0  # standard deviations of the prior on show
MARGIN = 1.1  # of an autoencoder's codes, beyond 99 % of them


def positions_figure(
    frames: Sequence[Array],
    labels: npt.NDArray[np.integer] | None,
    captions: Sequence[str],
    *,
    class_names: Sequence[str] = (),
    axes: tuple[str, str] = ("z₁", "z₂"),
    has_prior: bool = True,
) -> Figure:
    """Draw codes (n, 2) coloured by their labels (n,), a frame for each entry of `frames`.

    With a prior N(0, I) its one, two and three standard deviations are circles and four are shown; without one the
    picture holds 99 % of the last frame's codes.
    """
    last = np.asarray(frames[-1])
    limit = _limit(last, has_prior)
    traces: list[Trace] = _legend(class_names) if labels is not None else []
    if has_prior:
        traces.append(_circles())
    number = len(traces)
    traces.append(_codes(last, labels))
    drawn = [
        {"name": caption, "traces": [number], "data": [{"x": codes[:, 0], "y": codes[:, 1]}]}
        for caption, codes in zip(captions, frames, strict=True)
    ]
    shared = {"range": [-limit, limit], "constrain": "domain", "zeroline": True, "zerolinecolor": style.GRID}
    layout = style.plain_layout(
        xaxis={**shared, "title": style.title(axes[0])},
        yaxis={**shared, "title": style.title(axes[1]), "scaleanchor": "x"},
        showlegend=labels is not None,
        uirevision=f"{limit:.1f}",
    )
    return {"data": traces, "layout": layout, "frames": drawn}


def strip_figure(
    frames: Sequence[Array],
    labels: npt.NDArray[np.integer],
    captions: Sequence[str],
    *,
    class_names: Sequence[str],
    has_prior: bool = True,
) -> Figure:
    """Draw one-dimensional codes (n,) along a line for each class of `labels` (n,), a frame for each of `frames`.
    There may be no codes yet.

    With a prior N(0, 1) lines mark one, two and three standard deviations, as `positions_figure` does.
    """
    last = np.asarray(frames[-1])
    limit = _limit(last, has_prior)
    heights = labels + np.random.default_rng(0).uniform(-0.35, 0.35, len(labels))  # so that dots do not hide others
    traces: list[Trace] = [_verticals(len(class_names))] if has_prior else []
    number = len(traces)
    traces.append(_codes(np.column_stack([last, heights[: len(last)]]), labels))
    drawn = [
        {"name": caption, "traces": [number], "data": [{"x": codes}]}
        for caption, codes in zip(captions, frames, strict=True)
    ]
    layout = style.plain_layout(
        xaxis={"range": [-limit, limit], "zeroline": True, "zerolinecolor": style.GRID, "title": style.title("z")},
        yaxis={
            "range": [-0.6, len(class_names) - 0.4], "tickvals": list(range(len(class_names))),
            "ticktext": list(class_names), "showgrid": False,
        },
        uirevision=f"{limit:.1f}",
    )  # fmt: skip
    return {"data": traces, "layout": layout, "frames": drawn}


def curves_figure(epochs: Sequence[float], curves: Mapping[str, Sequence[float]], unit: str) -> Figure:
    """Draw named curves over the epochs; a few points beside many keep their markers."""
    mode = "lines+markers" if len(epochs) < 30 else "lines"
    settled = [
        value for values in curves.values() for epoch, value in zip(epochs, values, strict=True) if epoch > 0.3
    ]
    top = 1.05 * max(
        settled, default=max(max(values) for values in curves.values())
    )  # the first steps fall from afar
    traces = [
        {
            "type": "scatter", "mode": mode, "x": list(epochs), "y": list(values), "name": name,
            "line": {"color": colour, "width": 2}, "marker": {"size": 4},
        }
        for (name, values), colour in zip(curves.items(), style.CLASSES, strict=False)
    ]  # fmt: skip
    layout = style.plain_layout(
        xaxis={"title": style.title("epoch"), "hoverformat": ".2f", "rangemode": "tozero"},
        yaxis={"title": style.title(unit), "hoverformat": ".2f", "range": [0, top]},
        hovermode="x unified",
        showlegend=True,
    )
    return {"data": traces, "layout": layout}


def bars_figure(values: Array, lit: npt.NDArray[np.bool_], names: tuple[str, str], title: str, unit: str) -> Figure:
    """Draw a bar for each latent dimension or component, those `lit` in one colour and the others grey.

    `names` are what the two colours mean, `title` what is numbered, from 1.
    """
    numbers = np.arange(1, len(values) + 1)
    traces = [
        {
            "type": "bar", "x": numbers[chosen], "y": values[chosen], "name": name, "marker": {"color": colour},
            "hovertemplate": "%{x}: %{y:.3g}<extra></extra>",
        }
        for name, chosen, colour in zip(names, (lit, ~lit), (style.MODEL, style.TRUTH), strict=True)
    ]  # fmt: skip
    layout = style.plain_layout(
        xaxis={"title": style.title(title), **({"dtick": 1} if len(values) < 25 else {})},
        yaxis={"title": style.title(unit), "rangemode": "tozero"},
        showlegend=True, barmode="overlay", bargap=0.15,
    )  # fmt: skip
    return {"data": traces, "layout": layout}


def _limit(codes: Array, has_prior: bool) -> float:
    return REACH if has_prior or not len(codes) else MARGIN * float(np.quantile(np.abs(codes), 0.99)) or 1.0


def _codes(places: Array, labels: npt.NDArray[np.integer] | None) -> Trace:
    """Draw a dot at each of `places` (n, 2) in the colour of its label."""
    colours = style.DATA if labels is None else [style.CLASSES[int(label) % 10] for label in labels]
    marker = {"size": 4.5, "color": colours, "opacity": 0.8, "symbol": "circle", "line": {"width": 0}}
    return {
        "type": "scatter", "mode": "markers", "x": places[:, 0], "y": places[:, 1], "marker": marker,
        "name": "codes", "hoverinfo": "skip", "showlegend": False, "meta": style.PAINTED,
    }  # fmt: skip


def _legend(class_names: Sequence[str]) -> list[Trace]:
    return [
        {
            "type": "scatter", "mode": "markers", "x": [None], "y": [None], "name": name, "showlegend": True,
            "marker": {"size": 8, "color": style.CLASSES[number % 10]},
        }
        for number, name in enumerate(class_names)
    ]  # fmt: skip


def _circles() -> Trace:
    """Draw the prior's one, two and three standard deviations."""
    angle = np.linspace(0, 2 * np.pi, 97)
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    return _prior([radius * ring for radius in (1, 2, 3)])


def _verticals(n_classes: int) -> Trace:
    """Draw the prior's standard deviations in one dimension, over all lines of classes."""
    ends = np.array([-0.6, n_classes - 0.4])
    return _prior([np.column_stack([np.full(2, z), ends]) for z in (-3, -2, -1, 1, 2, 3)])


def _prior(lines: Sequence[Array]) -> Trace:
    gap = np.full((1, 2), np.nan)
    points = np.concatenate([part for line in lines for part in (line, gap)])
    return {
        "type": "scatter", "mode": "lines", "x": points[:, 0], "y": points[:, 1], "name": "prior",
        "line": {"color": style.TRUTH, "width": 1, "dash": "dot"}, "hoverinfo": "skip", "showlegend": False,
        "meta": style.PAINTED,
    }  # fmt: skip
