"""Two models side by side on the same data: their manifolds and their codes at the same moments of training."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from engine.data import Images
from engine.plots.latent import positions_figure
from engine.plots.moments import common_moments
from engine.plots.versus import two_histories_figure
from engine.recipes.latent import SHOWN
from engine.training import Run, Snapshot
from pages.components.image_view import image_view
from pages.components.live import Live, follow
from pages.components.live_figure import Figure, live_figure
from pages.components.live_text import live_text
from pages.components.serving.pictures import Pixels
from pages.components.timeline import timeline
from pages.latent.versus_side import LAB, Side, choose_side, curves
from pages.shared.images.source import Source
from pages.shared.runs.panel import training_panel

LINK = "versus"
KEYS = ("versus.a", "versus.b")
NOTHING = "There is nothing to compare yet: press Play, or choose pretrained runs."
DEFAULTS = {"mnist": ("autoencoder_mnist", "vae_mnist"), "fashion_mnist": ("autoencoder_fashion", "vae_fashion")}


def show(source: Source) -> None:
    """Choose two models and draw their histories on one timeline, which goes on by itself while one trains."""
    places = st.columns(2, gap="medium")
    defaults = (LAB, _other(source))
    sides = []
    for place, key, default in zip(places, KEYS, defaults, strict=True):
        with place:
            sides.append(choose_side(key, source, default))
    live = follow("versus.history", *(side.run for side in sides))
    for place, key, side in zip(places, KEYS, sides, strict=True):
        if side.run is not None:
            with place:
                training_panel(side.run, f"{key}.panel", live)
    _both(sides)
    live_text(lambda: "" if _are_there(sides) else NOTHING, key="versus.nothing", look="info", live=live)
    for number, (place, key, side) in enumerate(zip(st.columns(2, gap="medium"), KEYS, sides, strict=True)):
        with place:
            st.markdown(f"**{side.title}**")
            _history(key, side, lambda number=number: _at_moments(sides, number), source.held_out, live)  # type: ignore[misc]
    history = " ".join(side.history_id for side in sides)
    timeline("versus.step", link=LINK, run=history, captions=lambda: _captions(sides), live=live)
    live_figure(
        lambda: _curves(sides), key="versus.curves", height=280, live=live,
        alt="The losses of both models over the epochs",
    )  # fmt: skip
    st.caption(f"Both learn from the same images, {_seeds(sides)}, and are shown at the same epochs. {_units(sides)}")


def _are_there(sides: Sequence[Side]) -> bool:
    return all(side.snapshots for side in sides)


def _moments(sides: Sequence[Side]) -> tuple[Sequence[float], Sequence[Sequence[int]]]:
    """Return the epochs that are shown, and the number of each side's snapshot at each; none before both have one."""
    if not _are_there(sides):
        return (), [() for _ in sides]
    epochs = [[one.epoch for one in side.snapshots] for side in sides]
    return common_moments(epochs, [side.run is not None and not side.run.over for side in sides])


def _at_moments(sides: Sequence[Side], side: int) -> list[Snapshot]:
    return [sides[side].snapshots[number] for number in _moments(sides)[1][side]]


def _captions(sides: Sequence[Side]) -> list[str]:
    return [f"epoch {epoch:.2f}" for epoch in _moments(sides)[0]]


def _curves(sides: Sequence[Side]) -> Figure | None:
    if not _are_there(sides):
        return None
    named = zip(("left", "right"), sides, strict=True)
    return two_histories_figure([(title, *curves(side)) for title, side in named], "nats per image")


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


def _history(key: str, side: Side, shown: Callable[[], list[Snapshot]], held_out: Images, live: Live | None) -> None:
    def captions() -> list[str]:
        return [f"epoch {one.epoch:.2f}, step {one.step:,}" for one in shown()]

    def manifolds() -> list[Pixels]:
        return [one.views["manifold" if "manifold" in one.views else "manifold_3"] for one in shown()]

    def codes() -> Figure | None:
        there = shown()
        if not there:
            return None
        return positions_figure(
            [one.views["codes"] for one in there], np.asarray(held_out.labels[:SHOWN]), captions(),
            class_names=held_out.class_names, has_prior=side.has_prior,
        )  # fmt: skip

    image_view(
        manifolds, key=f"{key}.manifold", height=330, link=LINK, captions=captions, live=live,
        alt="Images decoded from a grid of codes", file_name="manifold",
    )  # fmt: skip
    live_figure(codes, key=f"{key}.codes", height=380, link=LINK, alt="Codes coloured by their class", live=live)
