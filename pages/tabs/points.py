"""The manifold in the plane as it forms, over points and p(x), beside the latent space with q(z) and the prior."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from engine.plots.latent_plane import codes_figure, manifold_figure
from engine.plots.numbers import written
from engine.training import Snapshot
from pages.widgets.live_figure import live_figure
from pages.widgets.points_source import KEY, PointsSource
from pages.widgets.timeline import timeline
from pages.widgets.training_panel import training_panel
from pages.widgets.visitor_run import live, to_show

LINK = KEY
HEIGHT = 430


def show(source: PointsSource) -> None:
    """Draw the run's panel and its history; while it trains, look again and again."""
    live(f"{KEY}.live", source, _history)


def _history(source: PointsSource) -> None:
    assert source.run is not None
    training_panel(source.run, f"{KEY}.panel")
    snapshots = source.snapshots
    left, right = st.columns(2, gap="small")
    if not snapshots:
        _nothing_yet(source, left, right)
        return
    shown, captions = to_show(snapshots)
    with left:
        _manifold(source, shown, captions)
    with right:
        _latent_space(source, shown, captions)
    timeline(f"{KEY}.step", link=LINK, run=source.history_id, last=len(shown) - 1, captions=captions)


def _nothing_yet(source: PointsSource, left: Any, right: Any) -> None:
    """Draw the points, and a latent space without codes, until the first picture comes."""
    none = np.zeros((0, 2), np.float32)
    points, labels = source.points.x, source.points.labels
    plane = manifold_figure([none], [None], [""], points=points, labels=labels, domain=source.domain)
    with left:
        live_figure(plane, key=f"{KEY}.plane", height=HEIGHT, alt="The points, before the training")
    size, has_prior = source.latent_size, source.has_prior
    space = codes_figure([none], [None], [""], labels=labels[:0], latent_size=size, has_prior=has_prior)
    with right:
        live_figure(space, key=f"{KEY}.codes", height=HEIGHT, alt="The latent space, before the training")


def _manifold(source: PointsSource, shown: Sequence[Snapshot], captions: Sequence[str]) -> None:
    figure = manifold_figure(
        [one.views["manifold"] for one in shown], [one.views.get("density") for one in shown],
        [_with_bounds(caption, one) for caption, one in zip(captions, shown, strict=True)],
        points=source.points.x, labels=source.points.labels, domain=source.domain,
    )  # fmt: skip
    live_figure(
        figure, key=f"{KEY}.plane", height=HEIGHT, link=LINK, shares_view=False, as_files=True, file_name="manifold",
        alt="The points, and what the decoder makes of a grid of codes",
    )  # fmt: skip
    what = "curve that a line" if source.latent_size == 1 else "net that a grid"
    of = "of the prior" if source.has_prior else "of a normal with the codes' moments"
    field = " The heat map is p(x), integrated over z." if "density" in shown[-1].views else ""
    st.caption(f"The {what} of codes decodes to: equal steps in probability, from 2 to 98 % {of}.{field}")


def _latent_space(source: PointsSource, shown: Sequence[Snapshot], captions: Sequence[str]) -> None:
    has_prior = source.has_prior
    n = len(shown[-1].views["codes"])
    figure = codes_figure(
        [one.views["codes"] for one in shown], [one.views.get("aggregate") for one in shown],
        [_with_divergence(caption, one) for caption, one in zip(captions, shown, strict=True)],
        labels=source.trained_labels[:n], latent_size=source.latent_size, has_prior=has_prior,
    )  # fmt: skip
    live_figure(
        figure, key=f"{KEY}.codes", height=HEIGHT, link=LINK, shares_view=False, as_files=True,
        file_name="latent_space", alt="Where the points lie in the latent space, over the aggregate posterior",
    )  # fmt: skip
    if not has_prior:
        st.caption(f"The codes of {n:,} points. Nothing says where they should lie.")
    elif source.latent_size == 1:
        st.caption(f"The codes of {n:,} points as ticks; q(z), the mean of all q(z|x), should fill the prior.")
    else:
        st.caption(
            f"The codes of {n:,} points over the aggregate posterior q(z), the mean of all q(z|x); circles are one, "
            "two and three standard deviations of the prior that it should fill."
        )


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
