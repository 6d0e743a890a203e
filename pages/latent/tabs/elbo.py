"""ELBO: both terms over the epochs, the KL term of each latent dimension, and how tight the bound is."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engine.data import Images
from engine.latent.views.history import kl_per_dimension
from engine.plots.latent import bars_figure, curves_figure
from engine.plots.numbers import written
from pages.components.live_figure import live_figure
from pages.latent.tabs.elbo_beta import beta_slider
from pages.shared.images.source import Source, with_model
from pages.shared.table import table, unbroken

FEW = 300  # held-out images that bounds are averaged over
BOUNDS = {1: "ELBO, one sample", 10: "IWAE, 10 samples", 50: "IWAE, 50 samples"}


def show(source: Source) -> None:
    """Draw the terms, the use of each latent dimension, and the bounds of a VAE; a spectrum of PCA."""
    with_model(source, _tab)


def _tab(source: Source, model: Any) -> None:
    if hasattr(model, "eigenvalues"):
        _spectrum(model)
    elif hasattr(model, "elbo_terms"):
        _vae(source, model)
    else:
        st.info(
            f"{source.model_class.name} has no likelihood, so it has no bound on one. Choose a VAE.",
            icon=":material/info:",
        )


def _vae(source: Source, model: Any) -> None:
    x = source.held_out
    labels = x.labels[:FEW].astype(np.int64) if source.is_conditional else None
    left, right = st.columns(2, gap="medium")
    held_out = np.array([one.views["held_out"] for one in source.snapshots])
    with left:
        st.markdown("**Both terms** on held-out images; the −ELBO is their sum")
        curves = {
            "−ELBO": held_out.sum(axis=1).tolist(),
            "reconstruction": held_out[:, 0].tolist(),
            "KL": held_out[:, 1].tolist(),
        }
        epochs = [one.epoch for one in source.snapshots]
        live_figure(
            curves_figure(epochs, curves, "nats per image"),
            key="elbo.curves",
            height=320,
            alt="ELBO terms over epochs",
        )
    with right:
        kl = kl_per_dimension(model, x.images[:FEW], labels)
        active = model.active_units(x.images[:FEW], labels)
        st.markdown(f"**Active units**: {int(active.sum())} of {len(active)} latent dimensions carry information")
        live_figure(
            bars_figure(kl, active, ("active", "collapsed onto the prior"), "latent dimension", "KL, nats"),
            key="elbo.units", height=320, alt="The KL term of each latent dimension",
        )  # fmt: skip
    step = source.run.state_step if source.run else 0  # a shipped model does not change
    rows = _bounds(source.history_id, step, model, x, labels)
    table("bounds", ["Bound on log p(x), nats per image", "mean ± one standard error"], rows)
    st.caption(
        f"On {FEW} held-out images. More samples give a tighter bound (Burda, Grosse and Salakhutdinov, 2016, "
        "*Importance weighted autoencoders*). A dimension is active where its posterior mean varies over the data by "
        "more than 0.01; a larger β presses more of them onto the prior."
    )
    beta_slider(source)


@st.cache_data(max_entries=32, show_spinner="Averaging bounds")
def _bounds(history: str, step: int, _model: Any, _x: Images, _labels: np.ndarray | None) -> list[tuple[str, str]]:
    """Return a row for each bound of the model that `history` has at `step`."""
    rows = []
    for k, name in BOUNDS.items():
        values = _model.iwae(_x.images[:FEW], k, _labels)
        error = float(np.std(values) / np.sqrt(len(values)))
        rows.append((name, unbroken(f"{written(float(np.mean(values)), '.2f')} ± {error:.2f}")))
    return rows


def _spectrum(model: Any) -> None:
    values = np.asarray(model.eigenvalues)
    kept = np.arange(len(values)) < model.latent_size
    shown = slice(0, max(64, model.latent_size))
    st.markdown(
        f"**Spectrum**: {model.latent_size} of {len(values)} directions keep "
        f"{100 * values[kept].sum() / values.sum():.1f} % of the variance; the mean squared error is the sum of the "
        f"others, {model.residual():.2f}"
    )
    live_figure(
        bars_figure(values[shown], kept[shown], ("kept", "dropped"), "principal direction", "variance"),
        key="elbo.spectrum", height=340, alt="The variance along each principal direction",
    )  # fmt: skip
