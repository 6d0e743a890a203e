"""Two models side by side on the same data: their manifolds and their codes at the same moments of training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from engine.data import Images
from engine.plots.latent import positions_figure
from engine.pretrain import load_pretrained_run, pretrained_names
from engine.recipes import RECIPES
from engine.recipes.latent import SHOWN
from engine.training import Snapshot
from pages.widgets.controls import BOUND
from pages.widgets.image_view import image_view
from pages.widgets.latent_source import Source, to_show
from pages.widgets.live_figure import live_figure
from pages.widgets.timeline import timeline

LINK = "versus"


def show(source: Source) -> None:
    """Draw this history beside a pretrained one of the same data."""
    _tab(source)


@st.fragment
def _tab(source: Source) -> None:
    this = source.pretrained.name if source.pretrained else None
    others = [name for name in pretrained_names() if RECIPES[name].data == source.data and name != this]
    if not source.snapshots or not others:
        st.info(
            "There is nothing to compare yet: train the model, or choose a pretrained run.", icon=":material/info:"
        )
        return
    other = str(st.selectbox("Beside", others, format_func=_title, key=f"versus.{source.data}", **BOUND))
    histories = {"this": source.snapshots, "other": load_pretrained_run(other).snapshots}
    titles = {"this": _title(this) if this else f"{source.model_class.name}, trained here", "other": _title(other)}
    last = 0
    for place, name in zip(st.columns(2, gap="medium"), histories, strict=True):
        with place:
            st.markdown(f"**{titles[name]}**")
            shown, captions = to_show(histories[name])
            last = max(last, len(shown) - 1)
            prior = source.is_generative if name == "this" else "VAE" in RECIPES[other].model
            _history(name, shown, captions, source.held_out, prior)
    timeline("versus.step", link=LINK, run=f"{source.history_id} {other}", last=last, unit="snapshot")
    st.caption("Both learn from the same images with the same seed, and snapshots are taken at the same steps.")


def _title(name: str) -> str:
    recipe = RECIPES[name]
    return f"{recipe.model.replace('ConditionalVAE', 'Conditional VAE')}, {recipe.title}"


def _history(key: str, shown: Sequence[Snapshot], captions: Sequence[str], held_out: Images, prior: bool) -> None:
    name = "manifold" if "manifold" in shown[-1].views else "manifold_3"
    image_view(
        [one.views[name] for one in shown], key=f"versus.{key}.manifold", height=330, link=LINK, captions=captions,
        alt="Images decoded from a grid of codes", file_name="manifold",
    )  # fmt: skip
    figure = positions_figure(
        [one.views["codes"] for one in shown], np.asarray(held_out.labels[:SHOWN]), captions,
        class_names=held_out.class_names, has_prior=prior,
    )  # fmt: skip
    live_figure(figure, key=f"versus.{key}.codes", height=380, link=LINK, alt="Codes coloured by their class")
