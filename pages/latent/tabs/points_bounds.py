"""ELBO on points: both terms, the bounds and KL(q(z) ‖ p(z)) over the epochs, with their errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import streamlit as st

from engine.grid import Array
from engine.plots.latent_plane import estimates_figure
from engine.plots.numbers import written
from engine.training import Snapshot
from pages.components.live import Live, follow
from pages.components.live_figure import Figure, live_figure
from pages.components.live_text import html_table, show_html
from pages.latent.points_source import KEY, PointsSource
from pages.shared.runs.panel import training_panel
from pages.shared.table import unbroken

Curves = Mapping[str, tuple[list[float], Array]]  # epochs, and a value with its error at each
ROWS = ("ELBO, 64 samples", "IWAE, 64 samples")


def show(source: PointsSource) -> None:
    """Draw the terms and the bounds as they change while the training goes on."""
    assert source.run is not None
    live = follow(f"{KEY}.bounds", source.run)
    training_panel(source.run, f"{KEY}.panel", live)
    if not source.is_generative:
        st.markdown("**What is lost** in the reconstruction of held-out points")
        _draw(source, _errors, "half the squared distance", "error", live)
        st.caption(f"A {source.model_class.name.lower()} has no likelihood, so it has no bound on one: choose a VAE.")
        return
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Bounds on log p(x)** of held-out points")
        _draw(source, _bounds, "nats per point", "bounds", live)
    with right:
        st.markdown("**Both terms**; the −ELBO is reconstruction + KL")
        _draw(source, _terms, "nats per point", "terms", live)
    truth = source.truth
    show_html(lambda: _table(source.snapshots, truth), key="points-bounds", look="table", live=live)
    st.caption(
        "ELBO ≤ IWAE ≤ log p(x), each in expectation (Burda, Grosse and Salakhutdinov, 2016, *Importance weighted "
        "autoencoders*). The mean of KL(q(z|x) ‖ p(z)) is at least KL(q(z) ‖ p(z)): the rest is what a code tells "
        "about its point (Hoffman and Johnson, 2016, *ELBO surgery*)."
    )


def _errors(snapshots: Sequence[Snapshot]) -> Curves:
    errors = np.array([[one.views["held_out"][0], 0.0] for one in snapshots])
    return {"½ ‖x − x̂‖²": (_epochs(snapshots), errors)}


def _bounds(snapshots: Sequence[Snapshot]) -> Curves:
    epochs, bounds = _fresh(snapshots, "bounds")
    return {name: (epochs, bounds[:, row]) for row, name in enumerate(ROWS)}


def _terms(snapshots: Sequence[Snapshot]) -> Curves:
    terms = np.array([one.views["held_out"] for one in snapshots])
    none = np.zeros(len(terms))
    curves = {
        name: (_epochs(snapshots), np.column_stack([terms[:, column], none]))
        for column, name in enumerate(("reconstruction", "KL(q(z|x) ‖ p(z))"))
    }
    if "aggregate_divergence" in snapshots[-1].views:
        curves["KL(q(z) ‖ p(z))"] = _fresh(snapshots, "aggregate_divergence")
    return curves


def _table(snapshots: Sequence[Snapshot], truth: tuple[float, float] | None) -> str:
    """Return the newest bounds, over the truth's own where it is known."""
    if not snapshots:
        return ""
    _, bounds = _fresh(snapshots, "bounds")
    rows = [(name, _written(*estimate)) for name, estimate in zip(ROWS, bounds[-1], strict=True)]
    if truth is not None:
        rows.append(("the truth itself: mean of log p(x)", _written(*truth)))
    return html_table(["On held-out points, nats per point", "mean ± one standard error"], rows)


def _written(value: float, error: float) -> str:
    return unbroken(f"{written(float(value), '.3f')} ± {error:.3f}")


def _epochs(snapshots: Sequence[Snapshot]) -> list[float]:
    return [one.epoch for one in snapshots]


def _fresh(snapshots: Sequence[Snapshot], view: str) -> tuple[list[float], Array]:
    """Return the epochs and values of a view that is taken seldom, where it was taken."""
    taken = [one for one in snapshots if view in one.views and int(one.views[f"{view}.step"]) == one.step]
    return _epochs(taken), np.array([one.views[view] for one in taken])


def _draw(
    source: PointsSource, curves: Callable[[Sequence[Snapshot]], Curves], unit: str, name: str, live: Live | None
) -> None:
    """Draw the curves of the snapshots once there are any."""

    def figure() -> Figure | None:
        snapshots = source.snapshots
        return estimates_figure(curves(snapshots), unit) if snapshots else None

    live_figure(figure, key=f"{KEY}.{name}", height=300, file_name=name, alt=f"{name} over the epochs", live=live)
