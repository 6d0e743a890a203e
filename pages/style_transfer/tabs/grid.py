"""The grid of style transfer: a style a row, a label a column, at the model's end and as it formed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from engine.latent.views.images import style_grid
from engine.training import Snapshot
from pages.components.image_view import image_view
from pages.components.live import Live, follow
from pages.components.serving.pictures import Pixels
from pages.components.timeline import timeline
from pages.shared.controls import BOUND
from pages.shared.grid_picture import labelled, offer_animation, offer_picture, short
from pages.shared.images.source import Source, to_show
from pages.shared.runs.visitor_run import Training
from pages.style_transfer.formation import form_button, formation, say_state
from pages.style_transfer.seeds import CHOSEN, OWN, RANDOM, Seeds, choose_seeds, kept_seeds
from pages.style_transfer.source import CELL, learnt, model_of, no_history

EPOCHS = "Every epoch"
ROW, LONE_ROW = 60, 92  # pixels of a row of the grid
LINK = "style"


def draw(source: Source, live: Live | None) -> None:
    """Draw the choice of styles and the grid."""
    way = st.segmented_control(
        "Styles from", [RANDOM, CHOSEN, OWN, EPOCHS], default=RANDOM, required=True, key="style.way", **BOUND
    )
    if way == EPOCHS:
        _kept(source, live)
        return
    seeds, place = choose_seeds(str(way), source)
    if seeds is None:
        return
    training = formation(source, seeds)
    with place:
        _grid(source, seeds, training, live if training.run is source.run else follow("style.form", training.run))


def _kept(source: Source, live: Live | None) -> None:
    """Draw the styles that every history keeps."""
    seeds = kept_seeds(source)
    history = _History(seeds, source, "styles")
    no_history(source, "style.kept", lambda: bool(history.frames), live)
    _picture(source, seeds, lambda: history.frames, history, live)
    _transport(source, history, live)
    with st.container(horizontal=True, gap="small"):
        _files(source, seeds, lambda: history.frames, history)
    st.caption("Ten held-out images lend their styles; at first every label looks alike, then the labels part.")


@dataclass(frozen=True)
class _History:
    """The grid of some seeds at each epoch that a timeline has, as far as the training keeps their `view`."""

    seeds: Seeds
    training: Training
    view: str

    @property
    def _shown(self) -> tuple[list[Snapshot], list[str]]:
        there = [one for one in self.training.snapshots if self.view in one.views]
        return to_show(there) if there else ([], [])

    @property
    def frames(self) -> list[Pixels]:
        """The pictures; none before the first snapshot."""
        return [self.seeds.beside(one.views[self.view]) for one in self._shown[0]]

    @property
    def captions(self) -> list[str]:
        """What to write under each."""
        return self._shown[1]


def _grid(source: Source, seeds: Seeds, training: Training, live: Live | None) -> None:
    """Draw the seeds' styles at every epoch of the training, or at the model's end where it has none of them."""
    run = training.run
    assert run is not None
    history = _History(seeds, training, seeds.view.name)

    def frames() -> list[Pixels]:
        if there := history.frames:
            return there
        model = learnt(source)
        return [] if model is None else [seeds.beside(style_grid(model, seeds.images, seeds.labels))]

    if live is None and not frames():
        model_of(source)  # says what to do
        return
    _picture(source, seeds, frames, history, live)
    _transport(training, history, live)
    is_own = run is source.run
    if not is_own:
        say_state(run, live)
    with st.container(horizontal=True, gap="small"):
        _files(source, seeds, frames, history)
        form_button(run, seeds, is_own=is_own, is_formed=bool(history.captions))
    st.caption(
        "Left, the seed; then its style z under every label, its own label outlined. The encoder is told the label, "
        "so z need not say which it is, and is left to say how it looks."
    )


def _picture(
    source: Source, seeds: Seeds, frames: Callable[[], Sequence[Pixels]], history: _History, live: Live | None
) -> None:
    n = len(seeds.labels)
    image_view(
        frames, key="style.grid", height=ROW * n if n > 1 else LONE_ROW, link=LINK, captions=lambda: history.captions,
        columns=["seed", *short(source.train.class_names)], rows=[""] * n, marks=seeds.marks,
        cell_width=CELL[source.data], file_name="style_transfer", live=live,
        alt="Each row is an image and its style under all ten labels; its own label is marked",
    )  # fmt: skip


def _transport(training: Training, history: _History, live: Live | None) -> None:
    timeline("style.step", link=LINK, run=training.history_id, captions=lambda: history.captions, live=live)


def _files(source: Source, seeds: Seeds, frames: Callable[[], Sequence[Pixels]], history: _History) -> None:
    """Offer the last grid as a picture and, where there are several, all of them as an animation."""
    names = ["seed", *short(source.train.class_names)]

    def sheets() -> list[Pixels]:
        captions = history.captions or [""]
        return [
            labelled(frame, names, seeds.marks, caption) for frame, caption in zip(frames(), captions, strict=False)
        ]

    if not frames():
        return
    offer_picture("style.png", "style_transfer", lambda: sheets()[-1])
    if len(history.captions) > 1:
        offer_animation("style.gif", "style_transfer", sheets, "All epochs, moving.")
