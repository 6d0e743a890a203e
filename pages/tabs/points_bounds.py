"""ELBO on points: both terms, the bounds and KL(q(z) ‖ p(z)) over the epochs, with their errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from engine.grid import Array
from engine.plots.latent_plane import estimates_figure
from engine.plots.numbers import written
from engine.training import Snapshot
from pages.widgets.live_figure import live_figure
from pages.widgets.points_source import KEY, PointsSource
from pages.widgets.table import table, unbroken
from pages.widgets.training_panel import training_panel
from pages.widgets.visitor_run import live

ROWS = ("ELBO, 64 samples", "IWAE, 64 samples")


def show(source: PointsSource) -> None:
    """Draw the terms and the bounds as they change while the training goes on."""
    live(f"{KEY}.bounds.live", source, _tab)


def _tab(source: PointsSource) -> None:
    assert source.run is not None
    training_panel(source.run, f"{KEY}.panel")
    snapshots = source.snapshots
    if not snapshots:
        return
    if not source.is_generative:
        st.markdown("**What is lost** in the reconstruction of held-out points")
        errors = np.array([[one.views["held_out"][0], 0.0] for one in snapshots])
        _draw({"½ ‖x − x̂‖²": (_epochs(snapshots), errors)}, "half the squared distance", "error")
        st.caption(f"A {source.model_class.name.lower()} has no likelihood, so it has no bound on one: choose a VAE.")
        return
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Bounds on log p(x)** of held-out points")
        epochs, bounds = _fresh(snapshots, "bounds")
        curves = {name: (epochs, bounds[:, row]) for row, name in enumerate(ROWS)}
        _draw(curves, "nats per point", "bounds")
    with right:
        _terms(snapshots)
    _table(source, bounds[-1])


def _terms(snapshots: Sequence[Snapshot]) -> None:
    st.markdown("**Both terms**; the −ELBO is reconstruction + KL")
    terms = np.array([one.views["held_out"] for one in snapshots])
    none = np.zeros(len(terms))
    curves = {
        name: (_epochs(snapshots), np.column_stack([terms[:, column], none]))
        for column, name in enumerate(("reconstruction", "KL(q(z|x) ‖ p(z))"))
    }
    if "aggregate_divergence" in snapshots[-1].views:
        curves["KL(q(z) ‖ p(z))"] = _fresh(snapshots, "aggregate_divergence")
    _draw(curves, "nats per point", "terms")


def _table(source: PointsSource, bounds: Array) -> None:
    rows = [(name, _written(*estimate)) for name, estimate in zip(ROWS, bounds, strict=True)]
    truth = source.truth
    if truth is not None:
        rows.append(("the truth itself: mean of log p(x)", _written(*truth)))
    table("points-bounds", ["On held-out points, nats per point", "mean ± one standard error"], rows)
    st.caption(
        "ELBO ≤ IWAE ≤ log p(x), each in expectation (Burda, Grosse and Salakhutdinov, 2016, *Importance weighted "
        "autoencoders*). The mean of KL(q(z|x) ‖ p(z)) is at least KL(q(z) ‖ p(z)): the rest is what a code tells "
        "about its point (Hoffman and Johnson, 2016, *ELBO surgery*)."
    )


def _written(value: float, error: float) -> str:
    return unbroken(f"{written(float(value), '.3f')} ± {error:.3f}")


def _epochs(snapshots: Sequence[Snapshot]) -> list[float]:
    return [one.epoch for one in snapshots]


def _fresh(snapshots: Sequence[Snapshot], view: str) -> tuple[list[float], Array]:
    """Return the epochs and values of a view that is taken seldom, where it was taken."""
    taken = [one for one in snapshots if view in one.views and int(one.views[f"{view}.step"]) == one.step]
    return _epochs(taken), np.array([one.views[view] for one in taken])


def _draw(curves: dict[str, tuple[list[float], Array]], unit: str, name: str) -> None:
    live_figure(
        estimates_figure(curves, unit), key=f"{KEY}.{name}", height=300, file_name=name, alt=f"{name} over the epochs"
    )
