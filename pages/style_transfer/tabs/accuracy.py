"""How well style transfer holds: the share of cells in which a classifier reads the label that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from engine.evaluation.classifier import Classifier, reader
from engine.latent.transfer import Share, accuracy, label_share, label_share_of_picture
from engine.plots.transfer import leak_figure, share_figure
from engine.pretrain import load_pretrained_run, pretrained_for
from engine.recipes.latent import STYLES
from engine.training import Snapshot
from pages.components.live import Live
from pages.components.live_figure import Figure, live_figure
from pages.shared.images.sets import images
from pages.shared.images.source import Source, to_show
from pages.shared.table import table, unbroken
from pages.style_transfer.source import model_of

SEEDS = 100  # held-out images that lend their styles


def draw(source: Source, live: Live | None) -> None:
    """Measure the model on show at each snapshot and at its end, and every shipped one beside it."""
    with st.spinner("A small classifier learns to read the training images, once, in about ten seconds."):
        classifier, own = reader(source.data), _own(source.data)
    st.markdown(
        f"{SEEDS} held-out images lend their styles to all ten labels. A small classifier, trained on the real "
        f"training images, reads each of the {10 * SEEDS:,} results: how often is it the label that was asked for? "
        f"Of the real held-out images it reads {_percent(own)}."
    )
    # Reading a thousand images takes too long to be done again and again beside a training.
    model = None if live else model_of(source) if source.run else source.model()
    if model is not None:
        st.metric(
            f"Cells with the label asked for, {source.latent_size} latent dimensions",
            _percent(_measure(source, model, classifier)),
        )
    left, right = st.columns(2, gap="medium")
    with left:
        _epochs(source, classifier, own, live)
    with right:
        _sizes(source.data)


def _measure(source: Source, model: Any, classifier: Classifier) -> Share:
    """Return the share of the model on show; that of a pretrained one is remembered."""
    if source.pretrained:
        return _shipped(source.data, source.pretrained.name)
    return label_share(model, *_seeds(source.data), classifier)


def _epochs(source: Source, classifier: Classifier, own: Share, live: Live | None) -> None:
    """Draw the share at each snapshot, over the styles that the history keeps."""

    def figure() -> Figure | None:
        snapshots = [one for one in source.snapshots if "styles" in one.views]
        if not snapshots:
            return None
        shown, _ = to_show(snapshots)
        shares = [_of_snapshot(source.history_id, one.step, one, classifier) for one in shown]
        return share_figure([one.epoch for one in shown], _plain(shares), own.value)

    if source.run is None or live or source.snapshots:
        st.markdown(f"**As it trains**, on the {STYLES} styles of its history")
    live_figure(
        figure, key="style.shares", height=330, alt="The share of cells read as asked for, at each epoch", live=live
    )


def _sizes(data: str) -> None:
    """Draw and list the shares of all shipped conditional models of this data."""
    curves: dict[str, dict[int, tuple[float, float]]] = {}
    rows = []
    for name in pretrained_for("ConditionalVAE", data):
        chosen: Any = load_pretrained_run(name).model.hyperparameters
        share = _shipped(data, name)
        curves.setdefault(f"β = {chosen.beta:g}", {})[chosen.latent_size] = (share.value, share.standard_error)
        rows.append((str(chosen.latent_size), f"{chosen.beta:g}", _percent(share)))
    if not rows:
        return
    st.markdown("**As the latent space grows**, at the end of each shipped run")
    if len(rows) > 1:
        curves = {name: dict(sorted(curve.items())) for name, curve in curves.items()}
        figure = leak_figure(curves)
        live_figure(figure, key="style.leak", height=330, alt="The share over the number of latent dimensions")
    table("style-accuracy", ["Latent dimensions", "β", "Label as asked for"], rows)
    st.caption(
        "± one standard error, over styles: the ten cells of one style stand or fall together. With more latent "
        "dimensions the code has room to repeat the label, and the decoder believes it: style and label then "
        "contradict each other. A larger β makes every nat in the code cost more, which holds the share up."
    )


@st.cache_data(max_entries=4, show_spinner=False)
def _own(data: str) -> Share:
    """Return the classifier's own accuracy on real held-out images."""
    held_out = images(data)[1]
    return accuracy(reader(data), held_out.images, held_out.labels)


@st.cache_data(max_entries=16, show_spinner=False)
def _shipped(data: str, name: str) -> Share:
    """Return the share of a pretrained model."""
    model: Any = load_pretrained_run(name).model
    return label_share(model, *_seeds(data), reader(data))


@st.cache_data(max_entries=600, show_spinner=False)
def _of_snapshot(history: str, step: int, _snapshot: Snapshot, _classifier: Classifier) -> Share:
    """Return the share of one snapshot, which its history and step name."""
    return label_share_of_picture(_snapshot.views["styles"], _classifier)


def _seeds(data: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the images that lend their styles, and their labels."""
    held_out = images(data)[1]
    return held_out.images[:SEEDS], held_out.labels[:SEEDS].astype(np.int64)


def _plain(shares: Sequence[Share]) -> list[tuple[float, float]]:
    return [(share.value, share.standard_error) for share in shares]


def _percent(share: Share) -> str:
    return unbroken(f"{100 * share.value:.1f} ± {100 * share.standard_error:.1f} %")
