"""EM under the lens: the log-likelihood of every iteration, and why two labellings score the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from engine.grid import Array
from engine.plots.curves import trace_figure
from engine.plots.numbers import written
from pages.components.live_figure import live_figure
from pages.density.model_card import ITERATION
from pages.shared.points.data_source import DataSet
from pages.shared.points.fitting import Fit
from pages.shared.table import table, unbroken


def show(fits: Mapping[str, Fit], data: DataSet, x: Array) -> None:
    """Draw the log-likelihood curve of the first mixture and compare it with a relabelled copy."""
    mixtures = {slot: fitted for slot, fitted in fits.items() if fitted.history}
    if not mixtures:
        st.info("Choose *Gaussian mixture* in one of the cards to see EM at work.")
        return
    slot, fitted = next(iter(mixtures.items()))
    model: Any = fitted.model
    left, right = st.columns([3, 2], gap="medium")
    with left:
        values = [state.log_likelihood for state in fitted.history]
        live_figure(
            trace_figure(values), key="em.trace", height=280, alt="Log-likelihood against EM iteration",
            link=f"{slot}.{ITERATION}", shares_view=False, steps=range(len(values)),
        )  # fmt: skip
        st.caption(
            "Every iteration raises the log-likelihood or leaves it: EM never goes down (Dempster et al., 1977)."
        )
    with right:
        st.latex(
            r"r_{ik} = \frac{\pi_k\,\mathcal N(x_i;\mu_k,\Sigma_k)}{\sum_j \pi_j\,\mathcal N(x_i;\mu_j,\Sigma_j)}"
        )
        order = list(range(len(model.weights)))[::-1]
        twin = model.relabelled(order)
        here, there = (written(float(one.log_prob(x).mean()), ".4f") for one in (model, twin))
        st.markdown(
            f"**Identifiability.** Reverse the components' names, {_names(order[::-1])} → {_names(order)}: this "
            f"solution scores **{here}** nats per point and its twin **{there}**. The likelihood can't tell "
            "the K! labellings apart, so a component's number means nothing by itself."
        )
        rows = [
            (str(k + 1), f"{weight:.3f}", unbroken(", ".join(written(value, ".2f") for value in mean)))
            for k, (weight, mean) in enumerate(zip(model.weights, model.means, strict=True))
        ]
        table("components", ("component", "weight π", "mean μ"), rows)
        if model.collapse_note:
            st.warning(model.collapse_note)


def _names(order: list[int]) -> str:
    return ", ".join(str(k + 1) for k in order)
