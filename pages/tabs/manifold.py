"""The manifold as it forms: what a grid of codes decodes to, and where held-out images lie, at every snapshot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from engine.latent.views import to_picture
from engine.model import DataError
from engine.plots.latent import curves_figure, positions_figure
from engine.recipes.latent import SHOWN
from engine.training import Snapshot
from pages.widgets.controls import BOUND
from pages.widgets.image_view import image_view
from pages.widgets.latent_source import Source, to_show
from pages.widgets.live_figure import Handle, live_figure
from pages.widgets.timeline import timeline
from pages.widgets.training_panel import training_panel

LINK = "latent"
HEIGHT = 400
POLL_SECONDS = 0.4
FIRST_SECONDS = 0.5  # that the first picture is waited for, rather than asking again
Z1, Z2 = "latent.z1", "latent.z2"


def show(source: Source) -> None:
    """Draw the run's panel and its history; while it trains, look again every 0.4 seconds."""
    is_going = source.run is not None and not source.run.settled
    st.fragment(_history, run_every=POLL_SECONDS if is_going else None, key="latent.history")(source, is_going)


def _history(source: Source, was_going: bool) -> None:
    if source.run is not None:
        training_panel(source.run, "latent.panel")
        if source.run.settled == was_going:
            st.rerun()  # begin, or cease, to look again and again
        if was_going and not source.snapshots:
            source.run.wait(FIRST_SECONDS, until=lambda run: run.history or run.over)
    snapshots = source.snapshots
    if not snapshots:
        st.info("There is no history yet: press Play, or choose a pretrained run.", icon=":material/info:")
        _empty()
        return
    shown, captions = to_show(snapshots)
    left, right = st.columns([5, 7], gap="small")
    with left:
        _manifold(source, shown, captions)
    with right:
        st.fragment(_latent_space, key="latent.space")(source, shown, captions)
    timeline("latent.step", link=LINK, run=source.history_id, last=len(shown) - 1, captions=captions)
    _curves(source, snapshots)


def _empty() -> None:
    """Draw the views with nothing in them, so that all they need is in the browser when the first picture comes."""
    left, right = st.columns(2, gap="small")
    with left:
        image_view([np.zeros((28, 28), np.uint8)], key="latent.none", height=HEIGHT, alt="Nothing is learnt yet")
    with right:
        figure = positions_figure([np.zeros((0, 2), np.float32)], None, [""])
        live_figure(figure, key="latent.nowhere", height=HEIGHT + 40, alt="An empty latent space")


def _manifold(source: Source, shown: Sequence[Snapshot], captions: Sequence[str]) -> None:
    axes = "the codes' two principal axes" if source.latent_size > 2 else "the code"
    name, what = "manifold", f"over {axes}"
    if "manifold" not in shown[-1].views:
        label = st.segmented_control(
            "Label", range(10), default=3, required=True, key="latent.label", label_visibility="collapsed",
            format_func=lambda one: source.train.class_names[one] if source.data == "mnist" else str(one), **BOUND,
        )  # fmt: skip
        name, what = f"manifold_{label}", f"{what} under the label {source.train.class_names[int(label)]}"
    image_view(
        [one.views[name] for one in shown], key="latent.manifold", height=HEIGHT, link=LINK, captions=captions,
        alt=f"Images decoded from a grid of codes, {what}", file_name=f"{source.model_name}_manifold",
    )  # fmt: skip
    st.caption(
        f"What a grid {what} decodes to: equal steps in probability along both axes, from 2 to 98 %"
        + (
            " of the prior."
            if source.is_generative and source.latent_size <= 2
            else " of a normal distribution with the codes' own moments."
        )
    )


def _latent_space(source: Source, shown: Sequence[Snapshot], captions: Sequence[str]) -> None:
    """Draw the codes and what one of them decodes to; dragging it reruns no more than this."""
    left, right = st.columns([5, 2], gap="small")
    with left:
        _codes(source, shown, captions)
    with right:
        _decoded(source)


def _codes(source: Source, shown: Sequence[Snapshot], captions: Sequence[str]) -> None:
    latent = source.latent_size
    has_prior = source.is_generative and latent <= 2
    axes = ("z₁", "z₂") if latent <= 2 else ("first principal axis of z", "second principal axis of z")
    figure = positions_figure(
        [one.views["codes"] for one in shown], source.held_out.labels[:SHOWN], captions,
        class_names=source.held_out.class_names, axes=axes, has_prior=has_prior,
    )  # fmt: skip
    handles = []
    if latent == 2:
        at = (st.session_state.get(Z1, 0.0), st.session_state.get(Z2, 0.0))
        handles = [Handle("z", "A code to decode", *at, colour="#FFFFFF")]
    live_figure(
        figure, key="latent.codes", height=HEIGHT + 40, link=LINK, handles=handles, on_move=_move,
        alt="Where held-out images lie in the latent space, coloured by their class", file_name="latent_space",
    )  # fmt: skip
    circles = "; circles are one, two and three standard deviations of the prior" if has_prior else ""
    told = "The encoder is told the label" if source.is_conditional else "The labels are only colours"
    st.caption(f"Where {SHOWN:,} held-out images lie{circles}. {told}.")


def _decoded(source: Source) -> None:
    if source.latent_size != 2:
        return
    z = np.array([[st.session_state.get(Z1, 0.0), st.session_state.get(Z2, 0.0)]], np.float32)
    try:
        model = source.model()
        label = int(st.session_state.get("latent.label", 3)) if getattr(model, "conditional", False) else None
        picture = to_picture(model.decode(z, label))[0]
    except DataError as error:
        st.caption(str(error))
        return
    st.markdown("**Decoded**")
    image_view([picture], key="latent.decoded", height=150, alt="The image that the chosen code decodes to")
    st.caption(
        f"z = ({z[0, 0]:.2f}, {z[0, 1]:.2f}), by the model as it is at the end. Drag the ring.".replace("-", "−")
    )


def _move(_: str, x: float, y: float) -> None:
    st.session_state[Z1], st.session_state[Z2] = x, y


def _curves(source: Source, snapshots: Sequence[Snapshot]) -> None:
    epochs = [one.epoch for one in snapshots]
    held_out = np.array([one.views["held_out"] for one in snapshots])
    names = {"loss": "loss", "reconstruction": "reconstruction", "kl": "KL", "residual": "residual"}
    trained = snapshots[-1].averages
    curves = {
        f"{title}, training": [one.averages[name] for one in snapshots]
        for name, title in names.items()
        if name in trained
    }
    if "kl" in trained:
        curves["reconstruction, held out"] = held_out[:, 0].tolist()
        curves["KL, held out"] = held_out[:, 1].tolist()
    live_figure(
        curves_figure(epochs, curves, "nats per image"), key="latent.curves", height=230, file_name="losses",
        alt="The losses over the epochs",
    )  # fmt: skip
