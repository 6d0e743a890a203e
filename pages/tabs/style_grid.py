"""The grid of style transfer: a style a row, a label a column, at the model's end and as it formed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from engine.latent.views import style_grid
from engine.training import Snapshot
from pages.widgets.controls import BOUND
from pages.widgets.grid_picture import labelled, offer_animation, offer_picture, short
from pages.widgets.image_view import image_view
from pages.widgets.latent_source import Source, to_show
from pages.widgets.pictures import Pixels
from pages.widgets.style_formation import form_button, formation, say_state
from pages.widgets.style_seeds import CHOSEN, OWN, RANDOM, Seeds, choose_seeds, kept_seeds
from pages.widgets.style_source import CELL, model_of, no_history
from pages.widgets.timeline import timeline
from pages.widgets.visitor_run import Training, live

EPOCHS = "Every epoch"
ROW, LONE_ROW = 60, 92  # pixels of a row of the grid
LINK = "style"


def draw(source: Source) -> None:
    """Draw the choice of styles and the grid."""
    way = st.segmented_control(
        "Styles from", [RANDOM, CHOSEN, OWN, EPOCHS], default=RANDOM, required=True, key="style.way", **BOUND
    )
    if way == EPOCHS:
        _kept(source)
        return
    seeds, place = choose_seeds(str(way), source)
    if seeds is None:
        return
    training = formation(source, seeds)
    with place:
        if source.run is not None:
            _grid(source, seeds, training)  # in the fragment of its panel
        else:
            live("style.form.live", training, partial(_grid, source, seeds))


def _kept(source: Source) -> None:
    """Draw the styles that every history keeps."""
    snapshots = [one for one in source.snapshots if "styles" in one.views]
    if not snapshots:
        no_history(source)
        return
    seeds = kept_seeds(source)
    frames, captions = _frames(seeds, snapshots, "styles")
    _picture(source, seeds, frames, captions)
    _transport(source, captions)
    with st.container(horizontal=True, gap="small"):
        _files(source, seeds, frames, captions)
    st.caption("Ten held-out images lend their styles; at first every label looks alike, then the labels part.")


def _grid(source: Source, seeds: Seeds, training: Training) -> None:
    """Draw the seeds' styles at every epoch of the training, or at the model's end where it has none of them."""
    run = training.run
    assert run is not None
    name = seeds.view.name
    frames, captions = _frames(seeds, [one for one in training.snapshots if name in one.views], name)
    is_history = bool(frames)
    if not is_history:
        model = model_of(source)
        if model is None:
            return
        frames, captions = [seeds.beside(style_grid(model, seeds.images, seeds.labels))], [""]
    _picture(source, seeds, frames, captions)
    if is_history:
        _transport(training, captions)
    is_own = run is source.run
    if not is_own:
        say_state(run)
    with st.container(horizontal=True, gap="small"):
        _files(source, seeds, frames, captions)
        form_button(run, seeds, is_own=is_own, is_formed=is_history)
    st.caption(
        "Left, the seed; then its style z under every label, its own label outlined. The encoder is told the label, "
        "so z need not say which it is, and is left to say how it looks."
    )


def _frames(seeds: Seeds, snapshots: Sequence[Snapshot], view: str) -> tuple[list[Pixels], list[str]]:
    """Return the grid at each epoch that a timeline has, and what to write under it; none without snapshots."""
    shown, captions = to_show(snapshots) if snapshots else ([], [])
    return [seeds.beside(one.views[view]) for one in shown], captions


def _picture(source: Source, seeds: Seeds, frames: Sequence[Pixels], captions: Sequence[str]) -> None:
    n = len(seeds.labels)
    image_view(
        frames, key="style.grid", height=ROW * n if n > 1 else LONE_ROW, link=LINK, captions=captions,
        columns=["seed", *short(source.train.class_names)], rows=[""] * n, marks=seeds.marks,
        cell_width=CELL[source.data], file_name="style_transfer",
        alt="Each row is an image and its style under all ten labels; its own label is marked",
    )  # fmt: skip


def _transport(training: Training, captions: Sequence[str]) -> None:
    timeline("style.step", link=LINK, run=training.history_id, last=len(captions) - 1, captions=captions)


def _files(source: Source, seeds: Seeds, frames: Sequence[Pixels], captions: Sequence[str]) -> None:
    """Offer the last grid as a picture and, where there are several, all of them as an animation."""
    names = ["seed", *short(source.train.class_names)]

    def sheet(number: int) -> Pixels:
        return labelled(frames[number], names, seeds.marks, captions[number])

    offer_picture("style.png", "style_transfer", partial(sheet, -1))
    if len(frames) > 1:
        pages = range(len(frames))
        offer_animation("style.gif", "style_transfer", lambda: list(map(sheet, pages)), "All epochs, moving.")
