"""Figures of a latent-variable model of points: its manifold and density over the data, and its codes over q(z)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from engine.grid import Array, Domain, Grid
from engine.plots import style
from engine.plots.density import Figure, Trace, hover_2d
from engine.plots.latent import REACH, positions_figure

Labels = npt.NDArray[np.integer]
HOVER_CODE = "z₁ %{x:.3g}, z₂ %{y:.3g}<br>q(z) = %{z:.3g}<extra></extra>"
SETTLED = 0.05  # of the training, after which its curves should fit the picture
EDGE = {"width": 0.6, "color": "rgba(255,255,255,0.8)"}  # of a dot, which may lie on a dark part of a heat map
TICKS = 0.06  # of the height of a one-dimensional picture, where its codes stand


def manifold_figure(
    manifolds: Sequence[Array],
    densities: Sequence[Array | None],
    captions: Sequence[str],
    *,
    points: Array,
    labels: Labels,
    domain: Domain,
) -> Figure:
    """Draw what a decoder makes of codes, a frame for each manifold, over points (n, 2) with `labels` (n,), 0 or 1.

    A manifold is a curve (m, 2) or a net (m, m, 2), or several of these along a first axis, one for each class.
    `densities`, on grids over `domain`, are heat maps below all else; None where there is none.
    """
    traces: list[Trace] = [_dots(points, labels, 5.0)]
    wires = [_wires(one) for one in manifolds]
    first = len(traces)
    last = wires[-1]
    colours = [style.MODEL] if len(last) == 1 else [style.CLASSES[label % 10] for label in range(len(last))]
    for wire, colour in zip(last, colours, strict=True):
        is_net = bool(np.isnan(wire).any())
        traces.append(_curve(wire[:, 0], wire[:, 1], colour, "manifold", width=1.2 if is_net else 3.0))
    numbers = list(range(first, len(traces)))
    frames = [
        {"name": caption, "traces": numbers, "data": [{"x": wire[:, 0], "y": wire[:, 1]} for wire in each]}
        for caption, each in zip(captions, wires, strict=True)
    ]
    across, up = ({"range": list(ends), "constrain": "domain"} for ends in domain)
    layout = style.plain_layout(
        xaxis={**across, "title": style.title("x₁")},
        yaxis={**up, "title": style.title("x₂"), "scaleanchor": "x"},
        uirevision=repr(domain),
    )
    return with_fields({"data": traces, "layout": layout, "frames": frames}, densities, domain, hover_2d(domain))


def codes_figure(
    codes: Sequence[Array],
    aggregates: Sequence[Array | None],
    captions: Sequence[str],
    *,
    labels: Labels,
    latent_size: int,
    has_prior: bool,
) -> Figure:
    """Draw the codes (n, 2) of points as `latent_positions` gives them, a frame for each entry of `codes`.

    `aggregates` are q(z) over [−4, 4] in each of one or two latent dimensions, or None: a heat map below the codes,
    or a curve beside the prior's.
    """
    if latent_size == 1:
        return _line_of_codes(codes, aggregates, captions, labels, has_prior)
    axes = ("z₁", "z₂") if latent_size == 2 else ("first principal axis of z", "second principal axis of z")
    figure = positions_figure(codes, None, captions, axes=axes, has_prior=has_prior)
    figure["data"][-1]["marker"] |= {"color": _colours(labels), "line": EDGE}
    return with_fields(figure, aggregates, ((-REACH, REACH),) * 2, HOVER_CODE)


def estimates_figure(curves: Mapping[str, tuple[Sequence[float], Array]], unit: str) -> Figure:
    """Draw named estimates (m, 2), each a value and its standard error, over the epochs (m,)."""
    shown = [
        value
        for epochs, estimates in curves.values()
        for epoch, value in zip(epochs, estimates[:, 0], strict=True)
        if epoch >= SETTLED * epochs[-1]
    ]
    margin = 0.1 * (max(shown) - min(shown)) or 0.1
    traces = [
        {
            "type": "scatter", "mode": "lines+markers", "x": list(epochs), "y": estimates[:, 0], "name": name,
            "error_y": {"type": "data", "array": estimates[:, 1], "width": 0, "thickness": 1},
            "line": {"color": colour, "width": 2}, "marker": {"size": 4},
        }
        for (name, (epochs, estimates)), colour in zip(curves.items(), style.CLASSES, strict=False)
    ]  # fmt: skip
    layout = style.plain_layout(
        xaxis={"title": style.title("epoch"), "rangemode": "tozero"},
        yaxis={"title": style.title(unit), "hoverformat": ".3f", "range": [min(shown) - margin, max(shown) + margin]},
        hovermode="x unified",
        showlegend=True,
    )
    return {"data": traces, "layout": layout}


def with_fields(figure: Figure, fields: Sequence[Array | None], domain: Domain, hover: str) -> Figure:
    """Put heat maps on grids over `domain` below a figure, one for each of its frames, if there are any."""
    if fields[-1] is None:
        return figure
    shape = fields[-1].shape
    drawn = [np.zeros(shape, np.float32) if field is None else field for field in fields]
    grid = Grid.over(domain, shape[0])
    x, y = (axis.astype(np.float32) for axis in grid.axes)
    field: Trace = {
        "type": "heatmap", "x": x, "y": y, "z": drawn[-1], "zmin": 0, "colorscale": style.DENSITY_SCALE,
        "showscale": False, "hovertemplate": hover, "name": "density", "meta": style.PAINTED,
    }  # fmt: skip
    frames = [
        {**frame, "traces": [0, *(number + 1 for number in frame["traces"])], "data": [{"z": z}, *frame["data"]]}
        for frame, z in zip(figure["frames"], drawn, strict=True)
    ]
    return {**figure, "data": [field, *figure["data"]], "frames": frames}


def _line_of_codes(
    codes: Sequence[Array],
    aggregates: Sequence[Array | None],
    captions: Sequence[str],
    labels: Labels,
    has_prior: bool,
) -> Figure:
    """Draw one-dimensional codes as ticks, with q(z) and the prior as curves above them."""
    last = codes[-1][:, 0]
    limit = REACH if has_prior or not len(last) else 1.1 * float(np.abs(last).max()) or 1.0
    top = 1.1 * max([0.45, *(float(one.max()) for one in aggregates[len(aggregates) // 2 :] if one is not None)])
    ticks: Trace = {
        **_dots(np.column_stack([last, np.full(len(last), -TICKS * top)]), labels, 9.0),
        "name": "codes",
    }
    ticks["marker"] |= {"symbol": "line-ns-open", "line": {"width": 1}}
    traces: list[Trace] = [ticks]
    frames: list[dict[str, Any]] = [
        {"name": caption, "traces": [0], "data": [{"x": one[:, 0]}]}
        for caption, one in zip(captions, codes, strict=True)
    ]
    if aggregates[-1] is not None:
        z = Grid.over(((-REACH, REACH),), len(aggregates[-1])).axes[0]
        traces += [
            _curve(z, norm.pdf(z), style.TRUTH, "prior p(z)", dash="dash"),
            _curve(z, aggregates[-1], style.MODEL, "aggregate posterior q(z)"),
        ]
        for frame, one in zip(frames, aggregates, strict=True):
            frame["traces"].append(2)
            frame["data"].append({"y": np.zeros_like(z) if one is None else one})
    layout = style.plain_layout(
        xaxis={"range": [-limit, limit], "title": style.title("z")},
        yaxis={
            "range": [-2 * TICKS * top, top],
            "title": style.title("density" if has_prior else ""),
            "zeroline": True,
        },
        showlegend=has_prior,
        uirevision=f"{limit:.1f}",
    )
    legend = [_key(style.MODEL, "aggregate posterior q(z)"), _key(style.TRUTH, "prior p(z)")] if has_prior else []
    return {"data": [*traces, *legend], "layout": layout, "frames": frames}


def _wires(manifold: Array) -> list[Array]:
    """Return the lines (m, 2) that draw a manifold, with NaN between, for each of its classes."""
    if manifold.ndim == 2:
        return [manifold]
    if manifold.ndim == 4:
        return [wire for each in manifold for wire in _wires(each)]
    is_net = manifold.shape[0] == manifold.shape[1]
    return [_net(manifold)] if is_net else list(manifold)


def _net(vertices: Array) -> Array:
    """Return the lines of a net (m, m, 2) along both of its axes."""
    padded = np.pad(vertices, ((0, 0), (0, 1), (0, 0)), constant_values=np.nan)
    turned = np.pad(vertices.swapaxes(0, 1), ((0, 0), (0, 1), (0, 0)), constant_values=np.nan)
    return np.concatenate([padded.reshape(-1, 2), turned.reshape(-1, 2)]).astype(np.float32)


def _colours(labels: Labels) -> list[str]:
    return [style.SECOND if label else style.DATA for label in labels]


def _dots(places: Array, labels: Labels, size: float) -> Trace:
    marker = {"size": size, "color": _colours(labels), "opacity": 0.85, "symbol": "circle", "line": EDGE}
    return {
        "type": "scatter", "mode": "markers", "x": places[:, 0], "y": places[:, 1], "marker": marker, "name": "data",
        "hoverinfo": "skip", "showlegend": False, "meta": style.PAINTED,
    }  # fmt: skip


def _curve(x: Array, y: Array, colour: str, name: str, width: float = 2.5, dash: str = "solid") -> Trace:
    return {
        "type": "scatter", "mode": "lines", "x": x.astype(np.float32), "y": np.asarray(y, np.float32), "name": name,
        "line": {"color": colour, "width": width, "dash": dash}, "hoverinfo": "skip", "showlegend": False,
        "meta": style.PAINTED,
    }  # fmt: skip


def _key(colour: str, name: str) -> Trace:
    """Return an entry of the legend, since painted traces have none."""
    return {"type": "scatter", "mode": "lines", "x": [None], "y": [None], "name": name, "line": {"color": colour}}
