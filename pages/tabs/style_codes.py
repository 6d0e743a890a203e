"""Where the styles lie: the conditional model's codes beside the plain VAE's, coloured by label, at every epoch."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.latent.transfer import separation
from engine.plots.latent import positions_figure
from engine.plots.moments import common_moments
from engine.pretrain import load_pretrained_run, pretrained_for
from engine.recipes.latent import SHOWN
from engine.training import Snapshot
from pages.widgets.latent_source import Source
from pages.widgets.live_figure import live_figure
from pages.widgets.style_source import no_history
from pages.widgets.timeline import timeline

LINK = "style.codes"


def draw(source: Source) -> None:
    """Draw both latent spaces at the same epochs, and say why only one of them should part the classes."""
    if not source.snapshots:
        no_history(source)
        return
    histories = {"told": source.snapshots}
    shipped = pretrained_for("VAE", source.data)
    if shipped:
        histories["untold"] = load_pretrained_run(shipped[0]).snapshots
    is_growing = [source.run is not None and not source.run.over, False]
    moments, shown = common_moments([[one.epoch for one in history] for history in histories.values()], is_growing)
    titles = {
        "told": f"**With the label told**: the conditional VAE, {source.latent_size}-D",
        "untold": "**Without it**: the VAE, 2-D",
    }
    for place, (name, history), numbers in zip(st.columns(2, gap="medium"), histories.items(), shown, strict=False):
        with place:
            st.markdown(titles[name])
            size = source.latent_size if name == "told" else 2
            _codes(source, [history[number] for number in numbers], name, size)
    captions = [f"epoch {epoch:.2f}" for epoch in moments]
    timeline("style.step", link=LINK, run=source.history_id, last=len(moments) - 1, captions=captions)
    st.caption(
        "The plain VAE must put the label into its code, so its classes part. The conditional one is told the label: "
        "saying it again in the code would cost KL and gain nothing, so the classes should come to lie on top of "
        "each other, and the code is left with the style. That is why another label under the same code keeps the "
        "style. The share of the codes' variance that lies between the classes (η²) is 0 where they do not part at "
        "all; early on it is large in both, since a decoder has to learn to trust the label it is told."
    )


def _codes(source: Source, shown: Sequence[Snapshot], key: str, size: int) -> None:
    axes = ("z₁", "z₂") if size <= 2 else ("first principal axis of z", "second principal axis of z")
    labels = source.held_out.labels[:SHOWN]
    codes = [one.views["codes"] for one in shown]
    captions = [f"epoch {one.epoch:.2f}: η² = {separation(one.views['codes'], labels):.2f}" for one in shown]
    figure = positions_figure(
        codes, labels, captions, class_names=source.held_out.class_names, axes=axes, has_prior=size <= 2
    )
    live_figure(
        figure, key=f"style.{key}", height=470, link=LINK, file_name=f"codes_{key}",
        alt="Codes of held-out images, coloured by their class, at each epoch",
    )  # fmt: skip
