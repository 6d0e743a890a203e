"""Prior samples: decode codes drawn from N(0, I), beside an autoencoder, which is no generative model."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine.grid import Array
from engine.latent.aggregate import CELLS
from engine.latent.views.history import code_moments
from engine.latent.views.images import prior_samples
from engine.latent.views.plane import aggregate_divergence
from engine.pictures import tile
from engine.plots.numbers import written
from pages.components.image_view import image_view
from pages.shared.controls import BOUND
from pages.shared.images.source import Source, companion, with_model

SIDE = 8


def show(source: Source) -> None:
    """Draw samples of this model and of one of the other kind."""
    with_model(source, _tab)


def _tab(source: Source, model: Any) -> None:
    seed = int(st.slider("Seed", 0, 100, 0, key="prior.seed", help="Another seed, other codes.", **BOUND))
    label = None
    if source.is_conditional:
        names = source.train.class_names
        label = st.segmented_control(
            "Label", range(10), default=3, required=True, key="prior.label", format_func=names.__getitem__, **BOUND
        )
    other = companion(source)
    places = st.columns(2, gap="medium")
    with places[0]:
        _samples(source.model_class.name, model, source.held_out.images, seed, label, source.is_generative, "this")
        if source.is_generative:
            _divergence(source, model)
    if other is not None:
        with places[1]:
            _samples(other.title, other.model, source.held_out.images, seed, None, other.is_generative, "other")


def _samples(title: str, model: Any, x: Array, seed: int, label: int | None, generative: bool, key: str) -> None:
    st.markdown(f"**{title}**")
    centre, spread = (0.0, 1.0) if generative else code_moments(model, x)
    images = prior_samples(model, SIDE * SIDE, seed, label, centre, spread)
    image_view([tile(images, SIDE)], key=f"prior.{key}", height=420, alt=f"Sixty-four samples: {title}")
    if generative:
        st.caption("Codes from the prior N(0, I), decoded: training draws all codes together towards it.")
    else:
        st.caption(
            "Codes from a normal distribution with the mean and spread of its own codes, decoded. Nothing has taught "
            "the codes to be normal, so that many draws lie between them and decode to no digit: an autoencoder "
            "compresses, it is not a generative model."
        )


def _divergence(source: Source, model: Any) -> None:
    """Say how far from the prior the codes of the held-out images lie together, where it can be integrated."""
    if model.latent_size not in CELLS:
        return
    labels = source.held_out.labels if source.is_conditional else None
    value, error = _aggregate(source.history_id, source.step, model, source.held_out.images, labels)
    st.caption(
        f"They do not fill it just so: over the {len(source.held_out.images):,} held-out images KL(q(z) ‖ p(z)) is "
        f"{written(value, '.3f')} ± {error:.1g} nats, with q(z) the mean of their q(z|x)."
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _aggregate(history: str, step: int, _model: Any, _x: Array, _labels: Any) -> tuple[float, float]:
    value, error = aggregate_divergence(_model, _x, _labels)
    return float(value), float(error)
