"""The latent space of digits: where held-out images lie in it, and what the code under the pointer decodes to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from time import monotonic

import numpy as np
import streamlit as st

from engine.latent.history import manifold_places, manifold_quantiles
from engine.latent.portable import code_plane, portable_decoder
from engine.model import DataError
from engine.plots.density import Figure
from engine.plots.latent import positions_figure, strip_figure
from engine.recipes.latent import LABEL_SIDE, SHOWN, SIDE
from engine.training import Snapshot
from pages.widgets import address
from pages.widgets.decoded_view import Manifolds, Place, decoded_view
from pages.widgets.files import FILES
from pages.widgets.latent_source import Source
from pages.widgets.live_figure import Handle, live_figure

PROBE = "latent.probe"
PLACE = "latent.z"  # the query parameter of the chosen code's place in the figure
REFRESH_SECONDS = 2.0  # between two decoders of a model that trains


def latent_space(
    source: Source,
    shown: Sequence[Snapshot],
    captions: Sequence[str],
    *,
    height: int,
    link: str,
    manifolds: Sequence[str],
) -> None:
    """Draw the codes of held-out images at the step of the timeline `link`, beside the decoding of a chosen code.

    `manifolds` are the files of the manifold's pictures at these steps.
    """
    left, right = st.columns([5, 2], gap="small")
    with left:
        _codes(source, shown, captions, height, link)
    if shown:
        with right:
            _decoded(source, _manifolds(source, shown, captions, link, manifolds))


def _manifolds(
    source: Source, shown: Sequence[Snapshot], captions: Sequence[str], link: str, pictures: Sequence[str]
) -> Manifolds:
    """Say where the cells of the manifold at each step lie among the codes."""
    quantiles = manifold_quantiles(LABEL_SIDE if source.is_conditional else SIDE, source.latent_size)
    places = [manifold_places(one.views["codes"], source.has_prior) for one in shown]
    moments = [[*centre.tolist(), *spread.tolist()] for centre, spread in places]
    return Manifolds(link, pictures, captions, quantiles.tolist(), moments, source.latent_size)


def _codes(source: Source, shown: Sequence[Snapshot], captions: Sequence[str], height: int, link: str) -> None:
    has_prior = source.has_prior
    x, y = chosen_place()
    is_line = source.latent_size == 1
    middle = (len(source.held_out.class_names) - 1) / 2
    handle = Handle("z", "A code to decode", x, middle if is_line else y, "#FFFFFF", "x" if is_line else None)
    live_figure(
        _figure(source, shown, captions, has_prior), key="latent.codes", height=height, link=link, handles=[handle],
        probe=PROBE, file_name="latent_space",
        alt="Where held-out images lie in the latent space, coloured by their class",
    )  # fmt: skip
    marks = "lines" if is_line else "circles"
    prior = f"; {marks} are one, two and three standard deviations of the prior" if has_prior else ""
    told = "The encoder is told the label" if source.is_conditional else "The labels are only colours"
    st.caption(f"Where {SHOWN:,} held-out images lie{prior}. {told}.")


def _figure(source: Source, shown: Sequence[Snapshot], captions: Sequence[str], has_prior: bool) -> Figure:
    frames = [one.views["codes"] for one in shown] or [np.zeros((0, 2), np.float32)]
    captions = captions or [""]
    labels, names = source.held_out.labels[:SHOWN], source.held_out.class_names
    if source.latent_size == 1:
        lines = [codes[:, 0] for codes in frames]
        return strip_figure(lines, labels, captions, class_names=names, has_prior=has_prior)
    axes = ("z₁", "z₂")
    if source.latent_size > 2:
        axes = ("first principal axis of z", "second principal axis of z")
    return positions_figure(frames, labels, captions, class_names=names, axes=axes, has_prior=has_prior)


def _decoded(source: Source, manifolds: Manifolds) -> None:
    try:
        file = _decoder(source)
    except DataError as error:
        st.caption(str(error))
        return
    label = int(st.session_state.get("latent.label", 3)) if source.is_conditional else None
    st.markdown("**Decoded**")
    st.fragment(_view, key="latent.view")(file, label, manifolds)
    st.caption(
        "What the code under the pointer, or in the ring, decodes to "
        + ("now" if source.run and not source.run.settled else "at the end of the training")
        + "; at an earlier epoch, the nearest cell of its manifold. "
        "Click or drag to move the ring; arrow keys move it too."
    )


def _view(file: str, label: int | None, manifolds: Manifolds) -> None:
    """Draw the decoded image; letting go of the ring reruns no more than this."""
    decoded_view(
        file, key="latent.decoded", probe=PROBE, place=chosen_place(), label=label, on_rest=_keep,
        alt="The image that the chosen code decodes to", manifolds=manifolds,
    )  # fmt: skip


def chosen_place() -> Place:
    """Return where the ring is: as the link says, or as this visitor left it."""
    return _read(address.read(PLACE)) or (0.0, 0.0)


def _read(text: str) -> Place | None:
    try:
        x, y = (float(word) for word in text.split(","))
    except ValueError:
        return None
    return (x, y) if math.isfinite(x) and math.isfinite(y) else None


def _keep(x: float, y: float) -> None:
    address.write(PLACE, f"{x:.3f},{y:.3f}")


def _decoder(source: Source) -> str:
    """Publish the decoder as it is now, or was at most two seconds before in a training; return its file's name."""
    run = source.run
    last = st.session_state.get("latent.decoder")
    is_going = run is not None and not run.settled
    if is_going and last and last[0] == source.history_id and monotonic() - last[1] < REFRESH_SECONDS:
        return str(last[2])
    model = source.model()
    labels = source.held_out.labels[:SHOWN].astype("int64") if source.is_conditional else None
    plane = code_plane(model, source.held_out.images[:SHOWN], labels)
    file = FILES.publish(portable_decoder(model, plane), "bin")
    st.session_state["latent.decoder"] = (source.history_id, monotonic(), file)
    return file
