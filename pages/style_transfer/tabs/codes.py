"""Where the styles lie: the conditional model's codes beside the plain VAE's, coloured by label, at every epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from engine.latent.transfer import separation
from engine.plots.latent import positions_figure
from engine.plots.moments import common_moments
from engine.pretrain import load_pretrained_run, pretrained_for
from engine.recipes.latent import SHOWN
from engine.training import Snapshot
from pages.components.live import Live
from pages.components.live_figure import Figure, live_figure
from pages.components.timeline import timeline
from pages.shared.images.source import Source
from pages.style_transfer.source import no_history

LINK = "style.codes"


def draw(source: Source, live: Live | None) -> None:
    """Draw both latent spaces at the same epochs, and say why only one of them should part the classes."""
    no_history(source, LINK, lambda: bool(source.snapshots), live)
    both = _Both(source)
    titles = {
        "told": f"**With the label told**: the conditional VAE, {source.latent_size}-D",
        "untold": "**Without it**: the VAE, 2-D",
    }
    for place, name in zip(st.columns(2, gap="medium"), both.names, strict=False):
        with place:
            st.markdown(titles[name])
            size = source.latent_size if name == "told" else 2
            live_figure(
                partial(_codes, both, name, size), key=f"style.{name}", height=470, link=LINK, live=live,
                alt="Codes of held-out images, coloured by their class, at each epoch", file_name=f"codes_{name}",
            )  # fmt: skip
    timeline("style.step", link=LINK, run=source.history_id, captions=lambda: both.captions, live=live)
    st.caption(
        "The plain VAE must put the label into its code, so its classes part. The conditional one is told the label: "
        "saying it again in the code would cost KL and gain nothing, so the classes should come to lie on top of "
        "each other, and the code is left with the style. That is why another label under the same code keeps the "
        "style. The share of the codes' variance that lies between the classes (η²) is 0 where they do not part at "
        "all; early on it is large in both, since a decoder has to learn to trust the label it is told."
    )


@dataclass(frozen=True)
class _Both:
    """The histories of the conditional model on show and of the shipped VAE, at the same epochs."""

    source: Source

    @property
    def names(self) -> list[str]:
        """Which models there are: "told" the label, and "untold" where a VAE is shipped."""
        return ["told", "untold"] if pretrained_for("VAE", self.source.data) else ["told"]

    def _history(self, name: str) -> Sequence[Snapshot]:
        if name == "told":
            return self.source.snapshots
        return load_pretrained_run(pretrained_for("VAE", self.source.data)[0]).snapshots

    def _moments(self) -> tuple[Sequence[float], Sequence[Sequence[int]]]:
        if not self.source.snapshots:
            return (), [() for _ in self.names]
        is_growing = [self.source.run is not None and not self.source.run.over, False]
        return common_moments([[one.epoch for one in self._history(name)] for name in self.names], is_growing)

    def shown(self, name: str) -> list[Snapshot]:
        """Return the snapshots of a model at these epochs; none before the first."""
        history = self._history(name)
        return [history[number] for number in self._moments()[1][self.names.index(name)]]

    @property
    def captions(self) -> list[str]:
        """What to write under each epoch."""
        return [f"epoch {epoch:.2f}" for epoch in self._moments()[0]]


def _codes(both: _Both, name: str, size: int) -> Figure | None:
    shown = both.shown(name)
    if not shown:
        return None
    axes = ("z₁", "z₂") if size <= 2 else ("first principal axis of z", "second principal axis of z")
    part = both.source.held_out
    labels = part.labels[:SHOWN]
    codes = [one.views["codes"] for one in shown]
    captions = [f"epoch {one.epoch:.2f}: η² = {separation(one.views['codes'], labels):.2f}" for one in shown]
    return positions_figure(codes, labels, captions, class_names=part.class_names, axes=axes, has_prior=size <= 2)
