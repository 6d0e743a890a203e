"""How good the images are as a classifier sees them, with errors, beside what real images would get."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.evaluation.image_scores import N_SCORED, Scores, judge
from engine.evaluation.wasserstein import Estimate
from engine.plots.images import shares_figure
from engine.plots.numbers import written
from pages.adversarial.digits.source import DigitsSource
from pages.components.live_figure import live_figure
from pages.shared.runs.visitor_run import with_model
from pages.shared.table import table, unbroken

HEAD = ["Images", "Inception score ↑", "Fréchet distance ↓", "Classes covered", "Label accuracy"]
ASKED = "digits.scores.asked"


def show(source: DigitsSource) -> None:
    """Offer to measure the model; draw the table and the share of each class once that is done."""
    with_model(source, _tab)


def _tab(source: DigitsSource, model: Any) -> None:
    if source.only is not None:
        st.info(
            "These scores ask how well a model covers all ten classes; this one learns a single class.",
            icon=":material/info:",
        )
        return
    of = (source.history_id, source.step)
    place = st.empty()
    if st.session_state.get(ASKED) != of:
        with place.container():
            st.markdown(
                f"Draw {N_SCORED:,} images and let a classifier read them: how clear and how varied are they, how "
                "near to real ones, is any class missing?"
            )
            st.button(
                "Measure", icon=":material/straighten:", type="primary", key="digits.scores.go", on_click=_ask,
                args=(of,),
            )  # fmt: skip
        return
    generated, real = _measure(source, model, of, place)
    place.empty()
    _draw(source, generated, real)


def _ask(of: tuple[str, int]) -> None:
    st.session_state[ASKED] = of


def _measure(source: DigitsSource, model: Any, of: tuple[str, int], place: DeltaGenerator) -> tuple[Scores, Scores]:
    """Return the scores of the model's and of real images, showing at `place` how far the work is."""
    known = _cache()
    if (of, source.data) not in known:
        bar = place.progress(0.0, "Training the classifier that reads the images")
        reader = judge(source.data)
        bar.progress(0.5, "Reading real images")
        real = reader.real
        bar.progress(0.7, f"Drawing and reading {N_SCORED:,} images")
        labels = np.arange(N_SCORED) % 10 if source.is_conditional else None
        images = model.sample(N_SCORED, 0, labels) if source.is_conditional else model.sample(N_SCORED, 0)
        known[of, source.data] = reader.scores(images, labels), real
        while len(known) > 64:
            known.pop(next(iter(known)))
    return known[of, source.data]


@st.cache_resource
def _cache() -> dict[tuple[tuple[str, int], str], tuple[Scores, Scores]]:
    """Keep what was measured for all visitors: a history's name and step say which model it was."""
    return {}


def _draw(source: DigitsSource, generated: Scores, real: Scores) -> None:
    left, right = st.columns([7, 5], gap="medium")
    with left:
        table("digits-scores", HEAD, [_row(source.title, generated), _row("Held-out real images", real)])
        st.caption(
            f"Of {generated.n:,} images each, ± one standard error by bootstrap over the images. The inception score "
            "goes from 1 to 10, the number of classes. The Fréchet distance compares the classifier's features with "
            "the training images'; held-out real images are there to compare with, and no floor: images closer "
            "to the training images than they are score lower. A class is covered when at least 1 % "
            "of the images are surely read as it."
        )
        st.caption(
            "Sources: Salimans et al. 2016, *Improved techniques for training GANs*; Heusel et al. 2017, *GANs "
            "trained by a two time-scale update rule*. Both use Inception-v3; here a small classifier of this data "
            "reads the images, so compare within this table only."
        )
    with right:
        st.markdown("**How often each class is drawn**")
        live_figure(
            shares_figure(source.train.class_names, generated.shares, real.shares), key="digits.shares", height=260,
            alt="The share of generated and of real images read as each class", file_name="classes",
        )  # fmt: skip


def _row(name: str, scores: Scores) -> list[str]:
    accuracy = scores.label_accuracy
    return [
        name,
        _with_error(scores.inception_score, ".2f"),
        _with_error(scores.frechet_distance, ".2f"),
        unbroken(f"{scores.coverage:.0f} of {len(scores.shares)}"),
        "—" if accuracy is None else unbroken(f"{100 * accuracy:.1f} ± {100 * _error(accuracy):.1f} %"),
    ]


def _with_error(estimate: Estimate, form: str) -> str:
    return unbroken(f"{written(estimate, form)} ± {written(_error(estimate), form)}")


def _error(estimate: Estimate) -> float:
    return estimate.standard_error or 0.0
