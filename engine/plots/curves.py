"""Line figures: selection curves, convergence, traces, likelihood surfaces and inverse-transform sampling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from engine.grid import Array, Domain
from engine.model import SelectionCurve
from engine.plots import style
from engine.plots.numbers import digits_for, written


def selection_figure(curve: SelectionCurve, current: float | None = None) -> go.Figure:
    """Draw the scores that choose a hyperparameter, the winner of each, and the value now in use."""
    figure = go.Figure(layout=style.layout(showlegend=True))
    for (name, scores), colour in zip(curve.scores.items(), style.CLASSES, strict=False):
        error = {"type": "data", "array": curve.errors[name], "width": 0} if name in curve.errors else None
        excluded = np.zeros(len(scores), bool) if curve.excluded is None else curve.excluded
        figure.add_scatter(
            x=curve.values, y=np.where(excluded, np.nan, scores), name=name, mode="lines+markers", error_y=error,
            line={"color": colour}, marker={"size": 4},
        )  # fmt: skip
        if excluded.any():
            figure.add_scatter(
                x=curve.values[excluded], y=scores[excluded], mode="markers", showlegend=False,
                name=f"{name}, not counted", marker={"size": 5, "symbol": "x-thin-open", "color": style.TRUTH},
            )  # fmt: skip
        best = curve.best[name]
        at = int(np.argmin(np.abs(np.asarray(curve.values) - best)))
        figure.add_scatter(
            x=[best], y=[scores[at]], mode="markers", showlegend=False, name=f"best by {name}",
            marker={"size": 12, "symbol": "circle-open", "color": colour, "line": {"width": 2}},
        )  # fmt: skip
    if current is not None:
        figure.add_vline(x=current, line={"color": style.ALERT, "dash": "dash", "width": 1.5})
    is_count = np.allclose(curve.values, np.round(curve.values))
    figure.update_xaxes(title_text=curve.parameter.replace("_", " "), type="linear" if is_count else "log")
    if not is_count:
        figure.update_xaxes(dtick="D2" if np.ptp(np.log10(curve.values)) < 1.5 else 1)
    figure.update_yaxes(title_text=curve.unit, range=_readable_range(curve))
    return figure


def _readable_range(curve: SelectionCurve) -> tuple[float, float] | None:
    """Return a range that shows the best scores; far from them a curve may fall without end (or to −∞)."""
    counted = slice(None) if curve.excluded is None else ~curve.excluded
    scores = np.concatenate([np.asarray(score, dtype=float)[counted] for score in curve.scores.values()])
    scores = scores[np.isfinite(scores)]
    if not len(scores):
        return None
    best, typical = (np.min(scores), np.median(scores)) if curve.minimise else (np.max(scores), np.median(scores))
    reach = 2.5 * abs(best - typical) or 1.0
    low, high = max(best - reach, np.min(scores)), min(best + reach, np.max(scores))
    pad = 0.06 * (high - low) or 1.0
    return float(low - pad), float(high + pad)


def trace_figure(values: Sequence[float], title: str = "log-likelihood, nats per point") -> go.Figure:
    """Draw a quantity against the iteration."""
    figure = go.Figure(layout=style.layout())
    figure.add_scatter(y=list(values), mode="lines", line={"color": style.MODEL, "width": 2}, name="log-likelihood")
    figure.update_xaxes(title_text="EM iteration", rangemode="tozero")
    figure.update_yaxes(title_text=title)
    return figure


def convergence_figure(
    sizes: npt.ArrayLike, errors: Mapping[str, Array], standard_errors: Mapping[str, Array], slope: float
) -> go.Figure:
    """Draw error against n on log axes for each estimator, with a grey line of the reference `slope`."""
    figure = go.Figure(layout=style.layout(showlegend=True))
    for (name, error), colour in zip(errors.items(), style.CLASSES, strict=False):
        figure.add_scatter(
            x=sizes, y=error, name=name, mode="lines+markers", line={"color": colour},
            error_y={"type": "data", "array": standard_errors[name], "width": 3},
        )  # fmt: skip
    n = np.asarray(sizes, dtype=float)
    anchor = float(np.nanmax([error[0] for error in errors.values()])) * 1.3
    figure.add_scatter(
        x=n, y=anchor * (n / n[0]) ** slope, mode="lines", name=f"slope {written(slope, '.2f')}",
        line={"color": style.TRUTH, "dash": "dot"},
    )  # fmt: skip
    figure.update_xaxes(type="log", title_text="n (points)", dtick=1)
    figure.update_yaxes(type="log", title_text="integrated squared error", exponentformat="power")
    return figure


def likelihood_figure(
    names: Sequence[str], axes: Sequence[Array], log_likelihood: Array, maximum: Sequence[float]
) -> go.Figure:
    """Draw the mean log-likelihood over one or two parameters with its maximum marked."""
    figure = go.Figure(layout=style.layout())
    marker = {"size": 12, "symbol": "x", "color": style.ALERT}
    if len(names) == 1:
        figure.add_scatter(x=axes[0], y=log_likelihood, mode="lines", line={"color": style.MODEL, "width": 2})
        figure.add_scatter(x=[maximum[0]], y=[np.max(log_likelihood)], mode="markers", marker=marker, name="maximum")
        figure.update_yaxes(title_text="nats per point")
    else:
        finite = np.where(np.isfinite(log_likelihood), log_likelihood, np.nan)
        top = float(np.nanmax(finite))
        digits = digits_for(tuple((float(axis[0]), float(axis[-1])) for axis in axes))
        hover = f"{names[0]} %{{x:.{digits}g}}, {names[1]} %{{y:.{digits}g}}<br>%{{z:.4g}} nats<extra></extra>"
        # Far from the maximum the surface falls without end; show the part a person can read.
        low = max(float(np.nanmin(finite)), top - 5)
        figure.add_contour(
            x=axes[0], y=axes[1], z=finite, colorscale=style.DENSITY_SCALE, zmin=low, zmax=top, ncontours=24,
            line={"width": 0.5}, colorbar={"title": {"text": "nats per point", "side": "right"}, "thickness": 12},
            contours={"start": low, "end": top, "size": (top - low) / 20 or 1},
            hovertemplate=hover,
        )  # fmt: skip
        figure.add_scatter(x=[maximum[0]], y=[maximum[1]], mode="markers", marker=marker, name="maximum")
        figure.update_yaxes(title_text=names[1])
    figure.update_xaxes(title_text=names[0])
    return figure


def inverse_cdf_figure(x: Array, cdf: Array, u: Array, drawn: Array, axis: str = "x") -> go.Figure:
    """Draw a CDF and how each uniform u on the left goes across to the curve and down to x = F⁻¹(u)."""
    figure = go.Figure(layout=style.layout())
    across = np.full((len(u), 4), np.nan)
    down = np.full((len(u), 4), np.nan)
    across[:, 0], across[:, 1], across[:, 2] = x[0], drawn, drawn
    down[:, 0], down[:, 1], down[:, 2] = u, u, 0
    figure.add_scatter(
        x=across.ravel(), y=down.ravel(), mode="lines", line={"color": style.TRUTH, "width": 0.8}, hoverinfo="skip"
    )
    figure.add_scatter(x=x, y=cdf, mode="lines", line={"color": style.TEXT, "width": 2}, name="F")
    figure.add_scatter(
        x=np.full(len(u), x[0]), y=u, mode="markers", marker={"color": style.TRUTH, "size": 6}, name="u"
    )
    figure.add_scatter(
        x=drawn, y=np.zeros(len(u)), mode="markers", name="sample",
        marker={"color": style.MODEL, "size": 8, "symbol": "diamond"},
    )  # fmt: skip
    figure.update_xaxes(title_text=axis, range=[float(x[0]), float(x[-1])])
    figure.update_yaxes(title_text=f"u = F({axis})", range=[-0.04, 1.04])
    return figure


def scatter_figure(points: Array, colours: Sequence[str], symbols: Sequence[str], domain: Domain) -> go.Figure:
    """Draw points, each with its colour and symbol, over a domain: a rug in 1-D, equal axes in 2-D."""
    figure = go.Figure(layout=style.layout())
    flat = len(domain) == 1
    figure.add_scatter(
        x=points[:, 0], y=np.zeros(len(points)) if flat else points[:, 1], mode="markers",
        marker={"color": list(colours), "symbol": list(symbols), "size": 6, "opacity": 0.8}, name="points",
    )  # fmt: skip
    figure.update_xaxes(range=list(domain[0]), title_text="x" if flat else "x₁", constrain="domain")
    if flat:
        figure.update_yaxes(visible=False)
    else:
        figure.update_yaxes(range=list(domain[1]), title_text="x₂", scaleanchor="x", constrain="domain")
    return figure
