"""The style-transfer lab: keep how a digit is written, and change which digit it is."""

from __future__ import annotations

import streamlit as st

from pages.tabs import style_accuracy, style_codes, style_grid, style_sliders
from pages.widgets.latent_source import latent_source

TABS = {
    "Grid": style_grid,
    "Sliders": style_sliders,
    "Where the styles lie": style_codes,
    "How well it holds": style_accuracy,
}


def lab() -> None:
    """Lay the lab out: the conditional model on the left, the tab that is open on the right."""
    left, right = st.columns([3, 10], gap="medium")
    with left:
        source = latent_source(only="ConditionalVAE")
        chosen = source.model_class
        st.markdown(f"**{chosen.name}.** {chosen.idea}")
        with st.popover(":material/menu_book: Equation, source, code", width="stretch"):
            st.latex(chosen.equation)
            st.caption(f"Source: {chosen.source}")
            st.markdown("**The code** that trains this model:")
            st.code(source.snippet, language="python")
    with right:
        for tab, module in zip(st.tabs(list(TABS), key="tab", bind="query-params"), TABS.values(), strict=True):
            if tab.open:
                with tab:
                    module.show(source)


lab()
