"""What β does: shipped runs that differ in it alone, by a slider, with their terms, active units and samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from engine.grid import Array
from engine.latent.views.history import kl_per_dimension
from engine.latent.views.images import prior_samples
from engine.pictures import tile
from engine.plots.latent import bars_figure
from engine.plots.numbers import written
from engine.pretrain import load_pretrained_run, pretrained_by
from pages.components.image_view import image_view
from pages.components.live_figure import live_figure
from pages.shared.controls import BOUND
from pages.shared.images.source import Source
from pages.shared.table import table

FEW = 300  # held-out images that the KL of each dimension is averaged over
SIDE = 6


def beta_slider(source: Source) -> None:
    """Draw the slider over the shipped runs of this model on this data, and the run it is at."""
    st.divider()
    st.markdown("**What β does**")
    runs = pretrained_by(source.model_name, source.data, "beta")
    if len(runs) < 2:
        st.caption(
            f"No runs of a {source.model_class.name.lower()} at several β are shipped for this data; those of a "
            "variational autoencoder on MNIST digits are made by `python -m engine.pretrain`."
        )
        return
    beta = st.select_slider(
        "β, the weight of the KL term", list(runs), 1.0 if 1.0 in runs else None, key=f"elbo.beta.{source.data}",
        format_func=lambda value: f"β = {value:g}", **BOUND,
    )  # fmt: skip
    left, middle, right = st.columns([5, 5, 4], gap="medium")
    with left:
        _terms(runs, float(beta))
    with middle:
        _units(source, load_pretrained_run(runs[beta]).model)
    with right:
        _samples(source, load_pretrained_run(runs[beta]).model)
    st.caption(
        "Training minimises reconstruction + β · KL. A small β lets the codes say more than a prior sample can know: "
        "sharper reconstructions, worse samples. A large one presses dimension after dimension onto the prior "
        "(Higgins et al., 2017, *beta-VAE*). The −ELBO in the table has β = 1, so that all can be compared."
    )


def _terms(runs: Mapping[Any, str], beta: float) -> None:
    rows = []
    for value, name in runs.items():
        reconstruction, kl = load_pretrained_run(name).snapshots[-1].views["held_out"]
        numbers = [written(float(number), ".1f") for number in (reconstruction, kl, reconstruction + kl)]
        cells = [f"{value:g}", *numbers]
        rows.append([f"**{cell}**" for cell in cells] if value == beta else cells)
    st.markdown("Held out, nats per image")
    table("elbo-beta", ["β", "reconstruction", "KL", "−ELBO"], rows)


def _units(source: Source, model: Any) -> None:
    x, labels = _some(source)
    kl, active = kl_per_dimension(model, x, labels), model.active_units(x, labels)
    st.markdown(f"{int(active.sum())} of {len(active)} latent dimensions are active")
    live_figure(
        bars_figure(kl, active, ("active", "collapsed onto the prior"), "latent dimension", "KL, nats"),
        key="elbo.beta.units", height=270, alt="The KL term of each latent dimension at this β",
    )  # fmt: skip


def _samples(source: Source, model: Any) -> None:
    labels = np.arange(SIDE * SIDE) % 10 if source.is_conditional else None
    st.markdown("Samples from the prior")
    picture = tile(prior_samples(model, SIDE * SIDE, seed=0, labels=labels), SIDE)
    image_view([picture], key="elbo.beta.samples", height=270, alt="Decoded draws from the prior at this β")


def _some(source: Source) -> tuple[Array, np.ndarray | None]:
    """Return a few held-out images, and their labels for a conditional model."""
    labels = source.held_out.labels[:FEW].astype(np.int64) if source.is_conditional else None
    return source.held_out.images[:FEW], labels
