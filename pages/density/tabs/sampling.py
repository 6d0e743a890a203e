"""Inverse-transform sampling: a uniform number goes across to the CDF and down to a point."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from engine.density.inverse_transform import GridSampler
from engine.grid import Array, Grid
from engine.plots import style
from engine.plots.curves import inverse_cdf_figure, scatter_figure
from engine.plots.numbers import written
from pages.components.live_figure import live_figure
from pages.shared.points.data_source import DataSet
from pages.shared.points.fitting import CELLS, Fit, density, nothing_fitted

HEIGHT = 300


def show(fits: Mapping[str, Fit], data: DataSet, x: Array) -> None:
    """Draw from a fitted grid density through its inverse CDF: in 2-D the marginal first, then the conditional."""
    if not fits:
        st.info(nothing_fitted(x))
        return
    left, middle, right = st.columns(3, gap="medium")
    slot = left.selectbox(
        "Draw from", list(fits), format_func=lambda one: f"{fits[one].model.name} ({one})", key="draw_from",
        bind="query-params",
    )  # fmt: skip
    n = middle.slider("Draws", 1, 500, 12, key="draws", bind="query-params")
    seed = right.slider("Seed of the draws", 0, 100, 0, key="draws_seed", bind="query-params")
    cells = CELLS[data.dimension]
    grid = Grid.over(data.domain, cells)
    sampler = GridSampler(density(fits[slot].recipe, x, data.domain, cells), grid)
    u = np.random.default_rng(seed).random((n, data.dimension))
    drawn = sampler.inverse(u).reshape(n, -1)
    if data.dimension == 1:
        _one_dimension(sampler, u, drawn)
    else:
        _two_dimensions(sampler, u, drawn, x, data)
    st.caption(
        f"Drawn from the density inside the picture, which holds {min(sampler.mass, 1):.1%} of its mass. "
        "Sources: Devroye, 1986, Non-Uniform Random Variate Generation; Rosenblatt, 1952, Remarks on a Multivariate "
        "Transformation."
    )


def _one_dimension(sampler: GridSampler, u: Array, drawn: Array) -> None:
    st.markdown("A uniform **u** on the left goes across to the CDF and down to **x = F⁻¹(u)**, a draw from p.")
    figure = inverse_cdf_figure(sampler.edges[0], sampler.marginal_cdf, u[:, 0], drawn[:, 0])
    live_figure(figure, key="sampling.cdf", height=HEIGHT, alt="CDF with uniform numbers mapped to draws")


def _two_dimensions(sampler: GridSampler, u: Array, drawn: Array, x: Array, data: DataSet) -> None:
    first, second, third = st.columns(3, gap="small")
    with first:
        st.markdown("**1** u₁ picks **x₁** by the marginal CDF")
        figure = inverse_cdf_figure(sampler.edges[0], sampler.marginal_cdf, u[:, 0], drawn[:, 0], "x₁")
        live_figure(figure, key="sampling.marginal", height=HEIGHT, alt="Marginal CDF of the first coordinate")
    with second:
        st.markdown(f"**2** u₂ picks **x₂** by the CDF given x₁ = {written(drawn[0, 0], '.2f')}")
        cdf = sampler.conditional_cdf(float(drawn[0, 0]))
        figure = inverse_cdf_figure(sampler.edges[1], cdf, u[:1, 1], drawn[:1, 1], "x₂")
        live_figure(figure, key="sampling.conditional", height=HEIGHT, alt="Conditional CDF of the second coordinate")
    with third:
        st.markdown("**3** both make the draws (orange)")
        figure = scatter_figure(
            np.concatenate([x, drawn]), [style.DATA] * len(x) + [style.MODEL] * len(drawn),
            ["circle"] * len(x) + ["diamond"] * len(drawn), data.domain,
        )  # fmt: skip
        live_figure(figure, key="sampling.draws", height=HEIGHT, alt="The data and the draws")
