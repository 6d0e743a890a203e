"""The latent space of digits: where held-out images lie in it, and what the code under the pointer decodes to."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from time import monotonic

import numpy as np
import streamlit as st

from engine.latent.views.history import manifold_places, manifold_quantiles
from engine.latent.views.portable import code_plane, portable_decoder
from engine.model import DataError
from engine.plots.density import Figure
from engine.plots.latent import positions_figure, strip_figure
from engine.recipes.latent import LABEL_SIDE, SHOWN, SIDE
from pages.components.decoded_view import Manifolds, Place, decoded_view
from pages.components.image_view import names_of
from pages.components.live import Live
from pages.components.live_figure import Handle, live_figure
from pages.components.live_text import live_text
from pages.components.serving import address
from pages.components.serving.files import FILES
from pages.shared.images.source import Source

PROBE = "latent.probe"
PLACE = "latent.z"  # the query parameter of the chosen code's place in the figure
REFRESH_SECONDS = 2.0  # between two decoders of a model that trains


def latent_space(source: Source, *, height: int, link: str, manifold: str, live: Live | None) -> None:
    """Draw the codes of held-out images at the step of the timeline `link`, beside the decoding of a chosen code.

    `manifold` is the name of the view whose nearest cell is shown at an earlier step.
    """
    left, right = st.columns([5, 2], gap="small")
    with left:
        _codes(source, height, link, live)
    with right:
        _decoded(source, link, manifold, live)


def _manifolds(source: Source, link: str, view: str) -> Manifolds:
    """Say where the cells of the manifold at each step lie among the codes."""
    shown, captions = source.shown
    pictures = names_of([one.views[view] for one in shown])
    quantiles = manifold_quantiles(LABEL_SIDE if source.is_conditional else SIDE, source.latent_size)
    places = [manifold_places(one.views["codes"], source.has_prior) for one in shown]
    moments = [[*centre.tolist(), *spread.tolist()] for centre, spread in places]
    return Manifolds(link, pictures, captions, quantiles.tolist(), moments, source.latent_size)


def _codes(source: Source, height: int, link: str, live: Live | None) -> None:
    has_prior = source.has_prior
    x, y = chosen_place()
    is_line = source.latent_size == 1
    middle = (len(source.held_out.class_names) - 1) / 2
    handle = Handle("z", "A code to decode", x, middle if is_line else y, "#FFFFFF", "x" if is_line else None)
    live_figure(
        lambda: _figure(source, has_prior), key="latent.codes", height=height, link=link, handles=[handle],
        probe=PROBE, file_name="latent_space", live=live,
        alt="Where held-out images lie in the latent space, coloured by their class",
    )  # fmt: skip
    marks = "lines" if is_line else "circles"
    prior = f"; {marks} are one, two and three standard deviations of the prior" if has_prior else ""
    told = "The encoder is told the label" if source.is_conditional else "The labels are only colours"
    st.caption(f"Where {SHOWN:,} held-out images lie{prior}. {told}.")


def _figure(source: Source, has_prior: bool) -> Figure:
    shown, captions = source.shown
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


def _decoded(source: Source, link: str, manifold: str, live: Live | None) -> None:
    label = int(st.session_state.get("latent.label", 3)) if source.is_conditional else None
    decoder = _Decoder(source)
    st.markdown("**Decoded**")
    live_text(lambda: decoder.problem, key="latent.decoded.problem", live=live)
    st.fragment(_view, key="latent.view")(decoder, label, partial(_manifolds, source, link, manifold), live)
    st.caption(
        "What the code under the pointer, or in the ring, decodes to "
        + ("now" if source.run and not source.run.settled else "at the end of the training")
        + "; at an earlier epoch, the nearest cell of its manifold. "
        "Click or drag to move the ring; arrow keys move it too."
    )


def _view(decoder: _Decoder, label: int | None, manifolds: Callable[[], Manifolds], live: Live | None) -> None:
    """Draw the decoded image; letting go of the ring reruns no more than this."""
    decoded_view(
        lambda: decoder.file, key="latent.decoded", probe=PROBE, place=chosen_place(), label=label, on_rest=_keep,
        alt="The image that the chosen code decodes to", manifolds=manifolds, live=live,
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


class _Decoder:
    """Publish the decoder of a source as it is now, or was at most two seconds before in a training."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._file: str | None = None
        self._made = -math.inf
        self._problem = ""

    @property
    def problem(self) -> str:
        """Why there is none, empty where there is one."""
        return "" if self.file else self._problem

    @property
    def file(self) -> str | None:
        """The name of its file, or None before anything has been learnt."""
        run = self._source.run
        is_going = run is not None and not run.settled
        if self._file is None or not is_going or monotonic() - self._made > REFRESH_SECONDS:
            try:
                self._file, self._problem = _published(self._source), ""
            except DataError as error:
                self._problem = str(error)
            self._made = monotonic()
        return self._file


def _published(source: Source) -> str:
    model = source.model()
    labels = source.held_out.labels[:SHOWN].astype("int64") if source.is_conditional else None
    plane = code_plane(model, source.held_out.images[:SHOWN], labels)
    return FILES.publish(portable_decoder(model, plane), "bin")
