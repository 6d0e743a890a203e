"""Two models side by side on the same data: their manifolds and their codes at the same moments of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from engine.data import Images
from engine.plots.latent import positions_figure
from engine.plots.moments import common_moments
from engine.plots.versus import two_histories_figure
from engine.recipes.latent import SHOWN
from engine.training import Run, Snapshot
from pages.widgets.image_view import image_view
from pages.widgets.latent_source import Source
from pages.widgets.live_figure import live_figure
from pages.widgets.timeline import timeline
from pages.widgets.versus_side import LAB, Side, choose_side, curves
from pages.widgets.visitor_run import Training, live

LINK = "versus"
KEYS = ("versus.a", "versus.b")
DEFAULTS = {"mnist": ("autoencoder_mnist", "vae_mnist"), "fashion_mnist": ("autoencoder_fashion", "vae_fashion")}


@dataclass(frozen=True, eq=False)
class _Pair(Training):
    """Hold what the tab follows: the lab's source and the runs that were under way when the page was drawn."""

    source: Source

    @property
    def is_going(self) -> bool:
        """Tell whether anything more may come on either side."""
        runs = [st.session_state.get(f"{key}.run") for key in KEYS]
        return any(run is not None and not run.settled for run in [*runs, self.source.run])


def show(source: Source) -> None:
    """Choose two models and draw their histories on one timeline; while one trains, look again and again."""
    live("versus.tab", _Pair(source.pretrained, source.run, source), _draw)


def _draw(pair: _Pair) -> None:
    source = pair.source
    columns = st.columns(2, gap="medium")
    defaults = (LAB, _other(source))
    sides = []
    for place, key, default in zip(columns, KEYS, defaults, strict=True):
        with place:
            sides.append(choose_side(key, source, default))
    _both(sides)
    if not all(side.snapshots for side in sides):
        st.info("There is nothing to compare yet: press Play, or choose pretrained runs.", icon=":material/info:")
        return
    epochs = [[one.epoch for one in side.snapshots] for side in sides]
    moments, shown = common_moments(epochs, [side.run is not None and not side.run.over for side in sides])
    for place, key, side, numbers in zip(st.columns(2, gap="medium"), KEYS, sides, shown, strict=True):
        with place:
            st.markdown(f"**{side.title}**")
            _history(key, side, [side.snapshots[number] for number in numbers], source.held_out)
    captions = [f"epoch {epoch:.2f}" for epoch in moments]
    history = " ".join(side.history_id for side in sides)
    timeline("versus.step", link=LINK, run=history, last=len(moments) - 1, captions=captions)
    figure = two_histories_figure(
        [(title, *curves(side)) for title, side in zip(("left", "right"), sides, strict=True)], "nats per image"
    )
    live_figure(figure, key="versus.curves", height=280, alt="The losses of both models over the epochs")
    st.caption(f"Both learn from the same images, {_seeds(sides)}, and are shown at the same epochs. {_units(sides)}")


def _other(source: Source) -> str:
    """Return what stands beside the lab's model at first: an autoencoder beside a VAE, and the other way round."""
    return DEFAULTS[source.data][0 if source.is_generative else 1]


def _both(sides: Sequence[Side]) -> None:
    """Offer to play and to pause both sides where both are trained here."""
    runs = list({id(side.run): side.run for side in sides if side.run is not None}.values())
    if len(runs) < 2:
        return
    with st.container(horizontal=True, gap="xsmall"):
        for title, icon, act in (("Play both", "play_arrow", "play"), ("Pause both", "pause", "pause")):
            st.button(
                title, icon=f":material/{icon}:", key=f"versus.{act}", disabled=all(run.over for run in runs),
                on_click=_tell, args=(runs, act),
            )  # fmt: skip


def _tell(runs: Sequence[Run], act: str) -> None:
    for run in runs:
        getattr(run, act)()


def _seeds(sides: Sequence[Side]) -> str:
    seeds = [getattr(side.hyperparameters, "seed", None) for side in sides]
    return "from the same seed" if seeds[0] == seeds[1] else "though not from the same seed"


def _units(sides: Sequence[Side]) -> str:
    """Say what the curves are where they are not the same on both sides."""
    kinds = {side.is_generative for side in sides}
    if len(kinds) == 1:
        return ""
    return "A bound and an autoencoder's loss are not the same: compare the loss with the reconstruction term."


def _history(key: str, side: Side, shown: Sequence[Snapshot], held_out: Images) -> None:
    name = "manifold" if "manifold" in shown[-1].views else "manifold_3"
    captions = [f"epoch {one.epoch:.2f}, step {one.step:,}" for one in shown]
    image_view(
        [one.views[name] for one in shown], key=f"{key}.manifold", height=330, link=LINK, captions=captions,
        alt="Images decoded from a grid of codes", file_name="manifold",
    )  # fmt: skip
    figure = positions_figure(
        [one.views["codes"] for one in shown], np.asarray(held_out.labels[:SHOWN]), captions,
        class_names=held_out.class_names, has_prior=side.has_prior,
    )  # fmt: skip
    live_figure(figure, key=f"{key}.codes", height=380, link=LINK, alt="Codes coloured by their class")
