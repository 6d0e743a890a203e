"""How well style transfer holds: the share of cells in which a classifier reads the label that was asked for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import streamlit as st

from engine.latent.classifier import Classifier
from engine.latent.views import style_codes
from engine.model import DataError
from engine.pretrain import load_pretrained_run, pretrained_for
from pages.widgets.latent_source import Source, images, title_of
from pages.widgets.table import table, unbroken

SEEDS = 100  # held-out images that lend their styles


def show(source: Source) -> None:
    """Offer to train the classifier, then list every conditional model of this data."""
    _tab(source)


@st.fragment
def _tab(source: Source) -> None:
    st.markdown(
        f"{SEEDS} held-out images lend their styles to all ten labels. A small classifier, trained on the real "
        "training images, reads each of the 1,000 results: how often is it the label that was asked for?"
    )
    if not st.session_state.get("style.measure"):
        st.button(
            "Train the classifier and measure (some seconds)", icon=":material/speed:", type="primary",
            on_click=lambda: st.session_state.update({"style.measure": True}),
        )  # fmt: skip
        return
    own, rows = _measured(source.data)
    if source.run is not None:
        try:
            share = _share(source.run.model(), source.data)
            rows = [*rows, ("trained here", str(source.latent_size), _percent(share, SEEDS * 10))]
        except DataError:
            pass
    table("style-accuracy", ["Conditional VAE", "Latent dimensions", "Cells with the label asked for"], rows)
    st.caption(
        f"± one standard error. The classifier itself reads {_percent(own, len(source.held_out))} of the real "
        "held-out images. With more latent dimensions the code has room to repeat the label, and the decoder "
        "believes it: style and label then contradict each other. A larger β makes every nat in the code cost more, "
        "which holds the share up."
    )


@st.cache_resource(max_entries=2, show_spinner="Training the classifier")
def _classifier(data: str) -> Classifier:
    return Classifier().fit(images(data)[0])


@st.cache_data(max_entries=2, show_spinner="Reading the cells")
def _measured(data: str) -> tuple[float, list[tuple[str, str, str]]]:
    """Return the classifier's own accuracy, and a row for each pretrained conditional model."""
    held_out = images(data)[1]
    rows = []
    for name in pretrained_for("ConditionalVAE", data):
        model: Any = load_pretrained_run(name).model
        rows.append((title_of(name), str(model.latent_size), _percent(_share(model, data), SEEDS * 10)))
    return _classifier(data).accuracy(held_out), rows


def _share(model: Any, data: str) -> float:
    """Return the share of cells that are read as the label asked for."""
    held_out = images(data)[1]
    codes = model.encode(held_out.images[:SEEDS], held_out.labels[:SEEDS].astype(np.int64))
    cells = style_codes(model, codes).reshape(-1, 28, 28)
    return float(np.mean(_classifier(data).predict(cells) == np.tile(np.arange(10), SEEDS)))


def _percent(share: float, n: int) -> str:
    return unbroken(f"{100 * share:.1f} ± {100 * math.sqrt(share * (1 - share) / n):.1f} %")
