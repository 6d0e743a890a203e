"""The manifold in the plane as it forms, over points and p(x), beside the latent space with q(z) and the prior."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.model import Evaluates
from engine.plots.latent_plane import codes_figure, manifold_figure
from engine.plots.numbers import written
from engine.training import Snapshot
from pages.components.live import Live, follow
from pages.components.live_figure import Figure, live_figure
from pages.components.timeline import timeline
from pages.latent.points_source import KEY, PointsSource
from pages.shared.runs.panel import training_panel

LINK = KEY
HEIGHT = 430


def show(source: PointsSource) -> None:
    """Draw the run's panel and its history, which goes on by itself."""
    assert source.run is not None
    live = follow(f"{KEY}.history", source.run)
    training_panel(source.run, f"{KEY}.panel", live)
    left, right = st.columns(2, gap="small")
    with left:
        _manifold(source, live)
    with right:
        _latent_space(source, live)
    timeline(f"{KEY}.step", link=LINK, run=source.history_id, captions=lambda: source.shown[1], live=live)


NONE = np.zeros((0, 2), np.float32)  # codes or cells before the first picture


def _manifold(source: PointsSource, live: Live | None) -> None:
    live_figure(
        lambda: _plane(source), key=f"{KEY}.plane", height=HEIGHT, link=LINK, shares_view=False, as_files=True,
        file_name="manifold", alt="The points, and what the decoder makes of a grid of codes", live=live,
    )  # fmt: skip
    what = "curve that a line" if source.latent_size == 1 else "net that a grid"
    of = "of the prior" if source.has_prior else "of a normal with the codes' moments"
    field = " The heat map is p(x), integrated over z." if issubclass(source.model_class, Evaluates) else ""
    st.caption(f"The {what} of codes decodes to: equal steps in probability, from 2 to 98 % {of}.{field}")


def _plane(source: PointsSource) -> Figure:
    """Return the points with the manifold at every step; with nothing else until the first picture comes."""
    shown, captions = source.shown
    return manifold_figure(
        [one.views["manifold"] for one in shown] or [NONE], [one.views.get("density") for one in shown] or [None],
        [_with_bounds(caption, one) for caption, one in zip(captions, shown, strict=True)] or [""],
        points=source.points.x, labels=source.points.labels, domain=source.domain,
    )  # fmt: skip


def _latent_space(source: PointsSource, live: Live | None) -> None:
    live_figure(
        lambda: _codes(source), key=f"{KEY}.codes", height=HEIGHT, link=LINK, shares_view=False, as_files=True,
        file_name="latent_space", alt="Where the points lie in the latent space, over the aggregate posterior",
        live=live,
    )  # fmt: skip
    if not source.has_prior:
        st.caption("The points' codes. Nothing says where they should lie.")
    elif source.latent_size == 1:
        st.caption("The points' codes as ticks; q(z), the mean of all q(z|x), should fill the prior.")
    else:
        st.caption(
            "The points' codes over the aggregate posterior q(z), the mean of all q(z|x); circles are one, "
            "two and three standard deviations of the prior that it should fill."
        )


def _codes(source: PointsSource) -> Figure:
    """Return the latent space at every step; without codes until the first picture comes."""
    shown, captions = source.shown
    codes = [one.views["codes"] for one in shown] or [NONE]
    return codes_figure(
        codes, [one.views.get("aggregate") for one in shown] or [None],
        [_with_divergence(caption, one) for caption, one in zip(captions, shown, strict=True)] or [""],
        labels=source.trained_labels[: len(codes[-1])], latent_size=source.latent_size, has_prior=source.has_prior,
    )  # fmt: skip


def _with_bounds(caption: str, snapshot: Snapshot) -> str:
    bounds = snapshot.views.get("bounds")
    if bounds is None:
        return f"{caption}{_of_density(snapshot)}"
    elbo, iwae = (f"{written(float(value), '.2f')} ± {error:.2f}" for value, error in bounds)
    return f"Held out: ELBO {elbo}, IWAE {iwae} nats a point{_of_step(snapshot, 'bounds')}{_of_density(snapshot)}"


def _with_divergence(caption: str, snapshot: Snapshot) -> str:
    divergence = snapshot.views.get("aggregate_divergence")
    if divergence is None:
        return caption
    value, error = map(float, divergence)
    words = f"{error:.3f}" if error >= 5e-4 else "less than 0.001"
    return (
        f"KL(q(z) ‖ p(z)) = {value:.3f} nats{_of_step(snapshot, 'aggregate_divergence')}, "
        f"error of the integral {words}"
    )


def _of_density(snapshot: Snapshot) -> str:
    """Say of which step p(x) is, where it is not this one."""
    step = _of_step(snapshot, "density") if "density" in snapshot.views else ""
    return f"; p(x){step}" if step else ""


def _of_step(snapshot: Snapshot, view: str) -> str:
    """Say of which step a view is that is taken seldom, where it is not this one."""
    step = int(snapshot.views[f"{view}.step"])
    return "" if step == snapshot.step else f" (step {step:,})"
