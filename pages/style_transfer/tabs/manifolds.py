"""The conditional manifolds: what the same grid of codes decodes to under each label, at every snapshot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import streamlit as st

from engine.training import Snapshot
from pages.components.image_view import image_view
from pages.components.live import Live
from pages.components.serving.pictures import Pixels
from pages.components.timeline import timeline
from pages.shared.controls import BOUND
from pages.shared.grid_picture import abreast, offer_animation, short
from pages.shared.images.source import Source
from pages.style_transfer.source import no_history

LINK = "style.manifolds"
ACROSS = 5  # small manifolds in a row
LARGE = "style.large"


def draw(source: Source, live: Live | None) -> None:
    """Draw all ten small manifolds, the chosen one large, and the timeline of their history."""
    no_history(source, LINK, lambda: bool(source.snapshots), live)
    names = short(source.train.class_names)
    left, right = st.columns([7, 4], gap="medium")
    with right:
        label = int(st.selectbox("Large", range(10), 3, key=LARGE, format_func=names.__getitem__, **BOUND))
        _manifold(source, [label], "large", [names[label]], lambda: source.shown[1], live)
    with left:
        for start in range(0, 10, ACROSS):
            labels = range(start, start + ACROSS)
            _manifold(source, labels, f"row{start}", [names[one] for one in labels], (), live)
    timeline("style.step", link=LINK, run=source.history_id, captions=lambda: source.shown[1], live=live)
    if source.snapshots:
        offer_animation(
            "style.manifolds.gif", "manifolds", lambda: [_all(one) for one in source.shown[0]],
            "All labels at all epochs, moving.",
        )  # fmt: skip
    st.caption(
        "One grid of codes under each label: the same place holds the same style in all ten. At first the codes "
        "still carry the label and all grids look alike; as the decoder comes to trust the label, they part."
    )


def _manifold(
    source: Source,
    labels: Sequence[int],
    key: str,
    names: Sequence[str],
    captions: Callable[[], Sequence[str]] | Sequence[str],
    live: Live | None,
) -> None:
    """Draw the manifolds of `labels` side by side; a click makes one of several the large one."""
    image_view(
        lambda: [_pictures(one, labels) for one in source.shown[0]], key=f"style.manifold.{key}", link=LINK,
        columns=names, captions=captions, file_name="manifolds", live=live,
        alt=f"Images decoded from a grid of codes under the label {', '.join(names)}, at each epoch",
        on_pick=partial(_enlarge, labels) if len(labels) > 1 else None,
    )  # fmt: skip


def _enlarge(labels: Sequence[int], _: int, column: int) -> None:
    st.session_state[LARGE] = labels[column]


def _pictures(snapshot: Snapshot, labels: Sequence[int]) -> Pixels:
    return abreast([snapshot.views[f"manifold_{label}"] for label in labels])


def _all(snapshot: Snapshot) -> Pixels:
    """Return the ten manifolds in two rows."""
    return np.concatenate([_pictures(snapshot, range(start, start + ACROSS)) for start in range(0, 10, ACROSS)])
